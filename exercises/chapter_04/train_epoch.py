from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from exercises._samples import floats, integers
from exercises.chapter_04._shared import watched
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, filled


def _normed_model() -> nn.Module:
    """A small classifier with batch norm, 4 numbers to 3 classes, in evaluation mode."""
    layers = nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3)
    return filled(nn.Sequential(*layers)).eval()


def _epoch_case(rate: float, sizes: list[int]) -> tuple:
    """A model, its optimiser, ten samples, and an order of them cut into batches."""
    model = watched(_normed_model())
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    order = torch.tensor([3, 7, 1, 0, 9, 4, 6, 2, 8, 5]).split(sizes)
    return model, optimizer, floats(10, 4), integers(10, high=3, seed=1), list(order)


def _look_at_epoch(
    result: Any, model: Any, _: Any, inputs: torch.Tensor, __: Any, order: list
) -> Any:
    """The mean loss, and what the model has learned."""
    if isinstance(result, torch.Tensor):
        raise Unfit("a tensor came back; a Python number was asked for: .item()")
    start = dict(_normed_model().named_parameters())
    if all(torch.equal(value, start[name]) for name, value in model.named_parameters()):
        raise Unfit(
            "no parameter has moved. Each batch needs optimizer.step(), after backward() "
            "and before the next zero_grad()"
        )
    if not model.calls:
        raise Unfit(
            "model was not called: write model(inputs[batch]). model.forward(…) and the parts of "
            "a model leave its hooks out"
        )
    seen = [call["inputs"] for call in model.calls]
    if not all(any(torch.equal(inputs[batch], one) for one in seen) for batch in order):
        raise Unfit(
            "the model was given other batches than those of `order`. Take them from there, "
            "one after the other: for batch in order"
        )
    after = torch.cat([value.flatten().float() for value in model.state_dict().values()])
    return {"mean loss": result, "model afterwards": after}


exercise = ModuleExercise(
    "train_epoch(model, optimizer, inputs, targets, order)",
    title="one epoch, and its mean loss",
    prompt="""
        Write `train_epoch(model, optimizer, inputs, targets, order)`. `order` is a list of
        index tensors, one for each batch; they are not of equal length, and together they
        hold each sample once. Put the model into training mode, make one step for each
        batch with `F.cross_entropy`, and return the mean loss **over all samples**, a Python
        number: the loss of each batch is a mean over its samples, so a smaller batch counts
        for less.
    """,
    shapes="inputs: (n, 4). targets: (n,), int64. Returns a float.",
    cases=[lambda: _epoch_case(0.5, [4, 4, 2]), lambda: _epoch_case(0.1, [6, 4])],
    look=_look_at_epoch,
    then="the returned loss, the model's parameters and its running means were compared",
    hints=(
        "Five lines for each batch: zero_grad, scores, loss, backward, step.",
        "inputs[batch] and targets[batch] are the samples of a batch.",
        "total += loss.item() * len(batch), and at the end total / len(targets)",
    ),
)


@exercise.answer(
    why="Each batch's mean is turned back into a sum; the sum is divided by all samples."
)
def train_epoch(model, optimizer, inputs, targets, order):
    model.train()
    total = 0.0
    for batch in order:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs[batch]), targets[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(targets)


@exercise.right
def _(model, optimizer, inputs, targets, order):
    model.train()
    sums = []
    for batch in order:
        scores = model(inputs[batch])
        losses = F.cross_entropy(scores, targets[batch], reduction="none")
        model.zero_grad()
        losses.mean().backward()
        optimizer.step()
        sums.append(losses.detach().sum())
    return (sum(sums) / sum(len(batch) for batch in order)).item()


@exercise.right
def _(model, optimizer, inputs, targets, order):
    model.train()
    losses, sizes = [], []
    for batch in order:
        loss = nn.CrossEntropyLoss()(model(inputs[batch]), targets[batch])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.detach())
        sizes.append(len(batch))
    sizes = torch.tensor(sizes)
    return ((torch.stack(losses) * sizes).sum() / sizes.sum()).item()


exercise.mistake(
    "without zero_grad the gradients of all batches so far add up",
    edit("optimizer.zero_grad()", ""),
)
exercise.mistake(
    "the mean of the batches' means counts the small batch as much as a large one",
    edit("item() * len(batch)", "item()").edit("(targets)", "(order)"),
)
exercise.mistake(
    "the model came in evaluation mode and was left in it: model.train()",
    edit("model.train()", ""),
)
exercise.mistake(
    "the losses are added, not averaged",
    edit("item() * len(batch)", "item()").edit("total / len(targets)", "total"),
)
exercise.mistake(
    "means were added and divided by the samples: make sums of them first, * len(batch)",
    edit("item() * len(batch)", "item()"),
)
exercise.mistake(
    "sums over samples were divided by the number of batches; divide by len(targets)",
    edit("(targets)", "(order)"),
)
exercise.mistake("only the last batch was counted: add up with +=", edit("+= loss", "= loss"))
exercise.mistake(
    "this is the sum over all samples; divide it by their number",
    edit("total / len(targets)", "total"),
)
exercise.mistake(
    "this is the loss of the last batch, not the mean of all",
    edit("+= loss.item() * len(batch)", "= loss.item()").edit("total / len(targets)", "total"),
)
exercise.mistake(
    "each loss is measured anew after its step; the loss from before the step counts",
    edit(
        "optimizer.step()",
        "optimizer.step()\nloss = F.cross_entropy(model(inputs[batch]), targets[batch])",
    ),
)
exercise.mistake(
    "the loss is measured after the epoch; add up the losses that the steps follow",
    edit("total / len(targets)", "F.cross_entropy(model(inputs), targets).item()"),
)
exercise.mistake(
    "the steps follow the sum of the losses; each step follows the mean of its batch",
    edit(
        "loss.backward",
        'F.cross_entropy(model(inputs[batch]), targets[batch], reduction="sum").backward',
    ),
)
exercise.mistake(
    "the steps follow the sum of the losses of a batch, and are too long: use the mean",
    edit("targets[batch])", 'targets[batch], reduction="sum")').edit(
        "loss.item() * len(batch)", "loss.item()"
    ),
)
exercise.mistake(
    "cross_entropy takes scores as they are; it does the softmax itself",
    edit("(inputs[batch])", "(inputs[batch]).softmax(dim=1)"),
)

exercise.rejected("a tensor came back; a Python number was asked for", edit("loss.item()", "loss"))
exercise.rejected("model was not called", edit("model(inputs", "model.forward(inputs"))
exercise.rejected("no parameter has moved", edit("optimizer.step()", ""))
exercise.rejected(
    "other batches than those of `order`",
    edit("order", "torch.randperm(len(targets)).split(4)"),
)
exercise.rejected("no parameter has moved", edit("optimizer.zero_grad()", "continue"))
exercise.rejected(
    "no parameter has moved",
    edit("loss.backward()", "loss.backward()\noptimizer.zero_grad()"),
)
