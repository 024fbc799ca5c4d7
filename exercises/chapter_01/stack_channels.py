import torch

from exercises.chapter_01._shared import counted
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "stack_channels(red, green, blue)",
    title="three channels, one image",
    prompt="""
        Write `stack_channels(red, green, blue)`: three grey images of the same size
        become one colour image with the channels in front.
    """,
    shapes="red, green, blue: (height, width). Returns (3, height, width).",
    cases=[
        lambda: (counted(2, 3), counted(2, 3) + 10, counted(2, 3) + 20),
        lambda: (counted(3, 3), counted(3, 3) + 10, counted(3, 3) + 20),
        lambda: (counted(1, 3), counted(1, 3) + 10, counted(1, 3) + 20),
        lambda: (counted(3, 1), counted(3, 1) + 10, counted(3, 1) + 20),
    ],
    hints=(
        "The result has one dimension more than each part.",
        "cat joins along a dimension that exists; the other function makes a new one.",
        "torch.stack([…])",
    ),
)


@exercise.answer(why="stack makes a new dimension; cat would lengthen one that is there.")
def stack_channels(red, green, blue):
    return torch.stack([red, green, blue])


exercise.right(lambda red, green, blue: torch.cat([red[None], green[None], blue[None]]))
exercise.right(lambda red, green, blue: torch.cat([red, green, blue]).view(3, *red.shape))

exercise.mistake(
    "cat puts them below each other; stack makes the new dimension",
    edit("stack", "cat"),
)
exercise.mistake(
    "the channels are last; dim=0 puts them in front",
    lambda red, green, blue: torch.stack([red, green, blue], dim=-1),
)
exercise.mistake(
    "the order is blue, green, red; OpenCV does that, PyTorch does not",
    lambda red, green, blue: torch.stack([blue, green, red]),
)
exercise.mistake(
    "stack takes one list: put square brackets around the three",
    edit("[red, green, blue]", "red, green, blue"),
)
exercise.mistake(
    "torch.tensor makes tensors of numbers; to join tensors, use stack",
    edit("stack", "tensor"),
)
