"""Exercise nearest: the nearest other row."""

import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

NEAREST = Exercise(
    chapter="01",
    signature="nearest(table)",
    title="the nearest other row",
    prompt="""
        Write `nearest(table)`: for each row the number of the *other* row that is closest
        to it (Euclidean distance). `torch.cdist(table, table)` gives all distances; the
        distance of a row to itself must not count. Two rows may be equal. No loop.
    """,
    shapes="table: (rows, columns), float32. Returns (rows,), int64.",
    cases=lambda: [
        (torch.tensor([[0.0, 0.0], [0.0, 10.0], [500.0, 500.0], [500.0, 700.0]]),),
        (torch.tensor([[3.0, 4.0], [1.0, 1.0], [3.0, 4.0], [1.0, 2.0]]),),
        (floats(6, 3, seed=8),),
    ],
    large=lambda: (floats(50, 3),),
    model_answer="""
        distances = torch.cdist(table, table)
        distances.fill_diagonal_(torch.inf)
        return distances.argmin(dim=1)
    """,
    why="With infinity on the diagonal no row can be its own neighbour.",
    hints=(
        "All distances first, then the smallest in each row.",
        "fill_diagonal_ can put a number on the diagonal that is never the smallest.",
        "distances.fill_diagonal_(torch.inf), then argmin along dim 1",
    ),
    right=(
        """
        itself = torch.diag(torch.full((len(table),), torch.inf))
        return (torch.cdist(table, table) + itself).argmin(dim=1)
        """,
        """
        squares = (table[:, None] - table[None]).pow(2).sum(dim=-1)
        itself = torch.eye(len(table), dtype=torch.bool)
        return squares.masked_fill(itself, torch.inf).argmin(dim=1)
        """,
    ),
    mistakes=(
        KnownMistake(
            "torch.cdist(table, table).argmin(dim=1)",
            "every row is nearest to itself; keep the diagonal out",
        ),
        KnownMistake(
            "torch.cdist(table, table).argmax(dim=1)",
            "this is the row farthest away",
        ),
        KnownMistake(
            "torch.cdist(table, table).fill_diagonal_(torch.inf).min(dim=1).values",
            "these are the distances; the numbers of the rows were asked for",
        ),
        KnownMistake(
            """
            distances = torch.cdist(table, table)
            distances[distances == 0] = torch.inf
            return distances.argmin(dim=1)
            """,
            "two equal rows are at distance 0 too; take out the diagonal, not the zeros",
        ),
        KnownMistake(
            "torch.cdist(table, table).topk(2, largest=False).indices[:, 1]",
            "the second smallest may be the row itself, if another one is equal to it",
        ),
        KnownMistake(
            "(torch.cdist(table, table) + torch.eye(len(table)) * torch.inf).argmin(dim=1)",
            "0 times infinity is nan, and argmin finds the nan; use fill_diagonal_",
        ),
        KnownMistake(
            "(torch.cdist(table, table) + torch.eye(len(table)) * 10).argmin(dim=1)",
            "10 is not always large enough; infinity is",
        ),
    ),
    rejected=(
        RejectedAnswer(
            """
            result = []
            for number, row in enumerate(table):
                distances = (table - row).norm(dim=1)
                distances[number] = torch.inf
                result.append(distances.argmin())
            return torch.stack(result)
            """,
            "in a loop",
        ),
    ),
)
