"""Exercise safe_log: no nan in the gradient."""

import torch

from helpers.grading.exercise import Exercise, KnownMistake

SAFE_LOG = Exercise(
    chapter="02",
    signature="safe_log(x)",
    title="no nan in the gradient",
    prompt="""
        Write `safe_log(x)`: `log(x)` where `x` is above 0, and 0 elsewhere. The gradient is
        `1 / x` where `x` is above 0, and 0 elsewhere; no `nan` and no `inf`.
    """,
    shapes="x: any shape, requires a gradient. Returns the same shape.",
    cases=lambda: [
        (torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64, requires_grad=True),),
        (torch.tensor([[-1.0, 0.0], [4.0, 0.1]], requires_grad=True),),
        (torch.tensor([1e-30, 0.0], dtype=torch.float64, requires_grad=True),),
    ],
    model_answer="""
        positive = x > 0
        harmless = torch.where(positive, x, 1.0)
        return torch.where(positive, harmless.log(), 0.0)
    """,
    why="log never sees a 0, so no infinity is there to be multiplied by 0.",
    hints=(
        "One `where` after the log chooses the values. The gradient still visits log(0).",
        "Put harmless numbers in *before* the log, too.",
        "torch.where(x > 0, x, 1.0) can be given to log.",
    ),
    right=(
        """
        result = torch.zeros_like(x)
        result[x > 0] = x[x > 0].log()
        return result
        """,
        "x.masked_fill(x <= 0, 1.0).log()",
    ),
    mistakes=(
        KnownMistake(
            "torch.where(x > 0, (x + 1e-8).log(), 0.0)",
            "the added number changes the logarithm of a small x; replace only what is not above 0",
        ),
        KnownMistake(
            "torch.where(x > 0, x.clamp(min=1e-12).log(), 0.0)",
            "clamp changes a small x as well; replace only what is not above 0",
        ),
        KnownMistake(
            "torch.where(x > 0, x.log(), 0.0)",
            "where chooses after the log: the infinite slope at 0 is multiplied by 0, "
            "which is nan. Replace the 0 before the log as well",
        ),
        KnownMistake("x.log()", "log(0) is -inf, and log of a negative number is nan"),
        KnownMistake(
            "x.clamp(min=1e-6).log()",
            "log(0.000001) is -13.8; where x is not above 0 the result is 0",
        ),
        KnownMistake(
            "torch.log(x + 1)", "this is another function; it is wrong where x is above 0"
        ),
        KnownMistake(
            "torch.where(x > 0, x.detach().log(), 0.0)",
            "without nan, but also without a gradient",
        ),
    ),
)
