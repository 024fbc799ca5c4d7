import torch

from helpers.grading.exercise import Exercise

exercise = Exercise(
    "safe_log(x)",
    title="no nan in the gradient",
    prompt="""
        Write `safe_log(x)`: `log(x)` where `x` is above 0, and 0 elsewhere. The gradient is
        `1 / x` where `x` is above 0, and 0 elsewhere; no `nan` and no `inf`.
    """,
    shapes="x: any shape, requires a gradient. Returns the same shape.",
    cases=[
        lambda: (torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64, requires_grad=True),),
        lambda: (torch.tensor([[-1.0, 0.0], [4.0, 0.1]], requires_grad=True),),
        lambda: (torch.tensor([1e-30, 0.0], dtype=torch.float64, requires_grad=True),),
        lambda: (torch.tensor([[0.5]], requires_grad=True),),
    ],
    hints=(
        "One `where` after the log chooses the values. The gradient still visits log(0).",
        "Put harmless numbers in *before* the log, too.",
        "torch.where(x > 0, x, 1.0) can be given to log.",
    ),
)


@exercise.answer(why="log never sees a 0, so no infinity is there to be multiplied by 0.")
def safe_log(x):
    positive = x > 0
    harmless = torch.where(positive, x, 1.0)
    return torch.where(positive, harmless.log(), 0.0)


@exercise.right
def _(x):
    result = torch.zeros_like(x)
    result[x > 0] = x[x > 0].log()
    return result


exercise.right(lambda x: x.masked_fill(x <= 0, 1.0).log())

exercise.mistake(
    "the added number changes the logarithm of a small x; replace only what is not above 0",
    lambda x: torch.where(x > 0, (x + 1e-8).log(), 0.0),
)
exercise.mistake(
    "clamp changes a small x as well; replace only what is not above 0",
    lambda x: torch.where(x > 0, x.clamp(min=1e-12).log(), 0.0),
)
exercise.mistake(
    "where chooses after the log: the infinite slope at 0 is multiplied by 0, which is nan. "
    "Replace the 0 before the log as well",
    lambda x: torch.where(x > 0, x.log(), 0.0),
)
exercise.mistake("log(0) is -inf, and log of a negative number is nan", lambda x: x.log())
exercise.mistake(
    "log(0.000001) is -13.8; where x is not above 0 the result is 0",
    lambda x: x.clamp(min=1e-6).log(),
)
exercise.mistake(
    "this is another function; it is wrong where x is above 0",
    lambda x: torch.log(x + 1),
)
exercise.mistake(
    "without nan, but also without a gradient",
    lambda x: torch.where(x > 0, x.detach().log(), 0.0),
)
