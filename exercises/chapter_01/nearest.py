import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "nearest(table)",
    title="the nearest other row",
    prompt="""
        Write `nearest(table)`: for each row the number of the *other* row that is closest
        to it (Euclidean distance). `torch.cdist(table, table)` gives all distances; the
        distance of a row to itself must not count. Two rows may be equal. No loop.
    """,
    shapes="table: (rows, columns), float32. Returns (rows,), int64.",
    cases=[
        lambda: (torch.tensor([[0.0, 0.0], [0.0, 10.0], [500.0, 500.0], [500.0, 700.0]]),),
        lambda: (torch.tensor([[3.0, 4.0], [1.0, 1.0], [3.0, 4.0], [1.0, 2.0]]),),
        lambda: (floats(6, 3, seed=8),),
        lambda: (torch.tensor([[0.0], [5.0], [6.0]]),),
    ],
    large=lambda: (floats(50, 3),),
    hints=(
        "All distances first, then the smallest in each row.",
        "fill_diagonal_ can put a number on the diagonal that is never the smallest.",
        "distances.fill_diagonal_(torch.inf), then argmin along dim 1",
    ),
)


@exercise.answer(why="With infinity on the diagonal no row can be its own neighbour.")
def nearest(table):
    distances = torch.cdist(table, table)
    distances.fill_diagonal_(torch.inf)
    return distances.argmin(dim=1)


@exercise.right
def _(table):
    itself = torch.diag(torch.full((len(table),), torch.inf))
    return (torch.cdist(table, table) + itself).argmin(dim=1)


@exercise.right
def _(table):
    squares = (table[:, None] - table[None]).pow(2).sum(dim=-1)
    itself = torch.eye(len(table), dtype=torch.bool)
    return squares.masked_fill(itself, torch.inf).argmin(dim=1)


exercise.mistake(
    "every row is nearest to itself; keep the diagonal out",
    lambda table: torch.cdist(table, table).argmin(dim=1),
)
exercise.mistake(
    "this is the row farthest away",
    lambda table: torch.cdist(table, table).argmax(dim=1),
)
exercise.mistake(
    "these are the distances; the numbers of the rows were asked for",
    lambda table: torch.cdist(table, table).fill_diagonal_(torch.inf).min(dim=1).values,
)
exercise.mistake(
    "two equal rows are at distance 0 too; take out the diagonal, not the zeros",
    edit(".fill_diagonal_(torch.inf)", "[distances == 0] = torch.inf"),
)
exercise.mistake(
    "the second smallest may be the row itself, if another one is equal to it",
    lambda table: torch.cdist(table, table).topk(2, largest=False).indices[:, 1],
)
exercise.mistake(
    "0 times infinity is nan, and argmin finds the nan; use fill_diagonal_",
    lambda table: (torch.cdist(table, table) + torch.eye(len(table)) * torch.inf).argmin(dim=1),
)
exercise.mistake(
    "10 is not always large enough; infinity is",
    lambda table: (torch.cdist(table, table) + torch.eye(len(table)) * 10).argmin(dim=1),
)


@exercise.rejected("in a loop")
def _(table):
    result = []
    for number, row in enumerate(table):
        distances = (table - row).norm(dim=1)
        distances[number] = torch.inf
        result.append(distances.argmin())
    return torch.stack(result)
