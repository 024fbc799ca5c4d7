"""Exercise l1_penalty: a price for every weight."""

from typing import Any

import torch
from torch import nn

from helpers.grading.exercise import KnownMistake, RejectedAnswer
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


def _penalty_cases() -> list[tuple]:
    """Two models with known weights and a norm, one of them with a model inside."""
    small = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2), nn.Linear(2, 1))
    grid = nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3)
    nested = nn.Sequential(nn.Sequential(*grid), nn.Linear(3, 1))
    return [(filled(small), 0.5), (filled(nested), 0.01)]


L1_PENALTY = ModuleExercise(
    chapter="04",
    signature="l1_penalty(model, strength)",
    title="a price for every weight",
    prompt="""
        Write `l1_penalty(model, strength)`: the sum of the absolute values of all weights,
        times `strength`, as a tensor of no dimension through which gradients flow. Biases
        and the weights of norms (parameters of one dimension) cost nothing.
    """,
    shapes="model: any nn.Module. strength: float. Returns a 0-d tensor.",
    cases=_penalty_cases,
    look=_look_at_penalty,
    then="the penalty was differentiated with respect to each parameter",
    model_answer="""
        weights = [p for p in model.parameters() if p.dim() > 1]
        return strength * sum(p.abs().sum() for p in weights)
    """,
    why="The slope of |w| is its sign: each step takes the same amount off, down to zero.",
    hints=(
        "model.parameters() gives weights and biases; .dim() tells them apart.",
        "weight.abs().sum() is the price of one layer.",
        "strength * sum(p.abs().sum() for p in model.parameters() if …)",
    ),
    right=(
        """
        total = torch.zeros(())
        for parameter in model.parameters():
            if parameter.ndim >= 2:
                total = total + parameter.norm(p=1)
        return strength * total
        """,
        """
        flat = torch.cat([p.flatten() for p in model.parameters() if p.dim() > 1])
        return F.l1_loss(flat, torch.zeros_like(flat), reduction="sum") * strength
        """,
        "strength * sum((p.dim() > 1) * p.abs().sum() for p in model.parameters())",
    ),
    mistakes=(
        KnownMistake(
            "strength * sum(p.abs().sum() for p in model.parameters())",
            "the biases are in it; only parameters with more than one dimension count",
        ),
        KnownMistake(
            """
            named = model.named_parameters()
            return strength * sum(p.abs().sum() for name, p in named if "weight" in name)
            """,
            "the weights of the norms are in it; they have one dimension, as the biases have",
        ),
        KnownMistake(
            "strength * sum(p.square().sum() for p in model.parameters() if p.dim() > 1)",
            "this is the sum of squares, L2; the absolute value is .abs()",
        ),
        KnownMistake(
            "strength * sum(p.abs().mean() for p in model.parameters() if p.dim() > 1)",
            "a sum was asked for: with mean() a large layer pays no more than a small one",
        ),
        KnownMistake(
            "strength * sum(p.sum() for p in model.parameters() if p.dim() > 1)",
            "without .abs() negative weights would be a gain",
        ),
        KnownMistake(
            "strength * sum(p.sum().abs() for p in model.parameters() if p.dim() > 1)",
            "first the absolute values, then the sum: p.abs().sum(). Else signs cancel",
        ),
        KnownMistake(
            "strength * sum(torch.linalg.norm(p, 1) for p in model.parameters() if p.dim() > 1)",
            "linalg.norm(p, 1) of a matrix is its largest column sum; p.abs().sum() adds all",
        ),
        KnownMistake(
            "strength * sum(p.abs().sum() for p in model.parameters() if p.dim() == 2)",
            "the kernels of a convolution have 4 dimensions; they cost, too: p.dim() > 1",
        ),
        KnownMistake(
            "sum(p.abs().sum() for p in model.parameters() if p.dim() > 1)",
            "this is the sum alone; it is not yet multiplied by strength",
        ),
        KnownMistake(
            "strength * sum(p.norm() for p in model.parameters() if p.dim() > 1)",
            "norm() is the root of the sum of squares; the absolute value is .abs()",
        ),
        KnownMistake(
            """
            layers = [m for m in model.children() if isinstance(m, nn.Linear | nn.Conv2d)]
            return strength * sum(layer.weight.abs().sum() for layer in layers)
            """,
            "children() are the outer layers only; model.parameters() goes through all",
        ),
    ),
    rejected=(
        RejectedAnswer(
            "strength * sum(p.abs().sum().item() for p in model.parameters() if p.dim() > 1)",
            "float came back; a tensor with a gradient was asked for",
        ),
        RejectedAnswer(
            "strength * sum(p.detach().abs().sum() for p in model.parameters() if p.dim() > 1)",
            "the penalty carries no gradient",
        ),
    ),
)
