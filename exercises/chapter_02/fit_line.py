import torch
from torch.nn import functional as F

from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "fit_line(x, y, rate, steps)",
    title="three mistakes in one loop",
    prompt="""
        This loop is to fit the line `w[0] * x + w[1]` to the points. It holds three mistakes
        of this chapter. The first raises an error; the other two are silent. Write it without
        them.

        ```python
        w = torch.zeros(2, requires_grad=True) * 1.0
        total = 0.0
        for _ in range(steps):
            loss = (w[0] * x + w[1] - y).square().mean()
            loss.backward()
            with torch.no_grad():
                w -= rate * w.grad
            total += loss
        return w.detach(), total
        ```
    """,
    shapes="x, y: (n,). Returns a tuple: w of shape (2,), and a Python number.",
    cases=[
        lambda: (torch.tensor([0.0, 1.0, 2.0]), torch.tensor([1.0, 3.0, 5.0]), 0.1, 3),
        lambda: (torch.tensor([-1.0, 0.5]), torch.tensor([2.0, 0.0]), 0.2, 5),
    ],
    hints=(
        "Ask w.is_leaf. What does `* 1.0` do to a leaf?",
        "What does .grad hold in the second round?",
        "What does `total` hold, beside a number?",
    ),
)


@exercise.answer(why="w is a leaf, each step has its own gradient, and a number holds no graph.")
def fit_line(x, y, rate, steps):
    w = torch.zeros(2, requires_grad=True)
    total = 0.0
    for _ in range(steps):
        w.grad = None
        loss = (w[0] * x + w[1] - y).square().mean()
        loss.backward()
        with torch.no_grad():
            w -= rate * w.grad
        total += loss.item()
    return w.detach(), total


@exercise.right
def _(x, y, rate, steps):
    w, total = torch.zeros(2), 0.0
    for _ in range(steps):
        w = w.detach().requires_grad_()
        loss = F.mse_loss(w[0] * x + w[1], y)
        (gradient,) = torch.autograd.grad(loss, w)
        w = w - rate * gradient
        total += loss.item()
    return w.detach(), total


@exercise.right
def _(x, y, rate, steps):
    w, total = torch.zeros(2, requires_grad=True), 0.0
    optimiser = torch.optim.SGD([w], lr=rate)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = F.mse_loss(w[0] * x + w[1], y)
        loss.backward()
        optimiser.step()
        total += float(loss.detach())
    return w.detach(), total


exercise.mistake(
    "w.grad is never emptied: each step also uses all earlier gradients",
    edit("w.grad = None", ""),
)
exercise.mistake(
    "w is a result of `* 1.0` and not a leaf, so its .grad stays None",
    edit("requires_grad=True)", "requires_grad=True) * 1.0"),
)
exercise.mistake(
    "total still holds the graphs of all steps; add loss.item()",
    edit("loss.item()", "loss"),
)
exercise.rejected("still carries the gradient", edit("w.detach()", "w"))
exercise.mistake(
    "the update must not be recorded; put it under torch.no_grad()",
    edit("with torch.no_grad():\n    w -= rate * w.grad", "w -= rate * w.grad"),
)
exercise.mistake("this walks uphill; subtract the gradient", edit("w -= rate", "w += rate"))
