"""Files that hold the state of a run: written whole or not at all, read without running code.

`save` and `load` are `torch.save` and `torch.load(weights_only=True)`, made safe against a
power cut, a full disk, a damaged file and a foreign one. `random_state` adds what the next
random numbers depend on.
"""

import copy
import pickle
import random
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from helpers import _atomic

MARK = "helpers.checkpoint"
VERSION = 1

_PLAIN = (int, float, complex, bool, str, bytes, type(None), torch.dtype, torch.device, torch.Size)
_MAPPINGS = (dict, OrderedDict, Counter)
_SEQUENCES = (list, tuple, set)


class CheckpointError(ValueError):
    """A file is no checkpoint, or a damaged one, or one of something else."""


def save(path: str | Path, /, **state: object) -> None:
    """Write `state` to `path`, atomically: after a crash there is the old file or the new one.

    An object with `state_dict()`, a model or an optimiser, is stored by that. All else must be
    tensors, numbers, text, None, and lists, tuples, sets and dicts of them, since nothing else
    can be loaded back safely; an image of torchvision is stored as a plain tensor. Missing folders
    are made. Raises TypeError, naming the place, for other things, before anything is written, and
    OSError where that is not possible.
    """
    path = Path(path)
    content = {MARK: VERSION, **{name: _storable(value, name) for name, value in state.items()}}
    path.parent.mkdir(parents=True, exist_ok=True)
    with _atomic.writing(path) as file:
        torch.save(content, file)


def load(path: str | Path, map_location: torch.device | str = "cpu") -> dict[str, object]:
    """Return what `save` was given, objects as their state; tensors lie on `map_location`.

    Code hidden in a file is not run. Raises FileNotFoundError when there is no such file, and
    CheckpointError when it is damaged, holds more than plain data, or is not one of `save`'s;
    ValueError for a device that is not there, TypeError for what is none.
    """
    _check_device(map_location)
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there or not a file; nothing was saved under it.")
    _check_sums(path)
    try:
        content = torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} holds more than tensors, numbers and text, and loading that could run foreign "
            "code; save the state_dict() of your objects with helpers.checkpoint.save."
        ) from error
    except Exception as error:
        raise _damaged(path, str(error).partition("\n")[0]) from error
    if not isinstance(content, dict) or MARK not in content:
        raise CheckpointError(
            f"{path} was not written by helpers.checkpoint.save; "
            "if you trust its origin, read it with torch.load."
        )
    if content.pop(MARK) != VERSION:
        raise CheckpointError(
            f"{path} was written by another version of this course; take the newest, or start anew."
        )
    return content


def random_state() -> dict[str, object]:
    """Return the state of the global generators: torch on CPU and CUDA, numpy, Python.

    Plain data, for `save` and `restore_random_state`. CUDA's are there only once it is in use.
    """
    version, numbers, gauss = random.getstate()
    numpy_state = np.random.get_state(legacy=False)
    if numpy_state["bit_generator"] != "MT19937":
        raise ValueError("numpy's global generator was replaced; its state cannot be saved.")
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [],
        "numpy": {
            "key": torch.from_numpy(numpy_state["state"]["key"].astype(np.int64)),
            "pos": int(numpy_state["state"]["pos"]),
            "has_gauss": int(numpy_state["has_gauss"]),
            "gauss": float(numpy_state["gauss"]),
        },
        "python": {"version": version, "numbers": torch.tensor(numbers), "gauss": gauss},
    }


def restore_random_state(state: dict[str, object]) -> None:
    """Put the global generators where they were at `random_state()`.

    The CUDA generators are left alone where there are fewer GPUs than then.
    """
    torch.set_rng_state(state["torch"].cpu())
    if state["cuda"] and torch.cuda.device_count() >= len(state["cuda"]):
        torch.cuda.set_rng_state_all([each.cpu() for each in state["cuda"]])
    own = state["numpy"]
    key = own["key"].cpu().numpy().astype(np.uint32)
    np.random.set_state(("MT19937", key, own["pos"], own["has_gauss"], own["gauss"]))
    own = state["python"]
    random.setstate((own["version"], tuple(own["numbers"].tolist()), own["gauss"]))


def _storable(value: object, where: str) -> object:
    """Return `value` as plain data; `where` names it in the TypeError for what is not."""
    if isinstance(value, Tensor):
        return _plain_tensor(value, where)
    if type(value) in _PLAIN:
        return value
    if isinstance(value, np.generic):  # a learning rate out of np.logspace, say
        return value.item()
    if type(value) in _MAPPINGS:
        plain = copy.copy(value)  # keeps the versions that a model's state carries
        plain.clear()
        for name, part in value.items():
            plain[_storable_key(name, where)] = _storable(part, f"{where}[{name!r}]")
        return plain
    if type(value) in _SEQUENCES:
        each = enumerate(value)
        return type(value)(_storable(part, f"{where}[{place}]") for place, part in each)
    if callable(getattr(value, "state_dict", None)):
        return _storable(value.state_dict(), where)
    raise TypeError(
        f"{where} is of type {type(value).__name__}, which could not be loaded back safely; "
        "save tensors, numbers, text, lists and dicts of them, or objects with state_dict()."
    )


def _plain_tensor(value: Tensor, where: str) -> Tensor:
    """Return a tensor without a class or attributes of its own, which could not be loaded back."""
    if nn.parameter.is_lazy(value):
        raise TypeError(
            f"{where} has no numbers yet, as a lazy layer has before its first input; let the "
            "model compute once, then save it."
        )
    is_plain = type(value) in (Tensor, nn.Parameter) and not vars(value)
    return value if is_plain else value.as_subclass(Tensor)


def _storable_key(key: object, where: str) -> object:
    """Return a dict's key as plain data."""
    return _storable(key, f"the key {key!r} of {where}")


def _check_sums(path: Path) -> None:
    """Raise CheckpointError unless every part of the file has the sum it was written with.

    `torch.load` does not look at the sums, and would give back what a bad disk made of weights.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _damaged(path, "it is not whole, or no checkpoint at all") from error
    except zipfile.zlib.error as error:
        raise _damaged(path, "a part of it cannot be unpacked") from error
    if damaged is not None:
        raise _damaged(path, f"the part {damaged} is not as it was written")


def _check_device(device: torch.device | str) -> None:
    """Raise ValueError for a device that is not there, which is not the fault of the file.

    TypeError for what names no device.
    """
    try:
        torch.empty(0, device=device)
    except TypeError as error:
        raise TypeError(
            f"map_location is of type {type(device).__name__}; give one device, such as 'cpu'."
        ) from error
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(
            f"map_location={str(device)!r} is not there, or not known to PyTorch; 'cpu' always is."
        ) from error


def _damaged(path: Path, what: str) -> CheckpointError:
    return CheckpointError(
        f"{path} cannot be read: {what}; take an older checkpoint, or delete it and start anew."
    )
