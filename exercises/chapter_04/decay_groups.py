from typing import Any

import torch
from torch import nn

from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit


def _look_at_groups(result: Any, model: nn.Module, decay: float) -> Any:
    """The weight decay of each group, and of each parameter by its name."""
    if not isinstance(result, list) or not all(isinstance(group, dict) for group in result):
        raise Unfit("a list of dictionaries was asked for, one for each group")
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found: dict[str, Any] = {}
    for group in result:
        if set(group) != {"params", "weight_decay"}:
            raise Unfit("each group has the keys 'params' and 'weight_decay', and no others")
        if isinstance(group["params"], torch.Tensor):
            raise Unfit("'params' is a tensor; a list of parameters was asked for")
        if not isinstance(group["weight_decay"], int | float):
            kind = type(group["weight_decay"]).__name__
            raise Unfit(f"'weight_decay' is a {kind}; a float was asked for")
        for parameter in group["params"]:
            if id(parameter) not in names:
                raise Unfit("a group holds something that is no parameter of the model")
            if names[id(parameter)] in found:
                raise Unfit(f"{names[id(parameter)]} is in the groups twice")
            found[names[id(parameter)]] = float(group["weight_decay"])
    all_found = {name: found.get(name, "in no group") for name in sorted(names.values())}
    return [float(group["weight_decay"]) for group in result], all_found


def _linear_layers() -> nn.Module:
    """Linear layers with a norm, one of them without a bias."""
    return nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2, bias=False))


def _with_a_convolution() -> nn.Module:
    """A convolution with a norm."""
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten())


def _with_a_model_inside() -> nn.Module:
    """A model inside another one."""
    return nn.Sequential(nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3)), nn.Linear(3, 2))


exercise = ModuleExercise(
    "decay_groups(model, decay)",
    title="no decay on biases and norms",
    prompt="""
        Write `decay_groups(model, decay)`: a list of two dictionaries that an optimiser takes
        as parameter groups. The first holds the parameters with two or more dimensions, such
        as the weights of linear layers and convolutions, with `"weight_decay": decay`. The
        second holds the rest, with `"weight_decay": 0.0`: all biases, and the weights of the
        norms. It must work for any model, also for one with models inside.
    """,
    shapes="model: any nn.Module. Returns a list of two dicts: params, weight_decay.",
    cases=[
        lambda: (_linear_layers(), 0.1),
        lambda: (_with_a_convolution(), 0.5),
        lambda: (_with_a_model_inside(), 0.2),
    ],
    look=_look_at_groups,
    then="the weight decay of each group and of each parameter was looked up",
    hints=(
        "What shape has a bias, what shape the weight of a norm, and of a linear layer?",
        "parameter.dim() tells vectors from matrices and kernels.",
        '{"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": …}',
    ),
)


@exercise.answer(
    why="Biases and the numbers of norms are vectors; what mixes inputs has 2 dimensions or more."
)
def decay_groups(model, decay):
    weights = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    return [
        {"params": weights, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]


@exercise.right
def one_by_one(model, decay):
    decayed, others = [], []
    for name, parameter in model.named_parameters():
        (decayed if parameter.ndim > 1 else others).append(parameter)
    return [
        {"params": decayed, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]


@exercise.right
def _(model, decay):
    vectors = {id(p) for p in model.parameters() if len(p.shape) <= 1}
    return [
        {"params": [p for p in model.parameters() if id(p) not in vectors], "weight_decay": decay},
        {"params": [p for p in model.parameters() if id(p) in vectors], "weight_decay": 0.0},
    ]


exercise.mistake(
    "the weights of the norms are decayed too; they are called weight, as others",
    edit(
        "decayed if parameter.ndim > 1 else others",
        'others if "bias" in name else decayed',
        of=one_by_one,
    ),
)
exercise.mistake(
    "the kernels of a convolution have 4 dimensions; they are to be decayed",
    edit("ndim > 1", "ndim == 2", of=one_by_one),
)
exercise.mistake(
    "the two groups are the wrong way round",
    edit('"weight_decay": decay', '"weight_decay": 0.0').edit(
        'others, "weight_decay": 0.0', 'others, "weight_decay": decay'
    ),
)


@exercise.mistake("the groups are right but exchanged: the one that decays comes first")
def _(model, decay):
    vectors = [p for p in model.parameters() if p.dim() < 2]
    weights = [p for p in model.parameters() if p.dim() >= 2]
    return [
        {"params": vectors, "weight_decay": 0.0},
        {"params": weights, "weight_decay": decay},
    ]


exercise.mistake(
    "the biases and norms are in the group that decays, and the weights are not",
    edit(
        "decayed if parameter.ndim > 1 else others",
        "others if parameter.ndim > 1 else decayed",
        of=one_by_one,
    ),
)
exercise.mistake(
    "`in` compares tensors by their values; test the shape a second time, or use id(p)",
    edit("p.dim() < 2", "p not in weights"),
)


@exercise.mistake("children() are the outer layers only; model.parameters() goes through all")
def _(model, decay):
    weights = [m.weight for m in model.children() if isinstance(m, nn.Linear | nn.Conv2d)]
    known = {id(p) for p in weights}
    others = [p for p in model.parameters() if id(p) not in known]
    return [
        {"params": weights, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]


@exercise.mistake(
    "children() are the outer layers only, and the inner ones are in no group; "
    "model.parameters() goes through all"
)
def _(model, decay):
    decayed, others = [], []
    for layer in model.children():
        for p in layer.parameters(recurse=False):
            (decayed if p.dim() >= 2 else others).append(p)
    return [
        {"params": decayed, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]


@exercise.mistake("the biases and norms are in no group, so no optimiser would train them")
def _(model, decay):
    weights = [p for p in model.parameters() if p.dim() >= 2]
    return [{"params": weights, "weight_decay": decay}]


@exercise.rejected("is in the groups twice")
def _(model, decay):
    return [
        {"params": [p for p in model.parameters()], "weight_decay": decay},
        {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
    ]


exercise.rejected(
    "a list of dictionaries",
    lambda model, decay: [p for p in model.parameters() if p.dim() >= 2],
)
exercise.rejected("'params' is a tensor", edit('"params": weights', '"params": weights[0]'))
exercise.rejected(
    "'weight_decay' is a NoneType", edit('"weight_decay": 0.0', '"weight_decay": None')
)
