"""Exercise fit_line: a line through points."""

import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

FIT_LINE = Exercise(
    chapter="01",
    signature="fit_line(x, y)",
    title="a line through points",
    prompt="""
        Write `fit_line(x, y)`: the slope and the intercept of the line that comes closest
        to the points, as one tensor `[slope, intercept]`. Use `torch.linalg.lstsq` on a
        matrix with two columns: `x`, and ones.
    """,
    shapes="x, y: (points,), float64. Returns (2,): slope, intercept.",
    cases=lambda: [
        (
            torch.tensor([0.0, 1, 2, 3]).double(),
            torch.tensor([1.0, 3, 5, 7]).double(),
        ),
        (floats(6, seed=1).double(), floats(6, seed=2).double()),
    ],
    model_answer="""
        matrix = torch.stack([x, torch.ones_like(x)], dim=1)  # (points, 2)
        return torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution.squeeze(1)
    """,
    why="matrix @ [slope, intercept] gives the line at each x; lstsq finds the best pair.",
    hints=(
        "slope * x + intercept * 1 is a matrix product with two columns.",
        "torch.stack([x, torch.ones_like(x)], dim=1) is that matrix.",
        "torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution has shape (2, 1).",
    ),
    right=(
        """
        matrix = torch.stack([x, torch.ones_like(x)], dim=1)
        return torch.linalg.solve(matrix.t() @ matrix, matrix.t() @ y)
        """,
        """
        centred = x - x.mean()
        slope = centred @ (y - y.mean()) / (centred @ centred)
        return torch.stack([slope, y.mean() - slope * x.mean()])
        """,
    ),
    mistakes=(
        KnownMistake(
            """
            matrix = torch.stack([torch.ones_like(x), x], dim=1)
            return torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution.squeeze(1)
            """,
            "the order is intercept, slope; the columns of the matrix are exchanged",
        ),
        KnownMistake(
            "torch.linalg.lstsq(x.unsqueeze(1), y.unsqueeze(1)).solution.squeeze(1)",
            "without a column of ones the line must pass through zero",
        ),
    ),
    rejected=(
        RejectedAnswer(
            """
            matrix = torch.stack([x, torch.ones_like(x)], dim=1)
            return torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution
            """,
            "a dimension of size 1",
        ),
        RejectedAnswer(
            """
            matrix = torch.stack([x, torch.ones_like(x)], dim=1)
            return torch.linalg.lstsq(matrix, y.unsqueeze(1))
            """,
            "choose with .solution",
        ),
    ),
    tolerance=1e-9,
)
