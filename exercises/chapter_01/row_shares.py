import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise

exercise = Exercise(
    "row_shares(table)",
    title="each row adds up to one",
    prompt="""
        Write `row_shares(table)`: divide each number by the sum of its own row, so that
        every row adds up to 1. No loop.
    """,
    shapes="table: (rows, columns), positive float32. Returns the same shape.",
    cases=[
        lambda: (torch.tensor([[1.0, 1, 2], [1, 0, 1], [2, 2, 6]]),),
        lambda: (torch.tensor([[1.0, 3], [2, 2], [0, 4]]),),
        lambda: (torch.tensor([[2.0, 6.0]]),),
        lambda: (torch.tensor([[4.0], [5.0]]),),
        lambda: (torch.tensor([[1.0, 3, 4], [5, 1, 2]]).t(),),
    ],
    large=lambda: (floats(40, 8).abs() + 1,),
    hints=(
        "The sum of a row runs over the columns, and that is dim=1.",
        "The sums must stand in a column, shape (rows, 1), to meet their rows.",
        "table / table.sum(dim=1, keepdim=…)",
    ),
)


@exercise.answer(why="keepdim=True leaves a column of sums, which is stretched along each row.")
def row_shares(table):
    return table / table.sum(dim=1, keepdim=True)


exercise.right(lambda table: table / table.sum(dim=-1).unsqueeze(1))
exercise.right(lambda table: (table.t() / table.sum(dim=1)).t())
exercise.right(lambda table: torch.einsum("rc,r->rc", table, 1 / table.sum(dim=1)))

exercise.mistake(
    "without keepdim=True the sums lie in a row, and each column is divided by the sum of "
    "another row",
    lambda table: table / table.sum(dim=1),
)
exercise.mistake(
    "dim=0 sums down each column; dim=1 sums along each row",
    lambda table: table / table.sum(dim=0),
)
exercise.mistake("this is the share of the whole table", lambda table: table / table.sum())
exercise.mistake("softmax takes the exponential first", lambda table: table.softmax(dim=1))

exercise.rejected("changed its input", lambda table: table.div_(table.sum(dim=1, keepdim=True)))
exercise.rejected("in a loop", lambda table: torch.stack([row / row.sum() for row in table]))
exercise.rejected(
    "instead of 0.25",
    lambda table: (table / table.sum(dim=1, keepdim=True)).round(decimals=1),
)
