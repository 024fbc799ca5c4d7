import torch

from exercises.chapter_02._shared import numbers, wines
from helpers.grading.exercise import Exercise, edit


def _without_autograd(*arguments: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Copies that can be calculated with, but that `backward()` refuses."""
    with torch.inference_mode():
        return tuple(argument.clone() for argument in arguments)


exercise = Exercise(
    "mse_gradient(weights, features, targets)",
    title="the gradient by hand",
    prompt="""
        Linear regression predicts `features @ weights`, and its loss is the mean of the
        squared errors. Write `mse_gradient(weights, features, targets)`: the gradient of
        the loss with respect to the weights, by hand, without autograd. (You have the rule
        of the product already: `matmul_gradients`. The arguments of the check come from
        inference mode, so `backward()` refuses them.)
    """,
    shapes="weights: (n,). features: (rows, n). targets: (rows,). Returns (n,).",
    cases=[
        lambda: _without_autograd(numbers(2, seed=1), numbers(3, 2, seed=2), numbers(3, seed=3)),
        lambda: _without_autograd(numbers(4, seed=4), *wines()),
        lambda: _without_autograd(numbers(2, seed=7), numbers(1, 2, seed=8), numbers(1, seed=9)),
        lambda: _without_autograd(numbers(1, seed=7), numbers(3, 1, seed=8), numbers(3, seed=9)),
    ],
    hints=(
        "Chain rule: the square gives 2 * error, the mean divides by the number of rows.",
        "The slope of the prediction of a row with respect to the weights is that row.",
        "features.t() @ errors adds error times row over all rows.",
    ),
)


@exercise.answer(
    why="2 from the square, the error, and the row by which the weights were multiplied."
)
def mse_gradient(weights, features, targets):
    errors = features @ weights - targets
    return 2 * features.t() @ errors / len(targets)


exercise.right(
    edit("features.t() @ errors / len(targets)", "(errors.unsqueeze(1) * features).mean(dim=0)")
)


@exercise.right
def _(weights, features, targets):
    rows = len(targets)
    return 2 / rows * (features.t() @ features @ weights - features.t() @ targets)


@exercise.mistake("this leaves the work to autograd; here you write the rule yourself")
def _(weights, features, targets):
    leaf = weights.clone().requires_grad_()
    (features @ leaf - targets).square().mean().backward()
    return leaf.grad


exercise.mistake(
    "the factor 2 of the square is missing",
    lambda weights, features, targets: features.t() @ (features @ weights - targets) / len(targets),
)
exercise.mistake(
    "the mean divides by the number of rows",
    lambda weights, features, targets: 2 * features.t() @ (features @ weights - targets),
)
exercise.mistake(
    "the sign: the error is prediction minus target",
    edit("features @ weights - targets", "(targets - features @ weights)"),
)


@exercise.mistake("the mean of products is not the product of means")
def _(weights, features, targets):
    return 2 * (features @ weights - targets).mean() * features.mean(dim=0)


exercise.mistake(
    "features must be transposed: one number for each weight remains",
    lambda weights, features, targets: 2 * features @ (features @ weights - targets) / len(targets),
)
