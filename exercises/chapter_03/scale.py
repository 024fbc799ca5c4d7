from typing import Any

import torch
from torch import nn

from exercises._samples import floats
from exercises.chapter_03._shared import demand_alone, demand_learnable
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, as_module, filled


def _look_at_scale(result: Any, features: int) -> Any:
    """What a Scale computes with other parameters than it starts with."""
    module: Any = as_module(result)
    values = floats(4, features)
    if module(values) is ...:
        return ...
    names = sorted(name for name, _ in module.named_parameters())
    if names != ["bias", "weight"]:
        raise Unfit(f"the parameters are {names}; bias and weight were asked for")
    demand_learnable(module)
    for name, parameter in (("weight", module.weight), ("bias", module.bias)):
        _demand_like(name, parameter, torch.ones(features))
    buffers = dict(module.named_buffers())
    if "calls" not in buffers:
        raise Unfit("there is no buffer calls: use self.register_buffer")
    _demand_like("calls", buffers["calls"], torch.tensor(0))
    if not bool((module.weight == 1).all()) or bool(module.bias.count_nonzero()):
        raise Unfit("at first weight must hold ones, and bias zeros")
    output = filled(module)(values)
    if module.calls != 2:
        raise Unfit(f"calls is {module.calls.item()} after two calls")
    demand_alone(module, values, output)
    return output


def _demand_like(name: str, found: torch.Tensor, wanted: torch.Tensor) -> None:
    """Refuse a parameter or buffer of another shape or dtype."""
    if found.shape != wanted.shape:
        shape = tuple(found.shape)
        raise Unfit(f"{name} has shape {shape}; {tuple(wanted.shape)} was asked for")
    if found.dtype != wanted.dtype:
        raise Unfit(f"{name} has dtype {found.dtype}; {wanted.dtype} was asked for")


exercise = ModuleExercise(
    "Scale(features)",
    title="parameters and a buffer",
    prompt="""
        Write the module `Scale(features)`. It multiplies each column of its input by a
        number of its own, and adds another. Both are learned: parameters `weight` (ones at
        first) and `bias` (zeros at first), of shape `(features,)`. A buffer `calls`, at
        first `torch.tensor(0)`, counts how often the module was called.
    """,
    skeleton='''
        class Scale(nn.Module):
            """values: (rows, features). Returns the same shape."""

            def __init__(self, features):
                super().__init__()
                ...

            def forward(self, values):
                return ...
    ''',
    cases=[
        lambda: (3,),
        lambda: (2,),
        lambda: (1,),
    ],
    look=_look_at_scale,
    then="with other numbers in weight and bias, it was given four rows of values",
    hints=(
        "What is learned becomes an attribute of type nn.Parameter, in __init__.",
        'self.register_buffer("calls", torch.tensor(0)) makes the counter.',
        "In forward: self.calls += 1, then values * self.weight + self.bias",
    ),
)


@exercise.answer(
    why="nn.Parameter makes a tensor one that is learned; a buffer is saved but not learned."
)
class Scale(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.register_buffer("calls", torch.tensor(0))

    def forward(self, values):
        self.calls += 1
        return values * self.weight + self.bias


@exercise.right
class _(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.ones(features)))
        self.register_parameter("bias", nn.Parameter(torch.zeros(features)))
        self.register_buffer("calls", torch.tensor(0))

    def forward(self, values):
        self.calls = self.calls + 1
        return torch.addcmul(self.bias, values, self.weight)


@exercise.right
class _(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.bias = nn.Parameter(torch.full((features,), 0.0))
        self.weight = nn.Parameter(torch.full((features,), 1.0))
        self.calls = nn.Buffer(torch.tensor(0))

    def forward(self, values):
        self.calls.add_(1)
        return self.bias + self.weight * values


exercise.mistake(
    "a plain tensor is not registered; wrap it: nn.Parameter(torch.ones(features))",
    edit("nn.Parameter(torch.ones(features))", "torch.ones(features)").edit(
        "nn.Parameter(torch.zeros(features))", "torch.zeros(features)"
    ),
)
exercise.mistake(
    "a plain number is not saved with the module; calls must be a buffer",
    edit('register_buffer("calls", torch.tensor(0))', "calls = 0"),
)


@exercise.mistake("super().__init__() must come first: it makes the places for parameters")
class _(nn.Module):
    def __init__(self, features):
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))


exercise.mistake("calls is never increased", edit("self.calls += 1", ""))

exercise.rejected("at first weight must hold ones", edit("ones", "zeros"))
exercise.rejected(
    "weight has shape (1, 3); (3,) was asked for",
    edit("torch.ones(features)", "torch.ones(1, features)"),
)
exercise.rejected(
    "bias has shape (1,); (3,) was asked for",
    edit("torch.zeros(features)", "torch.zeros(1)"),
)
exercise.rejected(
    "weight has shape (); (3,) was asked for",
    edit("torch.ones(features)", "torch.tensor(1.0)"),
)
exercise.rejected(
    "weight has dtype torch.float64",
    edit("torch.ones(features)", "torch.ones(features).double()"),
)
exercise.rejected("calls has shape (1,)", edit("torch.tensor(0)", "torch.zeros(1).long()"))
exercise.rejected("calls has dtype torch.float32", edit("torch.tensor(0)", "torch.tensor(0.0)"))
exercise.rejected("calls is 7 after two calls", edit("torch.tensor(0)", "torch.tensor(5)"))
exercise.rejected(
    "the parameters are ['bias']",
    edit(
        "self.weight = nn.Parameter(torch.ones(features))",
        'self.register_buffer("weight", torch.ones(features))',
    ),
)
exercise.rejected(
    "the parameters are ['bias', 'calls', 'weight']",
    edit(
        'self.register_buffer("calls", torch.tensor(0))',
        "self.calls = nn.Parameter(torch.tensor(0), requires_grad=False)",
    ),
)
exercise.rejected(
    "weight does not require a gradient",
    edit("torch.ones(features)", "torch.ones(features), requires_grad=False"),
)
exercise.rejected(
    "for a batch of one it gives shape (3,); expected (1, 3)",
    edit("values * self.weight + self.bias", "(values * self.weight + self.bias).squeeze()"),
)
exercise.rejected("an nn.Module was asked for", lambda features: torch.ones(features))
