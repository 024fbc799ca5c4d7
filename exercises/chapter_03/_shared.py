"""What several exercises of chapter 03 use."""

import torch
from torch import nn

from helpers import data
from helpers.grading.modules import Unfit, shapes


def demand_shapes(module: nn.Module, wanted: list[tuple[int, ...]]) -> None:
    """Refuse a module whose parameters have other shapes, in whichever order."""
    found = shapes(module.parameters())
    if found != tuple(sorted(wanted)):
        raise Unfit(f"parameters() gives shapes {list(found)}; expected {sorted(wanted)}")
    demand_learnable(module)


def demand_learnable(module: nn.Module) -> None:
    """Refuse a module with a parameter that no optimiser could change."""
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad:
            raise Unfit(
                f"{name} does not require a gradient, so it would not be learned; leave "
                "requires_grad=False out"
            )


def demand_alone(module: nn.Module, batch: torch.Tensor, output: torch.Tensor) -> None:
    """Refuse a module that gives the first element of a batch another result on its own."""
    alone = module(batch[:1])
    if alone.shape != output[:1].shape:
        raise Unfit(
            f"for a batch of one it gives shape {tuple(alone.shape)}; expected "
            f"{tuple(output[:1].shape)}. squeeze() without a dimension removes every 1"
        )


def digit_images(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first digits as (count, 1, 8, 8) from 0 to 1, and their labels."""
    digits = data.digits()
    return digits.images[:count, None].float() / 16, digits.labels[:count]
