"""PyTorch's `DataLoader` with a seed of its own, and workers that start everywhere: `loader`.

`in_a_new_python` shows what a worker that is not forked makes of a dataset.
"""

import contextlib
import json
import multiprocessing
import pickle
import subprocess
import sys
from types import FunctionType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from helpers._validation import integer
from helpers.data._validation import true_or_false
from helpers.data._tensor_rows import Rows

OWN_NAMES = {
    "num_workers": "workers",
    "multiprocessing_context": "start_method",
    "generator": "seed",
}
"""DataLoader's options that `loader` sets itself, and its own name for each."""

BATCH_SIZE = 64
MOST_SEED = 2**64 - 1  # of a torch.Generator

_READ = """
import json, pickle, sys
sys.path[:] = json.loads(sys.argv[1])
try:
    told = f"read, of length {len(pickle.load(sys.stdin.buffer))}"
except Exception as error:
    told = f"{type(error).__name__}: {error}"
print(*told.split())
"""


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
    of samples or comes from `TensorRows`. `start_method`: how workers start ("fork",
    "spawn", "forkserver"), by default as Python does here. `options` go to `DataLoader`.

    Raises ValueError for a start method that is not there, a seed beyond 64 bits, and a batch
    size beside a `batch_sampler`; TypeError for what is no dataset, an option that has another
    name here, and when workers cannot get what they need: workers that are not forked cannot
    import from a notebook, nor receive a lambda. All else that does not fit `DataLoader` refuses.
    """
    _refuse_no_dataset(dataset)
    _refuse_other_names(options)
    workers = integer(workers, "workers", least=0)
    method = _start_method(start_method)
    if workers:
        options["multiprocessing_context"] = method
        if method != "fork":
            _refuse_what_workers_cannot_get(dataset, options, method)
    return DataLoader(
        dataset,
        shuffle=true_or_false(shuffle, "shuffle"),
        num_workers=workers,
        generator=_generator(seed),
        **{**_batching(batch_size, options), **options},
    )


def in_a_new_python(dataset: Dataset) -> str:
    """Pickle a dataset, let a new Python read it, and return what that says: length or error.

    So a worker gets its dataset where processes are spawned. The new Python looks for
    modules where this one does; one that ends without a word is said to have done so.
    Raises what `pickle.dumps` raises.
    """
    command = [sys.executable, "-c", _READ, json.dumps(sys.path)]
    done = subprocess.run(command, input=pickle.dumps(dataset), capture_output=True, check=False)
    lines = done.stdout.decode(errors="replace").splitlines()
    if done.returncode or not lines:
        return f"ended with exit code {done.returncode}, and said nothing of the dataset"
    told = lines[-1]  # above it, what its modules print
    return told.partition(" on <")[0]  # the rest of the error holds a path


def collate(batch: Any) -> Any:
    """Return a list of samples as one batch; what is no list is a batch already."""
    return default_collate(batch) if isinstance(batch, (list, Rows)) else batch


def _refuse_no_dataset(dataset: Dataset) -> None:
    """Raise TypeError for what has no samples: neither by index nor one after another."""
    if not any(hasattr(dataset, name) for name in ("__getitem__", "__getitems__")):
        raise TypeError(
            f"dataset is of type {type(dataset).__name__}, which gives no samples; it needs "
            "__len__ and __getitem__, or to be an IterableDataset."
        )


def _batching(batch_size: int | None, options: dict[str, Any]) -> dict[str, Any]:
    """Return how batches are made; raises ValueError where two things would make them."""
    sampled = options.get("batch_sampler") is not None
    if sampled and batch_size not in (BATCH_SIZE, None):
        raise ValueError(
            f"batch_size={batch_size!r} has no effect beside a batch_sampler, which makes the "
            "batches; leave out one of the two."
        )
    sizes = {} if sampled else {"batch_size": batch_size}
    return sizes | ({"collate_fn": collate} if sampled or batch_size is not None else {})


def _generator(seed: int) -> torch.Generator:
    """Return a generator with this seed; raises ValueError for one that it cannot take."""
    number = integer(seed, "seed", least=0)
    if number > MOST_SEED:
        raise ValueError(f"seed={number:,} is too large; it is below 2**64.")
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
    if name not in there:
        raise ValueError(
            f"start_method={name!r} is not known here; this system has {', '.join(there)}."
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
