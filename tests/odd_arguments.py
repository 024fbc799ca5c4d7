"""Odd arguments, and what a function of the course may do with them: answer, or say why not.

For tests of public functions: an exception counts when a `raise` of the course raised it with a
sentence, or the course added a note with one. A bare error of PyTorch or Python does not.
"""

from __future__ import annotations

import dis
import inspect
import itertools
import math
import sys
import tempfile
import warnings
from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
COURSE = (ROOT / "helpers", ROOT / "exercises")
FOLDER = tempfile.TemporaryDirectory(prefix="odd ")
"""A folder that is there; removed when Python ends."""
SHAPES = ((), (0,), (1,), (3,), (2, 3), (0, 4), (2, 1, 4), (2, 3, 8, 8))
DTYPES = (
    *(torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.bool, torch.uint8),
    *(torch.int64, torch.int8, torch.complex64, torch.uint16, torch.uint64, torch.float8_e4m3fn),
)


class Unruly:
    """An object on which everything fails that is asked of it."""

    def _fail(self, *_: object) -> None:
        raise RuntimeError("do not ask")

    __getattr__ = __bool__ = __len__ = __iter__ = __getitem__ = _fail
    __float__ = __index__ = __int__ = __str__ = __repr__ = __array__ = __contains__ = _fail


class Stateless:
    """An object whose `state_dict()` fails."""

    def state_dict(self) -> dict[str, object]:
        raise RuntimeError("no state")


class Text(str):
    """A kind of string of one's own."""


def looped() -> list[object]:
    """Return a list that contains itself."""
    items: list[object] = []
    items.append(items)
    return items


def twice_looped() -> list[object]:
    """Return a list that contains itself twice, so that its text doubles with each level."""
    items: list[object] = []
    items.extend([items, items])
    return items


def deep() -> list[object]:
    """Return lists within lists, many more than Python calls functions within functions."""
    items: list[object] = []
    for _ in range(100_000):
        items = [items]
    return items


def array_of_unruly() -> np.ndarray:
    """Return an array of objects; NumPy would ask the object, were it given at once."""
    made = np.empty(2, dtype=object)
    made[0] = Unruly()
    return made


# Each is made anew for each call, so that no call sees what another one did to it.
NUMBERS: dict[str, Callable[[], object]] = {
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "-inf": lambda: -math.inf,
    "huge": lambda: 10**6000,
    "huge negative": lambda: -(10**5000),
    "too large for a float": lambda: 10**400,
    "large": lambda: 2**63,
    "negative": lambda: -7,
    "zero": lambda: 0,
    "one": lambda: 1,
    "two": lambda: 2,
    "half": lambda: 0.5,
    "tiny": lambda: 1e-9,
    "large float": lambda: 1e308,
    "complex": lambda: 1 - 2j,
    "fraction": lambda: Fraction(1, 3),
    "decimal": lambda: Decimal("nan"),
    "signalling decimal": lambda: Decimal("sNaN"),
    "date": lambda: np.datetime64("2026-01-01"),
    "long double": lambda: np.longdouble(1),
    "numpy number": lambda: np.float32(0.5),
    "numpy nan": lambda: np.float32("nan"),
    "numpy integer": lambda: np.int64(3),
    "masked": lambda: np.ma.masked,
}
TEXTS: dict[str, Callable[[], object]] = {
    "text": lambda: "a text",
    "empty text": lambda: "",
    "long text": lambda: "ab " * 40_000,
    "long word": lambda: "x" * 5_000,
    "slash": lambda: "a/b",
    "lines": lambda: "two\nlines",
    "parent": lambda: "..",
    "joined letters": lambda: "👩‍👩‍👧",
    "formula": lambda: r"$\frac{1$ and $x_$",
    "own text": lambda: Text("own"),
    "NUL": lambda: "a\0b",
    "surrogate": lambda: "\ud800 \N{RIGHT-TO-LEFT OVERRIDE}",
    "bytes": lambda: b"\xff\x00",
    "empty bytes": lambda: b"",
    "byte array": lambda: bytearray(b"\xff"),
    "path": lambda: Path("a\0b"),
    "missing file": lambda: Path("no such folder") / "x.csv",
    "folder": lambda: Path(FOLDER.name),
    "device file": lambda: "/dev/null",
    "under a file": lambda: Path(__file__) / "below",
    "no such device": lambda: "cuda:99",
}
COLLECTIONS: dict[str, Callable[[], object]] = {
    "generator": lambda: (number for number in range(3)),
    "failing generator": lambda: (1 / 0 for _ in range(2)),
    "endless": itertools.count,
    "range": lambda: range(3),
    "long range": lambda: range(10**30),
    "empty list": list,
    "list": lambda: [1, 2.5, True],
    "table": lambda: [[1, 2], [3, 4]],
    "ragged": lambda: [[1, 2], [3]],
    "list of None": lambda: [None],
    "list of texts": lambda: ["a", None, "$"],
    "list of huge": lambda: [10**400],
    "list of unruly": lambda: [Unruly()],
    "looped": looped,
    "twice looped": twice_looped,
    "deep": deep,
    "list of tensors": lambda: [torch.ones(2, 2), torch.zeros(3)],
    "tensor and None": lambda: [torch.ones(2, 2), None],
    "mixed sizes": lambda: [torch.ones(2, 2), np.zeros((3, 4, 3)), Image.new("RGBA", (3, 2))],
    "pair": lambda: (1, 2),
    "dict": lambda: {"a": torch.ones(2), 1: (None, {3})},
    "dict of odd keys": lambda: OrderedDict({(1, "a"): 1, None: 2, Unruly(): 3}),
    "dict of numbers": lambda: {"loss": [1.0, math.nan]},
    "empty dict": dict,
    "set": lambda: {1, 2},
    "slice": lambda: slice(1, 2),
    "ellipsis": lambda: ...,
}
OBJECTS: dict[str, Callable[[], object]] = {
    "function": lambda: lambda value: value,
    "any function": lambda: lambda *_: None,
    "built-in function": lambda: len,
    "class": lambda: torch.nn.Linear,
    "type": lambda: int,
    "object": object,
    "unruly": Unruly,
    "stateless": Stateless,
    "error": lambda: ValueError("odd"),
    "imported module": lambda: math,
    "stream": lambda: sys.stdout,
    "NotImplemented": lambda: NotImplemented,
    "figure": lambda: Figure((1, 1)),
    "huge figure": lambda: Figure((10**6, 10**6)),
    "axes": lambda: Figure().subplots(),
    "picture": lambda: Image.new("P", (4, 3)),
    "module": lambda: torch.nn.Linear(2, 3),
    "lazy": lambda: torch.nn.LazyLinear(2),
    "optimiser": lambda: torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1),
    "dtype": lambda: torch.float32,
    "torch device": lambda: torch.device("cpu"),
    "size": lambda: torch.Size([2]),
}
ARRAYS: dict[str, Callable[[], object]] = {
    "array": lambda: np.arange(6.0).reshape(2, 3)[:, ::-1],
    "empty array": lambda: np.zeros((2, 0)),
    "array of one": lambda: np.array(3),
    "array of bool": lambda: np.array([True]),
    "array of complex": lambda: np.ones((2, 2)) * 1j,
    "array of objects": lambda: np.array([None, "a"], dtype=object),
    "array of unruly": array_of_unruly,
    "array of texts": lambda: np.array(["a", "b"]),
    "array of fields": lambda: np.zeros(1, dtype=[("a", float)]),
    "array of long doubles": lambda: np.ones(3, dtype=np.longdouble),
    "dates": lambda: np.array(["2026-01-01"], dtype="datetime64[D]"),
    "big-endian": lambda: np.arange(4, dtype=">i4"),
    "read-only": lambda: np.broadcast_to(np.float32(2), (2, 2)),
    "huge array": lambda: np.broadcast_to(np.zeros(1), (10**10,)),
    "masked array": lambda: np.ma.masked_greater(np.arange(4.0), 2),
}
TENSORS: dict[str, Callable[[], object]] = {
    "leaf": lambda: torch.ones(3, requires_grad=True),
    "result": lambda: torch.ones(3, requires_grad=True).exp(),
    "meta": lambda: torch.ones(2, 3, device="meta"),
    "meta number": lambda: torch.ones((), device="meta"),
    "meta image": lambda: torch.ones(3, 8, 8, device="meta"),
    "sparse": lambda: torch.eye(3).to_sparse(),
    "csr": lambda: torch.eye(3).to_sparse_csr(),
    "huge sparse": lambda: torch.sparse_coo_tensor(size=(10**6, 10**6)),
    "nested tensor": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    "jagged": lambda: torch.nested.nested_tensor([torch.ones(2)], layout=torch.jagged),
    "mkldnn": lambda: torch.ones(2, 2).to_mkldnn(),
    "quantised": lambda: torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 0, torch.quint8),
    "signed quantised": lambda: torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 0, torch.qint8),
    "float8": lambda: torch.ones(2, 3).to(torch.float8_e5m2),
    "conjugate": lambda: torch.ones(2, 2, dtype=torch.complex64).conj(),
    "negative view": lambda: torch.ones(2, 2, dtype=torch.complex64).conj().imag,
    "bits": lambda: torch.empty(2, 2, dtype=torch.bits8),
    "expanded": lambda: torch.zeros(()).expand(10**6, 10**6),
    "many dims": lambda: torch.ones([1] * 40),
    "view": lambda: torch.arange(100.0)[3:5],
    "nans": lambda: torch.tensor([[math.nan, math.inf], [-math.inf, 1.0]]),
    "all nan": lambda: torch.full((2, 4, 4), math.nan),
    "large integers": lambda: torch.full((2, 2), 2**62),
    "index": lambda: torch.tensor([[0, 1], [1, 0]]),
    "far index": lambda: torch.tensor([10**12, -1]),
    "mask": lambda: torch.tensor([True, False, True]),
    "parameter": lambda: torch.nn.Parameter(torch.ones(2, 2)),
    "uninitialised": torch.nn.UninitializedParameter,
}
ODD = {**NUMBERS, **TEXTS, **COLLECTIONS, **OBJECTS, **ARRAYS, **TENSORS}
PLAIN_TENSORS = st.builds(
    lambda shape, dtype, fill: torch.full(shape, fill).to(dtype),
    st.sampled_from(SHAPES),
    st.sampled_from(DTYPES),
    st.sampled_from((0.0, 1.0, 3.0, -2.5, 300.0)),
)


def make(name: str) -> object:
    """Make the odd value of this name."""
    with warnings.catch_warnings():  # of PyTorch, about its sparse, nested and quantised tensors
        warnings.simplefilter("ignore")
        return ODD[name]()


@st.composite
def odd(draw: st.DrawFn) -> object:
    """Give one of the odd values, or a small tensor, number or text of any kind."""
    named = st.sampled_from(sorted(ODD)).map(make)
    numbers = st.one_of(st.integers(-3, 12), st.floats())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return draw(st.one_of(named, named, PLAIN_TENSORS, numbers, st.text(max_size=8)))


def odd_call(function: Callable[..., object]) -> st.SearchStrategy[tuple[list, dict]]:
    """Give odd positional and keyword arguments that fit a function's signature."""
    positional, required, optional = [], {}, {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += [odd(), odd()]
        elif parameter.kind is parameter.KEYWORD_ONLY:
            group = required if parameter.default is parameter.empty else optional
            group[parameter.name] = odd()
        elif parameter.kind is not parameter.VAR_KEYWORD:
            positional.append(odd())
    named = st.fixed_dictionaries(required, optional=optional)
    return st.tuples(st.tuples(*positional).map(list), named)


SEEDED = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=30_000,
    suppress_health_check=list(HealthCheck),
)


def is_ours(problem: BaseException) -> bool:
    """Return whether a `raise` of the course raised it with a sentence, or added one to it.

    An error that happens by itself on the line of a `raise`, as in its message, is not ours.
    """
    frame = problem.__traceback__
    while frame.tb_next is not None:
        frame = frame.tb_next
    code = frame.tb_frame.f_code
    is_raised = code.co_code[frame.tb_lasti] == dis.opmap["RAISE_VARARGS"]
    is_here = any(folder in Path(code.co_filename).parents for folder in COURSE)
    sentences = list(getattr(problem, "__notes__", []))
    if is_raised and is_here:
        sentences.append(str(problem))
    return any(len(sentence.split()) > 3 for sentence in sentences)


def check(function: Callable[..., object], *arguments: object, **options: object) -> object:
    """Call a function; return its answer, or None for an exception that explains itself.

    Any other exception passes, and fails the test.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments, **options)
    except Exception as problem:
        if not is_ours(problem):
            raise
        return None
