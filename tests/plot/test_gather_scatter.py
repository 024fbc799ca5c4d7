"""The drawings of gather and scatter."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from helpers import plot


def test_errors_of_gather_are_those_of_pytorch() -> None:
    with pytest.raises(RuntimeError):
        plot.gather(torch.ones(3), 0, torch.tensor([3]))


def test_gather_says_where_each_element_comes_from() -> None:
    source = torch.tensor([[10, 11, 12], [20, 21, 22]])
    words = plot.describe(plot.gather(source, 1, torch.tensor([[2, 0], [1, 1]])))
    assert "row 0: 12 from 2, 10 from 0; row 1: 21 from 1, 21 from 1." in words
    words = plot.describe(plot.gather(source, 0, torch.tensor([[1, 0, 1]])))
    assert "column 0: 20 from 1; column 1: 11 from 0; column 2: 22 from 1." in words


def test_scatter_says_what_is_written_and_warns_of_a_collision() -> None:
    words = plot.describe(plot.scatter(torch.tensor([[2], [0]]), 1, 1, 3))
    assert words.splitlines()[1:] == [
        "Write row 0: 1 to 2; row 1: 1 to 0.",
        "Result: 0 0 1; 1 0 0.",
    ]
    words = plot.describe(plot.scatter(torch.tensor([1, 1]), torch.tensor([5, 6]), 0, 3))
    assert words.endswith("only one of them stays.")


def test_arrows_run_from_each_source_to_its_place() -> None:
    figure = plot.gather(torch.arange(5), 0, torch.tensor([4, 0, 0]))
    arrows = [patch for patch in figure.axes[0].patches if hasattr(patch, "get_arrowstyle")]
    assert len(arrows) == 3


def test_lists_and_arrays_are_drawn_as_tensors_are() -> None:
    expected = plot.gather(torch.tensor([[5, 6], [7, 8]]), 1, torch.tensor([[1], [0]]))
    for source, index in (
        ([[5, 6], [7, 8]], [[1], [0]]),
        (np.array([[5, 6], [7, 8]]), np.array([[1], [0]])),
    ):
        assert plot.png(plot.gather(source, 1, index)) == plot.png(expected)
    written = plot.scatter(torch.tensor([1, 0]), torch.tensor([5, 6]), 0, 3)
    assert plot.describe(plot.scatter([1, 0], (5, 6), 0, 3)) == plot.describe(written)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot.gather(None, 0, [0]), TypeError, "source is None"),
        (lambda: plot.gather([1, 2], 0, [0.5]), RuntimeError, "fails: gather"),
        (lambda: plot.gather([1, 2], 0, [2]), RuntimeError, "fails: index 2 is out of bounds"),
        (lambda: plot.gather([1, 2], 1, [0]), IndexError, r"shape \(1,\) has dims -1 to 0"),
        (lambda: plot.gather([1, 2], 0, []), ValueError, "two non-empty tensors"),
        (lambda: plot.gather(list(range(11)), 0, [0]), ValueError, "up to 11 boxes"),
        (lambda: plot.scatter([0], 1, 0, 0), ValueError, "size=0 is too small; it must be"),
        (lambda: plot.scatter([0], 1, 0, 10**40), ValueError, "up to an integer of about 40"),
        (lambda: plot.scatter([0], 1, 0, None), TypeError, "size must be an integer, not None"),
        (lambda: plot.scatter([3], 1, 0, 3), RuntimeError, "fails: index 3 is out of bounds"),
        (lambda: plot.scatter([0], "x", 0, 3), TypeError, "source is 'x'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("dtype", [torch.bool, torch.float16, torch.uint16, torch.float8_e5m2])
def test_every_dtype_is_gathered_and_scattered(dtype: torch.dtype) -> None:
    source = torch.tensor([0, 1, 1]).to(dtype)
    assert "Result: " in plot.describe(plot.gather(source, 0, [2, 0]))
    assert "Result: " in plot.describe(plot.scatter([2, 0, 1], source, 0, 3))


@pytest.mark.parametrize(("dim", "direction"), [(1, "down"), (0, "right")])
def test_arrows_cross_from_the_strip_that_is_read_to_the_one_that_is_written(
    dim: int, direction: str
) -> None:
    figure = plot.gather(torch.tensor([[5, 6], [7, 8]]), dim, torch.tensor([[0, 0], [0, 0]]))
    patches = [p for p in figure.axes[0].patches if hasattr(p, "get_arrowstyle")]
    assert len(patches) == 4
    for patch in patches:
        (x, y), (x_end, y_end) = patch._posA_posB
        assert (y_end > y) if direction == "down" else (x_end > x)
