import torch

from helpers.grading.exercise import Exercise

exercise = Exercise(
    "grid",
    title="count up in a grid",
    prompt="""
        Make `grid`: 3 rows, 4 columns, dtype `float32`, holding 0, 1, 2, … 11 row by row.
    """,
    hints=(
        "One function counts, and reshape arranges what was counted.",
        "torch.arange(12) gives 0 to 11 as int64; it takes dtype=.",
        "torch.arange(12, dtype=torch.float32).reshape(…)",
    ),
)


@exercise.answer(
    why="arange counts, reshape arranges the numbers row by row, dtype sets their kind."
)
def grid():
    return torch.arange(12, dtype=torch.float32).reshape(3, 4)


exercise.right(lambda: torch.arange(12.0).view(3, 4))
exercise.right(lambda: torch.linspace(0, 11, 12).reshape(3, 4))
exercise.right(lambda: torch.tensor([[0.0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]))

exercise.mistake(
    "the count starts at 1; torch.arange(12.) starts at 0",
    lambda: torch.arange(1.0, 13.0).reshape(3, 4),
)
exercise.mistake(
    "4 rows and 3 columns; the number of rows comes first in a shape",
    lambda: torch.arange(12.0).reshape(4, 3),
)
exercise.mistake(
    "the numbers run down the columns; reshape(3, 4) fills row by row",
    lambda: torch.arange(12.0).reshape(4, 3).t(),
)

exercise.rejected("dtype int64 instead of float32", lambda: torch.arange(12).reshape(3, 4))
exercise.rejected("the values are right and in the right order", lambda: torch.arange(12.0))
exercise.rejected("the type is list; Tensor was asked for", lambda: [[0.0, 1.0, 2.0, 3.0]])
