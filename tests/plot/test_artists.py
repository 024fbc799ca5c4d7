"""What is said about ordinary plots, artist by artist."""

from collections.abc import Callable
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredText
from matplotlib.patches import Circle

from helpers import plot


def axes_of_one() -> tuple[Figure, Axes]:
    figure, axes = plt.subplots()
    axes.set(title="Cooling", xlabel="time (s)", ylabel="temperature (°C)")
    return figure, axes


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


# Every kind of axes and artists has words of its own

X = np.linspace(0, 1, 20)
ACROSS, UP = np.meshgrid(np.arange(4.0), np.arange(3.0))
FLAT = (ACROSS.ravel(), UP.ravel(), (ACROSS * UP).ravel())
KINDS: dict[str, tuple[Callable[[Axes], object], str]] = {
    "pie": (
        lambda a: a.pie([30, 70], labels=["red", "white"]),
        "Text: red; white.\nPie: red 30 %, white 70 %.",
    ),
    "ring": (
        lambda a: a.pie([1, 1, 2], wedgeprops={"width": 0.3}),
        "Pie: wedge 1 25 %, wedge 2 25 %, wedge 3 50 %.",
    ),
    "stacked bars": (
        lambda a: (a.bar([0, 1], [2, 3], label="a"), a.bar([0, 1], [1, 1], bottom=[2, 3])),
        'Bars "a": 0 2, 1 3.\nBars 2: 0 1, 1 1.',
    ),
    "bars of 12": (
        lambda a: a.bar(range(12), range(12)),
        "Bars 1: 0 0, 1 1, 2 2, 3 3, 4 4, 5 5, 6 6, 7 7, 8 8, 9 9, 10 10, 11 11.",
    ),
    "bars of 13": (
        lambda a: a.bar(range(13), range(13)),
        "Bars 1: 13, 0 to 12, mean 6, highest at 12.",
    ),
    "hist, a step": (
        lambda a: a.hist(X, bins=4, histtype="step", label="h"),
        'Polygon "h": x 0 to 1, y 0 to 5.',
    ),
    "stairs": (lambda a: a.stairs([1, 3], [0, 1, 2]), "Steps 1: 2, x 0 to 2, y 1 to 3."),
    "hist2d": (
        lambda a: a.hist2d(X, X),
        "Colour mesh 1: 10 × 10, values 0 to 2, mean 0.2.",
    ),
    "hexbin": (
        lambda a: a.hexbin(X, X, gridsize=4),
        "Coloured cells 1: 23, x 0 to 1, y 0 to 1, values 0 to 4.",
    ),
    "violin": (
        lambda a: a.violinplot([X]),
        "Filled area 1: x 0.75 to 1.25, y 0 to 1.\nLine segments 2: 1, x 0.875 to 1.12, y 1.\n"
        "Line segments 3: 1, x 0.875 to 1.12, y 0.\nLine segments 4: 1, x 1, y 0 to 1.",
    ),
    "error bars": (
        lambda a: (a.errorbar([1, 2], [3, 4], 0.5, capsize=3, label="e"), a.legend()),
        'Line 1: through (1, 3), (2, 4).\nError bars "e": 2, x 1 to 2, y 2.5 to 4.5.',
    ),
    "filled contours": (
        lambda a: a.contourf(ACROSS, UP, ACROSS * UP, levels=3),
        "Filled contours 1: levels 0, 1.5, 3, 4.5, 6.",
    ),
    "many filled contours": (
        lambda a: a.contourf(ACROSS, UP, ACROSS, levels=np.linspace(0, 3, 13)),
        "Filled contours 1: 13 levels, 0 to 3.",
    ),
    "triangles": (
        lambda a: a.tripcolor(*FLAT),
        "Coloured cells 1: 12, x 0 to 3, y 0 to 2, values 0 to 4.33.",
    ),
    "shaded triangles": (
        lambda a: a.tripcolor(*FLAT, shading="gouraud"),
        "Tri mesh 1: 12 values, 0 to 6.",
    ),
    "quiver": (
        lambda a: a.quiver(ACROSS, UP, ACROSS, -UP),
        "Arrows 1: 12, x 0 to 3, y 0 to 2, to the right 0 to 3, upwards -2 to 0.",
    ),
    "barbs": (
        lambda a: a.barbs(ACROSS, UP, ACROSS, UP),
        "Wind barbs 1: 12, x 0 to 3, y 0 to 2, to the right 0 to 3, upwards 0 to 2.",
    ),
    "stem": (
        lambda a: a.stem([1, 2], [3, 4]),
        "Line 1: through (1, 3), (2, 4).\nLine 2: through (1, 0), (2, 0).\n"
        "Stems 1: 2, x 1 to 2, y 0 to 4.",
    ),
    "step": (lambda a: a.step([1, 2], [3, 4]), "Line 1: through (1, 3), (2, 4)."),
    "events": (
        lambda a: a.eventplot([[1, 2, 3], [4, 5]]),
        "Events 1: 3, x 1 to 3.\nEvents 2: 2, x 4 to 5.",
    ),
    "vertical events": (
        lambda a: a.eventplot([[1, 2]], orientation="vertical"),
        "Events 1: 2, y 1 to 2.",
    ),
    "vlines": (lambda a: a.vlines([1, 2], 0, 1), "Line segments 1: 2, x 1 to 2, y 0 to 1."),
    "spans": (
        lambda a: (a.axvspan(0, 1, label="warm"), a.axhspan(2, 3)),
        'Rectangle "warm": x 0 to 1.\nRectangle 2: y 2 to 3.',
    ),
    "a sloping line": (
        lambda a: a.axline((0, 1), slope=2),
        "Line 1: straight, through (0, 1) with slope 2.",
    ),
    "a line through two points": (
        lambda a: a.axline((0, 1), (2, 3)),
        "Line 1: straight, through (0, 1) and (2, 3).",
    ),
    "a line apart from the data": (
        lambda a: a.plot([0, 1], [0, 1], transform=a.transAxes),
        "Line 1: across the figure, apart from the data.",
    ),
    "dates": (
        lambda a: (a.plot([date(1970, 1, 2)], [1]), a.axvline(date(1970, 1, 3))),
        "Line 1: point (1, 1).\nVertical line 2: at x 2.",
    ),
    "annotation": (
        lambda a: a.annotate("the peak", (1, 1), (2, 2), arrowprops={}),
        "Text: the peak.",
    ),
    "anchored text": (
        lambda a: a.add_artist(AnchoredText("a note", loc="upper left")),
        "Text: a note.",
    ),
    "circle": (
        lambda a: a.add_patch(Circle((1, 1), 0.5)),
        "Circle 1: x 0.5 to 1.5, y 0.5 to 1.5.",
    ),
    "many circles": (
        lambda a: [a.add_patch(Circle((at, 1), 0.5)) for at in range(7)],
        "Circles: 7.",
    ),
    "table": (
        lambda a: a.table([["1", "2"]], rowLabels=["row"], colLabels=["x", "y"]),
        "Table 1: x, y; row, 1, 2.",
    ),
    "log axes": (
        lambda a: a.loglog([1, 10], [1, 2]),
        "Axes: x (log scale); y (log scale).\nLine 1: through (1, 1), (10, 2).",
    ),
    "symlog": (
        lambda a: a.set(yscale="symlog", ylabel="loss"),
        "Axes: y: loss (symlog scale).",
    ),
    "secondary axis": (
        lambda a: (a.plot([1, 2]), a.secondary_xaxis("top").set_xlabel("degrees")),
        "Line 1: through (0, 1), (1, 2).\nSecond axis: degrees.",
    ),
    "inset": (
        lambda a: (a.plot([1, 2]), a.inset_axes([0.5, 0.5, 0.4, 0.4]).plot([5, 6])),
        "Line 1: through (0, 1), (1, 2).\nInset: Line 1: through (0, 5), (1, 6).",
    ),
    "legend of proxies": (
        lambda a: (a.plot([1, 2], label="tea"), a.legend(handles=[Line2D([], [], label="milk")])),
        'Line "tea": through (0, 1), (1, 2).\nLegend: milk.',
    ),
    "nothing": (lambda a: None, "Empty axes, x 0 to 1, y 0 to 1."),
    "nothing, axis off": (lambda a: a.set_axis_off(), "An empty figure."),
    "a title at the left": (lambda a: a.set_title("left", loc="left"), "Title: left."),
    "an image without numbers": (
        lambda a: a.imshow(np.full((2, 2), np.nan)),
        "Image 1: 2 × 2, no number.",
    ),
    "points without numbers": (
        lambda a: a.scatter([], []),
        "Points 1: 0, x no number, y no number, mean (none, none).",
    ),
    "points, one missing": (
        lambda a: a.scatter([1, np.nan], [1, 2]),
        "Points 1: 2, x 1, y 1 to 2, mean (1, 1.5).",
    ),
    "an empty line": (lambda a: a.plot([], []), "Line 1: 0 points, none with a finite y."),
}  # fmt: skip
IN_SPACE: dict[str, tuple[Callable[[Axes], object], str]] = {
    "line": (
        lambda a: (a.plot(X, X, X, label="spiral"), a.set(zlabel="height")),
        '3-D axes: z: height.\nLine "spiral": 20 points, x 0 to 1, y 0 to 1, z 0 to 1.',
    ),
    "points": (
        lambda a: a.scatter(X, X, X**2),
        "3-D axes.\nPoints 1: 20, x 0 to 1, y 0 to 1, z 0 to 1.",
    ),
    "surface": (
        lambda a: a.plot_surface(ACROSS, UP, ACROSS * UP),
        "3-D axes.\nSurface of faces 1: 6, x 0 to 3, y 0 to 2, z 0 to 6.",
    ),
    "wires": (
        lambda a: a.plot_wireframe(ACROSS, UP, ACROSS * UP),
        "3-D axes.\nLine segments 1: 7, x 0 to 3, y 0 to 2, z 0 to 6.",
    ),
    "bars": (
        lambda a: a.bar3d([0, 1], [0, 1], [0, 0], 1, 1, [2, 3]),
        "3-D axes.\nSurface of faces 1: 12, x 0 to 2, y 0 to 2, z 0 to 3.",
    ),
    "contours": (
        lambda a: a.contour(ACROSS, UP, ACROSS, levels=[1, 2]),
        "3-D axes.\nContours 1: levels 1, 2.",
    ),
    "text": (lambda a: a.text(0, 0, 0, "here"), "3-D axes.\nText: here."),
}
POLAR = "Polar axes, x the angle in radians, y the radius.\n"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words(kind: str) -> None:
    figure, axes = plt.subplots(figsize=(3, 2))
    draw, words = KINDS[kind]
    draw(axes)
    assert plot.describe(figure) == words
    figure.draw_without_rendering()


@pytest.mark.parametrize("kind", IN_SPACE)
def test_axes_in_space_have_words(kind: str) -> None:
    figure, axes = plt.subplots(subplot_kw={"projection": "3d"})
    draw, words = IN_SPACE[kind]
    draw(axes)
    assert plot.describe(figure) == words
    plot.png(figure)
    assert plot.describe(figure) == words


def test_polar_axes_have_words() -> None:
    figure, axes = plt.subplots(subplot_kw={"projection": "polar"})
    axes.plot([1, 2], [3, 4])
    assert plot.describe(figure) == POLAR + "Line 1: through (1, 3), (2, 4)."


def test_a_boxplot_and_streams_are_not_passed_over() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    left.boxplot([X], patch_artist=True)
    right.streamplot(np.arange(4.0), np.arange(3.0), np.ones((3, 4)), ACROSS)
    words = plot.describe(figure)
    assert "Outline 1: x 0.925 to 1.07, y 0.25 to 0.75." in words
    assert "Plot 2. Line segments 1: " in words and "\nArrows: " in words


def test_an_artist_that_cannot_be_read_back_is_named() -> None:
    class Strange(PathCollection):
        def get_offsets(self) -> object:
            raise RuntimeError("not drawn yet")

    figure, axes = plt.subplots()
    axes.add_collection(Strange([], label="odd"), autolim=False)
    assert plot.describe(figure) == 'Strange "odd".'
    # A LineCollection says how many segments it has, even none.
    axes.add_collection(LineCollection([]), autolim=False)
    assert plot.describe(figure).endswith("Line segments 2: 0, none.")


def test_up_to_6_points_of_a_line_are_named_and_7_are_summed_up() -> None:
    figure, axes = plt.subplots()
    axes.plot(range(6), label="six")
    axes.plot(range(7), label="seven")
    six, seven = plot.describe(figure).splitlines()
    assert six == 'Line "six": through (0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5).'
    assert seven.startswith('Line "seven": 7 points, x 0 to 6, y 0 to 6, first 0, last 6, mean 3')
