"""The words of a whole figure, and what is shown of it."""

import html
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from helpers import plot
from helpers.plot import _picture
from helpers.plot._picture import DOTS_PER_INCH

TABLE = torch.arange(12).reshape(3, 4)


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
    figure, axes = plt.subplots()
    axes.plot([0, 1], [2, 3], label="tea")
    with capture_output() as captured:
        plot.show(figure)
    [output] = captured.outputs
    assert set(output.data) == {"image/png", "text/html", "text/plain"}
    assert output.data["text/plain"] == plot.describe(figure)
    spoken = html.escape(plot.describe(figure))
    assert f' alt="{spoken}" src="data:image/png;' in output.data["text/html"]
    width, height = _picture.size(plot.png(figure))
    assert output.metadata == {"image/png": {"width": width, "height": height}}
    assert captured.stdout == "" and captured.stderr == ""
    assert plt.get_fignums() == []


@pytest.fixture(scope="module")
def printed() -> list[str]:
    """What a program prints that shows a figure outside IPython."""
    script = """
import sys
import torch
from helpers import explore, plot
print([name for name in ('torchvision', 'ipywidgets') if name in sys.modules])
plot.show(plot.matrix(torch.eye(2)))
"""
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.splitlines()


def test_show_prints_the_words_outside_ipython(printed: list[str]) -> None:
    assert printed[1:] == ["A tensor of shape (2, 2), float32.", "Values: 1 0; 0 1."]


def test_importing_plot_does_not_import_torchvision_or_widgets(printed: list[str]) -> None:
    assert printed[0] == "[]"


def test_several_plots_are_counted_and_the_heading_comes_first() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    figure.suptitle("Both")
    left.set_title("one")
    right.plot([1, 2])
    lines = plot.describe(figure).splitlines()
    assert lines[:2] == ["Figure: Both.", "Plot 1. Title: one."] and lines[2].startswith("Plot 2. ")


def test_an_empty_figure_is_called_empty() -> None:
    assert plot.describe(plt.figure()) == "An empty figure."


def pixels_of(figure: Figure) -> np.ndarray:
    """Return the pixels of a figure's PNG, (rows, columns, 3) from 0 to 255."""
    return np.asarray(Image.open(BytesIO(plot.png(figure))).convert("RGB"))


@pytest.mark.parametrize(
    ("ground", "corner"),
    [
        ("none", (255, 255, 255)),
        ((0.0, 0.0, 1.0, 0.5), (255, 255, 255)),
        ((0.0, 0.0, 1.0, 0.99), (255, 255, 255)),
        ("black", (0, 0, 0)),
        ("#0072B2", (0, 114, 178)),
    ],
)
def test_an_opaque_ground_is_kept_and_any_other_becomes_paper(
    ground: object, corner: tuple[int, int, int]
) -> None:
    figure = Figure(figsize=(2, 1), facecolor=ground)
    figure.add_axes((0.2, 0.2, 0.6, 0.6)).set_axis_off()
    figure.text(0.5, 0.5, "here", color="#808080")
    assert tuple(pixels_of(figure)[0, 0]) == corner


def test_a_figure_is_cut_to_what_is_drawn_in_it() -> None:
    figure = Figure(figsize=(6, 4), facecolor="white")
    figure.text(0.5, 0.5, "here")
    rows, columns, _ = pixels_of(figure).shape
    assert rows < 0.3 * 4 * 2 * DOTS_PER_INCH and columns < 0.3 * 6 * 2 * DOTS_PER_INCH


def test_a_label_outside_the_page_is_not_cut_off() -> None:
    figure = Figure(figsize=(2, 2), facecolor="white")
    figure.text(1.5, 0.5, "outside")
    figure.text(0.0, 0.5, "inside")
    _, columns, _ = pixels_of(figure).shape
    assert columns > 1.4 * 2 * 2 * DOTS_PER_INCH


def shown(thing: object, capsys: pytest.CaptureFixture[str], monkeypatch: object) -> str:
    monkeypatch.setattr(_picture, "get_ipython", lambda: None)
    plot.show(thing)
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    "part",
    [
        lambda figure: figure,
        lambda figure: figure.axes[0],
        lambda figure: figure.axes,
        lambda figure: np.array(figure.axes, dtype=object).reshape(1, 2),
        lambda figure: (figure, figure.axes),
        lambda figure: figure.axes[0].lines[0],
        lambda figure: figure.axes[0].lines,
        lambda figure: figure.axes[1].containers[0],
        lambda figure: plt,
        lambda figure: {"left": figure.axes[0]},
    ],
)
def test_a_figure_is_shown_by_any_part_of_it(
    part: Callable[[Figure], object],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(2, 1))
    left.plot([1, 2])
    right.bar([0], [3])
    words = plot.describe(figure)
    assert plot.describe(part(figure)) == words
    assert plot.png(part(figure)) == plot.png(figure)
    assert shown(part(figure), capsys, monkeypatch) == words
    assert plt.get_fignums() == []


def test_what_hist_and_subfigures_return_will_do_too() -> None:
    figure = plt.figure()
    parts = figure.subfigures(1, 2)
    parts[0].suptitle("one half")
    drawn = parts[0].subplots().hist([1, 2, 3], bins=3)
    assert plot.describe(parts[1]) == plot.describe(drawn) == plot.describe(figure)
    assert plot.describe(figure).endswith("\nPart of the figure: one half.")


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (None, "this is None, not a figure; give the figure that plt.subplots()"),
        ("a figure", "this is 'a figure', not a figure"),
        (torch.ones(2, 3), r"this is a tensor of shape \(2, 3\), float32, not a figure"),
        ([], "this is a list, not a figure"),
        (np.ones(2), r"this is an array of shape \(2,\), float64, not a figure"),
        (3, "this is 3, not a figure"),
        (Line2D([], []), "this is a Line2D, not a figure"),
    ],
)
@pytest.mark.parametrize("function", [plot.show, plot.describe, plot.png])
def test_what_is_not_a_figure_is_refused(
    function: Callable[[object], object], thing: object, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        function(thing)


def test_pyplot_without_a_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="no figure is open in plt; draw one first"):
        plot.show(plt)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("function", [plot.show, plot.png])
def test_a_figure_that_cannot_be_drawn_is_explained_and_not_left_open(
    function: Callable[[object], object],
) -> None:
    InteractiveShell.instance()
    figure, axes = plt.subplots()
    axes.set_title(r"$\frac{1$")
    with pytest.raises(ValueError, match=r"cannot draw this figure .*\$…\$ is a formula"):
        function(figure)
    assert plt.get_fignums() == ([figure.number] if function is plot.png else [])


def test_what_is_drawn_on_the_figure_itself_has_words() -> None:
    figure = Figure()
    figure.text(0.5, 0.5, "hello")
    figure.add_artist(Rectangle((0, 0), 1, 1))
    figure.add_artist(Line2D([0, 1], [0, 1]))
    figure.legend(handles=[Line2D([], [], label="milk")])
    assert plot.describe(figure).splitlines() == [
        "Text: hello.",
        "Rectangle on the figure itself.",
        "Line on the figure itself.",
        "Legend: milk.",
    ]


def test_names_of_all_axes_together_are_said_where_nothing_else_is() -> None:
    figure = Figure()
    figure.supxlabel("time")
    assert plot.describe(figure) == "Text: time."


def test_axes_that_are_not_visible_are_not_described() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    left.plot([1, 2])
    right.plot([3, 4])
    right.set_visible(False)
    assert plot.describe(figure) == "Line 1: through (0, 1), (1, 2)."
