import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, edit


def _own_hook(result: object, x: torch.Tensor, limit: float) -> object:
    """The result, unless a hook was left on the tensor of the caller."""
    return "a hook was left on x itself" if x._backward_hooks else result


exercise = Exercise(
    "clipped(x, limit)",
    title="limit the gradient on its way",
    prompt="""
        Write `clipped(x, limit)`: it returns the values of `x` unchanged, but every
        gradient that flows back through it is limited to the range from `-limit` to
        `limit`. Use a hook on a tensor of your own, not on `x` itself.
    """,
    shapes="x: any shape, requires a gradient. limit: float. Returns the same shape.",
    cases=[
        lambda: (numbers(5, seed=1, gradient=True), 0.8),
        lambda: (numbers(2, 3, seed=2, gradient=True), 1.1),
        lambda: (numbers(1, 3, seed=3, gradient=True), 0.5),
    ],
    canonical=_own_hook,
    hints=(
        "x.clone() is a tensor of its own with the same values, and part of the graph.",
        "register_hook takes a function: gradient in, new gradient out.",
        "result.register_hook(lambda gradient: gradient.clamp(…))",
    ),
)


@exercise.answer(why="What the hook returns takes the place of the gradient and flows on to x.")
def clipped(x, limit):
    result = x.clone()
    result.register_hook(lambda gradient: gradient.clamp(-limit, limit))
    return result


exercise.right(
    edit("clone()", "view_as(x)").edit(
        "gradient: gradient.clamp(-limit, limit)", "g: torch.clamp(g, min=-limit, max=limit)"
    )
)


@exercise.right
def _(x, limit):
    class Clip(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient.clamp(-limit, limit)

    return Clip.apply(x)


@exercise.mistake(
    "this hook stays on x and changes its gradient for all other uses of x too; register it on "
    "x.clone()"
)
def _(x, limit):
    x.register_hook(lambda gradient: gradient.clamp(-limit, limit))
    return x


exercise.mistake(
    "this limits the values; only the gradient is to be limited",
    lambda x, limit: x.clamp(-limit, limit),
)
exercise.mistake(
    "the gradient passes unchanged: does your hook return the new one?",
    edit("gradient.clamp(-limit, limit)", "None"),
)
exercise.mistake(
    "large negative gradients pass; clamp needs both limits",
    edit("-limit, limit", "max=limit"),
)
exercise.mistake(
    "small gradients are enlarged; clamp leaves them alone",
    edit("clamp(-limit, limit)", "sign() * limit"),
)

exercise.rejected("carries no gradient", lambda x, limit: x.detach().clone())
