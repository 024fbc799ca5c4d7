"""The figures of the course: what is drawn, what is said about it, and what is left alone."""

import html
import subprocess
import sys
from io import BytesIO
from itertools import combinations
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from helpers import plot
from helpers.plot._broadcasting import mismatch
from helpers.plot._wording import number

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


def axes_of_one() -> tuple[Figure, Axes]:
    figure, axes = plt.subplots()
    axes.set(title="Cooling", xlabel="time (s)", ylabel="temperature (°C)")
    return figure, axes


@pytest.fixture(autouse=True)
def close_figures() -> object:
    yield
    plt.close("all")


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


def test_the_pixels_are_the_same_each_time_and_carry_no_version() -> None:
    first, second = plot.png(plot.storage(TABLE)), plot.png(plot.storage(TABLE))
    assert first == second
    assert b"Software" not in first and b"matplotlib" not in first.lower()


def test_a_transparent_figure_gets_an_opaque_ground() -> None:
    figure, _ = plt.subplots(facecolor="none")
    pixels = plt.imread(BytesIO(plot.png(figure)))
    assert pixels.shape[-1] == 3 or (pixels[..., 3] == 1).all()


def test_show_displays_one_bundle_with_the_same_words_and_closes() -> None:
    InteractiveShell.instance()
    figure, axes = axes_of_one()
    axes.plot([0, 1], [2, 3], label="tea")
    with capture_output() as captured:
        plot.show(figure)
    [output] = captured.outputs
    assert set(output.data) == {"image/png", "text/html", "text/plain"}
    assert output.data["text/plain"] == plot.describe(figure)
    spoken = html.escape(plot.describe(figure))
    assert output.data["text/html"].startswith(f'<img alt="{spoken}" src="data:image/png;')
    assert captured.stdout == "" and captured.stderr == ""
    assert plt.get_fignums() == []


def test_show_prints_the_words_outside_ipython() -> None:
    script = "import torch; from helpers import plot; plot.show(plot.matrix(torch.eye(2)))"
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == [
        "A tensor of shape (2, 2), float32.",
        "Values: 1 0; 0 1.",
    ]


def test_importing_plot_does_not_import_torchvision_or_widgets() -> None:
    script = (
        "import sys; from helpers import explore, plot; "
        "print([name for name in ('torchvision', 'ipywidgets') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


# What is said about ordinary plots


def test_a_line_is_described_with_its_labels_and_numbers() -> None:
    figure, axes = axes_of_one()
    axes.plot(range(101), torch.linspace(80, 20, 101), label="tea")
    assert plot.describe(figure).splitlines() == [
        "Title: Cooling.",
        "Axes: x: time (s); y: temperature (°C).",
        'Line "tea": 101 points, x 0 to 100, y 20 to 80, first 80, last 20, mean 50.',
    ]


def test_one_changed_point_changes_the_words() -> None:
    def words(last: float) -> str:
        figure, axes = plt.subplots()
        axes.plot([0, 1, 2, last, 4, 5, 6, 7])
        axes.scatter([1, 2, last], [1, 2, 3], label="seen")
        axes.bar(["a", "b"], [last, 1])
        return plot.describe(figure)

    before, after = words(3), words(3.5)
    for changed, line in zip(before.splitlines(), after.splitlines(), strict=True):
        assert changed != line


def test_few_points_are_all_named() -> None:
    figure, axes = axes_of_one()
    axes.plot([1, 2], [3, 4.125])
    assert "Line 1: through (1, 3), (2, 4.12)." in plot.describe(figure)


def test_missing_values_are_counted() -> None:
    figure, axes = plt.subplots()
    axes.plot([1, 2, float("nan"), 4, 5, 6, 7])
    assert "7 points, 1 of them missing" in plot.describe(figure)


def test_lines_across_the_axes_are_named_by_their_place() -> None:
    figure, axes = plt.subplots()
    axes.axhline(0.25, label="limit")
    axes.axvline(3)
    assert 'Horizontal line "limit": at y 0.25.' in plot.describe(figure)
    assert "Vertical line 2: at x 3." in plot.describe(figure)


def test_bars_are_named_by_their_ticks() -> None:
    figure, axes = plt.subplots()
    axes.bar(["red", "white"], [59, 71], label="wines")
    axes.barh([0.5, 2], [1, 2])
    assert 'Bars "wines": red 59, white 71.' in plot.describe(figure)
    assert "Bars 2: 0.5 1, 2 2." in plot.describe(figure)


def test_many_bars_are_summed_up() -> None:
    figure, axes = plt.subplots()
    axes.hist(torch.arange(100.0) ** 2, bins=20)
    assert "Bars 1: 20, 2 to 23, mean 5, highest at 245." in plot.describe(figure)


def test_an_image_and_its_colour_bar_are_described() -> None:
    figure, axes = plt.subplots()
    image = axes.imshow(torch.arange(6).reshape(2, 3).numpy())
    figure.colorbar(image, label="counts")
    assert "Image 1: 2 × 3, values 0 to 5, mean 2.5." in plot.describe(figure)
    assert "Colour bar: counts." in plot.describe(figure)


def test_other_artists_and_texts_are_not_passed_over() -> None:
    figure, axes = plt.subplots()
    axes.fill_between([0, 1], [2, 3])
    axes.pcolormesh(torch.eye(2))
    axes.text(0, 0, "here")
    words = plot.describe(figure)
    assert "Filled area 1: x 0 to 1, y 0 to 3." in words
    assert "Colour mesh 2: 2 × 2, values 0 to 1, mean 0.5." in words
    assert "Text: here." in words


def test_several_plots_are_counted_and_the_heading_comes_first() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    figure.suptitle("Both")
    left.set_title("one")
    right.plot([1, 2])
    lines = plot.describe(figure).splitlines()
    assert lines[:2] == ["Figure: Both.", "Plot 1. Title: one."] and lines[2].startswith("Plot 2. ")


def test_an_empty_figure_is_called_empty() -> None:
    assert plot.describe(plt.figure()) == "An empty figure."


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"), (-0.0, "0"), (1797.0, "1797"), (1797.4, "1800"), (0.12345, "0.123"),
        (-0.5, "-0.5"), (2e-5, "2.00e-05"), (123456789.0, "1.23e+08"), (0.9999, "1"),
        (float("nan"), "nan"), (float("inf"), "inf"), (99.96, "100"), (1e-9, "1.00e-09"),
    ],
)  # fmt: skip
def test_numbers_have_3_significant_digits(value: float, words: str) -> None:
    assert number(value) == words


def test_the_dust_of_rounding_is_nothing() -> None:
    assert number(-3e-17, scale=1.0) == "0"


# Diagrams


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


def test_too_many_reads_are_refused() -> None:
    one = torch.ones(1)
    with pytest.raises(ValueError, match="wide has 2000 elements"):
        plot.storage(one, wide=one.expand(2000))


def test_a_dim_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError, match="dims -2 to 1"):
        plot.along_dim(TABLE, 2)


def test_errors_of_gather_are_those_of_pytorch() -> None:
    with pytest.raises(RuntimeError):
        plot.gather(torch.ones(3), 0, torch.tensor([3]))


def test_broadcasting_hatches_what_is_stretched_and_nothing_else() -> None:
    figure = plot.broadcasting(torch.arange(3)[:, None], torch.arange(4))
    hatched = [patch for patch in figure.axes[0].patches if patch.get_hatch()]
    sizes, copies_of_a, copies_of_b = 2, 3 * 3, 2 * 4
    assert len(hatched) == sizes + copies_of_a + copies_of_b


def test_broadcasting_says_sizes_and_values() -> None:
    words = plot.describe(plot.broadcasting(torch.tensor([[1], [2]]), torch.tensor([10, 20, 30])))
    assert words.splitlines() == [
        "Broadcasting a (2, 1) and b (3,) gives (2, 3).",
        "a is stretched along dim -1 to 3.",
        "b is stretched along dim -2 to 2.",
        "a: 1; 2. b: 10 20 30. a + b: 11 21 31; 12 22 32.",
    ]


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_along_dim_gives_the_sums(dim: int) -> None:
    lines = plot.describe(plot.along_dim(TABLE, dim)).splitlines()
    sums = " ".join(str(value) for value in TABLE.sum(dim).tolist())
    assert lines[-1] == f"Sums: {sums}."
    assert lines[0].startswith(f"sum(dim={dim % 2}) adds along dim {dim % 2}: shape (3, 4)")


def test_gather_says_where_each_element_comes_from() -> None:
    source = torch.tensor([[10, 11, 12], [20, 21, 22]])
    words = plot.describe(plot.gather(source, 1, torch.tensor([[2, 0], [1, 1]])))
    assert "row 0: 12 from 2, 10 from 0; row 1: 21 from 1, 21 from 1." in words
    words = plot.describe(plot.gather(source, 0, torch.tensor([[1, 0, 1]])))
    assert "column 0: 20 from 1; column 1: 11 from 0; column 2: 22 from 1." in words


def test_scatter_says_what_is_written_and_warns_of_a_collision() -> None:
    words = plot.describe(plot.scatter(torch.tensor([[2], [0]]), 1, 1, 3))
    assert words.splitlines()[1:] == [
        "Write row 0: 1 to 2; row 1: 1 to 0.",
        "Result: 0 0 1; 1 0 0.",
    ]
    words = plot.describe(plot.scatter(torch.tensor([1, 1]), torch.tensor([5, 6]), 0, 3))
    assert words.endswith("only one of them stays.")


def test_arrows_run_from_each_source_to_its_place() -> None:
    figure = plot.gather(torch.arange(5), 0, torch.tensor([4, 0, 0]))
    arrows = [patch for patch in figure.axes[0].patches if hasattr(patch, "get_arrowstyle")]
    assert len(arrows) == 3


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


def test_highlight_marks_by_index_or_mask() -> None:
    by_mask = plot.describe(plot.matrix(TABLE, highlight=TABLE == 6))
    assert by_mask.endswith("Highlighted: [1, 2].")
    assert plot.describe(plot.matrix(TABLE, highlight=(1, 2))) == by_mask
    assert plot.describe(plot.matrix(torch.arange(3), highlight=1)).endswith("Highlighted: [1].")


def test_image_grid_takes_grey_and_colour_alike() -> None:
    grey = plot.describe(plot.image_grid(torch.ones(2, 1, 5, 4), titles=[7, 8]))
    assert grey.splitlines()[0] == "2 grey images of 5 × 4 pixels, 2 in a row, values 1 to 1."
    assert grey.splitlines()[1] == "Mean of each: 7: 1, 8: 1."
    colour = torch.full((1, 3, 5, 4), 255, dtype=torch.uint8)
    assert plot.describe(plot.image_grid(colour)).startswith("1 colour image of 5 × 4 pixels")


def test_styles_differ_in_more_than_colour() -> None:
    styles = [plot.style(place) for place in range(6)]
    assert len({str(style["linestyle"]) for style in styles}) == 6
    assert len({style["marker"] for style in styles}) == 6
    assert {style["color"] for style in styles} <= set(plot.OKABE_ITO.values())


def test_settings_of_matplotlib_stay_as_they_are() -> None:
    before = dict(matplotlib.rcParams)
    for draw in DIAGRAMS.values():
        plot.png(draw())
    assert dict(matplotlib.rcParams) == before
