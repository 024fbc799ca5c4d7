"""Exercise grid: count up in a grid."""

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

GRID = Exercise(
    chapter="01",
    signature="grid",
    title="count up in a grid",
    prompt="""
        Make `grid`: 3 rows, 4 columns, dtype `float32`, holding 0, 1, 2, … 11 row by row.
    """,
    model_answer="torch.arange(12, dtype=torch.float32).reshape(3, 4)",
    why="arange counts, reshape arranges the numbers row by row, dtype sets their kind.",
    hints=(
        "One function counts, and reshape arranges what was counted.",
        "torch.arange(12) gives 0 to 11 as int64; it takes dtype=.",
        "torch.arange(12, dtype=torch.float32).reshape(…)",
    ),
    right=(
        "torch.arange(12.).view(3, 4)",
        "torch.linspace(0, 11, 12).reshape(3, 4)",
        "torch.tensor([[0., 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])",
    ),
    mistakes=(
        KnownMistake(
            "torch.arange(1., 13.).reshape(3, 4)",
            "the count starts at 1; torch.arange(12.) starts at 0",
        ),
        KnownMistake(
            "torch.arange(12.).reshape(4, 3)",
            "4 rows and 3 columns; the number of rows comes first in a shape",
        ),
        KnownMistake(
            "torch.arange(12.).reshape(4, 3).t()",
            "the numbers run down the columns; reshape(3, 4) fills row by row",
        ),
    ),
    rejected=(
        RejectedAnswer("torch.arange(12).reshape(3, 4)", "dtype int64 instead of float32"),
        RejectedAnswer("torch.arange(12.)", "the values are right and in the right order"),
        RejectedAnswer("[[0., 1., 2., 3.]]", "the type is list; Tensor was asked for"),
    ),
)
