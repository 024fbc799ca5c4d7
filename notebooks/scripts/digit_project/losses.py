"""Losses: what training makes small."""

from collections.abc import Callable

from torch import Tensor, nn


def smooth_cross_entropy(smoothing: float) -> Callable[[Tensor, Tensor], Tensor]:
    """Cross entropy of scores (batch, classes) and labels (batch,), with label smoothing."""
    return nn.CrossEntropyLoss(label_smoothing=smoothing)
