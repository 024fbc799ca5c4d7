"""What a board is given: refused at the call in one sentence, or copied as it is now.

A mistake that shows an hour later in another thread is hard to find, so each argument is
checked where it is given. What is accepted is copied, because the caller may change it in
place. A number on the CPU is read at once. A value on another device is copied there
(`detach().clone()`, which only queues work); reading it, which waits for the device, is left
to the thread that sends. Nothing here imports torch: who brings a tensor has done so.
"""

from __future__ import annotations

import math
import re
import sys
import threading
import unicodedata
from collections.abc import Sequence
from itertools import islice
from numbers import Real
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

import numpy as np

from helpers import _validation as shared

if TYPE_CHECKING:
    import torch
    from torch import Tensor

COMPLEX = (complex, np.complexfloating)
LONGEST_NAME = 200  # bytes of an environment's name, which becomes a file's
LONGEST_TAG = 1_000  # characters
LONGEST_TEXT = 1_000_000  # characters; more stops the browser
LONGEST_LIST = 10_000_000  # numbers in a list; more take minutes to read
MOST_BINS = 10_000
MOST_CLASSES = 1_000
MOST_PIXELS = 2**24  # of all images of a pane; compressing more takes many seconds
LARGEST_INTEGER = 2**53  # the browser's numbers are float64
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, lone surrogates, line ends
SURROGATES = re.compile("[\ud800-\udfff]")


def short(value: object) -> str:
    """Return `repr(value)` on one line, of at most 80 characters; else its type."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # an integer of over 4,300 digits, too
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def flag(value: object, name: str) -> bool:
    """Return True or False. Raises TypeError for anything else."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} is True or False, not {short(value)}")
    return bool(value)


def integer(value: Any, name: str, least: int, most: int) -> int:
    """Return `value` as an int. Raises TypeError for other kinds, ValueError out of range."""
    number = shared.integer(value, name, least)
    if number > most:
        raise ValueError(f"{name}={short(number)} is too large; it must be at most {most:,}.")
    return number


def seconds(value: object, name: str, least: float | None = None) -> float:
    """Return `value` as a float that a lock takes.

    Raises ValueError for anything that is not a time to wait: not a number, nan, inf, below
    `least`; without a least value, 0 and less.
    """
    try:
        number = float(value) if isinstance(value, Real) else math.nan
    except Exception:
        number = math.nan
    enough = number > 0 if least is None else number >= least
    if isinstance(value, bool) or not enough or number > threading.TIMEOUT_MAX:
        floor = "above 0" if least is None else f"{least:g} or more"
        raise ValueError(f"{name} is {short(value)}; give a number of seconds, {floor}")
    return number


def server(value: object) -> None:
    """Raise ValueError for an odd address, TypeError for anything that is not a server."""
    if isinstance(value, str):
        split_address(value)
    elif not isinstance(_attribute(value, "url"), str):
        raise TypeError(
            f"{short(value)} is no server: give what helpers.board.start() returns, or an "
            "address such as 'http://127.0.0.1:8097'"
        )


def split_address(address: str) -> SplitResult:
    """Return the parts of an address. Raises ValueError if it is none."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # of a port that is not a number, or beyond 65535
        known = False
    if not known or not re.fullmatch("[!-~]+", address):
        raise ValueError(
            f"{short(address)} is no address of a server: give one such as http://127.0.0.1:8097"
        )
    return parts


def environment(name: Any) -> str:
    """Return an environment's name as visdom has it: a slash becomes an underscore.

    Raises ValueError for what can name neither a file nor a page.
    """
    plain = isinstance(name, str) and is_printable(name) and name not in (".", "..")
    if not plain or not 0 < len(name.encode()) <= LONGEST_NAME:
        raise ValueError(
            f"environment is {short(name)}; give a name such as 'main', on one line and of at "
            f"most {LONGEST_NAME} bytes"
        )
    return str.__str__(name).replace("/", "_")


def tag(value: object) -> str:
    """Return a tag as a plain str. Raises TypeError for other kinds, ValueError for odd ones."""
    if not isinstance(value, str):
        raise TypeError(f"a tag is a string such as 'loss/train', not {short(value)}")
    if not value or len(value) > LONGEST_TAG or not is_printable(value):
        raise ValueError(
            f"the tag {short(value)} cannot name a pane: use 1 to {LONGEST_TAG:,} characters that "
            "can be printed, such as 'loss/train'"
        )
    return str.__str__(value)


def is_printable(text: str) -> bool:
    """Whether a page can show a name on one line: no control characters, no lone surrogates."""
    return text.isprintable() or UNPRINTABLE.isdisjoint(map(unicodedata.category, text))


def text(value: object, name: str) -> str:
    """Return `str(value)`, lone surrogates replaced, as no page can show them.

    Raises TypeError for a value without a text, ValueError for one of over a million characters.
    """
    try:
        found = str(value)
    except Exception as error:
        kind = type(value).__name__
        raise TypeError(f"{name} of type {kind} cannot be shown as text: {error}") from error
    if len(found) > LONGEST_TEXT:
        raise ValueError(
            f"{name} has {len(found):,} characters; a pane shows at most {LONGEST_TEXT:,}"
        )
    return SURROGATES.sub("\ufffd", found)


def caption(value: object) -> str | None:
    """Return a caption as text; None for none. Raises what `text` raises."""
    return None if value is None else text(value, "a caption")[:LONGEST_TAG]


def image_shape(shape: Sequence[int]) -> None:
    """Raise ValueError for anything that is not a batch of images, or too large for a pane."""
    if len(shape) != 4 or shape[1] not in (1, 3, 4) or 0 in shape:
        raise ValueError(
            f"shape {(*shape,)} is no batch of images (N, C, H, W) with 1, 3 or 4 channels: "
            "permute the axes"
        )
    pixels = shape[0] * (shape[2] + 1) * (shape[3] + 1)
    if pixels > MOST_PIXELS or max(shape[2:]) > 2**15:
        raise ValueError(
            f"images of shape {(*shape,)} are too large for a pane of at most {MOST_PIXELS:,} "
            "pixels: give fewer, or every fourth pixel, images[..., ::4, ::4]"
        )


def square_shape(shape: Sequence[int]) -> None:
    """Raise ValueError for a matrix without as many rows as columns, or with too many."""
    if len(shape) != 2 or shape[0] != shape[1] or not shape[0]:
        raise ValueError(f"a confusion matrix is square, but this has shape {(*shape,)}")
    if shape[0] > MOST_CLASSES:
        raise ValueError(
            f"a confusion matrix shows at most {MOST_CLASSES:,} classes, not {shape[0]:,}: give "
            "those that are confused most"
        )


def class_labels(labels: Any, count: int) -> list[str]:
    """Return one text for each class, by default its index.

    Raises TypeError for anything that is not a sequence, ValueError for another number of
    labels, or for two that read the same: the page would draw them over each other.
    """
    try:
        values = labels.tolist() if is_tensor(labels) or isinstance(labels, np.ndarray) else labels
        found = list(islice(range(count) if values is None else values, count + 1))
    except Exception as error:
        raise TypeError(f"labels are a list with one label a class, not {short(labels)}") from error
    names = [text(label, "a label") for label in found]
    if len(names) != count:
        more = len(values) if isinstance(values, list | tuple | str) else f"over {count}"
        number = more if len(names) > count else len(names)
        raise ValueError(f"{count} classes need {count} labels, not {number}")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the label {short(twice)} names two classes: give each its own")
    return names


def figure(value: object) -> None:
    """Raise TypeError for what is not a Matplotlib figure, ValueError for one that is too large."""
    module = sys.modules.get("matplotlib.figure")
    if module is None or not isinstance(value, module.Figure):
        kind = type(value).__name__
        if isinstance(value, ModuleType) and value.__name__ == "matplotlib.pyplot":
            kind = "the module matplotlib.pyplot"
        raise TypeError(
            f"{kind} is no Matplotlib figure: give one, such as axes.figure, or plt.gcf() for "
            "the one that was drawn last"
        )
    width, height = value.get_size_inches() * value.dpi
    if not 1 <= width * height <= MOST_PIXELS:
        raise ValueError(
            f"a figure of {width:.0f} by {height:.0f} pixels is not one for a pane of at most "
            f"{MOST_PIXELS:,}: change figsize or dpi"
        )


def is_tensor(value: object) -> bool:
    """Whether it is a tensor; without torch nothing is."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def number(value: Any, name: str = "a scalar") -> float | Tensor:
    """Return one number as it is now, as a float or as a copy on its own device.

    Raises TypeError for anything that is not a number, and ValueError for a tensor or array
    without exactly one element, for complex numbers, for a tensor on the device "meta", which
    holds no number, and for an integer beyond all floats.
    """
    if is_tensor(value):
        return _element(value, name)
    if isinstance(value, np.ndarray):
        _one_element(value.shape, value.size, name, "array")
        value = value.item()
    if isinstance(value, COMPLEX):
        raise ValueError(_not_real(name))
    try:
        if not isinstance(value, str | bytes | bytearray):
            return float(value)
    except OverflowError as error:
        raise ValueError(f"{name} is beyond all floats: {short(value)}") from error
    except Exception as error:
        raise TypeError(_no_number(value, name)) from error
    raise TypeError(_no_number(value, name))


def read(values: Sequence[float | Tensor | None]) -> list[float | None]:
    """Return what `number` gave as numbers, with one transfer for each device and dtype.

    What a device does not give any more, since it failed, is nan: the others are there.
    """
    groups: dict[tuple, list[int]] = {}
    result: list[Any] = list(values)
    for index, value in enumerate(result):
        if is_tensor(value):
            groups.setdefault((value.device, value.dtype), []).append(index)
    for (device, _), indices in groups.items():
        try:
            settle(device)
            numbers = _together([result[index] for index in indices])
        except RuntimeError:
            numbers = [math.nan] * len(indices)
        for index, found in zip(indices, numbers):
            result[index] = float(found)
    return result


def snapshot(values: object) -> Tensor | np.ndarray:
    """Return a copy of a tensor, an array or a list of them that the caller cannot change.

    A sparse tensor becomes a dense one. Raises ValueError for what is not real numbers, and
    for a list of unequal shapes.
    """
    _equal_shapes(values)
    try:
        copy = _copied(values)
    except Exception as error:
        raise ValueError(
            f"a pane shows real numbers, and {type(values).__name__} cannot be read as such "
            f"({_first_line(error)})"
        ) from error
    if not isinstance(copy, np.ndarray) and copy.is_meta:
        raise ValueError("a pane shows numbers, and a tensor on the device 'meta' has none")
    if copy.dtype.kind not in "biuf" if isinstance(copy, np.ndarray) else copy.is_complex():
        raise ValueError(
            f"a pane shows real numbers, and these are of type {copy.dtype}: of complex numbers "
            "give the abs() or the real part"
        )
    return copy


def array(values: Tensor | np.ndarray) -> np.ndarray:
    """Return a snapshot as an array that JSON can hold; half floats become float32."""
    if isinstance(values, np.ndarray):
        return values.astype(np.float64) if values.dtype.char == "g" else values
    settle(values.device)
    values = values.cpu()
    if values.is_floating_point() and values.element_size() < 4:
        values = values.float()
    return values.numpy()


def settle(device: torch.device) -> None:
    """Wait for a device: a copy may have been queued on a stream other than this thread's."""
    if device.type == "cuda":
        import torch

        torch.cuda.synchronize(device)


def _element(value: Tensor, name: str) -> float | Tensor:
    """A tensor's one element: read on the CPU, copied on another device, unread."""
    try:  # the usual kind, and quickly
        if value.is_cpu and value.numel() == 1 and not value.is_complex():
            return float(value.item())
    except (RuntimeError, NotImplementedError, ValueError):
        pass
    if _is_lazy(value):
        raise ValueError(f"{name} holds a number, and a parameter that has no shape yet has none")
    if not value.is_nested:
        _one_element(value.shape, value.numel(), name, "tensor")
    if value.is_meta:
        raise ValueError(f"{name} holds a number, and a tensor on the device 'meta' has none")
    if value.is_complex():
        raise ValueError(_not_real(name))
    try:
        dense = _dense(value.detach())
        return float(dense.item()) if value.is_cpu else dense.clone()
    except Exception as error:
        raise ValueError(f"{name} cannot be read from this tensor: {_first_line(error)}") from error


def _is_lazy(value: Tensor) -> bool:
    """Whether it is a parameter of a lazy layer that has not been called."""
    from torch.nn.parameter import is_lazy

    return is_lazy(value)


def _one_element(shape: Sequence[int], size: int, name: str, kind: str) -> None:
    if size != 1:
        raise ValueError(
            f"{name} has one element, but this {kind} has shape {(*shape,)}: "
            "take its mean, or give one scalar for each element"
        )


def _dense(value: Tensor) -> Tensor:
    """The same numbers in a tensor of the ordinary layout and kind."""
    if value.is_nested:
        raise ValueError("it is nested: give one of its parts")
    if value.is_quantized:
        return value.dequantize()
    return value.to_dense() if "strided" not in str(value.layout) else value


def _not_real(name: str) -> str:
    return f"{name} is a real number, but this one is complex: give its abs() or its real part"


def _no_number(value: object, name: str) -> str:
    return f"{name} is a number or a tensor with one element, not {type(value).__name__}"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _equal_shapes(values: object) -> None:
    """Raise ValueError for a list of tensors or arrays that are not of one shape."""
    if not isinstance(values, list | tuple) or not values or _attribute(values[0], "shape") is None:
        return
    shapes = dict.fromkeys(tuple(_attribute(value, "shape") or ()) for value in values)
    if len(shapes) > 1:
        first, other, *_ = shapes
        raise ValueError(
            f"the parts of this list have shapes {first} and {other}: make them all of one"
        )


def _attribute(value: object, name: str) -> Any:
    """An attribute, or None: a nested tensor has no shape, and says so by an error of its own."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def _length(values: object) -> int:
    """How many parts a list has; 0 for what has none."""
    try:
        return len(values)  # type: ignore[arg-type]
    except OverflowError:
        return sys.maxsize
    except Exception:
        return 0


def _nests(values: object, levels: int) -> bool:
    """Whether lists or tuples are in one another, more than so many levels."""
    if not isinstance(values, list | tuple):
        return False
    return levels == 0 or any(_nests(item, levels - 1) for item in values)


def _copied(values: Any) -> Tensor | np.ndarray:
    """A copy of its own, of a list of tensors too."""
    if _nests(values, 8):  # NumPy would look at each item of each level, 64 levels deep
        raise ValueError("lists in lists, deeper than any picture")
    if isinstance(values, list | tuple) and values and is_tensor(values[0]):
        import torch

        return torch.stack([_dense(torch.as_tensor(value).detach()) for value in values])
    if is_tensor(values):
        dense = _dense(values.detach())
        return dense.clone() if dense.layout == values.layout else dense
    if not isinstance(values, np.ndarray) and _length(values) > LONGEST_LIST:
        raise ValueError(f"of over {LONGEST_LIST:,} numbers give a tensor or an array")
    return np.array(values)


def _together(values: list[Tensor]) -> list[float]:
    import torch

    return torch.stack([value.reshape(()) for value in values]).tolist()
