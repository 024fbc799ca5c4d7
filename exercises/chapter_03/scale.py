from typing import Any

import torch
from torch import nn

from exercises._samples import floats
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
    if "calls" not in dict(module.named_buffers()):
        raise Unfit("there is no buffer calls: use self.register_buffer")
    if module.weight.tolist() != [1.0] * features or module.bias.count_nonzero():
        raise Unfit("at first weight must hold ones, and bias zeros")
    output = filled(module)(values)
    if module.calls != 2:
        raise Unfit(f"calls is {module.calls.item()} after two calls")
    return output


exercise = ModuleExercise(
    "Scale(features)",
    title="a module with parameters and a buffer",
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
    cases=[lambda: (3,), lambda: (2,)],
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
exercise.rejected("an nn.Module was asked for", lambda features: torch.ones(features))
