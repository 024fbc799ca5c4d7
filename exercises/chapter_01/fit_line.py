import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "fit_line(x, y)",
    title="a line through points",
    prompt="""
        Write `fit_line(x, y)`: the slope and the intercept of the line that comes closest
        to the points, as one tensor `[slope, intercept]`. Use `torch.linalg.lstsq` on a
        matrix with two columns: `x`, and ones.
    """,
    shapes="x, y: (points,), float64. Returns (2,): slope, intercept.",
    cases=[
        lambda: (
            torch.tensor([0.0, 1, 2, 3]).double(),
            torch.tensor([1.0, 3, 5, 7]).double(),
        ),
        lambda: (floats(6, seed=1).double(), floats(6, seed=2).double()),
    ],
    hints=(
        "slope * x + intercept * 1 is a matrix product with two columns.",
        "torch.stack([x, torch.ones_like(x)], dim=1) is that matrix.",
        "torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution has shape (2, 1).",
    ),
    tolerance=1e-9,
)


@exercise.answer(
    why="matrix @ [slope, intercept] gives the line at each x; lstsq finds the best pair."
)
def fit_line(x, y):
    matrix = torch.stack([x, torch.ones_like(x)], dim=1)  # (points, 2)
    return torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution.squeeze(1)


@exercise.right
def _(x, y):
    matrix = torch.stack([x, torch.ones_like(x)], dim=1)
    return torch.linalg.solve(matrix.t() @ matrix, matrix.t() @ y)


@exercise.right
def _(x, y):
    centred = x - x.mean()
    slope = centred @ (y - y.mean()) / (centred @ centred)
    return torch.stack([slope, y.mean() - slope * x.mean()])


exercise.mistake(
    "the order is intercept, slope; the columns of the matrix are exchanged",
    edit("x, torch.ones_like(x)", "torch.ones_like(x), x"),
)
exercise.mistake(
    "without a column of ones the line must pass through zero",
    lambda x, y: torch.linalg.lstsq(x.unsqueeze(1), y.unsqueeze(1)).solution.squeeze(1),
)

exercise.rejected("a dimension of size 1", edit("solution.squeeze(1)", "solution"))
exercise.rejected("choose with .solution", edit(".solution.squeeze(1)", ""))
