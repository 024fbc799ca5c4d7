"""What the drawing functions accept: tensors, arrays, lists and numbers, else one sentence."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from matplotlib.mathtext import MathTextParser
from PIL import Image
from torch.nn.parameter import is_lazy

from helpers._validation import integer
from helpers.plot._wording import tuple_text, values

MOST_DENSE = 10_000_000
LONGEST_TEXT = 300
# PyTorch stores these and computes almost nothing with them.
COMPUTED_AS = {
    "uint16": torch.int32,
    "uint32": torch.int64,
    "uint64": torch.float64,
    "complex32": torch.complex64,
    "float8_e4m3fn": torch.float32,
    "float8_e4m3fnuz": torch.float32,
    "float8_e5m2": torch.float32,
    "float8_e5m2fnuz": torch.float32,
    "float8_e8m0fnu": torch.float32,
}


def as_tensor(value: object, name: str) -> torch.Tensor:
    """Return `value` as a dense tensor on the CPU outside autograd; the value is not changed.

    Args:
        value: A tensor of any layout and device, a NumPy array, a PIL image, a number, or a
            list or tuple of these.
        name: How the caller's argument is called, for the message.

    Raises:
        TypeError: The value holds no numbers.
        ValueError: It holds numbers that cannot be read: of unequal lengths, too large for
            PyTorch, or on the meta device.
    """
    if isinstance(value, torch.Tensor):
        return _dense(value, name)
    try:
        return _converted(value, name)
    except RecursionError:
        raise ValueError(
            f"{name} is a list that contains itself; give a list of numbers."
        ) from None


def _dense(tensor: torch.Tensor, name: str) -> torch.Tensor:
    """Return a tensor's numbers in a dense tensor on the CPU."""
    if is_lazy(tensor):
        raise ValueError(
            f"{name} is a parameter without a shape yet; call its lazy layer once first."
        )
    if tensor.is_meta:
        raise ValueError(
            f"{name} is on the meta device, where a tensor has a shape but no numbers; "
            "make it on the CPU."
        )
    if tensor.is_nested:
        raise ValueError(
            f"{name} is a nested tensor, whose parts differ in shape; draw one part of it."
        )
    try:
        if tensor.layout != torch.strided:
            if tensor.numel() > MOST_DENSE:
                raise ValueError(
                    f"{name} has {tensor.numel():,} elements, stored sparsely; "
                    f"at most {MOST_DENSE:,} can be read. Draw a part of it."
                )
            tensor = tensor.to_dense()
        tensor = tensor.dequantize() if tensor.is_quantized else tensor
        plain = tensor.detach().as_subclass(torch.Tensor).cpu().resolve_conj().resolve_neg()
        if plain.numel():
            plain[(0,) * plain.dim()].item()  # dtypes that cannot be read fail here
    except (RuntimeError, TypeError, NotImplementedError) as problem:
        raise ValueError(
            f"the numbers of {name}, a {str(tensor.dtype)[6:]} tensor, cannot be read: "
            f"{first_line(problem)}. Give a dense tensor, such as one made by .float()."
        ) from problem
    return plain


def _converted(value: object, name: str) -> torch.Tensor:
    """Return what is not a tensor as one."""
    if isinstance(value, Image.Image):
        value = np.asarray(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_array(np.asarray(value), name)
    if isinstance(value, (bool, int, float, complex)):
        try:
            return torch.tensor(value)
        except (RuntimeError, ValueError, OverflowError) as problem:
            raise ValueError(
                f"{name} holds an integer too large for PyTorch's int64; give a float."
            ) from problem
    if isinstance(value, range) and not -MOST_DENSE < value.stop < MOST_DENSE:
        raise ValueError(f"{name} is {short(value)}, which is too long to be drawn; give a part.")
    if isinstance(value, (list, tuple, range)):
        return _from_list(list(value), name)
    raise TypeError(
        f"{name} is {kind_of(value)}; give a tensor, a NumPy array, a number or a list of numbers."
    )


def _from_array(array: np.ndarray, name: str) -> torch.Tensor:
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"{name} is a NumPy array of dtype {array.dtype}; give one that holds numbers."
        )
    if array.size > MOST_DENSE and 0 in array.strides:
        raise ValueError(
            f"{name} repeats its numbers to {array.size:,} elements; give at most {MOST_DENSE:,}."
        )
    if array.dtype.itemsize > (16 if array.dtype.kind == "c" else 8):
        array = array.astype(complex if array.dtype.kind == "c" else float)
    native = array.astype(array.dtype.newbyteorder("="))  # a copy, whatever the strides
    return torch.from_numpy(np.ascontiguousarray(native)).reshape(array.shape)


def _from_list(items: list[object], name: str) -> torch.Tensor:
    """Return a list as a tensor: of numbers at once, of lists or tensors stacked."""
    if not items:
        return torch.empty(0)
    if all(isinstance(item, (bool, int, float, complex)) for item in items):
        try:
            return torch.tensor(items)
        except (RuntimeError, ValueError, OverflowError) as problem:
            raise ValueError(
                f"{name} holds an integer too large for PyTorch's int64; give floats."
            ) from problem
    parts = [as_tensor(item, f"{name}[{at}]") for at, item in enumerate(items)]
    shapes = list(dict.fromkeys(tuple_text(part.shape) for part in parts))
    if len(shapes) > 1:
        raise ValueError(
            f"the elements of {name} have different shapes, {shapes[0]} and {shapes[1]}; "
            "give elements of one shape."
        )
    dtype = parts[0].dtype
    for part in parts[1:]:
        dtype = torch.promote_types(dtype, part.dtype)
    return torch.stack([part.to(dtype) for part in parts])


def computable(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor in a dtype that PyTorch can compute with: its own, where it can."""
    dtype = COMPUTED_AS.get(str(tensor.dtype).removeprefix("torch."))
    return tensor.to(dtype) if dtype else tensor


def dimension(value: int, shape: tuple[int, ...], name: str = "dim") -> int:
    """Return a dimension of `shape` counted from the left.

    Raises:
        TypeError: It is not an integer.
        IndexError: The shape has no such dimension.
    """
    found, count = integer(value, name), len(shape)
    if not -count <= found < count:
        raise IndexError(
            f"{name} is {short(found)}; a tensor of shape {tuple_text(shape)} has dims "
            f"{-count} to {count - 1}."
        )
    return found % count


def label_text(value: object) -> str:
    """Return any value as a text that can be drawn: a title, a name.

    None is an empty text, a tensor of one element that element. A text is cut after 300
    characters; what no font holds is replaced; a `$` that begins no formula stays a `$`.
    """
    if value is None:
        return ""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        numbers = as_tensor(value, "a title")
        value = values(numbers)
    try:
        written = str(value)
    except Exception:  # a huge integer, or a __str__ that fails
        written = kind_of(value)
    if len(written) > LONGEST_TEXT:
        written = f"{written[: LONGEST_TEXT - 1]}…"
    return _drawable(written)


def _drawable(written: str) -> str:
    """Return a text that Matplotlib draws without an error."""
    cleaned = "".join(
        mark if mark.isprintable() or mark.isspace() else "\N{REPLACEMENT CHARACTER}"
        for mark in written
    )
    if cleaned.count("$") > 1:
        try:
            MathTextParser("path").parse(cleaned)
        except ValueError:
            return cleaned.replace("$", r"\$")
    return cleaned


def kind_of(value: object) -> str:
    """Return a wrong value in words: itself where it is short, else its type."""
    if isinstance(value, torch.Tensor) and not is_lazy(value):
        if value.is_nested:
            return "a nested tensor"
        return f"a tensor of shape {tuple_text(value.shape)}, {str(value.dtype)[6:]}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {tuple_text(value.shape)}, {value.dtype}"
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return short(value)
    return f"a {type(value).__name__}"


def short(value: object) -> str:
    """Return the repr of a simple value, cut where it is long."""
    if isinstance(value, int) and abs(value) > 10**30:
        return f"an integer of about {math.log2(abs(value)) * math.log10(2):.0f} digits"
    written = repr(value)
    return written if len(written) <= 40 else f"{written[:37]}..."


def first_line(problem: BaseException) -> str:
    """Return the first line of an error's message without its full stop."""
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    return lines[0].rstrip(".")


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn an error from inside PyTorch or Matplotlib into a sentence that says what failed.

    The class of the error is kept, so that `except RuntimeError` still catches it.
    """
    try:
        yield
    except (RuntimeError, IndexError, TypeError, ValueError, OverflowError) as problem:
        kind = (
            type(problem) if type(problem) in (IndexError, TypeError, ValueError) else RuntimeError
        )
        raise kind(f"{what}: {first_line(problem)}.") from problem
