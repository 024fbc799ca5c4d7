"""Save a state to a file, and load it again: `save`, `load`, and `check_path` before either."""

from __future__ import annotations

import os
import pickle
import re
import stat
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from helpers import _atomic, _folders, _validation
from helpers.checkpoint import _formats
from helpers.checkpoint._contents import plain

MARK = "helpers.checkpoint"
VERSION = 1

_TRIAL = bytes(4096)  # what `check_path` tries to write
_NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")


class CheckpointError(ValueError):
    """A file is not a checkpoint, or a damaged one, or one of something else."""


def save(path: str | Path, /, **state: object) -> None:
    """Write `state` to `path`, atomically: after a crash there is the old file or the new one.

    An object with `state_dict()`, a model or an optimiser, is stored by that. All else must be
    tensors, numbers, text, None, and lists, tuples, sets and dicts of them, since nothing else
    can be loaded back safely; an image of torchvision is stored as a plain tensor. A view is stored
    without the rest of the tensor that it shows; tensors that share numbers still do when they
    are loaded. Missing folders are made.

    Args:
        path: the file. What is left of it from a process that was killed is removed.
        **state: what to store, by name.

    Raises:
        TypeError: something cannot be loaded back; it is named before anything is written.
        ValueError: `path` can be no file.
        OSError: the file cannot be written, as on a full disk (`errno.ENOSPC`); the old one is
            kept.
    """
    path = _file_path(path)
    if MARK in state:
        raise ValueError(
            f"{MARK!r} marks the file itself; give this part of the state another name."
        )
    content = {MARK: VERSION, **plain(state)}
    _folders.make_folder(_target(path).parent)
    with _atomic.writing(path) as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of PyTorch's own deprecated parts
                torch.save(content, file)
        except OSError:
            raise
        except Exception as error:
            raise _unwritten(path, error) from error


def load(path: str | Path, map_location: torch.device | str = "cpu") -> dict[str, Any]:
    """Return what `save` was given, objects as their state.

    Code hidden in a file is not run.

    Args:
        path: a file that `save` wrote.
        map_location: the device on which the tensors will lie.

    Raises:
        FileNotFoundError: there is no such file.
        CheckpointError: the file is damaged, holds more than plain data, or is of another kind;
            the message says which, and how to read it.
        ValueError: the device is not present, or `path` can be no file.
        TypeError: `path` is not a path, or `map_location` not a device.
        OSError: the file cannot be read.
        MemoryError: there is not enough memory for its tensors.
    """
    device = _validation.device(map_location, "map_location")
    path = _validation.path(path, "path")
    _check_readable(path)
    _check_format(path)
    return _checked(path, _read(path, device))


def check_path(path: str | Path, name: str = "path") -> Path:
    """Return `path` when `save` could write it now; for a long run, call it before the run.

    Nothing is left on the disk, and no folder is made.

    Args:
        path: the file to be written; it and its folders may be missing.
        name: what the message calls it.

    Raises:
        TypeError: it is not a path, or its name is not text.
        ValueError: it can be no file: it is a folder or a device, lies under a file, or has a name
            that is too long or holds a NUL character.
        OSError: its folder cannot be written to, or the disk is full.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be text, such as 'path', not {_validation.shown(name)}.")
    path = _file_path(path, name)
    with _folders.explaining(path):
        folder = next(each for each in _target(path).parents if _folders.mode(each))
        if not folder.is_dir():
            raise ValueError(
                f"{name}={str(path)!r} lies under {folder}, a file; give another folder."
            )
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(_TRIAL)
    return path


def _file_path(value: str | Path, name: str = "path") -> Path:
    """Return a path that can be a file's, whether there is one or not."""
    path = _validation.path(value, name)
    with _folders.explaining(path):
        mode = _folders.mode(path)
        is_folder = stat.S_ISDIR(mode) or os.fspath(value).endswith(os.sep)
        is_special = bool(mode) and not stat.S_ISREG(mode)
    if is_folder:
        raise ValueError(
            f"{name} is the folder {path}; give a file in it, such as {path / 'run.pt'}."
        )
    if is_special:
        raise ValueError(f"{name} is {path}, a device or a pipe; give the path of a file.")
    return path


def _target(path: Path) -> Path:
    """Return the file itself, where links lead."""
    return Path(os.path.realpath(path))


def _unwritten(path: Path, error: Exception) -> Exception:
    """Return why `torch.save` failed: the disk's error, which may hide behind one of PyTorch."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    return cause or TypeError(
        f"{path} was not written: PyTorch cannot store the state ({_first_line(error)}); save "
        "plain tensors, numbers and text."
    )


def _check_readable(path: Path) -> None:
    """Raise FileNotFoundError when there is no file, OSError when it may not be read."""
    try:
        is_file = stat.S_ISREG(_folders.mode(path))
        if is_file:
            path.open("rb").close()
    except OSError as error:
        raise OSError(error.errno, f"{path} cannot be read ({error.strerror}).") from error
    if not is_file:
        raise FileNotFoundError(f"{path} is not there or not a file; nothing was saved under it.")


def _check_format(path: Path) -> None:
    """Raise CheckpointError unless the file is a whole archive of `torch.save`.

    Every part must have the sum it was written with: `torch.load` does not look at the sums, and
    would give back what a bad disk made of weights.
    """
    problem, cause = _damage(path)
    found = None if cause and _starts_as_archive(path) else _formats.described(path)
    if found:
        what, how = found
        raise CheckpointError(
            f"{path} is {what}, and was not written by helpers.checkpoint.save; read it with {how}."
        ) from cause
    if problem:
        raise _damaged(path, problem) from cause


def _damage(path: Path) -> tuple[str, Exception | None]:
    """Return what keeps a file from being a whole archive, "" when nothing does."""
    if path.stat().st_size == 0:
        return "it is empty", None
    try:
        with zipfile.ZipFile(path) as archive:
            odd = next((part.filename for part in archive.infolist() if _is_odd(part)), None)
            damaged = archive.testzip() if odd is None else odd
    except Exception as error:  # a damaged directory ends in errors of many classes
        return "it is not whole, or no checkpoint at all", error
    return f"the part {damaged!r} is not as it was written" if damaged is not None else "", None


def _is_odd(part: zipfile.ZipInfo) -> bool:
    """Whether `torch.save` never describes a part so: PyTorch gives no numbers for a folder."""
    return part.external_attr != 0 or part.compress_type != zipfile.ZIP_STORED


def _starts_as_archive(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _read(path: Path, device: torch.device) -> object:
    """Return what a file of `torch.save` holds, or raise CheckpointError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of PyTorch's own deprecated parts
            return torch.load(path, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL (\S+)", str(error))
        raise CheckpointError(
            f"{path} holds more than tensors, numbers and text{f' ({found[1]})' if found else ''}, "
            "and loading that could run foreign code; save the state_dict() of your objects with "
            "helpers.checkpoint.save. Only if you trust the file's origin, "
            "torch.load(path, weights_only=False) reads it."
        ) from error
    except Exception as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
            sign in str(error) for sign in _NO_MEMORY
        ):
            raise MemoryError(
                f"{path} needs more memory than is free on {str(device)!r}; free some, or load it "
                "on another device."
            ) from error
        raise _damaged(path, _first_line(error)) from error


def _checked(path: Path, content: object) -> dict[str, Any]:
    """Return what `save` was given, out of what it wrote; raises CheckpointError for else."""
    if not isinstance(content, dict) or MARK not in content:
        raise CheckpointError(
            f"{path} holds {_summary(content)}, and was not written by helpers.checkpoint.save; "
            "if you trust its origin, read it with torch.load(path, weights_only=True)."
        )
    version = content.pop(MARK)
    if type(version) is not int or version != VERSION:
        raise CheckpointError(
            f"{path} was written by another version of this course; take the newest, or start anew."
        )
    if not all(isinstance(name, str) for name in content):
        raise _damaged(path, "a name in it is not text")
    return dict(content)


def _summary(content: object) -> str:
    """Return what a file of `torch.save` holds, in words."""
    if isinstance(content, Tensor):
        return f"one tensor of shape {tuple(content.shape)}"
    if isinstance(content, dict) and content:
        names = [_validation.shown(name) for name in list(content)[:3]]
        is_state = all(isinstance(value, Tensor) for value in content.values())
        kind = "the state_dict of a model" if is_state else "a dict"
        return f"{kind} with {', '.join(names)}{' …' if len(content) > 3 else ''}"
    return f"an object {_validation.kind_of(content)}"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def _damaged(path: Path, what: str) -> CheckpointError:
    return CheckpointError(
        f"{path} cannot be read: {what}; take an older checkpoint, or start anew with another path."
    )
