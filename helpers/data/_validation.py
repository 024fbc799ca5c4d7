"""What is asked of the tensors, switches and folders that are given."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor


def same_length(tensors: Sequence[Tensor], who: str) -> int:
    """Return the length that all tensors share along their first dimension.

    Raises TypeError for what is no tensor, and ValueError when there is no tensor, when
    one has no dimension, when the lengths differ, or when there is no row. `who` is the
    caller's name in the message.
    """
    if not tensors:
        raise ValueError(f"{who} got no tensor; give at least one, as {who}(inputs, targets).")
    for place, tensor in enumerate(tensors, start=1):
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"{who} takes tensors, but argument {place} is of type "
                f"{type(tensor).__name__}; make one with torch.as_tensor(...)."
            )
        if tensor.dim() == 0:
            raise ValueError(
                f"{who} cuts along the first dimension, but argument {place} has none: "
                "it is a single number, of shape ()."
            )
    lengths = [len(tensor) for tensor in tensors]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"{who} needs tensors of one length, a row for each sample, but theirs are "
            f"{' and '.join(f'{length:,}' for length in lengths)}."
        )
    if lengths[0] == 0:
        raise ValueError(
            f"{who} got no sample: the tensors have length 0; look at what selected the rows."
        )
    return lengths[0]


def shapes(tensors: Sequence[Tensor], first: str) -> str:
    """Return type and shape of each tensor, `first` standing for its length."""
    return ", ".join(
        f"{str(tensor.dtype).removeprefix('torch.')} "
        f"({', '.join([first, *map(str, tensor.shape[1:])])}{',' if tensor.dim() == 1 else ''})"
        for tensor in tensors
    )


def true_or_false(value: bool, name: str) -> bool:
    """Return `value` as a bool.

    Raises TypeError for what is none: "no" would count as true.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, not {value!r}.")
    return bool(value)


def make_folder(folder: Path) -> None:
    """Make `folder`, and those above it, unless it is there.

    Raises FileExistsError when it is a file, or lies under one.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        file = next((each for each in (folder, *folder.parents) if each.exists()), folder)
        raise FileExistsError(f"{file} is a file; give the name of a new folder.") from None
