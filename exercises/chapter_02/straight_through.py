"""Exercise straight_through: a rule that is not the derivative."""

import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, KnownMistake


def _applied(result: object, x: torch.Tensor) -> object:
    """The result, unless it is an instance of a Function instead of a tensor."""
    is_rule = isinstance(result, torch.autograd.Function)
    return "a Function that was not applied" if is_rule else result


STRAIGHT_THROUGH = Exercise(
    chapter="02",
    signature="straight_through(x)",
    title="a rule that is not the derivative",
    prompt="""
        Rounding has slope 0, so nothing before it can learn. A common trick is to round in
        the forward pass and to let the gradient pass *straight through* in the backward
        pass, as if nothing had been done. Write `straight_through(x)`.
    """,
    shapes="x: any shape, requires a gradient. Returns the same shape.",
    cases=lambda: [
        (numbers(4, seed=1, gradient=True),),
        (numbers(2, 3, seed=7, gradient=True),),
    ],
    canonical=_applied,
    model_answer="""
        class Round(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x.round()

            @staticmethod
            def backward(ctx, upstream):
                return upstream

        return Round.apply(x)
    """,
    why="backward may be any rule; here it hands on what it was given.",
    hints=(
        "A torch.autograd.Function with forward(ctx, x) and backward(ctx, upstream).",
        "forward rounds. What does backward return, if the slope is taken to be 1?",
        "Call it with Round.apply(x).",
    ),
    right=(
        "x + (x.round() - x).detach()",
        "x + x.round() - x.detach()",
        """
        with torch.no_grad():
            shift = x.round() - x
        return x + shift
        """,
    ),
    mistakes=(
        KnownMistake(
            """
            class Round(torch.autograd.Function):
                @staticmethod
                def forward(ctx, x):
                    return x.round()

            return Round(x)
            """,
            "a Function is not called like a class; write .apply(x) behind its name",
        ),
        KnownMistake("x.round()", "round has slope 0 everywhere: every gradient is 0"),
        KnownMistake(
            """
            class Round(torch.autograd.Function):
                @staticmethod
                def forward(ctx, x):
                    return x.round()

                @staticmethod
                def backward(ctx, upstream):
                    return torch.ones_like(upstream)

            return Round.apply(x)
            """,
            "a slope of 1 means upstream times 1; what came from above is lost here",
        ),
        KnownMistake("x.round().detach()", "detach cuts the graph: nothing before it can learn"),
        KnownMistake("x.trunc()", "the decimals are cut off; round goes to the nearest"),
    ),
)
