import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise

exercise = Exercise(
    "differences(left, right)",
    title="every difference",
    prompt="""
        Write `differences(left, right)`: element `[i, j]` of the result is
        `left[i] - right[j]`. No loop.
    """,
    shapes="left: (rows,). right: (columns,). Returns (rows, columns).",
    cases=[
        lambda: (torch.tensor([1.0, 2.0, 5.0]), torch.tensor([0.0, 10.0])),
        lambda: (torch.tensor([1.0, 2.0, 5.0]), torch.tensor([3.0, 0.0, 1.0])),
        lambda: (torch.tensor([1.0, 4.0]), torch.tensor([2.0])),
        lambda: (torch.tensor([4.0]), torch.tensor([2.0, 7.0])),
    ],
    large=lambda: (floats(20), floats(30)),
    hints=(
        "Make a column of one and a row of the other.",
        "left.unsqueeze(1) has shape (rows, 1).",
        "left.unsqueeze(1) - …",
    ),
)


@exercise.answer(why="(rows, 1) meets (1, columns); both are stretched to (rows, columns).")
def differences(left, right):
    return left.unsqueeze(1) - right.unsqueeze(0)


exercise.right(lambda left, right: left[:, None] - right)
exercise.right(lambda left, right: left.reshape(-1, 1).expand(-1, len(right)) - right)

exercise.mistake(
    "shapes (rows,) and (columns,) are matched element by element",
    lambda left, right: left - right,
)
exercise.mistake(
    "left lies along the columns; it is left that needs the new dimension at the end",
    lambda left, right: left - right[:, None],
)
exercise.mistake("this is right minus left", lambda left, right: right - left[:, None])

exercise.rejected("in a loop", lambda left, right: torch.stack([value - right for value in left]))
exercise.rejected("in the right order", lambda left, right: (left[:, None] - right).flatten())
