"""Exercise decay_groups: no decay on biases and norms."""

from typing import Any

from torch import nn

from helpers.grading.exercise import KnownMistake, RejectedAnswer
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
        for parameter in group["params"]:
            if id(parameter) not in names:
                raise Unfit("a group holds something that is no parameter of the model")
            if names[id(parameter)] in found:
                raise Unfit(f"{names[id(parameter)]} is in the groups twice")
            found[names[id(parameter)]] = float(group["weight_decay"])
    all_found = {name: found.get(name, "in no group") for name in sorted(names.values())}
    return [float(group["weight_decay"]) for group in result], all_found


def _groups_models() -> list[tuple]:
    """Models with linear layers, convolutions and norms, one of them with a model inside."""
    flat = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2, bias=False))
    grid = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten())
    inner = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3))
    return [(flat, 0.1), (grid, 0.5), (nn.Sequential(inner, nn.Linear(3, 2)), 0.2)]


_GROUPS = """
    decayed, others = [], []
    for name, parameter in model.named_parameters():
        ({choice}).append(parameter)
    return [
        {{"params": decayed, "weight_decay": {one}}},
        {{"params": others, "weight_decay": {two}}},
    ]
"""


def _groups(choice: str, one: str = "decay", two: str = "0.0") -> str:
    """Two groups, where `choice` names the list of each parameter."""
    return _GROUPS.format(choice=choice, one=one, two=two)


DECAY_GROUPS = ModuleExercise(
    chapter="04",
    signature="decay_groups(model, decay)",
    title="no decay on biases and norms",
    prompt="""
        Write `decay_groups(model, decay)`: a list of two dictionaries that an optimiser takes
        as parameter groups. The first holds the parameters with two or more dimensions, such
        as the weights of linear layers and convolutions, with `"weight_decay": decay`. The
        second holds the rest, with `"weight_decay": 0.0`: all biases, and the weights of the
        norms. It must work for any model, also for one with models inside.
    """,
    shapes="model: any nn.Module. Returns a list of two dicts: params, weight_decay.",
    cases=_groups_models,
    look=_look_at_groups,
    then="the weight decay of each group and of each parameter was looked up",
    model_answer="""
        weights = [p for p in model.parameters() if p.dim() >= 2]
        others = [p for p in model.parameters() if p.dim() < 2]
        return [
            {"params": weights, "weight_decay": decay},
            {"params": others, "weight_decay": 0.0},
        ]
    """,
    why="Biases and the numbers of norms are vectors; what mixes inputs has 2 dimensions or more.",
    hints=(
        "What shape has a bias, what shape the weight of a norm, and of a linear layer?",
        "parameter.dim() tells vectors from matrices and kernels.",
        '{"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": …}',
    ),
    right=(
        _groups("decayed if parameter.ndim > 1 else others"),
        """
        vectors = {id(p) for p in model.parameters() if len(p.shape) <= 1}
        return [
            {"params": [p for p in model.parameters() if id(p) not in vectors],
             "weight_decay": decay},
            {"params": [p for p in model.parameters() if id(p) in vectors],
             "weight_decay": 0.0},
        ]
        """,
    ),
    mistakes=(
        KnownMistake(
            _groups("others if 'bias' in name else decayed"),
            "the weights of the norms are decayed too; they are called weight, as others",
        ),
        KnownMistake(
            _groups("decayed if parameter.dim() == 2 else others"),
            "the kernels of a convolution have 4 dimensions; they are to be decayed",
        ),
        KnownMistake(
            _groups("decayed if parameter.dim() >= 2 else others", "0.0", "decay"),
            "the two groups are the wrong way round",
        ),
        KnownMistake(
            """
            vectors = [p for p in model.parameters() if p.dim() < 2]
            weights = [p for p in model.parameters() if p.dim() >= 2]
            return [
                {"params": vectors, "weight_decay": 0.0},
                {"params": weights, "weight_decay": decay},
            ]
            """,
            "the groups are right but exchanged: the one that decays comes first",
        ),
        KnownMistake(
            _groups("others if parameter.dim() >= 2 else decayed"),
            "the biases and norms are in the group that decays, and the weights are not",
        ),
        KnownMistake(
            """
            weights = [p for p in model.parameters() if p.dim() >= 2]
            others = [p for p in model.parameters() if p not in weights]
            return [
                {"params": weights, "weight_decay": decay},
                {"params": others, "weight_decay": 0.0},
            ]
            """,
            "`in` compares tensors by their values; test the shape a second time, or use id(p)",
        ),
        KnownMistake(
            """
            weights = [m.weight for m in model.children() if isinstance(m, nn.Linear | nn.Conv2d)]
            known = {id(p) for p in weights}
            others = [p for p in model.parameters() if id(p) not in known]
            return [
                {"params": weights, "weight_decay": decay},
                {"params": others, "weight_decay": 0.0},
            ]
            """,
            "children() are the outer layers only; model.parameters() goes through all",
        ),
        KnownMistake(
            """
            decayed, others = [], []
            for layer in model.children():
                for p in layer.parameters(recurse=False):
                    (decayed if p.dim() >= 2 else others).append(p)
            return [
                {"params": decayed, "weight_decay": decay},
                {"params": others, "weight_decay": 0.0},
            ]
            """,
            "children() are the outer layers only, and the inner ones are in no group; "
            "model.parameters() goes through all",
        ),
        KnownMistake(
            """
            weights = [p for p in model.parameters() if p.dim() >= 2]
            return [{"params": weights, "weight_decay": decay}]
            """,
            "the biases and norms are in no group, so no optimiser would train them",
        ),
    ),
    rejected=(
        RejectedAnswer(
            """
            return [
                {"params": [p for p in model.parameters()], "weight_decay": decay},
                {"params": [p for p in model.parameters() if p.dim() < 2],
                 "weight_decay": 0.0},
            ]
            """,
            "is in the groups twice",
        ),
        RejectedAnswer(
            "return [p for p in model.parameters() if p.dim() >= 2]", "a list of dictionaries"
        ),
    ),
)
