import torch

from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "flip_boxes(boxes, width)",
    title="flip the boxes by hand",
    prompt="""
        Write `flip_boxes(boxes, width)`: an image of `width` columns is flipped left to
        right; where are its boxes afterwards? A box is left, top, right, bottom, and left
        is smaller than right, before and after. The sides of a box lie between pixels: the
        image reaches from 0 to `width`.
    """,
    shapes="boxes: int64 (boxes, 4). width: int. Returns the same shape.",
    cases=[
        lambda: (torch.tensor([[63, 29, 373, 393]]), 640),
        lambda: (torch.tensor([[0, 0, 10, 5], [3, 1, 4, 9]]), 20),
    ],
    hints=(
        "A side at column x comes to column width - x.",
        "The right side becomes the left one, so the two change places.",
        "Stack width - right, top, width - left, bottom along dimension 1.",
    ),
)


@exercise.answer(why="What was the right side becomes the left one, measured from the other end.")
def flip_boxes(boxes, width):
    left, top, right, bottom = boxes.unbind(dim=1)
    return torch.stack([width - right, top, width - left, bottom], dim=1)


@exercise.right
def in_a_copy(boxes, width):
    flipped = boxes.clone()
    flipped[:, 0] = width - boxes[:, 2]
    flipped[:, 2] = width - boxes[:, 0]
    return flipped


@exercise.right
def _(boxes, width):
    return boxes[:, [2, 1, 0, 3]] * torch.tensor([-1, 1, -1, 1]) + torch.tensor(
        [width, 0, width, 0]
    )


exercise.mistake(
    "left is now greater than right: the two must change places",
    edit("width - right, top, width - left", "width - left, top, width - right"),
)
exercise.mistake(
    "width - 1 is for the number of a pixel; the sides of a box lie between pixels",
    edit("width -", "width - 1 -", count=2),
)
exercise.mistake(
    "left was overwritten before the new right side was computed from it: read both sides from "
    "`boxes`, or keep the old left",
    edit("boxes[:, 2]", "flipped[:, 2]", of=in_a_copy).edit("boxes[:, 0]", "flipped[:, 0]"),
)
exercise.mistake(
    "this flips top and bottom",
    edit("width - right, top, width - left, bottom", "left, width - bottom, right, width - top"),
)
exercise.mistake(
    "the third number is the right side, not the width of the box",
    edit("width - left", "right - left"),
)
exercise.mistake(
    "each box is a column now; stack along dimension 1, so that it stays a row",
    edit(", bottom], dim=1", ", bottom]"),
)
exercise.mistake(
    "the sides came as whole numbers, int64; leave them so",
    edit("boxes.unbind", "boxes.float().unbind"),
)

exercise.rejected("instead of", lambda boxes, width: boxes.flip(1))


@exercise.rejected("your function changed its input")
def _(boxes, width):
    boxes[:, 0], boxes[:, 2] = width - boxes[:, 2], width - boxes[:, 0]
    return boxes
