"""Tensors as a standard `Dataset` that gives a whole batch at once: `TensorRows`."""

import operator
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.utils.data import Dataset
from torch.utils.data._utils.collate import default_collate_fn_map

from helpers.data._validation import same_length, shapes


class Row(tuple[Tensor, ...]):
    """One sample: a tuple with a row of each tensor."""

    __slots__ = ()


class Rows(Sequence[Row]):
    """Some samples of a `TensorRows`, as a list of them would be.

    `columns`: the same samples as one batch, a tuple of tensors (samples, ...).
    """

    def __init__(self, columns: tuple[Tensor, ...]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, index):
        if isinstance(index, slice):
            return Rows(tuple(column[index] for column in self.columns))
        return Row(column[index] for column in self.columns)

    def __repr__(self) -> str:
        return f"Rows({shapes(self.columns, str(len(self)))})"


class TensorRows(Dataset[Row]):
    """A dataset whose sample `i` is the tuple of row `i` of each tensor.

    `tensors`: one length along the first dimension. It is what `TensorDataset` is, but it
    gives the samples of a batch at once (`__getitems__`), and `DataLoader` then stacks
    nothing. Samples are copies, and the data is not changed by changing them.
    Raises TypeError or ValueError when there is no tensor, no row, or the lengths differ.
    """

    def __init__(self, *tensors: Tensor) -> None:
        same_length(tensors, "TensorRows")
        self.tensors = tuple(tensor.detach() for tensor in tensors)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.tensors[0])

    def __getitem__(self, index: int) -> Row:
        """Return one sample.

        Raises IndexError when there is none with this index, TypeError for one not whole.
        """
        place = self._place(operator.index(index))
        return Row(tensor[place].clone() for tensor in self.tensors)

    def __getitems__(self, indices: Sequence[int]) -> Rows:
        """Return the samples with these indices, at once. `DataLoader` calls it for a batch.

        Raises IndexError and TypeError as for a single one.
        """
        size = len(self)
        places = [  # a call only for an index out of the ordinary: this is done for each sample
            index if 0 <= index < size else self._place(index)
            for index in map(operator.index, indices)
        ]
        chosen = torch.tensor(places, dtype=torch.int64, device="cpu")
        return Rows(
            tuple(tensor.index_select(0, chosen.to(tensor.device)) for tensor in self.tensors)
        )

    def _place(self, index: int) -> int:
        """Return an index from 0, also for one that counts from the end, or raise IndexError."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"There is no sample {index:,}: there are {len(self):,}, from 0.")
        return index % len(self)

    def __repr__(self) -> str:
        return f"TensorRows({len(self):,} samples: {shapes(self.tensors, f'{len(self)}')})"


def _collate_rows(batch: Sequence[Row], *, collate_fn_map=None) -> tuple[Tensor, ...]:
    """Return samples as one batch; those of `__getitems__` are one already."""
    if isinstance(batch, Rows):
        return batch.columns
    return tuple(torch.stack(column) for column in zip(*batch))


# How PyTorch lets a type have its own way into a batch (see `default_collate`): a standard
# DataLoader over `TensorRows` then needs no collate_fn.
default_collate_fn_map[Row] = _collate_rows
