"""Exercise row_shares: each row adds up to one."""

import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

ROW_SHARES = Exercise(
    chapter="01",
    signature="row_shares(table)",
    title="each row adds up to one",
    prompt="""
        Write `row_shares(table)`: divide each number by the sum of its own row, so that
        every row adds up to 1. No loop.
    """,
    shapes="table: (rows, columns), positive float32. Returns the same shape.",
    cases=lambda: [
        (torch.tensor([[1.0, 1, 2], [1, 0, 1], [2, 2, 6]]),),
        (torch.tensor([[1.0, 3], [2, 2], [0, 4]]),),
    ],
    large=lambda: (floats(40, 8).abs() + 1,),
    model_answer="table / table.sum(dim=1, keepdim=True)",
    why="keepdim=True leaves a column of sums, which is stretched along each row.",
    hints=(
        "The sum of a row runs over the columns, and that is dim=1.",
        "The sums must stand in a column, shape (rows, 1), to meet their rows.",
        "table / table.sum(dim=1, keepdim=…)",
    ),
    right=(
        "table / table.sum(dim=-1).unsqueeze(1)",
        "(table.t() / table.sum(dim=1)).t()",
        "torch.einsum('rc,r->rc', table, 1 / table.sum(dim=1))",
    ),
    mistakes=(
        KnownMistake(
            "table / table.sum(dim=1)",
            "without keepdim=True the sums lie in a row, "
            "and each column is divided by the sum of another row",
        ),
        KnownMistake(
            "table / table.sum(dim=0)",
            "dim=0 sums down each column; dim=1 sums along each row",
        ),
        KnownMistake("table / table.sum()", "this is the share of the whole table"),
        KnownMistake("table.softmax(dim=1)", "softmax takes the exponential first"),
    ),
    rejected=(
        RejectedAnswer("table.div_(table.sum(dim=1, keepdim=True))", "changed its input"),
        RejectedAnswer("torch.stack([row / row.sum() for row in table])", "in a loop"),
        RejectedAnswer(
            "(table / table.sum(dim=1, keepdim=True)).round(decimals=1)", "instead of 0.25"
        ),
    ),
)
