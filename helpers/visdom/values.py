"""What is taken from the training thread, and made into plain numbers behind its back.

A value on the CPU is read at once: nothing has to be waited for. A value on another
device is copied there (`detach().clone()`, which only queues work), because the caller may
change it in place before anyone looks; reading it, which waits for the device, is left to
the thread that sends. Nothing here imports torch: who brings a tensor has done so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def keep(value: object) -> float | Tensor:
    """Return one number as it is now, as a float or as a copy on its own device.

    Raises TypeError or ValueError for what is not one number.
    """
    if hasattr(value, "detach"):
        if value.numel() != 1:
            raise ValueError(
                f"a scalar has one element, but this tensor has shape {tuple(value.shape)}: "
                "take its mean, or give one scalar for each element"
            )
        return float(value.item()) if value.is_cpu else value.detach().clone()
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"a scalar is a number or a tensor with one element, not {type(value).__name__}"
        ) from error


def read(values: Sequence[float | Tensor | None]) -> list[float | None]:
    """Return what `keep` gave as numbers, with one transfer for each device and dtype."""
    groups: dict[tuple, list[int]] = {}
    result = list(values)
    for index, value in enumerate(values):
        if hasattr(value, "detach"):
            groups.setdefault((value.device, value.dtype), []).append(index)
    for (device, _), places in groups.items():
        settle(device)
        for index, number in zip(places, _together([values[index] for index in places])):
            result[index] = float(number)
    return result


def snapshot(values: object) -> Tensor | np.ndarray:
    """Return a copy of a tensor, an array or a list of them that the caller cannot change."""
    if hasattr(values, "detach"):
        return values.detach().clone()
    if isinstance(values, list | tuple) and values and hasattr(values[0], "detach"):
        import torch

        return torch.stack([value.detach() for value in values])
    return np.array(values)


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


def _together(values: list[Tensor]) -> list[float]:
    import torch

    return torch.stack([value.reshape(()) for value in values]).tolist()
