import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, edit


def _applied(result: object, x: torch.Tensor) -> object:
    """The result, unless it is an instance of a Function instead of a tensor."""
    is_rule = isinstance(result, torch.autograd.Function)
    return "a Function that was not applied" if is_rule else result


exercise = Exercise(
    "straight_through(x)",
    title="not quite the derivative",
    prompt="""
        Rounding has slope 0, so nothing before it can learn. A common trick is to round in
        the forward pass and to let the gradient pass *straight through* in the backward
        pass, as if nothing had been done. Write `straight_through(x)`.
    """,
    shapes="x: any shape, requires a gradient. Returns the same shape.",
    cases=[
        lambda: (numbers(4, seed=1, gradient=True),),
        lambda: (numbers(2, 3, seed=7, gradient=True),),
        lambda: (numbers(1, 3, seed=3, gradient=True),),
    ],
    canonical=_applied,
    hints=(
        "A torch.autograd.Function with forward(ctx, x) and backward(ctx, upstream).",
        "forward rounds. What does backward return, if the slope is taken to be 1?",
        "Call it with Round.apply(x).",
    ),
)


@exercise.answer(why="backward may be any rule; here it hands on what it was given.")
def straight_through(x):
    class Round(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.round()

        @staticmethod
        def backward(ctx, upstream):
            return upstream

    return Round.apply(x)


exercise.right(lambda x: x + (x.round() - x).detach())
exercise.right(lambda x: x + x.round() - x.detach())


@exercise.right
def _(x):
    with torch.no_grad():
        shift = x.round() - x
    return x + shift


@exercise.mistake("a Function is not called like a class; write .apply(x) behind its name")
def _(x):
    class Round(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.round()

    return Round(x)


exercise.mistake("round has slope 0 everywhere: every gradient is 0", lambda x: x.round())
exercise.mistake(
    "a slope of 1 means upstream times 1; what came from above is lost here",
    edit("return upstream", "return torch.ones_like(upstream)"),
)
exercise.mistake("detach cuts the graph: nothing before it can learn", lambda x: x.round().detach())
exercise.mistake("the decimals are cut off; round goes to the nearest", lambda x: x.trunc())
