"""The drawing of broadcasting."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from helpers import plot
from helpers.plot._broadcasting import mismatch


def test_broadcasting_hatches_what_is_stretched_and_nothing_else() -> None:
    figure = plot.broadcasting(torch.arange(3)[:, None], torch.arange(4))
    hatched = [patch for patch in figure.axes[0].patches if patch.get_hatch()]
    sizes, copies_of_a, copies_of_b = 2, 3 * 3, 2 * 4
    assert len(hatched) == sizes + copies_of_a + copies_of_b


def test_broadcasting_says_sizes_and_values() -> None:
    words = plot.describe(plot.broadcasting(torch.tensor([[1], [2]]), torch.tensor([10, 20, 30])))
    assert words.splitlines() == [
        "Broadcasting a (2, 1) and b (3,) gives (2, 3).",
        "a is stretched along dim -1 to 3.",
        "b is stretched along dim -2 to 2.",
        "a: 1; 2. b: 10 20 30. a + b: 11 21 31; 12 22 32.",
    ]


def test_lists_arrays_and_numbers_are_drawn_as_tensors_are() -> None:
    expected = plot.describe(plot.broadcasting(torch.tensor([[1], [2]]), torch.tensor([1.5])))
    for a, b in (([[1], [2]], [1.5]), (np.array([[1], [2]]), (1.5,))):
        assert plot.describe(plot.broadcasting(a, b)) == expected
    assert "a () and b (2,) gives (2,)" in plot.describe(plot.broadcasting(2.5, [1, 2]))


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint16, torch.float8_e4m3fn, torch.complex32])
def test_every_dtype_is_broadcast(dtype: torch.dtype) -> None:
    figure = plot.broadcasting(torch.ones(2, 1).to(dtype), torch.ones(3).to(dtype))
    assert "gives (2, 3)" in plot.describe(figure) and plot.png(figure)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot.broadcasting("a", 1), TypeError, "a is 'a'; give a tensor"),
        (lambda: plot.broadcasting(1, None), TypeError, "b is None; give a tensor"),
        (lambda: plot.broadcasting(torch.ones([1] * 9), 1), ValueError, "at most 8 are drawn"),
        (
            lambda: plot.broadcasting(torch.ones(2, 3), torch.ones(2, 1, 4)),
            ValueError,
            "dimension -1 is 3 and 4; they must be equal, or one of them 1",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("shapes", "boxes"),
    [(((8, 1), (7,)), True), (((9, 1), (7,)), False), (((8, 1), (8,)), False), (((), ()), True)],
)
def test_up_to_8_rows_and_7_columns_are_drawn_as_boxes(
    shapes: tuple[tuple[int, ...], ...], boxes: bool
) -> None:
    words = plot.describe(plot.broadcasting(*(torch.ones(shape) for shape in shapes)))
    assert ("a + b: " in words) == boxes


def test_clashes_are_named_by_their_dimension() -> None:
    words = plot.describe(mismatch((2, 3, 4), (5, 4)))
    assert words.splitlines() == [
        "a (2, 3, 4) and b (5, 4) do not broadcast.",
        "They do not fit along dim -2: 3 and 5.",
    ]
