import torch

from exercises.chapter_02._shared import valley
from helpers.grading.exercise import Exercise, edit


def bowl(point: torch.Tensor) -> torch.Tensor:
    """A bowl with its lowest place at (1, -1, …), steeper in some directions."""
    steepness = torch.arange(1, len(point) + 1, dtype=point.dtype)
    lowest = torch.ones_like(point)
    lowest[1::2] = -1
    return (steepness * (point - lowest) ** 2).sum()


exercise = Exercise(
    "descend(function, start, rate, steps)",
    title="walk downhill",
    prompt="""
        Write `descend(function, start, rate, steps)`: begin at `start`, and `steps` times
        subtract `rate` times the gradient of `function` there. Return the last point,
        without a graph. `start` must not change.
    """,
    shapes="function: (n,) to 0-d. start: (n,), float64, no gradient. Returns (n,).",
    cases=[
        lambda: (bowl, torch.tensor([3.0, -2.0], dtype=torch.float64), 0.1, 3),
        lambda: (valley, torch.tensor([0.5, 1.0, -1.0], dtype=torch.float64), 0.2, 4),
        lambda: (bowl, torch.tensor([3.0], dtype=torch.float64), 0.1, 2),
    ],
    hints=(
        "Clone start and let the clone require a gradient.",
        "In each step: empty point.grad, call backward(), then update.",
        "The update is not part of the function: put it under torch.no_grad().",
        "with torch.no_grad(): point -= rate * point.grad",
    ),
)


@exercise.answer(
    why="Fresh gradients at each step, an update that is not recorded, and a plain result."
)
def descend(function, start, rate, steps):
    point = start.clone().requires_grad_()
    for _ in range(steps):
        point.grad = None
        function(point).backward()
        with torch.no_grad():
            point -= rate * point.grad
    return point.detach()


@exercise.right
def _(function, start, rate, steps):
    point = start
    for _ in range(steps):
        point = point.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(function(point), point)
        point = point - rate * gradient
    return point.detach()


@exercise.right
def _(function, start, rate, steps):
    point = start
    for _ in range(steps):
        point = point - rate * torch.func.grad(function)(point)
    return point


@exercise.right
def _(function, start, rate, steps):
    point = start.clone().requires_grad_()
    optimiser = torch.optim.SGD([point], lr=rate)
    for _ in range(steps):
        optimiser.zero_grad()
        function(point).backward()
        optimiser.step()
    return point.detach()


exercise.mistake(
    "point.grad was never emptied: each step also uses all earlier gradients",
    edit("point.grad = None", ""),
)
exercise.mistake(
    "the update itself was recorded; put it under torch.no_grad()",
    edit("with torch.no_grad():\n    point -= rate * point.grad", "point -= rate * point.grad"),
)
exercise.mistake("this walks uphill; subtract the gradient", edit("-= rate", "+= rate"))
exercise.mistake(
    "the gradient of the start was used throughout; call backward() in each step",
    edit("for _ in range(steps):", "function(point).backward()\nfor _ in range(steps):").edit(
        "point.grad = None\nfunction(point).backward()", ""
    ),
)
exercise.mistake(
    "the point requires no gradient. Either requires_grad_() is missing at the start, or `point "
    "= …` under no_grad made a new tensor; use `point -= …`",
    edit("point.grad = None", "").edit("-= rate", "= point - rate"),
)
exercise.mistake(
    "`point = …` makes a result in the middle of a graph, whose .grad stays empty; use `point "
    "-= …` under torch.no_grad()",
    edit("point.grad = None", "").edit(
        "with torch.no_grad():\n    point -= rate * point.grad", "point = point - rate * point.grad"
    ),
)


@exercise.rejected("changed its input")
def _(function, start, rate, steps):
    for _ in range(steps):
        start.requires_grad_().grad = None
        function(start).backward()
        start.data -= rate * start.grad
    return start.detach()


exercise.rejected("still carries the gradient", edit("point.detach()", "point"))
