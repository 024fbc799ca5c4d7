"""What is taken from the training thread, and made into plain numbers behind its back.

A value on the CPU is read at once: nothing has to be waited for. A value on another
device is copied there (`detach().clone()`, which only queues work), because the caller may
change it in place before anyone looks; reading it, which waits for the device, is left to
the thread that sends. Nothing here imports torch: who brings a tensor has done so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor

COMPLEX = (complex, np.complexfloating)
NOT_REAL = "a scalar is a real number, but this one is complex: give its abs() or its real part"


def keep(value: object) -> float | Tensor:
    """Return one number as it is now, as a float or as a copy on its own device.

    Raises TypeError for what is no number, and ValueError for a tensor without one element,
    for complex numbers, and for a tensor on the device "meta", which holds no number.
    """
    if hasattr(value, "detach"):
        if value.numel() != 1:
            raise ValueError(
                f"a scalar has one element, but this tensor has shape {tuple(value.shape)}: "
                "take its mean, or give one scalar for each element"
            )
        if not value.is_cpu:
            return _copy(value)
        value = value.item()
    if isinstance(value, COMPLEX):
        raise ValueError(NOT_REAL)
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"a scalar is a number or a tensor with one element, not {type(value).__name__}"
        ) from error


def read(values: Sequence[float | Tensor | None]) -> list[float | None]:
    """Return what `keep` gave as numbers, with one transfer for each device and dtype.

    What a device does not give any more, since it failed, is nan: the others are there.
    """
    groups: dict[tuple, list[int]] = {}
    result = list(values)
    for index, value in enumerate(values):
        if hasattr(value, "detach"):
            groups.setdefault((value.device, value.dtype), []).append(index)
    for (device, _), places in groups.items():
        try:
            settle(device)
            numbers = _together([values[index] for index in places])
        except RuntimeError:
            numbers = [math.nan] * len(places)
        for index, number in zip(places, numbers):
            result[index] = float(number)
    return result


def snapshot(values: object) -> Tensor | np.ndarray:
    """Return a copy of a tensor, an array or a list of them that the caller cannot change.

    Raises ValueError for what is not real numbers, and for a list of unequal shapes.
    """
    if isinstance(values, list | tuple) and values and hasattr(values[0], "shape"):
        values = _stack(values)
    copy = values.detach().clone() if hasattr(values, "detach") else np.array(values)
    if copy.dtype.kind not in "biuf" if isinstance(copy, np.ndarray) else copy.is_complex():
        raise ValueError(
            f"a pane shows real numbers, and these are of type {copy.dtype}: of complex numbers "
            "give the abs() or the real part"
        )
    return copy


def array(values: Tensor | np.ndarray) -> np.ndarray:
    """Return a snapshot as an array that numpy can compute with; half floats become float32."""
    if isinstance(values, np.ndarray):
        return values
    settle(values.device)
    values = values.cpu()
    if values.is_floating_point() and values.element_size() < 4:
        values = values.float()
    return values.numpy()


def settle(device: torch.device) -> None:
    """Wait for a device: a copy may have been queued on a stream other than this thread's."""
    if device.type == "cuda":
        import torch

        torch.cuda.synchronize(device)


def _copy(value: Tensor) -> Tensor:
    """A copy on the value's own device; what nobody could read there is refused, unread."""
    if value.is_meta:
        raise ValueError("a scalar holds a number, and a tensor on the device 'meta' has none")
    if value.is_complex():
        raise ValueError(NOT_REAL)
    return value.detach().clone()


def _stack(values: Sequence[object]) -> Tensor | np.ndarray:
    """The parts of a list as one tensor or array; they have to be of one shape."""
    first, *others = dict.fromkeys(tuple(getattr(value, "shape", ())) for value in values)
    if others:
        raise ValueError(
            f"the parts of this list have shapes {first} and {others[0]}: make them all of one"
        )
    if not hasattr(values[0], "detach"):
        return np.stack(values)
    import torch

    return torch.stack([value.detach() for value in values])


def _together(values: list[Tensor]) -> list[float]:
    import torch

    return torch.stack([value.reshape(()) for value in values]).tolist()
