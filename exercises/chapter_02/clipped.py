"""Exercise clipped: limit the gradient on its way."""

import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def _own_hook(result: object, x: torch.Tensor, limit: float) -> object:
    """The result, unless a hook was left on the tensor of the caller."""
    return "a hook was left on x itself" if x._backward_hooks else result


CLIPPED = Exercise(
    chapter="02",
    signature="clipped(x, limit)",
    title="limit the gradient on its way",
    prompt="""
        Write `clipped(x, limit)`: it returns the values of `x` unchanged, but every
        gradient that flows back through it is limited to the range from `-limit` to
        `limit`. Use a hook on a tensor of your own, not on `x` itself.
    """,
    shapes="x: any shape, requires a gradient. limit: float. Returns the same shape.",
    cases=lambda: [
        (numbers(5, seed=1, gradient=True), 0.8),
        (numbers(2, 3, seed=2, gradient=True), 1.1),
    ],
    canonical=_own_hook,
    model_answer="""
        result = x.clone()
        result.register_hook(lambda gradient: gradient.clamp(-limit, limit))
        return result
    """,
    why="What the hook returns takes the place of the gradient and flows on to x.",
    hints=(
        "x.clone() is a tensor of its own with the same values, and part of the graph.",
        "register_hook takes a function: gradient in, new gradient out.",
        "result.register_hook(lambda gradient: gradient.clamp(…))",
    ),
    right=(
        """
        result = x.view_as(x)
        result.register_hook(lambda g: torch.clamp(g, min=-limit, max=limit))
        return result
        """,
        """
        class Clip(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x.clone()

            @staticmethod
            def backward(ctx, gradient):
                return gradient.clamp(-limit, limit)

        return Clip.apply(x)
        """,
    ),
    mistakes=(
        KnownMistake(
            """
            x.register_hook(lambda gradient: gradient.clamp(-limit, limit))
            return x
            """,
            "this hook stays on x and changes its gradient for all other uses of x too; "
            "register it on x.clone()",
        ),
        KnownMistake(
            "x.clamp(-limit, limit)",
            "this limits the values; only the gradient is to be limited",
        ),
        KnownMistake(
            """
            result = x.clone()
            result.register_hook(lambda gradient: None)
            return result
            """,
            "the gradient passes unchanged: does your hook return the new one?",
        ),
        KnownMistake(
            """
            result = x.clone()
            result.register_hook(lambda gradient: gradient.clamp(max=limit))
            return result
            """,
            "large negative gradients pass; clamp needs both limits",
        ),
        KnownMistake(
            """
            result = x.clone()
            result.register_hook(lambda gradient: gradient.sign() * limit)
            return result
            """,
            "small gradients are enlarged; clamp leaves them alone",
        ),
    ),
    rejected=(RejectedAnswer("x.detach().clone()", "carries no gradient"),),
)
