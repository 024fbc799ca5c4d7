"""Say whether two values are the same, and if not, how they differ.

Values are first frozen: turned into plain Python numbers by functions of PyTorch that
are taken hold of here, at import. A comparison that is replaced later, or an object
that claims to equal everything, therefore changes nothing.
"""

import cmath
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy
import torch

_tensor_to_list = torch.Tensor.tolist
_tensor_flatten = torch.Tensor.reshape
_tensor_detach = torch.Tensor.detach
_SHOWN_ELEMENTS = 16
_PLAIN = (bool, int, float, complex, str, torch.dtype, torch.device, type(None))


@dataclass(frozen=True, slots=True)
class Frozen:
    """A value at one moment, as plain Python.

    Attributes:
        kind: "tensor", "array", "sequence", "mapping" or "plain"; "function" and "object"
            cannot be compared.
        type_name: Name of the value's type; of a function also its own name.
        shape: Sizes of a tensor or array, length of a sequence or mapping, otherwise ().
        dtype: Name of the dtype, such as "float32"; "" where there is none.
        values: Elements in row-major order; for a sequence, frozen elements; for a
            mapping, frozen pairs of key and value; for an object with named parts,
            their names.
        carries_gradient: Whether a tensor has `requires_grad`.
    """

    kind: str
    type_name: str
    shape: tuple[int, ...] = ()
    dtype: str = ""
    values: tuple = ()
    carries_gradient: bool = False


def freeze(value: Any) -> Frozen:
    """Copy a value into plain Python.

    Only plain tensors count as tensors: a subclass may redefine what equality means.
    """
    name = type(value).__name__
    if type(value) in (torch.Tensor, torch.nn.Parameter):
        flat = _tensor_to_list(_tensor_flatten(_tensor_detach(value), (-1,)))
        dtype = str(value.dtype).removeprefix("torch.")
        sizes = tuple(value.shape)
        return Frozen("tensor", name, sizes, dtype, tuple(flat), value.requires_grad)
    if type(value) is numpy.ndarray:
        flat = numpy.ndarray.tolist(value.reshape(-1))
        return Frozen("array", name, value.shape, str(value.dtype), tuple(flat))
    if type(value) in (tuple, list, torch.Size):
        name = "list" if type(value) is list else "tuple"
        elements = tuple(freeze(element) for element in value)
        return Frozen("sequence", name, (len(elements),), "", elements)
    if type(value) is dict:
        pairs = tuple(freeze(pair) for pair in value.items())
        return Frozen("mapping", name, (len(pairs),), "", pairs)
    if type(value) in _PLAIN:
        return Frozen("plain", name, (), "", (value,))
    if inspect.isroutine(value):
        name = f"function {value.__name__}".removesuffix(" <lambda>")
        return Frozen("function", name)
    return Frozen("object", name, values=_parts(value))


def describe(value: Frozen) -> str:
    """Name a value in a few words, with its elements where they are few."""
    if value.kind == "tensor":
        text = f"{with_article(_sizes(value.shape))} {value.dtype} tensor"
    elif value.kind == "array":
        text = f"{with_article(_sizes(value.shape))} {value.dtype} NumPy array"
    elif value.kind == "sequence":
        if is_plain(value):
            return repr(_python(value))
        inside = "; ".join(describe(element) for element in value.values[:4])
        more = "; …" if len(value.values) > 4 else ""
        return f"a {value.type_name} of {len(value.values)} ({inside}{more})"
    elif value.kind == "mapping":
        inside = (": ".join(map(describe, pair.values)) for pair in value.values)
        return "{" + ", ".join(inside) + "}"
    elif value.kind == "plain" and value.type_name == "str":
        return repr(value.values[0])
    elif value.kind == "plain":
        shown = _rounded(value.values[0])
        return "None" if shown is None else f"{shown!r} ({with_article(value.type_name)})"
    elif value.type_name.startswith("function "):
        return f"the {value.type_name}"
    else:
        return with_article(value.type_name)
    if 0 < len(value.values) <= _SHOWN_ELEMENTS:
        text += f": {nested(value)}"
    return text


def nested(value: Frozen) -> str:
    """Write the elements of a tensor or array as nested brackets."""
    elements = [_rounded(element) for element in value.values]
    for size in reversed(value.shape[1:]):
        count = len(elements) // size
        elements = [elements[i * size : (i + 1) * size] for i in range(count)]
    return str(elements if value.shape else elements[0])


def is_plain(value: Frozen) -> bool:
    """Whether a value is plain, or a sequence of what is plain."""
    if value.kind == "sequence":
        return all(map(is_plain, value.values))
    return value.kind == "plain"


def _python(value: Frozen) -> Any:
    """A plain value, or a sequence of what is plain, as Python wrote it."""
    if value.kind == "plain":
        return _rounded(value.values[0])
    elements = [_python(element) for element in value.values]
    return elements if value.type_name == "list" else tuple(elements)


def same(got: Frozen, expected: Frozen, tolerance: float = 1e-4) -> bool:
    """Whether kind, shape, dtype and values agree.

    Floating-point values agree within `tolerance` relative to the larger of the two,
    or within a hundredth of it absolutely; two nan agree.
    """
    return (
        _same_kind(got, expected)
        and got.shape == expected.shape
        and got.dtype == expected.dtype
        and not any(True for _ in differing(got, expected, tolerance))
    )


def differing(got: Frozen, expected: Frozen, tolerance: float = 1e-4) -> Iterator[int]:
    """Positions, in row-major order, at which the elements disagree."""
    for position, (left, right) in enumerate(zip(got.values, expected.values)):
        if isinstance(left, Frozen) or isinstance(right, Frozen):
            agree = same(left, right, tolerance)
        else:
            agree = close(left, right, tolerance)
        if not agree:
            yield position


def close(left: Any, right: Any, tolerance: float) -> bool:
    """Whether two Python scalars agree; only floating-point numbers have a tolerance."""
    if isinstance(left, (float, complex)) and isinstance(right, (float, complex)):
        if cmath.isnan(left) and cmath.isnan(right):
            return True
        return cmath.isclose(left, right, rel_tol=tolerance, abs_tol=tolerance / 100)
    return type(left) is type(right) and left == right


def index_of(position: int, shape: tuple[int, ...]) -> list[int]:
    """Turn a row-major position into one index for each dimension."""
    index: list[int] = []
    for size in reversed(shape):
        index.insert(0, position % size)
        position //= size
    return index


def _same_kind(got: Frozen, expected: Frozen) -> bool:
    """Whether two values may be compared; a Parameter passes for a tensor."""
    if got.kind in ("object", "function") or got.kind != expected.kind:
        return False
    return got.kind == "tensor" or got.type_name == expected.type_name


def _parts(value: Any) -> tuple[str, ...]:
    """Names of the parts, such as "values" and "indices", of what torch.max gives."""
    return tuple(type(value).__match_args__) if isinstance(value, tuple) else ()


def _sizes(shape: tuple[int, ...]) -> str:
    """Write (3, 4) as 3×4, (3,) as 3-element and () as 0-d."""
    if not shape:
        return "0-d"
    return f"{shape[0]}-element" if len(shape) == 1 else "×".join(map(str, shape))


def _rounded(element: Any) -> Any:
    """Round a float to 4 significant digits for reading; leave the rest alone."""
    return float(f"{element:.4g}") if isinstance(element, float) else element


def with_article(noun: str) -> str:
    """Put 'a' or 'an' before a noun, which may begin with a number: an 8×8."""
    vowel = noun[0].lower() in "aeiou8" or re.match(r"1[18]\b", noun)
    return f"{'an' if vowel else 'a'} {noun}"
