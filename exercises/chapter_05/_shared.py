"""What several exercises of chapter 05 use."""

import torch

from helpers import data


def some_digits(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first digits: uint8 images (count, 8, 8) and labels (count,)."""
    images, labels = data.digits()
    return images[:count].clone(), labels[:count].clone()
