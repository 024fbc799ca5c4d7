"""Pictures, histograms, tables and figures, as the server has them."""

import math

import matplotlib.pyplot as plt
import pytest
import torch

from helpers.board import Board
from helpers.board._server import Server
from tests.board.looking import curve, picture, shown


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
