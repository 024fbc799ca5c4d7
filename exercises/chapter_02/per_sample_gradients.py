import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "per_sample_gradients(weights, features, targets)",
    title="one gradient for each sample",
    prompt="""
        The loss of one sample is `(row @ weights - target)²`. Write
        `per_sample_gradients(weights, features, targets)`: row number `i` of the result is
        the gradient of the loss of sample `i` with respect to the weights. No loop.
    """,
    shapes="weights: (n,). features: (rows, n). targets: (rows,). Returns (rows, n).",
    cases=[
        lambda: (numbers(2, seed=1), numbers(3, 2, seed=2), numbers(3, seed=3)),
        lambda: (numbers(3, seed=4), numbers(4, 3, seed=5), numbers(4, seed=6)),
        lambda: (numbers(2, seed=7), numbers(1, 2, seed=8), numbers(1, seed=9)),
        lambda: (numbers(1, seed=7), numbers(3, 1, seed=8), numbers(3, seed=9)),
    ],
    large=lambda: (numbers(2, seed=1), numbers(60, 2, seed=2), numbers(60, seed=3)),
    hints=(
        "Write the loss of a single sample as a function; its first argument is weights.",
        "torch.func.grad(loss) is a function with the same arguments.",
        "torch.func.vmap(…, in_dims=(None, 0, 0)): the same weights, each row, each target.",
    ),
)


@exercise.answer(why="grad makes the function for one sample, vmap calls it for all rows at once.")
def per_sample_gradients(weights, features, targets):
    def loss(weights, row, target):
        return (row @ weights - target) ** 2

    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
    return each(weights, features, targets)


@exercise.right
def _(weights, features, targets):
    errors = features @ weights - targets
    return 2 * errors.unsqueeze(1) * features


@exercise.right
def _(weights, features, targets):
    def losses(weights):
        return (features @ weights - targets) ** 2

    return torch.func.jacrev(losses)(weights)


@exercise.mistake("this is the mean of the gradients; one for each sample was asked for")
def _(weights, features, targets):
    def loss(weights):
        return ((features @ weights - targets) ** 2).mean()

    return torch.func.grad(loss)(weights)


exercise.mistake(
    "the factor 2 of the square is missing",
    lambda weights, features, targets: (features @ weights - targets).unsqueeze(1) * features,
)
exercise.mistake(
    "vmap cuts the weights into pieces as well: in_dims=(None, 0, 0)",
    edit(", in_dims=(None, 0, 0)", ""),
)
exercise.mistake(
    "these are the losses; torch.func.grad is missing",
    edit("torch.func.grad(loss)", "loss"),
)


@exercise.rejected("in a loop")
def _(weights, features, targets):
    def loss(weights, row, target):
        return (row @ weights - target) ** 2

    gradients = []
    for row, target in zip(features, targets):
        gradients.append(torch.func.grad(loss)(weights, row, target))
    return torch.stack(gradients)
