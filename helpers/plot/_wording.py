"""Numbers, shapes and lists as words: the same on every processor and version."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch

MOST_VALUES = 24


def number(value: float, scale: float = 0.0) -> str:
    """Return a number for people: integers as they are, others to 3 significant digits.

    `scale` is the largest magnitude among the numbers shown together. What is a million
    times smaller is the dust of rounding, different on each processor, and becomes "0".
    """
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    if value == 0 or abs(value) < 1e-6 * abs(scale):
        return "0"
    if value == round(value) and abs(value) < 1e6:
        return str(round(value))
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    if 1e-4 <= abs(rounded) < 1e6:
        return (
            f"{rounded:.{max(digits, 0)}f}".rstrip("0").rstrip(".")
            if digits > 0
            else str(round(rounded))
        )
    return f"{rounded:.2e}"


def element(value: Any) -> str:
    """Return one element of a tensor (`tensor.item()`) as text that fits a box."""
    if isinstance(value, complex):
        return f"{number(value.real)}{'+' if value.imag >= 0 else '-'}{number(abs(value.imag))}j"
    if isinstance(value, (bool, int)):
        return str(value)
    return number(value)


def tuple_text(sizes: Iterable[int]) -> str:
    """Return a shape, a stride or an index as Python writes a tuple: `(3,)`, `(2, 3)`."""
    return str(tuple(int(size) for size in sizes))


def dtype_name(tensor: torch.Tensor) -> str:
    """Return the dtype without its module: `float32`."""
    return str(tensor.dtype).removeprefix("torch.")


def values(tensor: torch.Tensor, most: int = MOST_VALUES) -> str:
    """Return the elements in row order, rows apart by a semicolon, at most `most` of them."""
    if tensor.dim() == 0:
        return element(tensor.item())
    rows = tensor.reshape(-1, tensor.shape[-1]) if tensor.numel() else tensor.reshape(0, 0)
    shown = rows[: max(1, most // max(1, rows.shape[-1]))]
    text = "; ".join(" ".join(element(item) for item in row[:most].tolist()) for row in shown)
    left = tensor.numel() - shown[:, :most].numel()
    return text + (f" … and {left} more" if left else "")


def enumeration(words: Sequence[str]) -> str:
    """Join words as a sentence does: "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
