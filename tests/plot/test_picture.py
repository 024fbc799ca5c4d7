"""A figure as a picture: twice the pixels, the size on the page, light and dark."""

import re
from io import BytesIO
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib_inline.config import InlineBackend
from PIL import Image

from helpers import plot
from helpers._palette import INK, PAPER, QUIET, colour
from helpers.plot import _picture

GREY = np.linspace(0, 1, 40_000).reshape(200, 200)


def image(pixels: np.ndarray, inches: tuple[float, float] = (2, 1)) -> Figure:
    """A figure that is filled by an image."""
    figure = Figure(figsize=inches)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(pixels, cmap="gray", aspect="auto")
    axes.set_axis_off()
    return figure


def test_a_picture_has_two_pixels_for_one_of_the_page_and_at_most_256_colours() -> None:
    made = plot.png(image(np.random.default_rng(0).random((10, 20, 3))))
    picture = Image.open(BytesIO(made))
    assert picture.mode == "P" and len(picture.getcolors()) <= 256
    assert abs(picture.width - 2 * (180 + 18)) <= 2  # "tight" adds 0.1 inch on each side
    width, height = _picture.size(made)
    assert abs(width - picture.width / 2) <= 1 and abs(height - picture.height / 2) <= 1


def test_what_takes_too_many_bytes_gets_fewer_pixels_and_the_same_size_on_the_page() -> None:
    noise = np.random.default_rng(0).random((360, 720, 3))
    made = plot.png(image(noise, (8, 4)))
    picture = Image.open(BytesIO(made))
    assert abs(picture.width - 1.5 * (720 + 18)) <= 3
    assert abs(_picture.size(made)[0] - (720 + 18)) <= 2


def test_a_ramp_of_grey_has_no_steps_that_the_eye_finds() -> None:
    """The palette costs an element of grey not more than one of 256 levels."""
    figure = image(GREY)
    full = np.asarray(_picture._drawn(figure, 180)).astype(int)
    few = np.asarray(Image.open(BytesIO(plot.png(figure))).convert("RGB")).astype(int)
    assert np.abs(full - few).max() <= 1


def test_a_picture_of_another_program_is_shown_pixel_for_pixel() -> None:
    target = BytesIO()
    Image.new("RGB", (30, 20)).save(target, format="PNG")
    assert _picture.size(target.getvalue()) == (30, 20)


@pytest.mark.parametrize(
    ("draw", "drawing"),
    [
        (lambda: plot.storage(torch.arange(6).reshape(2, 3)), True),
        (lambda: plot.matrix(torch.eye(2)), True),
        (lambda: image(GREY), False),
        (lambda: plot.image_grid(torch.rand(2, 8, 8)), False),
        (lambda: Figure(facecolor="none"), True),
        (lambda: Figure(facecolor="black"), False),
    ],
)
def test_only_a_drawing_on_light_ground_may_be_turned_round(draw, drawing: bool) -> None:
    assert _picture.is_drawing(draw()) is drawing


def test_a_colour_map_is_an_image() -> None:
    figure, axes = plt.subplots()
    axes.pcolormesh(GREY[:5, :5])
    assert not _picture.is_drawing(figure)
    plt.close(figure)


@pytest.mark.parametrize("drawing", [True, False])
def test_the_html_has_the_words_the_size_and_a_rule_for_each_dark_page(drawing: bool) -> None:
    made = plot.png(plot.matrix(torch.eye(2)))
    text = _picture.html_image(made, 'a "b" <i>', drawing)
    width, height = _picture.size(made)
    assert ' alt="a &quot;b&quot; &lt;i&gt;" ' in text and "<i>" not in text
    assert f'width="{width}" height="{height}" style="max-width: 100%; height: auto"' in text
    [name] = re.findall('<img class="([a-z-]+)"', text)
    rules = dict(re.findall(r"([^{}]+) {([^}]*)}", text.partition("<style>")[2]))
    [rule] = [rule for pages, rule in rules.items() if name in pages]
    assert ("invert" in rule) == drawing
    pages = next(pages for pages in rules if name in pages)
    assert pages.count(name) == len(_picture.DARK) and "prefers-color-scheme" not in text


# hue-rotate(180deg) as a matrix: https://www.w3.org/TR/filter-effects-1/#huerotateEquivalent
HALF_TURN = np.array([[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]])


def on_a_dark_page(colour: str) -> np.ndarray:
    """What the filters of TURNED make of a colour, red, green and blue from 0 to 1."""
    invert, brightness = (
        float(re.search(rf"{name}\(([\d.]+)\)", _picture.TURNED)[1])
        for name in ("invert", "brightness")
    )
    rgb = np.array(to_rgb(colour))
    turned = (HALF_TURN @ (invert - (2 * invert - 1) * rgb)).clip(0, 1)
    return (turned * brightness).clip(0, 1)


def luminance(rgb: np.ndarray) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("position", range(6))
def test_each_line_stands_out_from_the_paper_of_a_dark_page(position: int) -> None:
    line, paper = on_a_dark_page(colour(position)), on_a_dark_page(PAPER)
    assert luminance(paper) < 0.01
    assert (luminance(line) + 0.05) / (luminance(paper) + 0.05) >= 4


@pytest.mark.parametrize(("ink", "least"), [(INK, 12), (QUIET, 4.5)])
def test_letters_can_be_read_on_a_dark_page(ink: str, least: float) -> None:
    letters, paper = on_a_dark_page(ink), on_a_dark_page(PAPER)
    assert (luminance(letters) + 0.05) / (luminance(paper) + 0.05) >= least


@pytest.mark.parametrize(
    ("before", "after"), [({"png"}, {"retina"}), ({"svg"}, {"svg"}), ({"retina"}, {"retina"})]
)
def test_a_notebooks_own_figures_become_sharp_unless_it_has_chosen(
    before: set, after: set, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SimpleNamespace(figure_formats=before)
    monkeypatch.setattr(_picture, "get_ipython", lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setattr(InlineBackend, "instance", lambda parent: settings)
    _picture.sharpen_inline_figures()
    assert settings.figure_formats == after


def test_outside_a_kernel_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_picture, "get_ipython", lambda: None)
    monkeypatch.setattr(InlineBackend, "instance", lambda parent: pytest.fail("was asked"))
    _picture.sharpen_inline_figures()
