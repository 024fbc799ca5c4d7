from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from exercises._samples import floats, integers
from exercises.chapter_04._shared import watched
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, filled


def _batches(sizes: list[int], seed: int) -> list[tuple]:
    """Batches of samples with 4 numbers and 3 classes, of these sizes."""
    places = enumerate(sizes)
    return [
        (floats(size, 4, seed=seed + i), integers(size, high=3, seed=seed + i))
        for i, size in places
    ]


def _accumulated_model() -> nn.Module:
    """A small classifier, 4 numbers to 3 classes."""
    return filled(nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)))


def _accumulate_case(sizes: list[int], seed: int) -> tuple:
    """A model with gradients of an earlier step, and batches."""
    model = watched(_accumulated_model())
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 0.5)
    return model, _batches(sizes, seed)


def _look_at_gradients(_: Any, model: Any, batches: list) -> Any:
    """The gradients that were left, if no more than a batch was in memory at a time."""
    most = max(len(targets) for _, targets in batches)
    largest = max((call["samples"] for call in model.calls), default=0)
    if largest > most:
        raise Unfit(
            f"the model was given {largest} samples at once; the largest batch has {most}. "
            "Send them through one by one, as if no more fitted into memory"
        )
    if any(call["open"] > 0 for call in model.calls):
        raise Unfit(
            "a batch went through before backward() was called for the one before: the "
            "graphs of both are in memory. Call backward() for each batch, inside the loop"
        )
    if not (model.training and all(call["learning"] for call in model.calls)):
        raise Unfit(
            "the model came in training mode and was put into evaluation mode; with dropout "
            "that gives other gradients. Leave its mode alone"
        )
    if any(parameter.grad is None for parameter in model.parameters()):
        raise Unfit("a parameter has no gradient: call backward() for every batch")
    start = _accumulated_model().parameters()
    if not all(torch.equal(now, old) for now, old in zip(model.parameters(), start)):
        raise Unfit(
            "the parameters have moved; only their gradients were asked for. The step comes "
            "later, outside of accumulate"
        )
    return [parameter.grad.clone() for parameter in model.parameters()]


exercise = ModuleExercise(
    "accumulate(model, batches)",
    title="many batches, one gradient",
    prompt="""
        Write `accumulate(model, batches)`. The batches are of different sizes. Leave in the
        `.grad` of each parameter what **one** batch of all their samples would leave there,
        with `F.cross_entropy`, but send the batches through the model one by one. The
        gradients of an earlier step, which are still there, must not count. The parameters
        stay as they are: the step comes later. What is returned does not matter.
    """,
    shapes="batches: a list of pairs, (n, 4) and (n,). Changes the gradients.",
    cases=[
        lambda: _accumulate_case([8, 8, 5], 0),
        lambda: _accumulate_case([6, 6], 5),
        lambda: _accumulate_case([3, 1, 1], 9),
    ],
    look=_look_at_gradients,
    then="the gradients were compared with those of one large batch",
    hints=(
        "backward() adds to .grad: call it once for each batch, and empty .grad once before.",
        "The mean loss of a batch counts for len(targets) of all samples.",
        "(loss * len(targets) / samples).backward()",
    ),
)


@exercise.answer(
    why="A mean over a batch, times its share of all samples, is its part of the whole mean."
)
def accumulate(model, batches):
    model.zero_grad()
    samples = sum(len(targets) for _, targets in batches)
    for inputs, targets in batches:
        loss = F.cross_entropy(model(inputs), targets)
        (loss * len(targets) / samples).backward()


@exercise.right
def _(model, batches):
    for parameter in model.parameters():
        parameter.grad = None
    samples = sum(len(targets) for _, targets in batches)
    for inputs, targets in batches:
        total = F.cross_entropy(model(inputs), targets, reduction="sum")
        (total / samples).backward()


@exercise.right
def _(model, batches):
    model.zero_grad()
    for inputs, targets in batches:
        F.cross_entropy(model(inputs), targets, reduction="sum").backward()
    for parameter in model.parameters():
        parameter.grad /= sum(len(targets) for _, targets in batches)


exercise.mistake(
    "the gradients of the batches are added; each must be weighted before",
    edit("loss * len(targets) / samples", "loss"),
)
exercise.mistake(
    "dividing by the number of batches is right only when all are of one size",
    edit("* len(targets) / samples", "/ len(batches)"),
)
exercise.mistake(
    "means were divided by the samples: turn each into its sum first, * len(targets)",
    edit("* len(targets) / samples", "/ samples"),
)
exercise.mistake(
    "these are sums over samples, divided by the number of batches; divide by all samples",
    edit("(targets) / samples", "(targets) / len(batches)"),
)
exercise.mistake(
    "the gradients of the step before are still in there: model.zero_grad()",
    edit("model.zero_grad()", ""),
)
exercise.mistake(
    "zero_grad for each batch keeps the last batch only; empty once, before the loop",
    edit(
        "for inputs, targets in batches:", "for inputs, targets in batches:\n    model.zero_grad()"
    ),
)
exercise.mistake(
    "these are sums over samples; divide by the number of all samples",
    edit("(targets) / samples", "(targets)"),
)


@exercise.rejected("the parameters have moved")
def _(model, batches):
    model.zero_grad()
    samples = sum(len(targets) for _, targets in batches)
    for inputs, targets in batches:
        loss = F.cross_entropy(model(inputs), targets)
        (loss * len(targets) / samples).backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()


exercise.rejected("a parameter has no gradient", lambda model, batches: model.zero_grad())


@exercise.rejected("samples at once")
def _(model, batches):
    model.zero_grad()
    inputs, targets = (torch.cat(parts) for parts in zip(*batches))
    F.cross_entropy(model(inputs), targets).backward()


exercise.rejected("in training mode", edit("model.zero_grad()", "model.eval()\nmodel.zero_grad()"))


@exercise.rejected("in training mode")
def _(model, batches):
    model.eval()
    model.zero_grad()
    samples = sum(len(targets) for _, targets in batches)
    for inputs, targets in batches:
        loss = F.cross_entropy(model(inputs), targets)
        (loss * len(targets) / samples).backward()
    model.train()


@exercise.rejected("the graphs of both are in memory")
def _(model, batches):
    model.zero_grad()
    pairs = [(model(inputs), targets) for inputs, targets in batches]
    losses = [F.cross_entropy(*pair, reduction="sum") for pair in pairs]
    (sum(losses) / sum(len(targets) for _, targets in batches)).backward()
