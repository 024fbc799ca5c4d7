"""One form for results that are equally right: the `canonical` of several exercises."""

from typing import Any

import numpy as np
import torch


def as_float(result: Any, *_: Any) -> Any:
    """A number of Python or NumPy as a float; anything else as it is."""
    if isinstance(result, int | float | np.number) and not isinstance(result, bool):
        return float(result)
    return result


def as_tuple(result: Any, *_: Any) -> Any:
    """A list as a tuple; anything else as it is."""
    return tuple(result) if isinstance(result, list) else result


def in_single(result: Any, *_: Any) -> Any:
    """float64 tensors as float32, also inside a tuple or list, where no dtype is asked for."""
    if type(result) in (tuple, list):
        return type(result)(in_single(part) for part in result)
    is_double = type(result) is torch.Tensor and result.dtype == torch.float64
    return result.float() if is_double else result
