"""Every public function of `helpers.plot` with odd arguments: a figure, or a sentence of ours."""

import traceback
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from helpers import plot

COURSE = Path(__file__).parents[2] / "helpers"
SHAPES = ((), (0,), (1,), (3,), (2, 3), (4, 5), (0, 4), (2, 1, 4), (2, 3, 4, 4), (3, 4, 4, 3))
DTYPES = (
    *(torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.bool, torch.uint8),
    *(torch.int64, torch.int8, torch.complex64, torch.uint16, torch.uint64, torch.float8_e4m3fn),
)


class Unruly:
    """An object on which everything fails that is asked of it."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"no {name}")

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def looped() -> list:
    """Return a list that contains itself."""
    items: list = []
    items.append(items)
    return items


# Each is made anew for each call, so that no call sees what another one did to it.
ODD: dict[str, Callable[[], object]] = {
    "None": lambda: None,
    "True": lambda: True,
    "nan": lambda: float("nan"),
    "inf": lambda: float("-inf"),
    "huge": lambda: 10**400,
    "large": lambda: 2**63,
    "negative": lambda: -7,
    "zero": lambda: 0,
    "one": lambda: 1,
    "complex": lambda: 1 - 2j,
    "fraction": lambda: Fraction(1, 3),
    "text": lambda: "a text",
    "formula": lambda: r"$\frac{1$ and $x_$",
    "long text": lambda: "ab " * 40_000,
    "NUL": lambda: "a\0b",
    "surrogate": lambda: "\ud800 \N{RIGHT-TO-LEFT OVERRIDE}",
    "bytes": lambda: b"\xff\x00",
    "path": lambda: Path("a\0b"),
    "function": lambda: lambda value: value,
    "class": lambda: int,
    "object": object,
    "unruly": Unruly,
    "generator": lambda: (number for number in range(3)),
    "endless": lambda: iter(int, 1),
    "empty list": list,
    "list": lambda: [1, 2.5, True],
    "ragged": lambda: [[1, 2], [3]],
    "nested": lambda: [[1, 2], [3, 4]],
    "looped": looped,
    "list of texts": lambda: ["a", None, "$"],
    "list of tensors": lambda: [torch.ones(2, 2), torch.zeros(2, 2)],
    "mixed sizes": lambda: [torch.ones(2, 2), np.zeros((3, 4, 3)), Image.new("RGBA", (3, 2))],
    "dict": lambda: {"a": torch.ones(2), "": 1},
    "dict of tensors": lambda: {1: torch.ones(2), "$x": torch.ones(())},
    "set": lambda: {1, 2},
    "slice": lambda: slice(1, 2),
    "ellipsis": lambda: ...,
    "range": lambda: range(4),
    "PIL": lambda: Image.new("P", (4, 3)),
    "array": lambda: np.arange(6.0).reshape(2, 3)[:, ::-1],
    "read-only": lambda: np.broadcast_to(np.float32(2), (2, 2)),
    "array of objects": lambda: np.array([None, "a"], dtype=object),
    "array of texts": lambda: np.array(["a", "b"]),
    "dates": lambda: np.array(["2026-01-01"], dtype="datetime64[D]"),
    "big-endian": lambda: np.arange(4, dtype=">i4"),
    "long double": lambda: np.ones(3, dtype=np.longdouble),
    "masked": lambda: np.ma.masked_greater(np.arange(4.0), 2),
    "leaf": lambda: torch.ones(3, requires_grad=True),
    "result": lambda: torch.ones(3, requires_grad=True).exp().sum(),
    "meta": lambda: torch.ones(2, 3, device="meta"),
    "sparse": lambda: torch.eye(3).to_sparse(),
    "csr": lambda: torch.eye(3).to_sparse_csr(),
    "huge sparse": lambda: torch.sparse_coo_tensor(size=(10**6, 10**6)),
    "nested tensor": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    "quantised": lambda: torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 0, torch.quint8),
    "conjugate": lambda: torch.ones(2, 2, dtype=torch.complex64).conj(),
    "bits": lambda: torch.empty(2, 2, dtype=torch.bits8),
    "expanded": lambda: torch.zeros(()).expand(10**6, 10**6),
    "many dims": lambda: torch.ones([1] * 40),
    "nans": lambda: torch.tensor([[float("nan"), float("inf")], [0.0, 1.0]]),
    "all nan": lambda: torch.full((2, 4, 4), float("nan")),
    "index": lambda: torch.tensor([[0, 1], [1, 0]]),
    "far index": lambda: torch.tensor([10**12, -1]),
    "mask": lambda: torch.tensor([True, False, True]),
    "parameter": lambda: torch.nn.Parameter(torch.ones(2, 2)),
    "module": lambda: torch.nn.Linear(2, 3),
    "dtype": lambda: torch.float32,
    "figure": Figure,
    "axes": lambda: Figure().subplots(),
    "grid of axes": lambda: Figure().subplots(2, 2),
    "axes and figure": lambda: (figure := Figure(), figure.subplots()),
    "subfigure": lambda: Figure().subfigures(1, 2)[0],
    "pyplot": lambda: plt,
    "a closed figure": lambda: plt.figure(),
}
NUMBERS = st.builds(
    lambda shape, dtype, fill: torch.full(shape, fill).to(dtype),
    st.sampled_from(SHAPES),
    st.sampled_from(DTYPES),
    st.sampled_from((0.0, 1.0, 3.0, -2.5, 300.0)),
)
VALUES = st.one_of(st.sampled_from(sorted(ODD)).map(lambda name: ODD[name]()), NUMBERS)
# Some arguments that fit, so that the odd ones come through to where they are used.
TENSORS = st.one_of(NUMBERS, VALUES)

CALLS: dict[str, tuple[Callable[..., object], tuple[st.SearchStrategy, ...]]] = {
    "along_dim": (plot.along_dim, (TENSORS, st.one_of(st.integers(-3, 3), VALUES))),
    "broadcasting": (plot.broadcasting, (TENSORS, TENSORS)),
    "describe": (plot.describe, (VALUES,)),
    "gather": (plot.gather, (TENSORS, st.one_of(st.integers(-3, 3), VALUES), TENSORS)),
    "graph": (plot.graph, (VALUES, VALUES)),
    "image_grid": (plot.image_grid, (TENSORS, VALUES, st.one_of(st.integers(1, 9), VALUES))),
    "matrix": (plot.matrix, (TENSORS, VALUES, VALUES)),
    "png": (plot.png, (VALUES,)),
    "scatter": (
        plot.scatter,
        (TENSORS, TENSORS, st.one_of(st.integers(-3, 3), VALUES), st.one_of(st.just(3), VALUES)),
    ),
    "show": (plot.show, (VALUES,)),
    "storage": (lambda base, view: plot.storage(base, view=view), (TENSORS, TENSORS)),
    "storage alone": (plot.storage, (TENSORS,)),
    "style": (plot.style, (VALUES,)),
}


def is_ours(problem: BaseException) -> bool:
    """Return whether a `raise` of the course raised it with a sentence, or added one to it."""
    last = traceback.extract_tb(problem.__traceback__)[-1]
    raised_here = COURSE in Path(last.filename).parents and (last.line or "").startswith("raise")
    sentences = [str(problem)] if raised_here else []
    sentences += getattr(problem, "__notes__", [])
    return any(len(sentence.split()) > 3 and sentence.endswith(".") for sentence in sentences)


def check(function: Callable[..., object], *arguments: object) -> None:
    """Call, draw what came back, and accept an exception only when it explains itself."""
    plt.close("all")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = function(*arguments)
            if isinstance(made, Figure):
                assert plot.describe(made)
                made.draw_without_rendering()
    except Exception as problem:
        if not is_ours(problem):
            raise
    assert plt.get_fignums() in ([], [1])
    plt.close("all")


def test_every_public_function_is_tried() -> None:
    functions = {name for name in plot.__all__ if callable(getattr(plot, name))}
    assert functions <= set(CALLS)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CALLS)
def test_odd_arguments_give_an_answer_or_a_sentence(name: str) -> None:
    function, strategies = CALLS[name]

    @settings(
        max_examples=25,
        derandomize=True,
        database=None,
        deadline=20_000,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*strategies))
    def run(arguments: tuple[object, ...]) -> None:
        check(function, *arguments)

    run()


@pytest.mark.parametrize("odd", ODD)
def test_each_odd_value_is_tried_in_each_first_argument(odd: str) -> None:
    index = torch.tensor([[0, 1], [1, 0]])
    table = torch.arange(6.0).reshape(2, 3)
    for function in (plot.describe, plot.png, plot.show, plot.style, plot.graph, plot.matrix):
        check(function, ODD[odd]())
    for function in (plot.image_grid, plot.storage):
        check(function, ODD[odd]())
    check(plot.along_dim, ODD[odd](), 0)
    check(plot.along_dim, table, ODD[odd]())
    check(plot.broadcasting, ODD[odd](), table)
    check(plot.gather, ODD[odd](), 0, index)
    check(plot.gather, table, 1, ODD[odd]())
    check(plot.scatter, ODD[odd](), 1.0, 0, 3)
    check(plot.scatter, index, ODD[odd](), 0, 3)
    check(plot.scatter, index, 1.0, 0, ODD[odd]())
    check(plot.matrix, table, ODD[odd](), None)
    check(plot.matrix, table, "", ODD[odd]())
    check(plot.image_grid, torch.rand(2, 4, 4), ODD[odd]())
    check(plot.image_grid, torch.rand(2, 4, 4), None, ODD[odd]())
    check(plot.graph, torch.ones(2, requires_grad=True).exp(), ODD[odd]())
