from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from exercises._samples import floats, integers
from exercises.chapter_04._shared import watched
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, filled


def _validate_case(size: int, training: bool) -> tuple:
    """A model with batch norm and dropout, ten samples, a batch size."""
    layers = nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3)
    model = watched(filled(nn.Sequential(*layers)))
    nn.init.zeros_(layers[-1].bias)  # each class is predicted for some samples
    model.train(training)
    model[1].eval()  # a part that its owner has frozen
    return model, floats(10, 4, seed=9), integers(10, high=3, seed=11), size


def _look_at_validation(
    result: Any, model: Any, _: torch.Tensor, targets: torch.Tensor, size: int
) -> Any:
    """The numbers, and what is left of the model's modes and gradients."""
    if isinstance(result, dict) and any(isinstance(v, torch.Tensor) for v in result.values()):
        raise Unfit("the dictionary holds tensors; Python numbers were asked for: .item()")
    if any(parameter.grad is not None for parameter in model.parameters()):
        raise Unfit("the parameters have gradients now; validating must not train")
    if any(call["graph"] for call in model.calls):
        raise Unfit("the model recorded a graph; measure inside `with torch.no_grad():`")
    if any(call["learning"] for call in model.calls):
        raise Unfit("the model was measured in training mode: call model.eval() before")
    if isinstance(result, dict) and set(result) != {"loss", "accuracy"}:
        raise Unfit(
            f"the keys are {sorted(map(str, result))}; 'loss' and 'accuracy' were asked for"
        )
    counts = [call["samples"] for call in model.calls]
    if not set(counts) <= {size, len(targets) % size or size}:
        raise Unfit(f"the model was given {counts} samples; batches of {size} were asked for")
    if isinstance(result, dict):
        result = {key: result[key] for key in ("loss", "accuracy")}  # their order is free
    learning = [name or "model" for name, module in model.named_modules() if module.training]
    return {"numbers": result, "in training mode": learning}


exercise = ModuleExercise(
    "validate(model, inputs, targets, size)",
    title="measure without a trace",
    prompt="""
        Write `validate(model, inputs, targets, size)`: `{"loss": …, "accuracy": …}`, two
        Python numbers, the means **over all samples**. The samples go through the model in
        evaluation mode and without gradients, in batches of `size`, of which the last may
        be smaller; the loss is `F.cross_entropy`. Afterwards each module is in the mode it
        came in: someone may have frozen a part of the model with `eval()`, so keep what
        `training` was for each of `model.modules()`.
    """,
    shapes="inputs: (n, 4). targets: (n,). size: int. Returns a dict of floats.",
    cases=[
        lambda: _validate_case(4, True),
        lambda: _validate_case(3, False),
        lambda: _validate_case(10, True),
        lambda: _validate_case(1, True),
    ],
    look=_look_at_validation,
    then="the mode of each module was compared with the one before",
    hints=(
        "Note the modes first: [(module, module.training) for module in model.modules()].",
        "Add up sums, not means: the loss times len(part), and the number of hits.",
        "At the end: for module, training in before: module.training = training",
    ),
)


@exercise.answer(why="Modes are kept for each module; sums are divided by all samples at the end.")
def validate(model, inputs, targets, size):
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    total, hits = 0.0, 0
    with torch.no_grad():
        for part in torch.arange(len(targets)).split(size):
            scores = model(inputs[part])
            total += F.cross_entropy(scores, targets[part]).item() * len(part)
            hits += (scores.argmax(dim=1) == targets[part]).sum().item()
    for module, training in before:
        module.training = training
    return {"loss": total / len(targets), "accuracy": hits / len(targets)}


@exercise.right
def _(model, inputs, targets, size):
    before = {name: module.training for name, module in model.named_modules()}
    model.eval()
    with torch.inference_mode():
        parts = zip(inputs.split(size), targets.split(size))
        found = [(model(some), true) for some, true in parts]
        losses = [F.cross_entropy(s, t, reduction="sum").item() for s, t in found]
        hits = [(s.argmax(1) == t).sum().item() for s, t in found]
    for name, module in model.named_modules():
        module.training = before[name]
    return {"loss": sum(losses) / len(inputs), "accuracy": sum(hits) / len(inputs)}


@exercise.right
def _(model, inputs, targets, size):
    before = [module.training for module in model.modules()]
    model.train(False)
    with torch.no_grad():
        scores = torch.cat([model(part) for part in inputs.split(size)])
        loss = F.cross_entropy(scores, targets).item()
        accuracy = (scores.argmax(dim=1) == targets).float().mean().item()
    for module, training in zip(model.modules(), before):
        module.training = training
    return {"loss": loss, "accuracy": accuracy}


@exercise.right
def _(model, inputs, targets, size):
    import copy

    measured = copy.deepcopy(model).eval()
    with torch.no_grad():
        scores = torch.cat([measured(part) for part in inputs.split(size)])
    hits = (scores.argmax(dim=1) == targets).sum().item()
    loss = F.cross_entropy(scores, targets, reduction="sum").item()
    return {"accuracy": hits / len(targets), "loss": loss / len(targets)}


exercise.mistake(
    "model.train(…) sets all modules alike; a part that was frozen is thawed now",
    edit(
        "before = [(module, module.training) for module in model.modules()]", "was = model.training"
    ).edit("for module, training in before:\n    module.training = training", "model.train(was)"),
)
exercise.mistake(
    "the model is left in evaluation mode",
    edit("for module, training in before:\n    module.training = training", ""),
)
exercise.mistake(
    "the mean of the batches' means: the small last batch counts too much",
    edit("item() * len(part)", "item()").edit("len(targets),", "-(-len(targets) // size),"),
)
exercise.mistake(
    "the means of the batches were added and divided by the samples: make sums of them first, "
    "* len(part)",
    edit("item() * len(part)", "item()"),
)
exercise.mistake(
    "the shares of the batches were added and divided by the samples: add up the hits, sum()",
    edit("sum()", "float().mean()"),
)
exercise.mistake(
    "means and shares of the batches were added and divided by the samples: add up sums and hits",
    edit("item() * len(part)", "item()").edit("sum()", "float().mean()"),
)
exercise.mistake(
    "the means of the batches' means and accuracies: the small last batch counts too much",
    edit("item() * len(part)", "item()")
    .edit("sum()", "float().mean()")
    .edit("/ len(targets)", "/ -(-len(targets) // size)", count=2),
)
exercise.mistake(
    "the losses are added, not averaged: divide the sum by all samples",
    edit("total / len(targets)", "total"),
)
exercise.mistake(
    "the batches' means are added, not averaged",
    edit("item() * len(part)", "item()").edit("total / len(targets)", "total"),
)
exercise.mistake(
    "this is the last batch alone: add up with +=",
    edit("total +=", "total =")
    .edit("hits +=", "hits =")
    .edit("/ len(targets)", "/ len(part)", count=2),
)
exercise.mistake(
    "only the last batch was counted: add up with +=",
    edit("total +=", "total =").edit("hits +=", "hits ="),
)
exercise.mistake(
    "only the hits of the last batch were counted: add up with +=", edit("hits +=", "hits =")
)
exercise.mistake(
    "only the losses of the last batch were counted: add up with +=", edit("total +=", "total =")
)
exercise.mistake(
    "hits is a count; the accuracy is its share of all samples",
    edit("hits / len(targets)", "hits"),
)
exercise.mistake(
    "this is in percent; the accuracy is a share, from 0 to 1",
    edit("hits /", "100 * hits /"),
)
exercise.mistake(
    "the mean of the batches' accuracies: the small last batch counts too much",
    edit("sum()", "float().mean()").edit("hits / len(targets)", "hits / -(-len(targets) // size)"),
)
exercise.mistake(
    "the small last batch is left out; it counts, too",
    edit(
        "scores = model(inputs[part])",
        "if len(part) < size:\n    continue\nscores = model(inputs[part])",
    ),
)
exercise.mistake(
    "these are means over the full batches; the small last one counts, too",
    edit(
        "scores = model(inputs[part])",
        "if len(part) < size:\n    continue\nscores = model(inputs[part])",
    ).edit("/ len(targets)", "/ (len(targets) // size * size)", count=2),
)

exercise.rejected(
    "measured in training mode",
    edit(
        "before = [(module, module.training) for module in model.modules()]\nmodel.eval()",
        "before = []",
    ),
)
exercise.rejected("'loss' and 'accuracy'", edit('"accuracy"', '"acc"'))
exercise.rejected("the dictionary holds tensors", edit("targets[part]).item()", "targets[part])"))
exercise.rejected("the model recorded a graph", edit("with torch.no_grad()", "if True"))
exercise.rejected("samples; batches of 4", edit("split(size)", "split(100)"))
exercise.rejected(
    "validating must not train",
    edit("with torch.no_grad():", "if True:").edit(
        "hits += (", "F.cross_entropy(scores, targets[part]).backward()\nhits += ("
    ),
)
