"""What several exercises of chapter 05 use."""

from typing import Any

import torch

from helpers import data


def some_digits(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first digits: uint8 images (count, 8, 8) and labels (count,)."""
    images, labels = data.digits()
    return images[:count].clone(), labels[:count].clone()


def as_tuple(result: Any, *_: Any) -> Any:
    """A list as a tuple; all else, a dictionary too, as it is."""
    return tuple(result) if type(result) is list else result


def in_single(result: Any, *_: Any) -> Any:
    """float64 tensors as float32, also inside a tuple or list: no dtype was asked for."""
    if type(result) in (tuple, list):
        return type(result)(in_single(part) for part in result)
    is_double = type(result) is torch.Tensor and result.dtype == torch.float64
    return result.float() if is_double else result
