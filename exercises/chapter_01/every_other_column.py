import torch

from exercises.chapter_01._shared import counted
from helpers.grading.exercise import Exercise

exercise = Exercise(
    "every_other_column(table)",
    title="every second column, as a view",
    prompt="""
        Write `every_other_column(table)`: columns 0, 2, 4, … of a table, as a *view*.
    """,
    shapes="table: (rows, columns). Returns (rows, about half of the columns).",
    cases=[
        lambda: (counted(3, 4),),
        lambda: (counted(2, 9),),
        lambda: (counted(1, 3),),
        lambda: (counted(3, 1),),
        lambda: (counted(5, 3).t(),),
    ],
    hints=(
        "A slice may have a step.",
        "The first place in the brackets is for rows. A colon alone takes all of them.",
        "table[:, …]",
    ),
    asks=frozenset({"view"}),
)


@exercise.answer(why="A slice with a step only doubles a stride; it never copies.")
def every_other_column(table):
    return table[:, ::2]


exercise.right(lambda table: table[..., 0::2])


@exercise.right
def _(table):
    rows, columns = table.shape
    down, across = table.stride()
    return table.as_strided((rows, (columns + 1) // 2), (down, 2 * across))


exercise.mistake("these are every other row; columns come second", lambda table: table[::2])
exercise.mistake("these are columns 1, 3, …; start at 0", lambda table: table[:, 1::2])
exercise.mistake("these are the first two columns; the step comes last", lambda table: table[:, :2])
exercise.mistake(
    "the numbers of the columns are fixed, and a list as index copies; use a slice with a step",
    lambda table: table[:, [0, 2, 4]],
)

exercise.rejected("a view of the input", lambda table: table[:, torch.arange(0, table.shape[1], 2)])
exercise.rejected("a view of the input", lambda table: table[:, ::2].clone())
exercise.rejected("dtype float32 instead of int64", lambda table: table[:, ::2].float())
