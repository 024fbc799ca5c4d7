from itertools import pairwise
from typing import Any

from torch import nn

from exercises._samples import floats
from exercises.chapter_03._shared import demand_alone, demand_shapes
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, as_module, filled


def _look_at_mlp(result: Any, sizes: list[int]) -> Any:
    """What an MLP computes, when its parameters have the right shapes."""
    module, values = as_module(result), floats(5, sizes[0])
    if not list(module.parameters()):
        hidden = _holds_modules(list(vars(module).values()))
        if module(values) is ...:
            return ...
        if not hidden:
            raise Unfit(
                "parameters() is empty: make the layers in __init__, not in forward, and keep "
                "them in an nn.ModuleList"
            )
    pairs = list(pairwise(sizes))
    demand_shapes(module, [(b, a) for a, b in pairs] + [(b,) for _, b in pairs])
    output = filled(module)(values)
    demand_alone(module, values, output)
    return output


def _holds_modules(values: list) -> bool:
    """Whether there is a module in lists or dictionaries, where it is not registered."""
    inside = [v.values() if isinstance(v, dict) else v for v in values]
    groups = [list(v) for v in inside if isinstance(v, (list, tuple, type({}.values())))]
    return any(isinstance(v, nn.Module) for group in groups for v in group)


exercise = ModuleExercise(
    "MLP(sizes)",
    title="as many layers as listed",
    prompt="""
        Write the module `MLP(sizes)`: for `sizes = [4, 8, 8, 3]` it has three linear
        layers, 4 to 8, 8 to 8 and 8 to 3. A ReLU follows each of them but the last.
    """,
    skeleton='''
        class MLP(nn.Module):
            """values: (rows, sizes[0]). Returns (rows, sizes[-1])."""

            def __init__(self, sizes):
                super().__init__()
                ...

            def forward(self, values):
                return ...
    ''',
    cases=[
        lambda: ([4, 8, 8, 3],),
        lambda: ([3, 2],),
        lambda: ([1, 2, 1],),
    ],
    look=_look_at_mlp,
    then="with other numbers in its parameters, it was given five rows of values",
    hints=(
        "zip(sizes[:-1], sizes[1:]) gives the pairs (4, 8), (8, 8), (8, 3).",
        "Keep the layers in an nn.ModuleList, not in a plain list.",
        "Loop over self.layers[:-1] with a relu, then apply self.layers[-1] without.",
    ),
)


@exercise.answer(
    why="A ModuleList registers its layers; the last one has no ReLU, so scores may be negative."
)
class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        pairs = zip(sizes[:-1], sizes[1:])
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairs)

    def forward(self, values):
        for layer in self.layers[:-1]:
            values = layer(values).relu()
        return self.layers[-1](values)


@exercise.right
class _(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.body = nn.Sequential()
        for place, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
            if place:
                self.body.append(nn.ReLU())
            self.body.append(nn.Linear(a, b))

    def forward(self, values):
        return self.body(values)


@exercise.right
def _(sizes):
    layers = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


exercise.mistake(
    "a plain list hides its layers from parameters(); use nn.ModuleList",
    edit("nn.ModuleList(nn.Linear(a, b) for a, b in pairs)", "[nn.Linear(a, b) for a, b in pairs]"),
)
exercise.mistake(
    "there is a ReLU after the last layer too",
    edit("self.layers[-1](values)", "self.layers[-1](values).relu()"),
)
exercise.mistake(
    "the ReLUs are missing: linear after linear is still one linear layer",
    edit(".relu()", ""),
)
exercise.mistake(
    "zip(sizes, sizes) pairs each size with itself; shift one of them: sizes[1:]",
    edit("zip(sizes[:-1], sizes[1:])", "zip(sizes, sizes)"),
)


@exercise.rejected("make the layers in __init__, not in forward")
class _(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.sizes = sizes

    def forward(self, values):
        for a, b in zip(self.sizes[:-1], self.sizes[1:]):
            values = nn.Linear(a, b)(values)
        return values


exercise.rejected(
    "RuntimeError",
    edit("layers[:-1]", "layers")
    .edit("values = layer(values).relu()", "last = layer(values)")
    .edit("self.layers[-1](values)", "last"),
)
exercise.rejected(
    "for a batch of one it gives shape (3,); expected (1, 3)",
    edit("self.layers[-1](values)", "self.layers[-1](values).squeeze()"),
)
exercise.rejected(
    "layers.0.bias does not require a gradient",
    edit(
        "for a, b in pairs)",
        "for a, b in pairs)\nself.layers[0].bias.requires_grad_(False)",
    ),
)
exercise.rejected("parameters() gives shapes", lambda sizes: nn.Linear(sizes[0], sizes[-1]))
