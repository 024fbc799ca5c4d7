"""PyTorch's `DataLoader` with a seed of its own, and workers that start everywhere: `loader`.

`in_a_new_python` shows what a worker that is not forked makes of a dataset.
"""

from __future__ import annotations

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

from helpers.checks import whole_number

from .rows import Rows

OWN_NAMES = {
    "num_workers": "workers",
    "multiprocessing_context": "start_method",
    "generator": "seed",
}
"""DataLoader's options that `loader` sets itself, and its own name for each."""

_READ = """
import json, pickle, sys
sys.path[:] = json.loads(sys.argv[1])
print("read, of length", len(pickle.load(sys.stdin.buffer)))
"""


def loader(
    dataset: Dataset,
    batch_size: int | None = 64,
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

    Raises ValueError for a start method that is not there, TypeError for an option that has
    another name here, and TypeError when workers cannot get what they need: workers that
    are not forked cannot import from a notebook, nor receive a lambda.
    """
    _refuse_other_names(options)
    workers = whole_number(workers, "workers", least=0)
    if workers:
        method = _start_method(start_method)
        options["multiprocessing_context"] = method
        if method != "fork":
            _refuse_what_workers_cannot_get(dataset, options, method)
    if "batch_sampler" not in options:
        options["batch_size"] = batch_size
    if "batch_sampler" in options or batch_size is not None:
        options.setdefault("collate_fn", collate)
    generator = torch.Generator().manual_seed(whole_number(seed, "seed", least=0))
    return DataLoader(dataset, shuffle=shuffle, num_workers=workers, generator=generator, **options)


def in_a_new_python(dataset: Dataset) -> str:
    """Pickle a dataset, let a new Python read it, and return what that says: length or error.

    So a worker gets its dataset where processes are spawned. The new Python looks for
    modules where this one does. Raises what `pickle.dumps` raises.
    """
    command = [sys.executable, "-c", _READ, json.dumps(sys.path)]
    done = subprocess.run(command, input=pickle.dumps(dataset), capture_output=True, check=False)
    told = (done.stdout or done.stderr).decode().strip().splitlines()[-1]
    return told.partition(" on <")[0]  # the rest of the error holds a path


def collate(batch: Any) -> Any:
    """Return a list of samples as one batch; what is no list is a batch already."""
    return default_collate(batch) if isinstance(batch, (list, Rows)) else batch


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
