"""What several packages ask of their arguments: integers, booleans, paths, devices.

Each function returns the argument in its plain form, or raises with one sentence that names it.
"""

from __future__ import annotations

import operator
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

LONGEST_SHOWN = 60  # characters of a value in a message
PLAIN = (bool, int, float, complex, str, bytes, type(None))


def integer(value: int, name: str, least: int | None = None) -> int:
    """Return `value` as an int; an integer of numpy or in a tensor will do too.

    Raises TypeError for anything else, True and False too, ValueError when it is below `least`.
    """
    number = value if type(value) is int else _as_integer(value)
    if number is None:
        raise TypeError(f"{name} must be an integer, not {shown(value)}.")
    if least is not None and number < least:
        raise ValueError(f"{name}={shown(number)} is too small; it must be at least {least}.")
    return number


def boolean(value: bool, name: str) -> bool:
    """Return `value` as a bool; one of numpy will do too.

    Raises TypeError for anything else: "no" would count as true.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, not {shown(value)}.")
    return bool(value)


def path(value: str | Path, name: str) -> Path:
    """Return `value` as a path that the system can be asked for, whether it exists or not.

    Raises TypeError for anything but text and paths, ValueError for a name that no file can have:
    an empty one, one with a NUL or half a surrogate pair, or one that is too long.
    """
    try:
        text = os.fspath(value)
    except Exception:  # whatever a foreign __fspath__ raises
        text = None
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a path, such as 'run.pt', not {shown(value)}.")
    if not text or "\0" in text:
        what = "holds a NUL character" if text else "is empty"
        raise ValueError(f"{name}={shown(text)} {what}; give the path of a file, such as 'run.pt'.")
    try:
        os.lstat(text)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        pass
    except (OSError, ValueError) as error:  # UnicodeEncodeError is a ValueError
        reason = getattr(error, "strerror", None) or "it holds half a surrogate pair"
        raise ValueError(
            f"{name}={shown(text)} cannot be the name of a file here ({reason}); give a shorter or "
            "simpler one."
        ) from error
    return Path(text)


def device(value: torch.device | str, name: str) -> torch.device:
    """Return `value` as a device that is present.

    Raises TypeError for anything but text and devices, ValueError for one that is not present.
    """
    import torch

    if not isinstance(value, str | torch.device):
        raise TypeError(f"{name} is {shown(value)}; give one device, such as 'cpu'.")
    try:
        return torch.empty(0, device=value).device
    except Exception as error:  # each backend has an error of its own
        raise ValueError(
            f"{name}={shown(str(value))} is not there, or not known to PyTorch; 'cpu' always is."
        ) from error


def shown(value: Any) -> str:
    """Return a value for a message, on one line: short text and numbers as they are written."""
    if type(value) not in PLAIN:
        return kind_of(value)
    try:
        text = f"{value:,}" if type(value) is int else repr(value)
    except ValueError:  # more digits than Python writes
        return f"an integer of {value.bit_length():,} bits"
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 4]}…{text[-3:]}"


def attribute(value: object, name: str, default: object = None) -> object:
    """Return an attribute of a value, `default` where it has none or asking for it fails."""
    try:
        return getattr(value, name, default)
    except Exception:  # whatever a foreign __getattr__ raises
        return default


def kind_of(value: object) -> str:
    """Return what a value is, in words: `the class Adam`, `of type list`."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return "None" if value is None else f"of type {type(value).__name__}"


def _as_integer(value: Any) -> int | None:
    """Return an integer of any kind as an int, None for anything else."""
    try:
        return None if _is_boolean(value) else operator.index(value)
    except Exception:  # a tensor's conversion fails in many ways: on meta, with several elements
        return None


def _is_boolean(value: object) -> bool:
    """Whether a value is True or False, of Python, numpy or PyTorch."""
    return isinstance(value, bool) or str(attribute(value, "dtype", "")).endswith("bool")
