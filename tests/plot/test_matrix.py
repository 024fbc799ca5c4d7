"""The drawing of a matrix, and of a sum along one dimension."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from helpers import plot

TABLE = torch.arange(12).reshape(3, 4)


def test_a_dim_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError, match="dims -2 to 1"):
        plot.along_dim(TABLE, 2)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_along_dim_gives_the_sums(dim: int) -> None:
    lines = plot.describe(plot.along_dim(TABLE, dim)).splitlines()
    sums = " ".join(str(value) for value in TABLE.sum(dim).tolist())
    assert lines[-1] == f"Sums: {sums}."
    assert lines[0].startswith(f"sum(dim={dim % 2}) adds along dim {dim % 2}: shape (3, 4)")


def test_highlight_marks_by_index_or_mask() -> None:
    by_mask = plot.describe(plot.matrix(TABLE, highlight=TABLE == 6))
    assert by_mask.endswith("Highlighted: [1, 2].")
    assert plot.describe(plot.matrix(TABLE, highlight=(1, 2))) == by_mask
    assert plot.describe(plot.matrix(torch.arange(3), highlight=1)).endswith("Highlighted: [1].")


@pytest.mark.parametrize(
    "table",
    [TABLE.tolist(), tuple(map(tuple, TABLE.tolist())), TABLE.numpy(), list(TABLE), TABLE.numpy()],
)
def test_arrays_and_lists_are_drawn_as_tensors_are(table: object) -> None:
    assert plot.describe(plot.matrix(table)) == plot.describe(plot.matrix(TABLE))
    assert plot.png(plot.matrix(table)) == plot.png(plot.matrix(TABLE))
    assert plot.describe(plot.along_dim(table, 0)) == plot.describe(plot.along_dim(TABLE, 0))


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (2.5, "A tensor of shape (), float32.\nValues: 2.5."),
        (torch.eye(2).to_sparse(), "A tensor of shape (2, 2), float32.\nValues: 1 0; 0 1."),
        (torch.tensor([1, 2], dtype=torch.uint16), "A tensor of shape (2,), uint16.\nValues: 1 2."),
        (
            torch.ones(2).to(torch.float8_e4m3fn),
            "A tensor of shape (2,), float8_e4m3fn.\nValues: 1 1.",
        ),
        (
            torch.tensor([torch.nan, -torch.inf]),
            "A tensor of shape (2,), float32.\nValues: nan -inf.",
        ),
        (
            torch.tensor([1 + 2j]).conj(),
            "A tensor of shape (1,), complex64.\nValues: 1-2j.",
        ),
        (np.arange(3)[::-1], "A tensor of shape (3,), int64.\nValues: 2 1 0."),
        (np.float64(0.5), "A tensor of shape (), float64.\nValues: 0.5."),
        (
            torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.quint8),
            "A tensor of shape (2,), float32.\nValues: 1 1.",
        ),
    ],
)
def test_numbers_of_every_kind_are_drawn(tensor: object, words: str) -> None:
    figure = plot.matrix(tensor)
    assert plot.describe(figure) == words
    assert plot.png(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot.matrix(None), TypeError, "tensor is None; give a tensor, a NumPy array"),
        (lambda: plot.matrix([[1, 2], [3]]), ValueError, r"different shapes, \(2,\) and \(1,\)"),
        (lambda: plot.matrix([[1, "a"]]), TypeError, r"tensor\[0\]\[1\] is 'a'"),
        (lambda: plot.matrix(TABLE, highlight=9), IndexError, r"highlight, 9, does not index"),
        (lambda: plot.matrix(TABLE, highlight="a"), IndexError, "highlight, 'a', does not index"),
        (lambda: plot.matrix(torch.zeros(()).expand(9**9, 9**9)), ValueError, "cannot be drawn"),
        (lambda: plot.matrix(torch.empty(0)), ValueError, r"shape \(0,\) cannot be drawn"),
        (lambda: plot.matrix(torch.ones(1, 17)), ValueError, "1 to 16 columns"),
        (lambda: plot.matrix(2**63), ValueError, "an integer too large for PyTorch's int64"),
        (lambda: plot.along_dim(TABLE, 0.5), TypeError, "dim must be an integer, not 0.5"),
        (lambda: plot.along_dim(TABLE, True), TypeError, "dim must be an integer, not True"),
        (lambda: plot.along_dim(TABLE, 10**40), IndexError, "dim is an integer of about 40 digits"),
        (lambda: plot.along_dim(torch.tensor(1), 0), ValueError, "non-empty tensor of 1 or 2"),
        (lambda: plot.along_dim(torch.ones(9, 1), 0), ValueError, "at most 8 rows and 10"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("shape", [(12, 1), (1, 16), (12, 16)])
def test_the_largest_matrix_is_drawn(shape: tuple[int, int]) -> None:
    assert f"shape {shape}" in plot.describe(plot.matrix(torch.zeros(shape)))


@pytest.mark.parametrize("shape", [(8, 10), (8, 1), (1, 10)])
def test_the_largest_sum_is_drawn(shape: tuple[int, int]) -> None:
    assert f"shape {shape} becomes" in plot.describe(plot.along_dim(torch.zeros(shape), 0))


@pytest.mark.parametrize(("dim", "arrows"), [(0, "down"), (1, "right")])
def test_arrows_run_along_the_dim_that_is_summed(dim: int, arrows: str) -> None:
    figure = plot.along_dim(TABLE, dim)
    patches = [p for p in figure.axes[0].patches if hasattr(p, "get_arrowstyle")]
    blue = [p for p in patches if to_hex(p.get_edgecolor()).upper() == plot.OKABE_ITO["blue"]]
    assert len(blue) == TABLE.numel()
    for patch in blue:
        (x, y), (x_end, y_end) = patch._posA_posB
        assert (x_end > x, y_end > y) == ((False, True) if arrows == "down" else (True, False))


def test_a_title_is_any_value() -> None:
    assert plot.describe(plot.matrix(TABLE, 7)).startswith("7: a tensor of shape (3, 4)")
    assert plot.describe(plot.matrix(TABLE, None)).startswith("A tensor of shape (3, 4)")
