import torch

from helpers.grading.exercise import Exercise

exercise = Exercise(
    "to_unit_range(pixels)",
    title="bytes to numbers from 0 to 1",
    prompt="""
        A photograph comes as whole numbers from 0 to 255 in dtype `uint8`. Networks want
        `float32` from 0 to 1. Write `to_unit_range(pixels)`.
    """,
    shapes="pixels: any shape, uint8. Returns the same shape, float32.",
    cases=[
        lambda: (torch.tensor([[0, 51, 102], [153, 204, 255]], dtype=torch.uint8),),
        lambda: (torch.tensor([200, 128], dtype=torch.uint8),),
        lambda: (torch.tensor([[77]], dtype=torch.uint8),),
        lambda: (torch.tensor([[1, 2, 3], [4, 5, 6]], dtype=torch.uint8).t(),),
    ],
    hints=(
        "The largest value, 255, must become 1.",
        "`/` between an integer tensor and a number gives float32 by itself.",
        "pixels / …",
    ),
)


@exercise.answer(why="True division of an integer tensor gives float32, so nothing overflows.")
def to_unit_range(pixels):
    return pixels / 255


exercise.right(lambda pixels: pixels.to(torch.float32) / 255)
exercise.right(lambda pixels: pixels.float().div_(255))
exercise.right(lambda pixels: torch.true_divide(pixels, 255))

exercise.mistake("// cuts the decimals off; use /", lambda pixels: pixels // 255)
exercise.mistake("the kind is right, the range is still 0 to 255", lambda pixels: pixels.float())
exercise.mistake("divided by 256; the largest byte is 255", lambda pixels: pixels / 256)
exercise.mistake("div_ would store fractions in a uint8 tensor", lambda pixels: pixels.div_(255))
exercise.mistake(
    "divided by the largest value of this image; a dark image would become bright",
    lambda pixels: pixels / pixels.max(),
)

exercise.rejected("dtype float64 instead of float32", lambda pixels: pixels.double() / 255)
exercise.rejected("the values are right", lambda pixels: (pixels / 255).flatten())
