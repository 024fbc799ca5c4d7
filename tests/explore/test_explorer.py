"""The explorers: controls that are really moved, and the figure that stands in for them."""

import base64
import html
import sys

import matplotlib.pyplot as plt
import pytest

from helpers import explore
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


def test_the_widget_shows_what_the_explorer_holds() -> None:
    explorer = explore.strides()
    explorer.controls["operation"].value = "t[1:]"
    *_, words, image = explorer._widget.children
    assert base64.b64encode(explorer.png).decode() in image.value
    assert f'alt="{html.escape(explorer.alternative)}"' in image.value
    assert "view = t[1:]" in words.value and 'aria-live="polite"' in words.value
