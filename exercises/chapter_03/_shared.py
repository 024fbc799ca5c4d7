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


def digit_images(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first digits as (count, 1, 8, 8) from 0 to 1, and their labels."""
    digits = data.digits()
    return digits.images[:count, None].float() / 16, digits.labels[:count]
