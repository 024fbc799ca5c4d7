import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "standardise(table)",
    title="standardise the columns",
    prompt="""
        Write `standardise(table)`: subtract from each column its mean and divide by its
        standard deviation (`.std(dim=0)`), so that every column has mean 0 and standard
        deviation 1. The given table must not change. No loop.
    """,
    shapes="table: (rows, columns), float32. Returns the same shape.",
    cases=[
        lambda: (floats(3, 3, seed=5),),
        lambda: (floats(5, 2, seed=6) * 100,),
        lambda: (floats(4, 1, seed=7) + 20,),
    ],
    large=lambda: (floats(40, 12),),
    hints=(
        "One mean for each column: which dimension disappears?",
        "table.mean(dim=0) has shape (columns,), and broadcasting does the rest.",
        "(table - table.mean(dim=0)) / …",
    ),
)


@exercise.answer(why="Means and deviations have shape (columns,) and are stretched over the rows.")
def standardise(table):
    return (table - table.mean(dim=0)) / table.std(dim=0)


@exercise.right
def _(table):
    centred = table - table.mean(dim=0, keepdim=True)
    return centred / centred.std(dim=0)


@exercise.right
def _(table):
    deviation, mean = torch.std_mean(table, dim=0)
    return table.sub(mean).div(deviation)


exercise.mistake(
    "one mean for the whole table; each column needs its own: dim=0",
    lambda table: (table - table.mean()) / table.std(),
)
exercise.mistake(
    "this standardises the rows; dim=0 runs down the columns",
    lambda table: (table - table.mean(dim=1, keepdim=True)) / table.std(dim=1, keepdim=True),
)
exercise.mistake(
    "division comes before subtraction; put the difference in brackets",
    lambda table: table - table.mean(dim=0) / table.std(dim=0),
)
exercise.mistake(
    "the division by the deviation is missing",
    lambda table: table - table.mean(dim=0),
)
exercise.mistake(
    "correction=0 divides by n instead of n - 1; use .std(dim=0)",
    edit("std(dim=0)", "std(dim=0, correction=0)"),
)
exercise.mistake("var is the square of the standard deviation", edit("std", "var"))


@exercise.rejected("changed its input")
def _(table):
    table -= table.mean(dim=0)
    table /= table.std(dim=0)
    return table


@exercise.rejected("in a loop")
def _(table):
    columns = [(column - column.mean()) / column.std() for column in table.t()]
    return torch.stack(columns, dim=1)
