from typing import Any

import torch
from torch import nn

from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit


def _unready_network() -> nn.Module:
    """A network with layers in layers, whose parameters all are 0.5."""
    inner = nn.Sequential(nn.Conv2d(32, 64, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU())
    model = nn.Sequential(nn.Conv2d(8, 32, 3), inner, nn.Flatten(), nn.Linear(64, 128))
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.5)
    return model


def _look_at_initialised(_: Any, model: nn.Module) -> Any:
    """Complain about the first layer that is not as it should be."""
    if all(bool((parameter == 0.5).all()) for parameter in model.parameters()):
        return ...
    for name, layer in model.named_modules():
        kind = f"the {type(layer).__name__} called {name!r}"
        if getattr(layer, "bias", None) is not None and layer.bias.count_nonzero():
            raise Unfit(f"the bias of {kind} is not zero")
        if isinstance(layer, nn.BatchNorm2d) and not bool((layer.weight == 1).all()):
            raise Unfit(f"the weight of {kind} is not 1")
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            _demand_kaiming(kind, layer.weight)
    return "every layer is as it should be"


def _demand_kaiming(kind: str, weight: torch.Tensor) -> None:
    """Refuse weights whose mean is not 0, or whose spread is not the root of 2 / fan_in."""
    wanted = (2 / weight[0].numel()) ** 0.5
    found = weight.std().item()
    if weight.abs().max() < 2.2 * found:  # an even draw ends at 1.73
        raise Unfit(f"the weights of {kind} are not normally distributed")
    mean = weight.mean().item()
    if abs(mean) > 6 * wanted / weight.numel() ** 0.5:
        raise Unfit(f"the weights of {kind} have mean {mean:.2g}; 0 was expected")
    if not abs(found / wanted - 1) <= 0.08:  # nan is refused too
        raise Unfit(
            f"the weights of {kind} have standard deviation {found:.2g}; "
            f"the root of 2 / fan_in is {wanted:.2g}"
        )


exercise = ModuleExercise(
    "initialise(model)",
    title="initialise a whole model",
    prompt="""
        Write `initialise(model)`: walk over all its layers, however deeply they are nested.
        The weights of `nn.Conv2d` and `nn.Linear` become Kaiming-normal for ReLU (mode
        `fan_in`, the default), their biases 0; a layer made with `bias=False` has the bias
        None. An `nn.BatchNorm2d` gets weight 1 and bias
        0. Nothing needs to be returned.
    """,
    shapes="model: any nn.Module. Changes it in place.",
    skeleton='''
        def initialise(model):
            """model: any nn.Module. Changes it in place."""
            for layer in model.modules():
                ...
    ''',
    cases=[lambda: (_unready_network(),)],
    look=_look_at_initialised,
    hints=(
        "model.modules() gives every layer, also those inside of others.",
        "isinstance(layer, (nn.Conv2d, nn.Linear)) finds the layers with Kaiming weights.",
        'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu"), and constant_ for the rest',
    ),
)


@exercise.answer(why="modules() goes all the way down; isinstance tells the kinds of layers apart.")
def initialise(model):
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.constant_(layer.bias, 0.0)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.constant_(layer.weight, 1.0)
            nn.init.constant_(layer.bias, 0.0)


@exercise.right
def _(model):
    def one(layer):
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
        elif isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    model.apply(one)


@exercise.right
def _(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
            elif parameter.dim() == 1:
                parameter.fill_(1)
            else:
                parameter.normal_().mul_((2 / parameter[0].numel()) ** 0.5)


exercise.mistake(
    "children() gives only the outer layers; modules() goes all the way down",
    edit("modules()", "children()"),
)
exercise.mistake(
    "the biases still hold what they held before: set them to 0",
    edit("if layer.bias is not None:\n    nn.init.constant_(layer.bias, 0.0)", ""),
)

exercise.rejected(
    "the root of 2 / fan_in is",
    edit('kaiming_normal_(layer.weight, nonlinearity="relu")', "xavier_normal_(layer.weight)"),
)
exercise.rejected(
    "the weight of the BatchNorm2d called '1.1' is not 1",
    edit("nn.init.constant_(layer.weight, 1.0)", ""),
)


@exercise.rejected("AttributeError")
def _(model):
    for layer in model.modules():
        nn.init.kaiming_normal_(layer.weight)


exercise.rejected(
    "have standard deviation nan",
    edit('kaiming_normal_(layer.weight, nonlinearity="relu")', "constant_(layer.weight, math.nan)"),
)
exercise.rejected(
    "; 0 was expected",
    edit(
        'kaiming_normal_(layer.weight, nonlinearity="relu")',
        "normal_(layer.weight, 0.1, (2 / layer.weight[0].numel()) ** 0.5)",
    ),
)
exercise.rejected("not normally distributed", edit("kaiming_normal_", "kaiming_uniform_"))
