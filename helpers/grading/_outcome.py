"""What one call of an answer led to: snapshots of its values, its gradients or its error.

A snapshot is plain Python, made by functions of PyTorch that are taken hold of here, at
import. A comparison that is replaced later, or an object that claims to equal everything,
therefore changes nothing; and no method of an answer's objects is called.
"""

import cmath
import math
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy
import torch

from helpers.grading._running import learners_line, set_standard, start_afresh
from helpers.grading.exercise import Exercise
from helpers.grading.modules import shares_memory

MOST_ELEMENTS = 1_000_000
"""What has more elements is not compared element by element."""

_PART = 50  # an element of a list costs as much time as so many of a tensor
_DEEPEST = 50  # lists in lists
_LONGEST_MESSAGE = 1000
_tensor_to_list = torch.Tensor.tolist
_tensor_flatten = torch.Tensor.reshape
_tensor_detach = torch.Tensor.detach
_PLAIN = (bool, int, float, complex, str, torch.dtype, torch.device, type(None))
_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A value at one moment, as plain Python.

    Attributes:
        kind: "tensor", "array", "sequence", "mapping" or "plain"; "function" and "object"
            cannot be compared.
        type_name: Name of the value's type; of a function also its own name.
        shape: Sizes of a tensor or array, length of a sequence or mapping, otherwise ().
        dtype: Name of the dtype, such as "float32"; "" where there is none.
        values: Elements in row-major order; for a sequence, snapshots of the elements;
            for a mapping, of the pairs of key and value; for an object with named parts,
            their names. () where the elements cannot be read.
        special: What sets it apart from a strided tensor on the CPU, or why its elements
            are not read: "sparse", "quantised", "nested", "on the device meta", "too large",
            "too deep", "unreadable"; otherwise "".
        carries_gradient: Whether a tensor, or a part of a list, tuple or dict, has
            `requires_grad`.
    """

    kind: str
    type_name: str
    shape: tuple[int, ...] = ()
    dtype: str = ""
    values: tuple = ()
    special: str = ""
    carries_gradient: bool = False

    @property
    def is_none(self) -> bool:
        """Whether the value is None."""
        return self.kind == "plain" and self.values == (None,)

    @property
    def is_read(self) -> bool:
        """Whether `values` holds all elements."""
        return not self.special or len(self.values) == math.prod(self.shape)


def snapshot(value: Any) -> Snapshot:
    """Copy a value into plain Python, whatever it is.

    Only plain tensors count as tensors: a subclass may redefine what equality means.
    """
    try:
        return _snapshot(value, [MOST_ELEMENTS], 0)
    except Exception:  # such as a tensor that a transformation of torch.func left behind
        return Snapshot("object", type_name(value), special="unreadable")


def type_name(value: Any) -> str:
    """Name of a value's type, whatever its metaclass says."""
    return type.__dict__["__name__"].__get__(type(value))


def _snapshot(value: Any, left: list[int], depth: int) -> Snapshot:
    """Copy a value at a depth of nesting; `left` counts the elements that may still come."""
    kind, name = type(value), type_name(value)
    if kind in (torch.Tensor, torch.nn.Parameter):
        return _tensor_snapshot(value, name, left)
    if kind is numpy.ndarray:
        return _array_snapshot(value, name, left)
    if kind in (tuple, list, torch.Size):
        name = "list" if kind is list else "tuple"
        return _parts_snapshot("sequence", name, value, left, depth)
    if kind is dict:
        return _parts_snapshot("mapping", name, value.items(), left, depth)
    if kind in _PLAIN:
        return Snapshot("plain", name, values=(value,))
    if kind in _FUNCTIONS:
        return Snapshot("function", f"function {value.__name__}".removesuffix(" <lambda>"))
    return Snapshot("object", name, values=_named_parts(kind))


def _tensor_snapshot(tensor: torch.Tensor, name: str, left: list[int]) -> Snapshot:
    """Copy a tensor; a sparse or quantised one as the tensor that it stands for."""
    dtype, carries = str(tensor.dtype).removeprefix("torch."), tensor.requires_grad
    if tensor.is_nested:
        return Snapshot("tensor", name, (), dtype, (), "nested", carries)
    shape, special = tuple(tensor.shape), _special(tensor)
    if not _fits(math.prod(shape), left):
        return Snapshot("tensor", name, shape, dtype, (), special or "too large", carries)
    try:
        values = tuple(_tensor_to_list(_tensor_flatten(_dense(tensor, special), (-1,))))
    except (RuntimeError, TypeError, ValueError):  # such as one on the device meta
        values, special = (), special or "unreadable"
    return Snapshot("tensor", name, shape, dtype, values, special, carries)


def _special(tensor: torch.Tensor) -> str:
    """What sets a tensor apart from a strided one on the CPU, or ""."""
    if tensor.device.type != "cpu":
        return f"on the device {tensor.device}"
    if tensor.is_quantized:
        return "quantised"
    return "" if tensor.layout is torch.strided else "sparse"


def _dense(tensor: torch.Tensor, special: str) -> torch.Tensor:
    """The same numbers as a strided tensor on the CPU."""
    tensor = _tensor_detach(tensor)
    if not special:
        return tensor
    if tensor.is_quantized:
        return tensor.dequantize().cpu()
    return tensor.to_dense().cpu() if tensor.layout is not torch.strided else tensor.cpu()


def _array_snapshot(array: numpy.ndarray, name: str, left: list[int]) -> Snapshot:
    """Copy an array of numbers or texts; objects are not looked into."""
    values, special = (), ""
    if array.dtype.kind not in "biufcSU":
        special = "unreadable"
    elif not _fits(array.size, left):
        special = "too large"
    else:
        flat = array.reshape(-1)
        if array.dtype.char in "gG":  # long double, which has no type in Python
            flat = flat.astype(float if array.dtype.char == "g" else complex)
        values = tuple(numpy.ndarray.tolist(flat))
    return Snapshot("array", name, array.shape, str(array.dtype), values, special)


def _parts_snapshot(kind: str, name: str, parts: Iterable, left: list[int], depth: int) -> Snapshot:
    """Copy a list, tuple or dict with its parts; one may hold itself."""
    parts = tuple(parts)
    special = "too deep" if depth >= _DEEPEST else ""
    if not _fits(len(parts) * _PART, left):
        special = special or "too large"
    values = () if special else tuple(_snapshot(part, left, depth + 1) for part in parts)
    carries = any(value.carries_gradient for value in values)
    return Snapshot(kind, name, (len(parts),), "", values, special, carries)


def _fits(count: int, left: list[int]) -> bool:
    """Whether so many elements may be copied; if so, they are counted."""
    if count > left[0]:
        return False
    left[0] -= count
    return True


def _named_parts(kind: type) -> tuple[str, ...]:
    """Names of the parts, such as "values" and "indices", of what torch.max gives."""
    names = getattr(kind, "__match_args__", ()) if issubclass(kind, tuple) else ()
    return tuple(name for name in names if type(name) is str)


def same(got: Snapshot, expected: Snapshot, tolerance: float = 1e-4) -> bool:
    """Whether kind, shape, dtype and values agree.

    Floating-point values agree within `tolerance` relative to the larger of the two,
    or within a hundredth of it absolutely; two nan agree.
    """
    return (
        _same_kind(got, expected)
        and got.special == expected.special
        and got.is_read
        and expected.is_read
        and got.shape == expected.shape
        and got.dtype == expected.dtype
        and not any(True for _ in differing(got, expected, tolerance))
    )


def differing(got: Snapshot, expected: Snapshot, tolerance: float = 1e-4) -> Iterator[int]:
    """Positions, in row-major order, at which the elements disagree."""
    for position, (left, right) in enumerate(zip(got.values, expected.values)):
        if type(left) is Snapshot and type(right) is Snapshot:
            agree = same(left, right, tolerance)
        else:
            agree = close(left, right, tolerance)
        if not agree:
            yield position


def close(left: Any, right: Any, tolerance: float) -> bool:
    """Whether two Python scalars agree; only floating-point numbers have a tolerance."""
    if type(left) in (float, complex) and type(right) in (float, complex):
        if cmath.isnan(left) and cmath.isnan(right):
            return True
        return cmath.isclose(left, right, rel_tol=tolerance, abs_tol=tolerance / 100)
    return type(left) is type(right) and left == right


def _same_kind(got: Snapshot, expected: Snapshot) -> bool:
    """Whether two values may be compared; a Parameter passes for a tensor."""
    if got.kind in ("object", "function") or got.kind != expected.kind:
        return False
    return got.kind == "tensor" or got.type_name == expected.type_name


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call led to.

    Attributes:
        value: What is compared: of the result, or of the first argument where it is to be
            changed in place.
        gradients: Gradients that flow back from the value, by the argument's name.
        no_way_back: Why no gradient can flow back through the result, "" where it can.
        error: The exception, or None.
        line: The learner's own line that raised, as "line 2: return x / y", or "".
        tried: Whether something else than `...` came back.
        shares_memory: Whether the result is a tensor upon an argument's storage.
    """

    value: Snapshot = field(default=Snapshot("plain", "NoneType", values=(None,)))
    gradients: dict[str, Snapshot] = field(default_factory=dict)
    no_way_back: str = ""
    error: BaseException | None = None
    line: str = ""
    tried: bool = True
    shares_memory: bool = False

    @property
    def error_text(self) -> str:
        """Type and first line of the message, as Python would print them; "" for none."""
        if self.error is None:
            return ""
        message, name = error_message(self.error), type_name(self.error)
        return f"{name}: {message}" if message else name


def error_message(error: BaseException) -> str:
    """First line of an exception's message, cut short; "" where it cannot be read."""
    try:
        return str.strip(str(error)).split("\n")[0][:_LONGEST_MESSAGE]
    except (Exception, SystemExit):  # its own __str__ may do anything
        return ""


def observe(exercise: Exercise, function: Callable, arguments: tuple) -> Outcome:
    """Call a function, and look at what it gives as the exercise does.

    An exception, also an interrupt, becomes part of the outcome. The random state is
    seeded, and gradients are recorded. To be called inside `standard_settings`.
    """
    start_afresh()
    try:
        result = function(*arguments)
        set_standard()  # what the answer has set is not to meet the look at it
        if type(result) is types.CoroutineType:
            result.close()  # else Python warns that it was never awaited
        look = getattr(exercise, "look", None)
        if look is not None and result is not ...:
            result = look(result, *arguments)
        if result is ...:
            return Outcome(tried=False)
        return _outcome(exercise, result, arguments)
    except BaseException as error:
        return Outcome(error=error, line=learners_line(error))


def _outcome(exercise: Exercise, result: Any, arguments: tuple) -> Outcome:
    """Take down what a call gave."""
    value = arguments[0] if "in place" in exercise.asks else result
    shared = any(shares_memory(result, argument) for argument in arguments)
    gradients: dict[str, Snapshot] = {}
    no_way_back = ""
    try:
        gradients = _gradients(exercise, value, arguments)
    except Exception as error:  # the graph is used up, or what it saved was changed
        no_way_back = error_message(error).split(". ")[0] or type_name(error)
    compared = compared_part(exercise, value, arguments)
    return Outcome(compared, gradients, no_way_back, shares_memory=shared)


def compared_part(exercise: Exercise, value: Any, arguments: tuple = ()) -> Snapshot:
    """Snapshot what is compared of a value; one that cannot be converted as it is."""
    if exercise.canonical is not None:
        try:
            value = exercise.canonical(value, *arguments)
        except Exception:
            return snapshot(value)
    return snapshot(value)


def _gradients(exercise: Exercise, result: Any, arguments: tuple) -> dict[str, Snapshot]:
    """Gradients of a sum with weights of both signs; empty where none are carried."""
    named = zip(exercise.parameters, arguments, strict=True)
    wanting = (pair for pair in named if isinstance(pair[1], torch.Tensor))
    leaves = {name: tensor for name, tensor in wanting if tensor.requires_grad}
    if not leaves or type(result) is not torch.Tensor or not result.requires_grad:
        return {}
    if result.numel() > MOST_ELEMENTS:
        return {}
    weights = torch.linspace(0.5, 1.5, result.numel())
    weights[1::2] *= -1
    weights = weights.reshape(result.shape)
    found = torch.autograd.grad((result * weights).sum(), tuple(leaves.values()), allow_unused=True)
    return {name: snapshot(gradient) for name, gradient in zip(leaves, found, strict=True)}
