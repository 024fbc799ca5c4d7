"""Exercise every_other_column: every second column, without a copy."""

from exercises.chapter_01._shared import counted
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

EVERY_OTHER_COLUMN = Exercise(
    chapter="01",
    signature="every_other_column(table)",
    title="every second column, without a copy",
    prompt="""
        Write `every_other_column(table)`: columns 0, 2, 4, … of a table, as a *view*.
    """,
    shapes="table: (rows, columns). Returns (rows, about half of the columns).",
    cases=lambda: [(counted(3, 4),), (counted(2, 9),)],
    model_answer="table[:, ::2]",
    why="A slice with a step only doubles a stride; it never copies.",
    hints=(
        "A slice may have a step.",
        "The first place in the brackets is for rows. A colon alone takes all of them.",
        "table[:, …]",
    ),
    right=(
        "table[..., 0::2]",
        """
        rows, columns = table.shape
        down, across = table.stride()
        return table.as_strided((rows, (columns + 1) // 2), (down, 2 * across))
        """,
    ),
    mistakes=(
        KnownMistake("table[::2]", "these are every other row; columns come second"),
        KnownMistake("table[:, 1::2]", "these are columns 1, 3, …; start at 0"),
        KnownMistake("table[:, :2]", "these are the first two columns; the step comes last"),
        KnownMistake(
            "table[:, [0, 2, 4]]",
            "the numbers of the columns are fixed, and a list as index copies; "
            "use a slice with a step",
        ),
    ),
    rejected=(
        RejectedAnswer("table[:, torch.arange(0, table.shape[1], 2)]", "a view of the input"),
        RejectedAnswer("table[:, ::2].clone()", "a view of the input"),
        RejectedAnswer("table[:, ::2].float()", "dtype float32 instead of int64"),
    ),
    asks=frozenset({"view"}),
)
