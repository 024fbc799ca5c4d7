from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, filled


def _look_at_penalty(result: Any, model: nn.Module, _: float) -> Any:
    """The penalty, and the gradients that it sends to the parameters."""
    if not isinstance(result, torch.Tensor):
        raise Unfit(f"{type(result).__name__} came back; a tensor with a gradient was asked for")
    if not result.requires_grad:
        raise Unfit("the penalty carries no gradient, so the weights would not feel it")
    if result.dim():
        raise Unfit(f"the penalty has shape {tuple(result.shape)}; one number was asked for")
    found = torch.autograd.grad(result, list(model.parameters()), allow_unused=True)
    felt = {
        name: _pull(parameter, grad)
        for (name, parameter), grad in zip(model.named_parameters(), found)
    }
    return {"penalty": result.detach(), "pulled towards 0": felt}


def _pull(parameter: torch.Tensor, gradient: torch.Tensor | None) -> str:
    """Whether the gradient pulls the numbers of a parameter towards 0."""
    if gradient is None or not gradient.any():
        return "no"
    return "yes" if torch.equal(gradient.sign(), parameter.sign()) else "not all"


def _linear_layers() -> nn.Module:
    """Layers with known weights, and a norm between them."""
    return filled(nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2), nn.Linear(2, 1)))


def _with_a_model_inside() -> nn.Module:
    """A convolution with known weights and a norm, in a model inside the model."""
    grid = nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3)
    return filled(nn.Sequential(nn.Sequential(*grid), nn.Linear(3, 1)))


exercise = ModuleExercise(
    "l1_penalty(model, strength)",
    title="a price for every weight",
    prompt="""
        Write `l1_penalty(model, strength)`: the sum of the absolute values of all weights,
        times `strength`, as a tensor of no dimension through which gradients flow. Biases
        and the weights of norms (parameters of one dimension) cost nothing.
    """,
    shapes="model: any nn.Module. strength: float. Returns a 0-d tensor.",
    cases=[lambda: (_linear_layers(), 0.5), lambda: (_with_a_model_inside(), 0.01)],
    look=_look_at_penalty,
    then="the penalty was differentiated with respect to each parameter",
    hints=(
        "model.parameters() gives weights and biases; .dim() tells them apart.",
        "weight.abs().sum() is the price of one layer.",
        "strength * sum(p.abs().sum() for p in model.parameters() if …)",
    ),
)


@exercise.answer(
    why="The slope of |w| is its sign: each step takes the same amount off, down to zero."
)
def l1_penalty(model, strength):
    weights = [p for p in model.parameters() if p.dim() > 1]
    return strength * sum(p.abs().sum() for p in weights)


@exercise.right
def _(model, strength):
    total = torch.zeros(())
    for parameter in model.parameters():
        if parameter.ndim >= 2:
            total = total + parameter.norm(p=1)
    return strength * total


@exercise.right
def _(model, strength):
    flat = torch.cat([p.flatten() for p in model.parameters() if p.dim() > 1])
    return F.l1_loss(flat, torch.zeros_like(flat), reduction="sum") * strength


@exercise.right
def _(model, strength):
    return strength * sum((p.dim() > 1) * p.abs().sum() for p in model.parameters())


exercise.mistake(
    "the biases are in it; only parameters with more than one dimension count",
    edit(" if p.dim() > 1", ""),
)


@exercise.mistake("the weights of the norms are in it; they have one dimension, as the biases have")
def _(model, strength):
    named = model.named_parameters()
    return strength * sum(p.abs().sum() for name, p in named if "weight" in name)


exercise.mistake(
    "this is the sum of squares, L2; the absolute value is .abs()",
    edit("p.abs()", "p.square()"),
)
exercise.mistake(
    "a sum was asked for: with mean() a large layer pays no more than a small one",
    edit("abs().sum()", "abs().mean()"),
)
exercise.mistake(
    "without .abs() negative weights would be a gain",
    edit("p.abs().sum()", "p.sum()"),
)
exercise.mistake(
    "first the absolute values, then the sum: p.abs().sum(). Else signs cancel",
    edit("p.abs().sum()", "p.sum().abs()"),
)
exercise.mistake(
    "linalg.norm(p, 1) of a matrix is its largest column sum; p.abs().sum() adds all",
    edit("p.abs().sum()", "torch.linalg.norm(p, 1)"),
)
exercise.mistake(
    "the kernels of a convolution have 4 dimensions; they cost, too: p.dim() > 1",
    edit("p.dim() > 1", "p.dim() == 2"),
)
exercise.mistake(
    "this is the sum alone; it is not yet multiplied by strength",
    edit("strength * ", ""),
)
exercise.mistake(
    "norm() is the root of the sum of squares; the absolute value is .abs()",
    edit("p.abs().sum()", "p.norm()"),
)


@exercise.mistake("children() are the outer layers only; model.parameters() goes through all")
def _(model, strength):
    layers = [m for m in model.children() if isinstance(m, nn.Linear | nn.Conv2d)]
    return strength * sum(layer.weight.abs().sum() for layer in layers)


exercise.rejected(
    "float came back; a tensor with a gradient was asked for",
    edit("p.abs().sum()", "p.abs().sum().item()"),
)
exercise.rejected("the penalty carries no gradient", edit("p.abs()", "p.detach().abs()"))
