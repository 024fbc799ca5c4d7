"""Exercise differences: every difference."""

import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

DIFFERENCES = Exercise(
    chapter="01",
    signature="differences(left, right)",
    title="every difference",
    prompt="""
        Write `differences(left, right)`: element `[i, j]` of the result is
        `left[i] - right[j]`. No loop.
    """,
    shapes="left: (rows,). right: (columns,). Returns (rows, columns).",
    cases=lambda: [
        (torch.tensor([1.0, 2.0, 5.0]), torch.tensor([0.0, 10.0])),
        (torch.tensor([1.0, 2.0, 5.0]), torch.tensor([3.0, 0.0, 1.0])),
        (torch.tensor([1.0, 4.0]), torch.tensor([2.0])),
    ],
    large=lambda: (floats(20), floats(30)),
    model_answer="left.unsqueeze(1) - right.unsqueeze(0)",
    why="(rows, 1) meets (1, columns); both are stretched to (rows, columns).",
    hints=(
        "Make a column of one and a row of the other.",
        "left.unsqueeze(1) has shape (rows, 1).",
        "left.unsqueeze(1) - …",
    ),
    right=(
        "left[:, None] - right",
        "left.reshape(-1, 1).expand(-1, len(right)) - right",
    ),
    mistakes=(
        KnownMistake(
            "left - right",
            "shapes (rows,) and (columns,) are matched element by element",
        ),
        KnownMistake(
            "left - right[:, None]",
            "left lies along the columns; it is left that needs the new dimension at the end",
        ),
        KnownMistake("right - left[:, None]", "this is right minus left"),
    ),
    rejected=(
        RejectedAnswer("torch.stack([value - right for value in left])", "in a loop"),
        RejectedAnswer("(left[:, None] - right).flatten()", "in the right order"),
    ),
)
