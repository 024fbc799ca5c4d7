"""Models: what computes scores from images."""

from torch import nn


def mlp(hidden: int = 64) -> nn.Module:
    """A fully connected network: (batch, 64) to scores (batch, 10)."""
    return nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))
