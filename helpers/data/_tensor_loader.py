"""Batches cut by index from tensors in memory: `TensorLoader`.

PyTorch's `DataLoader` asks for samples one by one and stacks them again. Where all data
is in memory already, one `index_select` gives many batches at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from helpers import _validation
from helpers._validation import boolean, integer, kind_of, shown
from helpers.data._validation import check_rows, same_length, shapes

GROUP_BATCHES = 16
"""So many batches are gathered at once: fewer calls, and each call costs the same."""

GROUP_BYTES = 2**20
"""But no more bytes than this at once: larger pieces are no quicker, and one batch that is kept
keeps its whole group in memory."""


@dataclass(slots=True)
class _Position:
    """Where a loop is: its epoch, from 0, and how many batches it has handed out."""

    epoch: int
    batch: int


class TensorLoader:
    """Hand out batches of tensors in memory, each epoch in an order of its own.

    Each `for` is a new epoch, counted from 0, also when the one before was left with
    `break`. With `shuffle`, the order of an epoch follows from `seed` and its number alone:
    the global random state is neither used nor changed. Loops inside one another are
    independent: the inner one is a later epoch.

    A batch is a tuple with as many tensors, of shape (batch_size, ...), and a copy: change it as
    you like. `state_dict()` and `load_state_dict()` continue in the middle of an epoch.

    Args:
        *tensors: dense tensors of one length along the first dimension.
        batch_size: how many rows a batch has; the last one of an epoch may be smaller.
        shuffle: whether each epoch has a random order, else that of the rows.
        drop_last: whether a smaller last batch is left out.
        seed: what the random orders follow from, 0 or more.
        device: where the data is moved, once and here; None leaves it where it is.

    Raises:
        TypeError: an argument of the wrong type.
        ValueError: no tensors, unequal lengths, no samples, a sparse tensor, no whole batch with
            `drop_last`, a number out of range, a device that is not present.
    """

    def __init__(
        self,
        *tensors: Tensor,
        batch_size: int = 64,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int = 0,
        device: torch.device | str | None = None,
    ) -> None:
        self.dataset_size = same_length(tensors, "TensorLoader")
        _refuse_sparse(tensors)
        self.batch_size = integer(batch_size, "batch_size", least=1)
        self.seed = integer(seed, "seed", least=0)
        self.shuffle = boolean(shuffle, "shuffle")
        self.drop_last = boolean(drop_last, "drop_last")
        if self.drop_last and self.dataset_size < self.batch_size:
            raise ValueError(
                f"drop_last=True leaves no batch: {self.dataset_size:,} samples are fewer than "
                f"batch_size={self.batch_size:,}; take a smaller batch_size, or drop_last=False."
            )
        self.tensors = _on_device(tensors, device)
        check_rows(self.tensors, "TensorLoader")
        self._group = _batches_at_once(self.tensors, self.batch_size)
        self._next_epoch, self._next_batch = 0, 0
        self._position = _Position(0, 0)

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        full, rest = divmod(self.dataset_size, self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    def __repr__(self) -> str:
        order = f"shuffled with seed {self.seed}" if self.shuffle else "in order"
        dropped = ", the last one dropped if smaller" if self.drop_last else ""
        return (
            f"TensorLoader({self.dataset_size:,} samples {order}, "
            f"batches: {len(self):,}{dropped}, "
            f"each {shapes(self.tensors, str(self.batch_size))})"
        )

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """Begin the next epoch, or go on where `load_state_dict()` said."""
        position = _Position(self._next_epoch, self._next_batch)
        self._next_epoch, self._next_batch = position.epoch + 1, 0
        self._position = position
        return self._batches(position)

    def state_dict(self) -> dict[str, int | bool]:
        """Return where the loop begun last is, and what the order depends on.

        "epoch" counts from 0, "batch" counts the batches handed out, so the one in hand is
        done. After the last batch, while the loop still runs its body, "batch" is
        `len(loader)`; once the loop has ended it is 0 and "epoch" is one higher.
        """
        return {"epoch": self._position.epoch, "batch": self._position.batch, **self._settings()}

    def load_state_dict(self, state: Mapping[str, int | bool]) -> None:
        """Let the next loop hand out the batches that were left at `state_dict()`.

        Loops that already run are not touched.

        Args:
            state: what `state_dict()` returned.

        Raises:
            TypeError: it is not a mapping, or a part of it has the wrong type.
            ValueError: it is not the state of a loader, or is that of a loader with other data,
                batch size, order or seed: the batches left would be other ones.
        """
        epoch, batch = self._checked(state)
        self._next_epoch, self._next_batch = epoch, batch
        self._position = _Position(epoch, batch)

    def _settings(self) -> dict[str, int | bool]:
        """Return all that the batches of an epoch depend on, but the data."""
        names = ("seed", "shuffle", "batch_size", "drop_last", "dataset_size")
        return {name: getattr(self, name) for name in names}

    def _checked(self, state: Mapping[str, int | bool]) -> tuple[int, int]:
        """Return epoch and batch of a state that belongs to this loader."""
        if not isinstance(state, Mapping):
            raise TypeError(
                f"The state of a TensorLoader cannot be {kind_of(state)}; give what its "
                "state_dict() returned."
            )
        own = self._settings()
        missing = [name for name in ("epoch", "batch", *own) if name not in state]
        if missing:
            raise ValueError(
                f"This is not the state of a TensorLoader: it has no {', '.join(missing)}; "
                "give what its state_dict() returned."
            )
        for name, value in own.items():
            there = state[name]
            if type(there) not in (int, bool) or there != value:
                raise ValueError(
                    f"The state is of a loader with {name}={shown(there)}, and this one has "
                    f"{name}={shown(value)}: its batches would be other ones; "
                    f"make the loader with {name}={shown(there)} to go on."
                )
        epoch = integer(state["epoch"], "epoch", least=0)
        batch = integer(state["batch"], "batch", least=0)
        if batch > len(self):
            raise ValueError(f"The state is at batch {batch:,}, but an epoch has {len(self):,}.")
        return epoch, batch

    def _batches(self, position: _Position) -> Iterator[tuple[Tensor, ...]]:
        """Hand out the batches from `position` on, and keep it up to date."""
        rows = min(self.dataset_size, len(self) * self.batch_size)
        step = self._group * self.batch_size
        orders = self._orders(position.epoch)
        # The groups lie the same way when a loop is resumed inside one: where a batch lies in
        # memory can change the last bit of a matrix product.
        first_group, skipped = divmod(position.batch, self._group)
        for start in range(first_group * step, rows, step):
            columns = self._gather(orders, start, min(start + step, rows))
            for batch in islice(zip(*columns), skipped, None):
                position.batch += 1
                yield batch
            skipped = 0
        position.epoch, position.batch = position.epoch + 1, 0

    def _orders(self, epoch: int) -> list[Tensor]:
        """Return the order of an epoch for each tensor, int64, on the tensor's device."""
        if not self.shuffle:
            return []
        order = epoch_order(self.dataset_size, self.seed, epoch)
        return [order.to(tensor.device) for tensor in self.tensors]

    def _gather(self, orders: list[Tensor], start: int, stop: int) -> list[Sequence[Tensor]]:
        """Return the batches of a group, for each tensor: copies, cut from one piece."""
        if torch.is_inference_mode_enabled():
            # A group outlives the block in which its first batch is taken.
            with torch.inference_mode(False):
                return self._gather(orders, start, stop)
        if self.shuffle:
            pieces = [
                tensor.index_select(0, order[start:stop])
                for tensor, order in zip(self.tensors, orders)
            ]
        else:
            pieces = [tensor[start:stop].clone() for tensor in self.tensors]
        if self._group == 1:
            return [(piece,) for piece in pieces]
        # unsafe_split: to autograd the parts are tensors of their own, not views, so that a
        # change of one batch in place is no change of the others.
        return [piece.unsafe_split(min(self.batch_size, len(piece))) for piece in pieces]


def epoch_order(size: int, seed: int, epoch: int) -> Tensor:
    """Return a permutation of 0 … size - 1, int64, that depends on seed and epoch alone.

    The two are mixed by numpy's SeedSequence, whose result is the same in all versions: with
    `seed + epoch` the second epoch of seed 0 would be the first of seed 1.
    """
    mixed = np.random.SeedSequence((seed, epoch)).generate_state(1)
    generator = torch.Generator().manual_seed(int(mixed[0]))
    return torch.randperm(size, generator=generator, device="cpu")


def _refuse_sparse(tensors: tuple[Tensor, ...]) -> None:
    """Raise ValueError for a tensor whose rows do not lie in memory one after another."""
    for position, tensor in enumerate(tensors, start=1):
        if tensor.layout != torch.strided:
            layout = str(tensor.layout).removeprefix("torch.")
            raise ValueError(
                f"TensorLoader cuts dense tensors, but argument {position} has the layout "
                f"{layout}; make it dense with to_dense()."
            )


def _batches_at_once(tensors: tuple[Tensor, ...], batch_size: int) -> int:
    """Return how many batches are gathered at once: at least 1."""
    row_bytes = sum(tensor[0].numel() * tensor.element_size() for tensor in tensors)
    return max(1, min(GROUP_BATCHES, GROUP_BYTES // max(1, row_bytes * batch_size)))


def _on_device(
    tensors: tuple[Tensor, ...], device: torch.device | str | None
) -> tuple[Tensor, ...]:
    """Return the tensors without their graph, on `device` when there is one."""
    if device is None:
        return tuple(tensor.detach() for tensor in tensors)
    try:
        target = _validation.device(device, "device")
        return tuple(tensor.detach().to(target) for tensor in tensors)
    except torch.OutOfMemoryError as error:
        error.add_note(f"TensorLoader moves all data to {device} at once; leave out device= there.")
        raise
    except TypeError:
        raise
    except Exception as error:  # of `_validation`, and of a move from the device 'meta'
        raise ValueError(
            f"device={shown(str(device))} cannot hold the data: it is not there, or not known "
            "to PyTorch; device='cpu' always is."
        ) from error
