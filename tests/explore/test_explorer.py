"""The explorers: controls that are really moved, and the figure that stands in for them."""

import base64
import html
import sys
from collections.abc import Callable

import matplotlib.pyplot as plt
import pytest

from helpers import explore
from helpers.explore._explorer import WIDGET_VIEW, Explorer
from helpers.plot._picture import BUDGET

EXPLORERS = [getattr(explore, name) for name in explore.__all__]


@pytest.fixture(params=EXPLORERS, scope="module", ids=explore.__all__)
def pair(request: pytest.FixtureRequest) -> tuple[Callable[[], Explorer], Explorer]:
    """Return what makes an explorer, and one that nobody has moved."""
    return request.param, request.param()


def test_the_bundle_carries_controls_figure_and_words(pair: tuple) -> None:
    _, explorer = pair
    bundle, metadata = explorer._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/html", "text/plain", WIDGET_VIEW}
    assert set(metadata["image/png"]) == {"width", "height"}
    assert base64.b64decode(bundle["image/png"]) == explorer.png
    assert explorer.png.startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(explorer) == explorer.text
    assert bundle[WIDGET_VIEW]["version_major"] == 2
    assert len(explorer.png) <= BUDGET
    assert plt.get_fignums() == []


def test_without_widgets_figure_and_words_are_left(
    pair: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, explorer = pair
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    bundle, _ = make()._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/html", "text/plain"}
    assert bundle["text/plain"] == explorer.text
    assert bundle["image/png"] in bundle["text/html"]
    assert all(html.escape(line) in bundle["text/html"] for line in explorer.sentences)


def test_every_control_is_described_and_takes_the_keyboard(pair: tuple) -> None:
    for control in pair[1].controls.values():
        assert control.description
        assert not control.disabled


def test_two_runs_say_the_same(pair: tuple) -> None:
    make, explorer = pair
    again = make()
    assert again.text == explorer.text and again.png == explorer.png


def test_the_widget_shows_what_the_explorer_holds() -> None:
    explorer = explore.strides()
    explorer.controls["operation"].value = "t[1:]"
    *_, words, image = explorer._widget.children
    assert base64.b64encode(explorer.png).decode() in image.value
    assert f'alt="{html.escape(explorer.alternative)}"' in image.value
    assert "view = t[1:]" in words.value and 'aria-live="polite"' in words.value
