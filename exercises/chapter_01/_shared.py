"""What several exercises of chapter 01 use."""

import torch


def counted(*shape: int) -> torch.Tensor:
    """0, 1, 2, … as int64 in the given shape."""
    return torch.arange(torch.Size(shape).numel()).reshape(shape)
