"""What several exercises of chapter 02 use."""

from functools import cache

import torch

from helpers import data


def numbers(*shape: int, seed: int = 0, gradient: bool = False) -> torch.Tensor:
    """Random float64 numbers with one decimal, from -3 to 3 and never 0."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randint(1, 31, shape, generator=generator).double() / 10
    signs = torch.randint(0, 2, shape, generator=generator) * 2 - 1
    return (values * signs).requires_grad_(gradient)


@cache
def wines() -> tuple[torch.Tensor, torch.Tensor]:
    """Standardised alcalinity, colour and proline with a column of ones; alcohol.

    Shapes (178, 4) and (178,), float64.
    """
    table = data.wine().table.double()
    columns = table[:, [3, 9, 12]]
    columns = (columns - columns.mean(dim=0)) / columns.std(dim=0)
    ones = torch.ones(len(table), 1, dtype=torch.float64)
    return torch.cat([columns, ones], dim=1), table[:, 0].contiguous()


def valley(point: torch.Tensor) -> torch.Tensor:
    """Sum of cosh and a mixed term: curved differently at each place."""
    return point.cosh().sum() + 0.5 * point.prod()
