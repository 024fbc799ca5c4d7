"""The explorer for broadcasting: typed shapes, and PyTorch's answer."""

import matplotlib.pyplot as plt
import pytest
import torch

from helpers import explore
from helpers.explore import _broadcasting as shapes
from helpers.explore._explorer import Explorer


def test_typed_shapes_are_aligned() -> None:
    explorer = explore.broadcasting()
    before = explorer.png
    explorer.controls["a"].value = "(2, 1, 4)"
    explorer.controls["b"].value = "3, 1"
    assert "(a + b).shape is (2, 3, 4)" in explorer.text
    assert "b is stretched along dim -3 to 2 and dim -1 to 4." in explorer.text
    assert explorer.png != before


def test_shapes_that_do_not_fit_show_the_error_of_pytorch() -> None:
    explorer = explore.broadcasting()
    explorer.controls["a"].value = "2, 3"
    explorer.controls["b"].value = "2"
    with pytest.raises(RuntimeError) as caught:
        torch.zeros(2, 3) + torch.zeros(2)
    assert f"a + b raises RuntimeError: {caught.value}" in explorer.text
    assert "They do not fit along dim -1: 3 and 2." in explorer.text


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    """One explorer in which one thing after the other is typed."""
    return explore.broadcasting()


@pytest.mark.parametrize("typed", ["3, x", "-1", "3;4", "1, 1, 1, 1, 1, 1", "1001", "2,,3"])
def test_what_is_no_shape_is_explained_and_the_figure_stays(typed: str, explorer: Explorer) -> None:
    before = explorer.png
    explorer.controls["a"].value = typed
    assert f'"{typed}" is' in explorer.text
    assert explorer.png == before
    explorer.controls["a"].value = "3, 1"
    assert f'"{typed}"' not in explorer.text


@pytest.mark.parametrize(
    ("typed", "shape"),
    [
        ("", ()),
        ("()", ()),
        ("3", (3,)),
        ("(3,)", (3,)),
        (" 2 , 3 ", (2, 3)),
        ("[4, 0]", (4, 0)),
    ],
)
def test_shapes_can_be_typed_in_several_ways(typed: str, shape: tuple[int, ...]) -> None:
    assert shapes.parse_shape(typed) == shape


def test_an_example_fills_in_both_shapes() -> None:
    explorer = explore.broadcasting()
    explorer.controls["examples"].value = shapes.EXAMPLES[-1]
    assert (
        explorer.controls["a"].value,
        explorer.controls["b"].value,
    ) == shapes.EXAMPLES[-1]
    assert "(a + b).shape is (8, 3, 32, 32)" in explorer.text


@pytest.mark.parametrize(("first", "second"), [*shapes.EXAMPLES, ("0", "1"), ("1000, 1000", "1")])
def test_every_pair_of_shapes_gives_a_figure(first: str, second: str) -> None:
    state = shapes.picture(first, second)
    assert state.sentences and state.figure.course_alternative
    assert plt.get_fignums() == []


def test_what_is_typed_is_escaped() -> None:
    explorer = explore.broadcasting()
    explorer.controls["a"].value = "<b>3</b>"
    assert "<b>" not in explorer._words.value
