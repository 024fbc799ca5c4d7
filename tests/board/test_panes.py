"""Pictures, histograms, tables and figures, as the server has them."""

import json
import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from helpers.board import Board, _panes
from helpers.board._server import Server
from tests.board.looking import curve, picture, shown

pytestmark = pytest.mark.timeout(120)  # a store that never ends would hold it up


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.uint8, torch.bool])
def test_an_image_keeps_its_pixels(made: Board, running: Server, dtype: torch.dtype) -> None:
    """Small ones are enlarged by a whole number; changing the tensor later changes nothing."""
    black_and_white = torch.tensor([[0, 1, 0], [1, 0, 0]])
    image = (black_and_white * (255 if dtype == torch.uint8 else 1)).to(dtype)
    made.image("image", image, caption="two by three")
    image.zero_()
    pane = shown(made, running)["image"]
    pixels = picture(pane)[::85, ::85]
    assert pixels.shape == (2, 3, 3)
    assert (pixels == 255 * black_and_white[..., None].numpy()).all()
    assert pane["content"]["caption"] == "two by three"


def test_a_long_caption_has_room(made: Board, running: Server) -> None:
    """A line more for what a pane of 300 pixels cannot take in one, none without a caption."""
    for tag, caption in {"none": None, "short": "a", "long": 60 * "a"}.items():
        made.image(tag, torch.zeros(1, 200, 300), caption=caption)
    found = shown(made, running)
    assert [found[tag]["height"] for tag in ("none", "short", "long")] == [200, 230, 250]


def test_images_are_a_grid(made: Board, running: Server) -> None:
    """Three of 100×80 pixels in two columns: a white line between, white where there is none."""
    images = [torch.full((3, 100, 80), shade) for shade in (0.0, 0.2, 0.4)]
    made.images("grid", images, columns=2)
    pixels = picture(shown(made, running)["grid"])
    assert pixels.shape == (201, 161, 3)
    found = [int(pixels[row, column, 0]) for row in (50, 150) for column in (40, 80, 120)]
    assert found == [0, 255, 51, 102, 255, 255]


def test_a_histogram_counts(made: Board, running: Server) -> None:
    """Bars stand over the middle of their bins; what is not finite is told."""
    values = torch.tensor([0.0, 1.0, 1.0, 4.0, math.nan, math.inf], dtype=torch.bfloat16)
    made.histogram("weights", values.reshape(2, 3), 7, bins=4)
    pane = shown(made, running)["weights"]["content"]
    assert curve({"content": pane}) == ([0.5, 1.5, 2.5, 3.5], [1, 2, 0, 1])
    assert pane["layout"]["xaxis"]["title"] == "value, step 7 (left out as nan or inf: 2)"


def test_a_confusion_matrix_has_true_classes_as_rows(made: Board, running: Server) -> None:
    """The first on top; wrong sizes are refused."""
    made.confusion_matrix("table", torch.tensor([[5, 1], [0, 4]]), ["cat", "dog"])
    pane = shown(made, running)["table"]["content"]
    assert pane["data"][0]["z"] == [[5, 1], [0, 4]]
    assert pane["data"][0]["y"] == ["cat", "dog"]
    assert pane["layout"]["yaxis"]["autorange"] == "reversed"
    with pytest.raises(ValueError, match="is square"):
        made.confusion_matrix("table", torch.ones(2, 3))
    with pytest.raises(ValueError, match="2 classes need 2 labels, not 1"):
        made.confusion_matrix("table", torch.ones(2, 2), ["cat"])


def test_a_figure_is_shown_and_left_open(made: Board, running: Server) -> None:
    """At its own size."""
    drawn, axes = plt.subplots(figsize=(3, 2), dpi=50)
    axes.plot([1, 2])
    try:
        made.figure("figure", drawn)
        assert picture(shown(made, running)["figure"]).shape[:2] == (100, 150)
        assert plt.fignum_exists(drawn.number)
    finally:
        plt.close(drawn)


OUT_OF_RANGE = {
    "normalised": (torch.tensor([[-0.4, 2.6]]), "from -0.4 to 2.6"),
    "floats of bytes": (torch.tensor([[0.0, 255.0]]), "from 0 to 255"),
    "infinite": (torch.tensor([[0.0, math.inf]]), "from 0 to inf"),
    "integers": (torch.tensor([[-1, 300]]), "from -1 to 300"),
}


def test_what_cannot_be_drawn_says_so_in_its_pane(made: Board, running: Server) -> None:
    """Training goes on, and the others are shown; as much as rounding may add is nothing."""
    for tag, (image, _) in OUT_OF_RANGE.items():
        made.image(tag, image)
    made.image("good", torch.tensor([[-1e-4, math.nan, 1.0001]]))
    found = shown(made, running)
    for tag, (_, words) in OUT_OF_RANGE.items():
        text = found[tag]["content"]
        assert text.startswith(f"This cannot be shown: colours run {words}; floats must lie")
    assert picture(found["good"])[0, ::85].tolist() == [[0, 0, 0], [0, 0, 0], [255, 255, 255]]


def test_a_confusion_matrix_with_an_empty_class_is_shown(made: Board, running: Server) -> None:
    """Shares of a class without samples are nan: the cells are empty, and counted."""
    counts = torch.tensor([[3.0, 1.0], [0.0, 0.0]])
    made.confusion_matrix("shares", counts / counts.sum(1, keepdim=True), ["a", "b"])
    made.confusion_matrix("inf", [[1.0, math.inf], [-math.inf, math.nan]])
    found = shown(made, running)
    assert found["shares"]["content"]["data"][0]["z"] == [[0.75, 0.25], [None, None]]
    titles = {tag: pane["content"]["layout"]["xaxis"]["title"] for tag, pane in found.items()}
    assert titles == {
        "shares": "predicted (left out as nan or inf: 2)",
        "inf": "predicted (left out as nan or inf: 3)",
    }


def test_the_cells_of_a_large_table_are_not_written_in() -> None:
    """A million numbers stop the browser; the colours are there."""
    few, many = (
        _panes.confusion("a", np.ones((size, size)), [str(label) for label in range(size)])
        for size in (_panes.WRITTEN, _panes.WRITTEN + 1)
    )
    assert few["data"][0]["texttemplate"] == "%{z}"
    assert many["data"][0]["texttemplate"] == ""
    assert _panes.confusion("a", np.array([[True]]), ["0"])["data"][0]["z"] == [[1]]


ODD_NUMBERS = {
    "nothing": [],
    "nothing finite": [math.nan, math.inf],
    "one": [3.0],
    "all but equal": [1.0, float(np.nextafter(1.0, 2.0))],
    "large and all but equal": [2.0**60, 2.0**60 + 256],
    "as far apart as floats go": [-1.7e308, 1.7e308],
    "largest": [float(np.finfo(np.float64).max)] * 2,
    "subnormal": [0.0, 5e-324],
    "integers": [-(2**63), 2**63 - 1],
    "bools": [True, False],
}


@pytest.mark.parametrize("bins", [1, 4, 10_000])
@pytest.mark.parametrize("numbers", ODD_NUMBERS.values(), ids=ODD_NUMBERS)
def test_a_histogram_of_any_numbers_counts_all_that_are_finite(numbers: list, bins: int) -> None:
    """In bars that the browser can draw: finite, in order, none without a width."""
    message = _panes.histogram("a", np.array(numbers), bins, None)
    (bars,) = message["data"]
    assert json.dumps(message, allow_nan=False)
    assert sum(bars["y"]) == np.isfinite(np.array(numbers, dtype=np.float64)).sum()
    assert len(bars["x"]) == len(bars["y"]) == len(bars["width"]) == bins
    assert bars["x"] == sorted(bars["x"])
    assert min(bars["width"]) > 0


def test_equal_numbers_stand_in_the_middle() -> None:
    (bars,) = _panes.histogram("a", np.full(7, 2.0), 5, 3)["data"]
    assert bars["y"] == [0, 0, 7, 0, 0]
    assert bars["x"] == pytest.approx([1.6, 1.8, 2.0, 2.2, 2.4])
    assert bars["width"] == pytest.approx([0.2] * 5)


@pytest.mark.parametrize("bbox", [None, "tight"])
def test_a_figure_has_the_size_that_was_drawn(made: Board, running: Server, bbox) -> None:
    """Whatever the user's own settings say of the edges and dots of saved figures."""
    with plt.rc_context({"savefig.dpi": 37, "savefig.bbox": bbox}):
        drawn, axes = plt.subplots(figsize=(3, 2), dpi=50)
        axes.plot([1, 2])
        made.figure("figure", drawn)
        plt.close(drawn)
    pane = shown(made, running)["figure"]
    height, width = picture(pane).shape[:2]
    assert (pane["width"], pane["height"]) == (width, height)
    assert width > 100 and (bbox or (width, height) == (150, 100))


def test_a_figure_that_cannot_be_drawn_says_why(made: Board) -> None:
    drawn = Figure()
    drawn.text(0, 0, r"$\frac$")
    with pytest.raises(ValueError, match="Matplotlib cannot draw this figure"):
        made.figure("figure", drawn)


class Odd:
    """An object with a text, as a caption may be one."""

    def __str__(self) -> str:
        """With a character that no page can show."""
        return "odd\ud800"


@pytest.mark.parametrize("caption", [torch.tensor(3), b"bytes", 5, Odd(), ["a"]])
def test_a_caption_of_any_kind_is_text(made: Board, running: Server, caption: object) -> None:
    """Nothing else waits for it."""
    made.image("image", torch.zeros(1, 4, 4), caption=caption)
    made.scalar("loss", 1.0)
    found = shown(made, running)
    assert found.keys() == {"image", "loss"}
    assert found["image"]["content"]["caption"] == str(caption).replace("\ud800", "\ufffd")


def test_a_histogram_is_told_to_plotly_in_full() -> None:
    assert _panes.histogram("weights", np.array([0.0, 1.0, math.nan]), 2, 7.5) == {
        "data": [
            {
                "type": "bar",
                "x": [0.25, 0.75],
                "y": [1, 1],
                "width": [0.5, 0.5],
                "marker": {"color": "#0072B2"},
            }
        ],
        "layout": {
            "bargap": 0,
            "xaxis": {"title": "value, step 7.5 (left out as nan or inf: 1)"},
            "yaxis": {"title": "count"},
            "margin": {"l": 60, "r": 20, "t": 20, "b": 50},
        },
        "opts": {"title": "weights"},
    }


def test_a_confusion_matrix_is_told_to_plotly_in_full() -> None:
    axis = {"type": "category", "automargin": True}
    assert _panes.confusion("table", np.array([[1, 2], [3, 4]]), ["a", "<b>"]) == {
        "data": [
            {
                "type": "heatmap",
                "x": ["a", "&lt;b&gt;"],
                "y": ["a", "&lt;b&gt;"],
                "z": [[1, 2], [3, 4]],
                "texttemplate": "%{z}",
                "hovertemplate": "true %{y}, predicted %{x}: %{z}<extra></extra>",
                "colorscale": "Blues",
                "reversescale": True,
            }
        ],
        "layout": {
            "xaxis": {"title": "predicted", **axis},
            "yaxis": {"title": "true", **axis, "autorange": "reversed"},
            "margin": {"l": 60, "r": 20, "t": 20, "b": 50},
        },
        "opts": {"title": "table"},
    }


@pytest.mark.parametrize(
    ("shape", "columns", "size"),
    [
        ((1, 1, 8, 8), 1, (256, 256)),
        ((1, 3, 100, 300), 8, (300, 100)),
        ((1, 4, 128, 64), 8, (128, 256)),
        ((3, 1, 8, 8), 2, (255, 255)),
        ((3, 1, 8, 8), 8, (260, 80)),
        ((2, 3, 200, 200), 1, (200, 401)),
    ],
)
def test_small_images_are_enlarged_and_a_grid_is_as_wide_as_it_must_be(
    shape: tuple[int, ...], columns: int, size: tuple[int, int]
) -> None:
    """By an integer factor, about 256 pixels on the longer side; width first."""
    message = _panes.images("a", np.zeros(shape), columns, None)
    assert (message["opts"]["width"], message["opts"]["height"]) == size
    assert message["opts"]["title"] == "a"
    assert message["data"][0]["type"] == "image"


def test_values_at_the_edges_are_brightness() -> None:
    """Rounded, not cut; a little beyond 0 and 1 is taken for rounding."""
    image = np.array([[[[0.0, 1.0, 0.499, 0.501, 254.4 / 255, 254.6 / 255, -0.001, 1.001]]]])
    assert _panes._bytes(image).ravel().tolist() == [0, 255, 127, 128, 254, 255, 0, 255]
    assert _panes._bytes(np.array([[0, 255]])).tolist() == [[0, 255]]
    for wrong in ([[-1]], [[256]], [[1.01]], [[-0.01]], [[math.inf]]):
        with pytest.raises(ValueError, match="colours run from"):
            _panes._bytes(np.array(wrong))
