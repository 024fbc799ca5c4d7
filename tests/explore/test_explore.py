"""The explorers: controls that are really moved, and the figure that stands in for them."""

import base64
import html
import sys

import matplotlib.pyplot as plt
import pytest
import torch

from helpers import explore
from helpers.explore import _broadcasting as shapes
from helpers.explore import _strides as views
from helpers.explore._explorer import WIDGET_VIEW

EXPLORERS = [getattr(explore, name) for name in explore.__all__]


@pytest.mark.parametrize("make", EXPLORERS)
def test_the_bundle_carries_controls_figure_and_words(make: object) -> None:
    explorer = make()
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/plain", WIDGET_VIEW}
    assert base64.b64decode(bundle["image/png"]) == explorer.png
    assert explorer.png.startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(explorer) == explorer.text
    assert bundle[WIDGET_VIEW]["version_major"] == 2
    assert len(explorer.png) < 60_000
    assert plt.get_fignums() == []


@pytest.mark.parametrize("make", EXPLORERS)
def test_without_widgets_figure_and_words_are_left(
    make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_widgets = make().text
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    bundle = make()._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/plain"}
    assert bundle["text/plain"] == with_widgets


@pytest.mark.parametrize("make", EXPLORERS)
def test_every_control_is_described_and_takes_the_keyboard(make: object) -> None:
    for control in make().controls.values():
        assert control.description
        assert not control.disabled


@pytest.mark.parametrize("make", EXPLORERS)
def test_two_runs_say_the_same(make: object) -> None:
    assert make().text == make().text
    assert make().png == make().png


def test_moving_an_index_changes_address_words_and_picture() -> None:
    explorer = explore.strides()
    assert "address = offset + Σ stride·index = 0 + 1·1 + 4·2 = 9" in explorer.text
    before = explorer.png
    explorer.controls["index 0"].value = 3
    assert "address = offset + Σ stride·index = 0 + 1·3 + 4·2 = 11" in explorer.text
    assert "view[3, 2] = storage[11] = 110" in explorer.text
    assert "Framed: box 11." in explorer.text
    assert explorer.png != before


def test_the_widget_shows_what_the_explorer_holds() -> None:
    explorer = explore.strides()
    explorer.controls["operation"].value = "t[1:]"
    *_, words, image = explorer._widget.children
    assert base64.b64encode(explorer.png).decode() in image.value
    assert f'alt="{html.escape(explorer.alternative)}"' in image.value
    assert "view = t[1:]" in words.value and 'aria-live="polite"' in words.value


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


@pytest.mark.parametrize("typed", ["3, x", "-1", "3;4", "1, 1, 1, 1, 1, 1", "1001", "2,,3"])
def test_what_is_no_shape_is_explained_and_the_figure_stays(typed: str) -> None:
    explorer = explore.broadcasting()
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
