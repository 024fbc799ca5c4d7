import torch

from exercises.chapter_02._shared import numbers
from helpers import data
from helpers.grading.exercise import Exercise, edit


def _learn_and_new() -> tuple[torch.Tensor, ...]:
    """Every sixth wine to fit, the rest to test: 12 standardised columns, alcohol."""
    table = data.wine().table.double()
    table = table - table.mean(dim=0)
    columns = table[:, 1:] / table[:, 1:].std(dim=0)
    learn = torch.arange(len(table)) % 6 == 0
    return columns[learn], table[learn, 0], columns[~learn], table[~learn, 0]


def _small_problem() -> tuple[torch.Tensor, ...]:
    """A small problem of the same kind."""
    return (
        numbers(4, 2, seed=1),
        numbers(4, seed=2),
        numbers(3, 2, seed=3),
        numbers(3, seed=4),
    )


exercise = Exercise(
    "ridge_slope(strength, X, y, new_X, new_y)",
    title="more ridge or less?",
    prompt="""
        Ridge regression has a formula: the weights solve
        `(X.t() @ X + strength * identity) @ weights = X.t() @ y`. Is the `strength` too
        large or too small? Write `ridge_slope(strength, X, y, new_X, new_y)`: solve for the
        weights, calculate the mean squared error on the **new** rows, and return its slope
        with respect to `strength`. Autograd goes through `torch.linalg.solve`;
        a finite difference is not exact enough for the check.
    """,
    shapes="strength: 0-d. X: (rows, n). y: (rows,). Returns 0-d, without a graph.",
    cases=[
        lambda: (torch.tensor(0.5, dtype=torch.float64), *_small_problem()),
        lambda: (torch.tensor(2.0, dtype=torch.float64), *_learn_and_new()),
        lambda: (torch.tensor(100.0), *(part.float() for part in _small_problem())),
        lambda: (
            torch.tensor(0.5, dtype=torch.float64),
            numbers(4, 1, seed=5),
            numbers(4, seed=6),
            numbers(1, 1, seed=7),
            numbers(1, seed=8),
        ),
    ],
    hints=(
        "A leaf first: strength.detach().requires_grad_().",
        "torch.linalg.solve(matrix, X.t() @ y) gives the weights, with a graph.",
        "The loss uses new_X and new_y; torch.autograd.grad(loss, strength) is a tuple.",
    ),
)


@exercise.answer(why="Whatever is made of differentiable operations has a gradient, a formula too.")
def ridge_slope(strength, X, y, new_X, new_y):
    strength = strength.detach().requires_grad_()
    identity = torch.eye(X.shape[1], dtype=X.dtype)
    weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
    loss = (new_X @ weights - new_y).pow(2).mean()
    return torch.autograd.grad(loss, strength)[0]


@exercise.right
def _(strength, X, y, new_X, new_y):
    def loss(strength):
        identity = torch.eye(X.shape[1], dtype=X.dtype)
        weights = torch.linalg.inv(X.t() @ X + strength * identity) @ X.t() @ y
        return (new_X @ weights - new_y).square().mean()

    return torch.func.grad(loss)(strength)


@exercise.right
def _(strength, X, y, new_X, new_y):
    matrix = X.t() @ X + strength * torch.eye(X.shape[1], dtype=X.dtype)
    weights = torch.linalg.solve(matrix, X.t() @ y)
    errors = new_X @ weights - new_y
    return -2 * errors @ new_X @ torch.linalg.solve(matrix, weights) / len(new_y)


exercise.mistake(
    "this is the error on the rows that were fitted; use new_X and new_y",
    edit("new_X @ weights - new_y", "X @ weights - y"),
)
exercise.mistake(
    "this is the error; its slope with respect to strength was asked for",
    edit("torch.autograd.grad(loss, strength)[0]", "loss.detach()"),
)


@exercise.mistake("strength does not require a gradient: strength.detach().requires_grad_()")
def _(strength, X, y, new_X, new_y):
    identity = torch.eye(X.shape[1], dtype=X.dtype)
    weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
    loss = (new_X @ weights - new_y).square().mean()
    loss.backward()
    return strength.grad


exercise.mistake(
    "strength alone is added everywhere; it belongs on the diagonal: times identity",
    edit("strength * identity", "strength"),
)
exercise.mistake("the sum of the squares; the mean was asked for", edit("mean()", "sum()"))

exercise.rejected(
    "changed whether its input carries a gradient",
    edit("strength.detach()", "strength"),
)


@exercise.rejected("Expected")
def _(strength, X, y, new_X, new_y):
    def loss(strength):
        identity = torch.eye(X.shape[1], dtype=X.dtype)
        weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
        return (new_X @ weights - new_y).square().mean()

    return (loss(strength + 1e-4) - loss(strength - 1e-4)) / 2e-4


exercise.rejected(
    "still carries the gradient",
    edit("loss, strength)", "loss, strength, create_graph=True)"),
)
