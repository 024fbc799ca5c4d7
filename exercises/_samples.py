"""Seeded tensors for the cases of exercises."""

import torch


def integers(*shape: int, low: int = 0, high: int = 10, seed: int = 0) -> torch.Tensor:
    """Random int64 numbers from `low` to `high` - 1, from a generator of their own."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(low, high, shape, generator=generator)


def floats(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random float32 numbers with one decimal, from -3 to 3."""
    return integers(*shape, low=-30, high=31, seed=seed) / 10
