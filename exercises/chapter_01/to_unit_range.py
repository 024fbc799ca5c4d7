"""Exercise to_unit_range: from bytes to numbers between 0 and 1."""

import torch

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

TO_UNIT_RANGE = Exercise(
    chapter="01",
    signature="to_unit_range(pixels)",
    title="from bytes to numbers between 0 and 1",
    prompt="""
        A photograph comes as whole numbers from 0 to 255 in dtype `uint8`. Networks want
        `float32` from 0 to 1. Write `to_unit_range(pixels)`.
    """,
    shapes="pixels: any shape, uint8. Returns the same shape, float32.",
    cases=lambda: [
        (torch.tensor([[0, 51, 102], [153, 204, 255]], dtype=torch.uint8),),
        (torch.tensor([200, 128], dtype=torch.uint8),),
    ],
    model_answer="pixels / 255",
    why="True division of an integer tensor gives float32, so nothing overflows.",
    hints=(
        "The largest value, 255, must become 1.",
        "`/` between an integer tensor and a number gives float32 by itself.",
        "pixels / …",
    ),
    right=(
        "pixels.to(torch.float32) / 255",
        "pixels.float().div_(255)",
        "torch.true_divide(pixels, 255)",
    ),
    mistakes=(
        KnownMistake("pixels // 255", "// cuts the decimals off; use /"),
        KnownMistake("pixels.float()", "the kind is right, the range is still 0 to 255"),
        KnownMistake("pixels / 256", "divided by 256; the largest byte is 255"),
        KnownMistake("pixels.div_(255)", "div_ would store fractions in a uint8 tensor"),
        KnownMistake(
            "pixels / pixels.max()",
            "divided by the largest value of this image; a dark image would become bright",
        ),
    ),
    rejected=(
        RejectedAnswer("pixels.double() / 255", "dtype float64 instead of float32"),
        RejectedAnswer("(pixels / 255).flatten()", "the values are right"),
    ),
)
