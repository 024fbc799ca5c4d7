"""What is asked of the tensors that are given: that they can be cut into rows, as many each."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from helpers._validation import kind_of


def same_length(tensors: Sequence[Tensor], who: str) -> int:
    """Return the length that all tensors share along their first dimension.

    `who` is the caller's name in the message. Raises TypeError for anything but a tensor, and
    ValueError when there is no tensor, when one has no dimension, no shape yet or cannot be
    cut, when the lengths differ, or when there is no row.
    """
    if not tensors:
        raise ValueError(f"{who} got no tensor; give at least one, as {who}(inputs, targets).")
    for position, tensor in enumerate(tensors, start=1):
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"{who} takes tensors, but argument {position} is {kind_of(tensor)}; make one with "
                "torch.as_tensor(...)."
            )
        if is_lazy(tensor):
            raise ValueError(
                f"{who} cuts along the first dimension, but argument {position} is a parameter "
                "without a shape yet; call its lazy layer once first."
            )
        if tensor.dim() == 0:
            raise ValueError(
                f"{who} cuts along the first dimension, but argument {position} has none: "
                "it is a single number, of shape ()."
            )
        if tensor.is_nested:
            raise ValueError(
                f"{who} cuts along the first dimension, but argument {position} is a nested "
                "tensor; give a padded one, as its to_padded_tensor(0) returns."
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


def check_rows(tensors: Sequence[Tensor], who: str) -> None:
    """Raise ValueError for a tensor of which no batch can be made, such as some quantised ones.

    `who` is the caller's name in the message.
    """
    for position, tensor in enumerate(tensors, start=1):
        try:
            first = torch.zeros(1, dtype=torch.int64, device=tensor.device)
            tensor[:1].clone(), tensor.index_select(0, first)
        except Exception as error:  # the error depends on the kind of tensor
            raise ValueError(
                f"{who} cannot cut argument {position}, {tensor.layout} of {tensor.dtype} on "
                f"{tensor.device}, into batches ({str(error).splitlines()[0]}); give a dense "
                "tensor of numbers."
            ) from error


def shapes(tensors: Sequence[Tensor], first: str) -> str:
    """Return type and shape of each tensor, `first` standing for its length."""
    return ", ".join(
        f"{str(tensor.dtype).removeprefix('torch.')} "
        f"({', '.join([first, *map(str, tensor.shape[1:])])}{',' if tensor.dim() == 1 else ''})"
        for tensor in tensors
    )
