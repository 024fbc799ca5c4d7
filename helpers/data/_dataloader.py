"""What leads to PyTorch's `DataLoader`: a dataset that gives batches at once, and a loader.

`TensorRows` is tensors as a dataset, `loader` a `DataLoader` with a seed of its own and workers
that start everywhere, and `in_a_new_python` shows what a worker that is not forked makes of a
dataset.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import operator
import pickle
import subprocess
import sys
from collections.abc import Iterable, Sequence
from types import FunctionType
from typing import Any, overload

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate
from torch.utils.data._utils.collate import default_collate_fn_map

from helpers._validation import attribute, boolean, integer, kind_of, shown
from helpers.data._validation import check_rows, same_length, shapes

OWN_NAMES = {
    "num_workers": "workers",
    "multiprocessing_context": "start_method",
    "generator": "seed",
}
"""DataLoader's options that `loader` sets itself, and its own name for each."""

BATCH_SIZE = 64
MOST_SEED = 2**64 - 1  # of a torch.Generator

# That a module lacks a class, pickle itself says (no further frame): from Python 3.14 in other
# words, which are put into those of the older ones.
_READ = """
import json, pickle, sys
sys.path[:] = json.loads(sys.argv[1])
try:
    found = f"read, of length {len(pickle.load(sys.stdin.buffer))}"
except Exception as error:
    found = f"{type(error).__name__}: {error}"
    if found.startswith("AttributeError: module ") and error.__traceback__.tb_next is None:
        found = f"AttributeError: Can't get attribute {error.name!r}"
print(*found.split())
"""
READ_SECONDS = 120.0  # a new Python imports PyTorch first


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

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> Rows: ...

    def __getitem__(self, index: int | slice) -> Row | Rows:
        if isinstance(index, slice):
            return Rows(tuple(column[index] for column in self.columns))
        return Row(column[index] for column in self.columns)

    def __repr__(self) -> str:
        return f"Rows({shapes(self.columns, str(len(self)))})"


class TensorRows(Dataset[Row]):
    """A dataset whose sample `i` is the tuple of row `i` of each tensor.

    It is what `TensorDataset` is, but it gives the samples of a batch at once (`__getitems__`),
    and `DataLoader` then stacks nothing. Samples are copies, and the data is not changed by
    changing them.

    Args:
        *tensors: tensors of one length along the first dimension.

    Raises:
        TypeError: an argument is not a tensor.
        ValueError: there is no tensor, no row, or the lengths differ.
    """

    def __init__(self, *tensors: Tensor) -> None:
        same_length(tensors, "TensorRows")
        self.tensors = tuple(tensor.detach() for tensor in tensors)
        check_rows(self.tensors, "TensorRows")

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.tensors[0])

    def __getitem__(self, index: int) -> Row:
        """Return one sample.

        Raises IndexError when there is none with this index, TypeError for one not an integer.
        """
        position = self._position(integer(index, "index"))
        return Row(tensor[position].clone() for tensor in self.tensors)

    def __getitems__(self, indices: Sequence[int]) -> Rows:
        """Return the samples with these indices, at once. `DataLoader` calls it for a batch.

        Raises IndexError and TypeError as for a single one.
        """
        chosen = torch.tensor(self._positions(indices), dtype=torch.int64, device="cpu")
        return Rows(
            tuple(tensor.index_select(0, chosen.to(tensor.device)) for tensor in self.tensors)
        )

    def _positions(self, indices: Sequence[int]) -> list[int]:
        """Return indices from 0; what is done for each sample is kept small."""
        size = len(self)
        try:
            return [
                index if 0 <= index < size else self._position(index)
                for index in map(operator.index, indices)
            ]
        except TypeError:
            if not isinstance(indices, Iterable):
                raise TypeError(
                    f"indices must be a list of integers, not {shown(indices)}."
                ) from None
            for index in indices:
                integer(index, "index")
            raise

    def _position(self, index: int) -> int:
        """Return an index from 0, also for one that counts from the end, or raise IndexError."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"There is no sample {shown(index)}: there are {len(self):,}, from 0.")
        return index % len(self)

    def __repr__(self) -> str:
        return f"TensorRows({len(self):,} samples: {shapes(self.tensors, f'{len(self)}')})"


def _collate_rows(batch: Sequence[Row], *, collate_fn_map: object = None) -> tuple[Tensor, ...]:
    """Return samples as one batch; those of `__getitems__` are one already."""
    if isinstance(batch, Rows):
        return batch.columns
    return tuple(torch.stack(column) for column in zip(*batch))


# How PyTorch lets a type have its own way into a batch (see `default_collate`): a standard
# DataLoader over `TensorRows` then needs no collate_fn.
default_collate_fn_map[Row] = _collate_rows


def loader(
    dataset: Dataset,
    batch_size: int | None = BATCH_SIZE,
    shuffle: bool = False,
    seed: int = 0,
    workers: int = 0,
    start_method: str | None = None,
    **options: Any,
) -> DataLoader:
    """Return a standard `DataLoader` whose order and workers follow from `seed`.

    It has a generator of its own: the global random state is neither used nor changed. In a
    worker, `torch`, `random` and `numpy.random` are seeded from it, each worker differently.
    What the dataset's `__getitems__` returns is a batch as it stands, unless it is a list
    of samples or comes from `TensorRows`.

    Args:
        dataset: what has samples by index, or one after another.
        batch_size: how many samples a batch has; None hands out single samples.
        shuffle: whether each epoch has a random order.
        seed: what the orders and the workers' random numbers follow from, 0 to 2**64 - 1.
        workers: how many processes load batches; 0 loads them here.
        start_method: how workers start ("fork", "spawn", "forkserver"), by default as Python
            does here.
        **options: go to `DataLoader` as they are.

    Raises:
        ValueError: a start method that this system does not have, a number out of range, a batch
            size beside a `batch_sampler`.
        TypeError: `dataset` has no samples, an option has another name here, or workers cannot get
            what they need: those that are not forked cannot import from a notebook, nor receive
            a lambda.
        Exception: what `DataLoader` itself refuses, with a note.
    """
    _refuse_no_dataset(dataset)
    _refuse_other_names(options)
    workers = integer(workers, "workers", least=0)
    method = _start_method(start_method)
    if workers:
        options["multiprocessing_context"] = method
        if method != "fork":
            _refuse_what_workers_cannot_get(dataset, options, method)
    own: dict[str, Any] = {"shuffle": boolean(shuffle, "shuffle"), "num_workers": workers}
    own |= {"generator": _generator(seed), **_batching(batch_size, options)}
    return _data_loader(dataset, own | options)


def in_a_new_python(dataset: Dataset) -> str:
    """Pickle a dataset, let a new Python read it, and return what that says: length or error.

    So a worker gets its dataset where processes are spawned. The new Python looks for
    modules where this one does; one that ends without a word, or does not end, is said to have
    done so. Raises, with a note, what `pickle.dumps` raises.
    """
    try:
        content = pickle.dumps(dataset)
    except Exception as error:
        error.add_note(
            f"The dataset, {kind_of(dataset)}, cannot be pickled, so no worker could be sent it; "
            "leave out what this error names, or let workers make it anew."
        )
        raise
    command = [sys.executable, "-c", _READ, json.dumps(sys.path)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, check=False, timeout=READ_SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"was still reading after {READ_SECONDS:.0f} seconds"
    lines = done.stdout.decode(errors="replace").splitlines()
    if done.returncode or not lines:
        return f"ended with exit code {done.returncode}, and said nothing of the dataset"
    return lines[-1].partition(" on <")[0]  # above it, what its modules print; behind, a path


def collate(batch: Any) -> Any:
    """Return a list of samples as one batch; anything else is a batch already."""
    is_samples = isinstance(batch, (list, Rows))
    return default_collate(batch) if is_samples else batch


def _data_loader(dataset: Dataset, options: dict[str, Any]) -> DataLoader:
    """Return PyTorch's `DataLoader`; what it refuses gets a note."""
    try:
        return DataLoader(dataset, **options)
    except Exception as error:
        error.add_note(
            "data.loader handed its arguments on to torch.utils.data.DataLoader, which refused "
            "them; its documentation says what they may be."
        )
        raise


def _refuse_no_dataset(dataset: Dataset) -> None:
    """Raise TypeError for what has no samples: neither by index nor one after another."""
    has_samples = any(attribute(dataset, name) for name in ("__getitem__", "__getitems__"))
    if not has_samples or isinstance(dataset, type):
        raise TypeError(
            f"dataset is {kind_of(dataset)}, which gives no samples; it needs "
            "__len__ and __getitem__, or to be an IterableDataset."
        )


def _batching(batch_size: int | None, options: dict[str, Any]) -> dict[str, Any]:
    """Return how batches are made; raises ValueError where two things would make them."""
    if batch_size is not None:
        batch_size = integer(batch_size, "batch_size", least=1)
    sampled = options.get("batch_sampler") is not None
    if sampled and batch_size not in (BATCH_SIZE, None):
        raise ValueError(
            f"batch_size={batch_size} has no effect beside a batch_sampler, which makes the "
            "batches; leave out one of the two."
        )
    sizes = {} if sampled else {"batch_size": batch_size}
    return sizes | ({"collate_fn": collate} if sampled or batch_size is not None else {})


def _generator(seed: int) -> torch.Generator:
    """Return a generator with this seed; raises ValueError for one that it cannot take."""
    number = integer(seed, "seed", least=0)
    if number > MOST_SEED:
        raise ValueError(f"seed={shown(number)} is too large; it must be below 2**64.")
    return torch.Generator().manual_seed(number)


def _refuse_other_names(options: dict[str, Any]) -> None:
    """Raise TypeError for an option that `loader` has under a name of its own."""
    for name, own in OWN_NAMES.items():
        if name in options:
            raise TypeError(f"loader() has no option {name}; its own is {own}=.")


def _start_method(name: str | None) -> str:
    """Return how workers start: `name`, or Python's choice, which is not fixed by asking."""
    there = multiprocessing.get_all_start_methods()  # the first is the default
    if name is None:
        return multiprocessing.get_start_method(allow_none=True) or there[0]
    if not isinstance(name, str) or name not in there:
        raise ValueError(
            f"start_method={shown(name)} is not known here; this system has {', '.join(there)}."
        )
    return name


def _refuse_what_workers_cannot_get(dataset: Dataset, options: dict[str, Any], method: str) -> None:
    """Raise TypeError when a worker could not import a class or function that it needs."""
    needed = {
        "dataset": dataset,
        **{key: options.get(key) for key in ("collate_fn", "worker_init_fn")},
    }
    for role, thing in needed.items():
        finder = _Finder()
        # What else cannot be pickled is for PyTorch to say: it can pickle more than we.
        with contextlib.suppress(Exception):
            finder.dump(thing)
        if finder.lost:
            raise TypeError(
                f"The {role} needs {finder.lost}, and workers started with {method!r} import what "
                "they need from files: put it into a module (a .py file; %%writefile makes "
                "one) and import it from there, or use workers=0."
            )


class _Finder(pickle.Pickler):
    """Pickle into nothing, and note the first class or function that a worker cannot import."""

    def __init__(self) -> None:
        super().__init__(self)
        self.lost = ""

    def write(self, content: bytes) -> int:
        """Take what is pickled and keep nothing of it."""
        return len(content)

    def reducer_override(self, value: Any) -> Any:
        """Pass over numbers, which may be many; look at classes and functions."""
        if isinstance(value, (Tensor, np.ndarray)):
            return int, ()
        if isinstance(value, (type, FunctionType)):
            self.lost = _why_lost(value)
            if self.lost:
                raise pickle.PicklingError(self.lost)
        return NotImplemented


def _why_lost(value: type | FunctionType) -> str:
    """Return what a class or function is called and where it is, if no worker can import it."""
    kind = "the class" if isinstance(value, type) else "the function"
    if value.__qualname__.endswith("<lambda>"):
        return "a lambda, which has no name"
    if "<locals>" in value.__qualname__:
        return f"{kind} {value.__name__}, which is defined inside a function"
    if value.__module__ == "__main__" and not _main_is_a_file():
        return f"{kind} {value.__name__}, which is defined in the notebook"
    return ""


def _main_is_a_file() -> bool:
    """Whether the main program is a script or module: a worker imports that again."""
    main = sys.modules.get("__main__")
    return getattr(main, "__spec__", None) is not None or hasattr(main, "__file__")
