"""Datasets: the digits, mixed and split into three parts."""

import torch
from torch import Tensor

from helpers import data

PARTS = {"train": slice(0, 1200), "validation": slice(1200, 1500), "test": slice(1500, 1797)}


def digits(part: str) -> tuple[Tensor, Tensor]:
    """Inputs, float32 (n, 64) from 0 to 1, and labels, int64 (n,), of one part."""
    images, labels = data.digits()
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    chosen = order[PARTS[part]]
    return images[chosen].flatten(1) / 16, labels[chosen]
