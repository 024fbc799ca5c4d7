"""Exercise train_epoch: one epoch, and its mean loss."""

from typing import Any

import torch
from torch import nn

from exercises._samples import floats, integers
from exercises.chapter_04._shared import watched
from helpers.grading.exercise import KnownMistake, RejectedAnswer
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
    result: Any, model: nn.Module, _: Any, inputs: torch.Tensor, __: Any, order: list
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
    seen = [call["inputs"] for call in model.calls]
    if not all(any(torch.equal(inputs[batch], one) for one in seen) for batch in order):
        raise Unfit(
            "the model was given other batches than those of `order`. Take them from there, "
            "one after the other: for batch in order"
        )
    after = torch.cat([value.flatten().float() for value in model.state_dict().values()])
    return {"mean loss": result, "model afterwards": after}


_EPOCH = """
    {first}
    total = 0.0
    for batch in order:
        {zero}
        loss = F.cross_entropy({scores}, targets[batch])
        {learn}
        {add}
    return {result}
"""

_LEARN = """
        loss.backward()
        optimizer.step()
"""


def _epoch(
    first: str = "model.train()",
    zero: str = "optimizer.zero_grad()",
    scores: str = "model(inputs[batch])",
    learn: str = _LEARN,
    add: str = "total += loss.item() * len(batch)",
    result: str = "total / len(targets)",
) -> str:
    """The loop over one epoch, with some of its lines replaced."""
    lines = {"first": first, "zero": zero, "scores": scores, "learn": learn.strip()}
    return _EPOCH.format(**lines, add=add, result=result)


TRAIN_EPOCH = ModuleExercise(
    chapter="04",
    signature="train_epoch(model, optimizer, inputs, targets, order)",
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
    cases=lambda: [_epoch_case(0.5, [4, 4, 2]), _epoch_case(0.1, [6, 4])],
    look=_look_at_epoch,
    then="the returned loss, the model's parameters and its running means were compared",
    model_answer=_epoch(),
    why="Each batch's mean is turned back into a sum; the sum is divided by all samples.",
    hints=(
        "Five lines for each batch: zero_grad, scores, loss, backward, step.",
        "inputs[batch] and targets[batch] are the samples of a batch.",
        "total += loss.item() * len(batch), and at the end total / len(targets)",
    ),
    right=(
        """
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
        """,
        """
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
        """,
    ),
    mistakes=(
        KnownMistake(
            _epoch(zero="pass"),
            "without zero_grad the gradients of all batches so far add up",
        ),
        KnownMistake(
            _epoch(add="total += loss.item()", result="total / len(order)"),
            "the mean of the batches' means counts the small batch as much as a large one",
        ),
        KnownMistake(
            _epoch(first="pass"),
            "the model came in evaluation mode and was left in it: model.train()",
        ),
        KnownMistake(
            _epoch(add="total += loss.item()", result="total"),
            "the losses are added, not averaged",
        ),
        KnownMistake(
            _epoch(result="total"),
            "this is the sum over all samples; divide it by their number",
        ),
        KnownMistake(
            _epoch(add="total = loss.item()", result="total"),
            "this is the loss of the last batch, not the mean of all",
        ),
        KnownMistake(
            _epoch(
                add="loss = F.cross_entropy(model(inputs[batch]), targets[batch])\n"
                "        total += loss.item() * len(batch)"
            ),
            "each loss is measured anew after its step; the loss from before the step counts",
        ),
        KnownMistake(
            _epoch(add="pass", result="F.cross_entropy(model(inputs), targets).item()"),
            "the loss is measured after the epoch; add up the losses that the steps follow",
        ),
        KnownMistake(
            _epoch(
                learn="F.cross_entropy(model(inputs[batch]), targets[batch], "
                "reduction='sum').backward()\n        optimizer.step()",
            ),
            "the steps follow the sum of the losses; each step follows the mean of its batch",
        ),
        KnownMistake(
            """
            model.train()
            total = 0.0
            for batch in order:
                optimizer.zero_grad()
                scores = model(inputs[batch])
                loss = F.cross_entropy(scores, targets[batch], reduction="sum")
                loss.backward()
                optimizer.step()
                total += loss.item()
            return total / len(targets)
            """,
            "the steps follow the sum of the losses of a batch, and are too long: use the mean",
        ),
        KnownMistake(
            _epoch(scores="model(inputs[batch]).softmax(dim=1)"),
            "cross_entropy takes scores as they are; it does the softmax itself",
        ),
    ),
    rejected=(
        RejectedAnswer(
            _epoch(add="total += loss * len(batch)"),
            "a tensor came back; a Python number was asked for",
        ),
        RejectedAnswer(_epoch(learn="loss.backward()"), "no parameter has moved"),
        RejectedAnswer(
            _epoch().replace("in order:", "in torch.randperm(len(targets)).split(4):"),
            "other batches than those of `order`",
        ),
        RejectedAnswer(_epoch(zero="continue"), "no parameter has moved"),
        RejectedAnswer(
            _epoch(
                learn="loss.backward()\n        optimizer.zero_grad()\n        optimizer.step()"
            ),
            "no parameter has moved",
        ),
    ),
)
