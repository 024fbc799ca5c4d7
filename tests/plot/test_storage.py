"""The drawing of a storage and its views."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from helpers import plot

TABLE = torch.arange(12).reshape(3, 4)


def test_storage_says_what_each_view_reads() -> None:
    words = plot.describe(plot.storage(TABLE, column=TABLE[:, 1], flat=TABLE[:1].expand(2, 4)))
    assert words.splitlines() == [
        "Storage of 12 elements, int64, boxes 0 to 11: 0 1 2 3 4 5 6 7 8 9 10 11.",
        "column: shape (3,), stride (4,), offset 1, not contiguous; reads boxes 1 5 9.",
        "flat: shape (2, 4), stride (0, 1), offset 0, not contiguous; reads boxes 0 1 2 3 0 1 2 3.",
    ]


def test_storage_draws_the_whole_storage_of_a_slice() -> None:
    assert "tensor: shape (2,), stride (2,), offset 1" in plot.describe(
        plot.storage(torch.arange(5)[1::2])
    )
    assert "boxes 0 to 4: 0 1 2 3 4." in plot.describe(plot.storage(torch.arange(5)[1::2]))


def test_storage_writes_index_and_repetition_into_the_boxes() -> None:
    row = torch.tensor([7, 8])
    figure = plot.storage(row, repeated=row.expand(3, 2), second=row[1:])
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts.count("×3") == 2 and texts.count("0") == 2
    assert "dim 0: stride 0, the same box again" in texts


@pytest.mark.parametrize("operation", ["view", "as_strided", "scalar", "empty"])
def test_storage_takes_any_view(operation: str) -> None:
    base = torch.arange(6.0, requires_grad=True)
    view = {
        "view": base.view(2, 3),
        "as_strided": base.as_strided((4, 3), (1, 1)),
        "scalar": base[2],
        "empty": base[6:],
    }[operation]
    expected = torch.arange(6).as_strided(view.shape, view.stride(), view.storage_offset())
    boxes = " ".join(map(str, expected.flatten().tolist()))
    reads = f"reads boxes {boxes}." if boxes else "reads no box."
    assert reads in plot.describe(plot.storage(base, seen=view))


def test_too_many_reads_are_refused() -> None:
    one = torch.ones(1)
    with pytest.raises(ValueError, match="wide has 2000 elements"):
        plot.storage(one, wide=one.expand(2000))


def test_numbers_without_a_tensor_get_a_storage_of_their_own() -> None:
    expected = plot.describe(plot.storage(torch.arange(3)))
    assert plot.describe(plot.storage([0, 1, 2])) == expected
    assert plot.describe(plot.storage(np.arange(3))) == expected


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot.storage(None), TypeError, "base is None; give a tensor"),
        (lambda: plot.storage(TABLE, view=[1]), TypeError, "view is a list, not a view"),
        (lambda: plot.storage(TABLE, view=None), TypeError, "view is None, not a view"),
        (
            lambda: plot.storage(torch.nested.nested_tensor([torch.ones(2)])),
            ValueError,
            "nested tensor has no storage",
        ),
        (
            lambda: plot.storage(torch.empty(2, dtype=torch.bits8)),
            ValueError,
            "the numbers of the storage, a bits8 tensor, cannot be read",
        ),
    ],
)
def test_what_has_no_storage_is_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("size", [1, 18, 19, 24])
def test_up_to_24_boxes_fit_the_page(size: int) -> None:
    figure = plot.storage(torch.arange(size))
    assert figure.get_figwidth() <= 24 * 0.45 + 0.5
    assert f"boxes 0 to {size - 1}" in plot.describe(figure)
    with pytest.raises(ValueError, match="1 to 24 can be drawn"):
        plot.storage(torch.arange(25))


def test_more_than_48_reads_are_counted() -> None:
    row = torch.arange(7)
    words = plot.describe(plot.storage(row, seven=row.expand(7, 7)))
    assert words.endswith("0 1 2 3 4 5 … and 1 more.") and words.count("0 1 2 3 4 5 6") == 7
