"""What all diagrams have in common: words, readable texts, and the caller's things left alone."""

from itertools import combinations

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from helpers import plot
from helpers.plot._boxes import (
    SIDE,
    SMALLEST,
    TEXT,
    Track,
    arrow,
    as_matrix,
    box,
    box_width,
    canvas,
    fitting_size,
    frame,
    grid,
    text_width,
)
from helpers.plot._broadcasting import mismatch

TABLE = torch.arange(12).reshape(3, 4)


CUBE = torch.arange(1000, 1024).view(2, 3, 4)


DIAGRAMS = {
    "storage": lambda: plot.storage(TABLE, rows=TABLE, columns=TABLE.T),
    "broadcasting": lambda: plot.broadcasting(torch.ones(3, 1), torch.arange(4)),
    "broadcasting shapes": lambda: plot.broadcasting(torch.ones(5, 3, 1), torch.ones(2)),
    "mismatch": lambda: mismatch((3, 4), (3,)),
    "along_dim": lambda: plot.along_dim(TABLE, 0),
    "gather": lambda: plot.gather(TABLE, 1, torch.tensor([[3, 0], [1, 1]])),
    "scatter": lambda: plot.scatter(torch.tensor([[2], [0]]), 1.0, 1, 3),
    "matrix": lambda: plot.matrix(TABLE, "scores", highlight=TABLE > 9),
    "image_grid": lambda: plot.image_grid(torch.rand(3, 4, 4), ["a", "b", "c"]),
}


CROWDED = {
    "storage of 24": lambda: plot.storage(CUBE, a_long_name_of_a_view=CUBE, moved=CUBE.mT),
    "long numbers": lambda: plot.gather(
        TABLE / -7000, 0, torch.tensor([[2, 0, 1, 1], [1, 2, 0, 0]])
    ),
    "long sums": lambda: plot.along_dim(TABLE.double() * -123456.7, 1),
    "long title": lambda: plot.matrix(torch.tensor([1]), "a title longer than the matrix"),
}


def texts_of(figure: Figure) -> list[tuple[Text, Bbox]]:
    """Return every text of a figure with its place in pixels."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    texts = [text for axes in figure.axes for text in (*axes.texts, axes.title)]
    return [(text, text.get_window_extent(renderer)) for text in texts if text.get_text()]


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_has_words_and_pixels_and_leaves_no_figure_open(name: str) -> None:
    figure = DIAGRAMS[name]()
    words = plot.describe(figure)
    assert words.strip() and len(words.splitlines()) <= 15
    assert plot.png(figure).startswith(b"\x89PNG")
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", DIAGRAMS | CROWDED)
def test_no_text_of_a_diagram_is_smaller_than_9_points_or_cut_off(name: str) -> None:
    figure = (DIAGRAMS | CROWDED)[name]()
    for text, place in texts_of(figure):
        assert text.get_fontsize() >= 9
        assert place.x0 >= -1 and place.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert place.y0 >= -1 and place.y1 <= figure.bbox.y1 + 1, text.get_text()


@pytest.mark.parametrize("name", DIAGRAMS | CROWDED)
def test_no_texts_of_a_diagram_overlap(name: str) -> None:
    for (text, place), (other_text, other) in combinations(
        texts_of((DIAGRAMS | CROWDED)[name]()), 2
    ):
        overlap_x = min(place.x1, other.x1) - max(place.x0, other.x0)
        overlap_y = min(place.y1, other.y1) - max(place.y0, other.y0)
        assert min(overlap_x, overlap_y) < 1, (text.get_text(), other_text.get_text())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot.storage(TABLE, copy=TABLE.clone()), "copy does not share the storage"),
        (lambda: plot.storage(TABLE, bits=TABLE.view(torch.float64)), "storage as float64"),
        (lambda: plot.storage(torch.arange(25)), "storage has 25 elements"),
        (lambda: plot.storage(torch.arange(100)[:3]), "clone()"),
        (lambda: plot.storage(torch.empty(0)), "storage has 0 elements"),
        (lambda: plot.storage(torch.eye(2).to_sparse()), "sparse_coo tensor has no storage"),
        (lambda: plot.storage(torch.empty(2, device="meta")), "meta tensor has no storage"),
        (lambda: plot.storage(torch.ones(1), wide=torch.ones(1).expand(2000)), "does not share"),
        (lambda: plot.broadcasting(torch.ones(3), torch.ones(2, 4)), "dimension -1 is 3 and 4"),
        (lambda: mismatch((3, 1), (4,)), "use broadcasting"),
        (lambda: plot.along_dim(torch.ones(2, 2, 2), 0), "1 or 2 dimensions"),
        (lambda: plot.along_dim(torch.ones(2, 11), 0), "too large"),
        (lambda: plot.gather(torch.ones(2, 2, 2), 0, torch.ones(2, 2, 2).long()), "two of 2"),
        (lambda: plot.gather(torch.ones(5, 2), 1, torch.zeros(5, 2).long()), "at most 4"),
        (lambda: plot.scatter(torch.tensor([0]), torch.ones(1, 1), 0, 2), "two non-empty tensors"),
        (lambda: plot.matrix(torch.ones(2, 2, 2)), "more than 2 dimensions"),
        (lambda: plot.matrix(torch.ones(13, 2)), "1 to 12 rows"),
        (lambda: plot.image_grid(torch.ones(8, 8)), r"images\[None\]"),
        (lambda: plot.image_grid(torch.ones(0, 8, 8)), "0 images"),
        (lambda: plot.image_grid(torch.ones(2, 8, 8), ["a"]), "1 titles for 2 images"),
        (lambda: plot.image_grid(torch.ones(2, 3, 8, 8) * 2), "between 0 and 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_in_a_sentence(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "draw",
    [
        lambda t: plot.storage(t, turned=t.T),
        lambda t: plot.broadcasting(t, t[0]),
        lambda t: plot.along_dim(t, 1),
        lambda t: plot.gather(t, 1, torch.tensor([[1, 0], [0, 0]])),
        lambda t: plot.scatter(torch.tensor([[1, 0], [0, 1]]), t, 1, 2),
        lambda t: plot.matrix(t, highlight=(0, 1)),
        lambda t: plot.image_grid(t[None]),
    ],
)
def test_one_changed_element_changes_the_words_and_no_input_changes(
    draw: object,
) -> None:
    tensor = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    before = plot.describe(draw(tensor))
    assert torch.equal(tensor, torch.tensor([[1.0, 2.0], [3.0, 4.0]])) and tensor.requires_grad
    with torch.no_grad():
        tensor[0, 1] = 2.5
    assert plot.describe(draw(tensor)) != before


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.bfloat16, torch.complex64])
def test_every_dtype_can_be_drawn(dtype: torch.dtype) -> None:
    numbers = torch.tensor([[0, 1], [1, 0]]).to(dtype)
    assert str(dtype).removeprefix("torch.") in plot.describe(plot.matrix(numbers))
    assert plot.describe(plot.storage(numbers, turned=numbers.T))


def test_settings_of_matplotlib_stay_as_they_are() -> None:
    before = dict(matplotlib.rcParams)
    for draw in DIAGRAMS.values():
        plot.png(draw())
    assert dict(matplotlib.rcParams) == before


# What every diagram is made of


def test_text_is_as_wide_as_measured() -> None:
    figure, axes = canvas(8, 2)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in ("12345", "-0.125", "(3, 4)", "1.23e+08", "sum along here", "×3 → 4"):
        drawn = axes.text(1, 1, text, size=TEXT)
        measured = drawn.get_window_extent(renderer).width / figure.dpi
        assert measured <= text_width(text, TEXT) * 1.1 and text_width(text, TEXT) < 1.5 * measured
    assert text_width("55", 36) == pytest.approx(2 * 0.64 / 2)
    assert text_width("i×", 72) == pytest.approx(0.37 + 0.88)


@pytest.mark.parametrize(
    ("text", "width", "size"),
    [("1", 0.46, TEXT), ("12345", 0.46, SMALLEST), ("123", 0.34, 10.5), ("1" * 40, 0.46, SMALLEST)],
)
def test_text_in_a_box_has_9_to_11_points(text: str, width: float, size: float) -> None:
    assert fitting_size(text, width) == pytest.approx(size, abs=0.01)


def test_boxes_are_as_wide_as_their_longest_number() -> None:
    assert box_width(torch.tensor([1, 2])) == SIDE
    assert box_width(torch.tensor([1, 2]), least=0.9) == 0.9
    long = torch.tensor([1, -123456])
    assert box_width(torch.tensor([1]), long) == pytest.approx(text_width("-123456", 9) + 0.1)
    assert box_width() == SIDE


def test_a_canvas_is_measured_in_inches_from_its_upper_left_corner() -> None:
    figure, axes = canvas(3, 2)
    assert tuple(figure.get_size_inches()) == (3, 2)
    assert axes.get_xlim() == (0, 3) and axes.get_ylim() == (2, 0) and not axes.axison
    assert figure.get_facecolor() == (1, 1, 1, 1)
    assert plt.get_fignums() == []


def test_a_box_is_a_frame_and_a_hatched_one_two_rectangles() -> None:
    _, axes = canvas(3, 2)
    box(axes, 1, 0.5, "7", fill="#FF0000")
    [plain] = axes.patches
    assert plain.get_bbox().bounds == pytest.approx((1, 0.5, SIDE, SIDE))
    assert plain.get_facecolor() == (1, 0, 0, 1) and plain.get_linestyle() == "-"
    assert axes.texts[0].get_position() == (1 + SIDE / 2, 0.5 + SIDE / 2)
    box(axes, 0, 0, hatch="//", dashed=True, width=1, height=2)
    _, ground, edge = axes.patches
    assert ground.get_hatch() == "//" and ground.get_linewidth() == 0
    assert edge.get_facecolor()[3] == 0 and edge.get_linestyle() == "--"
    assert edge.get_bbox().bounds == pytest.approx((0, 0, 1, 2)) and len(axes.texts) == 1


def test_a_grid_is_laid_out_in_rows() -> None:
    _, axes = canvas(3, 2)
    grid(axes, 0.5, 0.25, torch.tensor([[1, 2], [3, 4]]), width=0.6)
    corners = [patch.get_xy() for patch in axes.patches]
    assert corners == [(0.5, 0.25), (1.1, 0.25), (0.5, 0.25 + SIDE), (1.1, 0.25 + SIDE)]
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3", "4"]


def test_a_frame_and_an_arrow_have_their_own_look() -> None:
    _, axes = canvas(3, 2)
    frame(axes, 1, 1, 0.6)
    arrow(axes, (0, 0), (1, 1), "#FF0000", "dashed", 0.3)
    heavy, flight = axes.patches
    assert heavy.get_linewidth() == 3 and heavy.get_bbox().bounds == pytest.approx(
        (1, 1, 0.6, SIDE)
    )
    assert flight._posA_posB == [(0, 0), (1, 1)] and flight.get_linestyle() in ("--", "dashed")
    assert flight.get_edgecolor() == (1, 0, 0, 1)


def test_a_track_turns_lengths_into_x_and_y() -> None:
    assert Track(horizontal=True).point(3, 1) == (3, 1)
    assert Track(horizontal=False).point(3, 1) == (1, 3)


def test_any_tensor_becomes_a_matrix() -> None:
    assert as_matrix(torch.tensor(1)).shape == (1, 1)
    assert as_matrix(torch.ones(3)).shape == (1, 3)
    assert as_matrix(torch.ones(2, 3, 4)).shape == (6, 4)
