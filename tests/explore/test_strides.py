"""The explorer for strides: addresses that lead to the elements."""

import pytest
import torch

from helpers import explore
from helpers.explore import _strides as views


def test_moving_an_index_changes_address_words_and_picture() -> None:
    explorer = explore.strides()
    assert "address = offset + Σ stride·index = 0 + 1·1 + 4·2 = 9" in explorer.text
    before = explorer.png
    explorer.controls["index 0"].value = 3
    assert "address = offset + Σ stride·index = 0 + 1·3 + 4·2 = 11" in explorer.text
    assert "view[3, 2] = storage[11] = 110" in explorer.text
    assert "Framed: box 11." in explorer.text
    assert explorer.png != before


def test_another_operation_limits_and_hides_the_sliders() -> None:
    explorer = explore.strides()
    explorer.controls["operation"].value = "t[..., 1]"
    assert explorer.controls["index 0"].max == 2
    assert explorer.controls["index 1"].layout.display == "none"
    assert "view[1] = storage[5] = 50" in explorer.text
    explorer.controls["shape"].value = (2, 3, 4)
    explorer.controls["operation"].value = "t.unsqueeze(0)"
    assert explorer.controls["index 3"].layout.display is None
    assert explorer.controls["index 3"].max == 3


def test_a_copy_is_called_a_copy() -> None:
    explorer = explore.strides()
    explorer.controls["operation"].value = "t.transpose(0, -1).flatten()"
    assert (
        "copy = t.transpose(0, -1).flatten()   # a copy: this storage is its own" in explorer.text
    )
    assert "0 40 80 10 50 90 20 60 100 30 70 110." in explorer.text


@pytest.mark.parametrize("shape", views.SHAPES)
@pytest.mark.parametrize("operation", views.OPERATIONS)
def test_the_address_leads_to_the_element(shape: tuple[int, ...], operation: str) -> None:
    chosen = views.element(shape, operation, (1, 1, 1, 1))
    assert chosen.index == tuple(min(1, size - 1) for size in chosen.view.shape)
    flat = torch.as_strided(chosen.view, (chosen.address + 1,), (1,), 0)
    assert flat[chosen.address] == chosen.view[chosen.index]
    assert chosen.sentences()[-1].endswith(f"= {chosen.view[chosen.index].item()}")
