"""Read back what a matplotlib figure shows, artist by artist, as sentences."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.lines import Line2D

from helpers.plot._wording import number

MOST_POINTS = 6
MOST_BARS = 12


def axes_sentences(axes: Axes) -> list[str]:
    """Return the title, the axis labels and one sentence for each thing drawn in `axes`."""
    if axes.get_label() == "<colorbar>":
        name = axes.get_ylabel() or axes.get_xlabel()
        return [f"Colour bar: {name}." if name else "Colour bar."]
    return [
        *_heading(axes),
        *_lines(axes),
        *_collections(axes),
        *_bars(axes),
        *_rest(axes),
    ]


def _heading(axes: Axes) -> Iterator[str]:
    if axes.get_title():
        yield f"Title: {axes.get_title()}."
    names = (
        ("x", axes.get_xlabel(), axes.get_xscale()),
        ("y", axes.get_ylabel(), axes.get_yscale()),
    )
    parts = [
        f"{axis}: {name}" + (" (log scale)" if scale == "log" else "")
        for axis, name, scale in names
        if name
    ]
    if parts:
        yield f"Axes: {'; '.join(parts)}."


def _name(kind: str, artist_label: object, position: int) -> str:
    text = str(artist_label or "")
    return f"{kind} {position}" if not text or text.startswith("_") else f'{kind} "{text}"'


def _extent(values: np.ndarray) -> str:
    """Return the smallest and the largest finite value in words."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return "no number"
    low, high = finite.min(), finite.max()
    scale = max(abs(low), abs(high))
    return number(low, scale) if low == high else f"{number(low, scale)} to {number(high, scale)}"


def _lines(axes: Axes) -> Iterator[str]:
    for position, line in enumerate(axes.lines, 1):
        x_in_data, y_in_data = line.get_transform().contains_branch_seperately(axes.transData)
        if x_in_data and y_in_data:
            yield f"{_name('Line', line.get_label(), position)}: {_course_of(line)}."
        elif x_in_data:
            where = number(float(line.get_xdata()[0]))
            yield f"{_name('Vertical line', line.get_label(), position)}: at x {where}."
        elif y_in_data:
            where = number(float(line.get_ydata()[0]))
            yield f"{_name('Horizontal line', line.get_label(), position)}: at y {where}."


def _course_of(line: Line2D) -> str:
    """Return how a line runs: every point if they are few, else range, ends and mean."""
    x = np.asarray(line.get_xdata(orig=False), dtype=float)
    y = np.asarray(line.get_ydata(orig=False), dtype=float)
    finite = y[np.isfinite(y)]
    if finite.size == 0:
        return f"{len(x)} points, none with a finite y"
    scale = float(np.abs(finite).max())
    if len(x) <= MOST_POINTS:
        points = (f"({number(a)}, {number(b, scale)})" for a, b in zip(x, y, strict=True))
        return f"through {', '.join(points)}" if len(x) > 1 else f"point {next(points)}"
    missing = f", {len(y) - finite.size} of them missing" if finite.size < len(y) else ""
    return (
        f"{len(x)} points{missing}, x {_extent(x)}, y {_extent(y)}, "
        f"first {number(y[0], scale)}, last {number(y[-1], scale)}, "
        f"mean {number(finite.mean(), scale)}"
    )


def _collections(axes: Axes) -> Iterator[str]:
    for position, artist in enumerate(axes.collections, 1):
        if isinstance(artist, PathCollection):
            yield _points(artist, position)
        elif isinstance(artist, QuadMesh):
            name = _name("Colour mesh", artist.get_label(), position)
            yield f"{name}: {_values(artist.get_array())}."
        elif isinstance(artist, PolyCollection) and artist.get_paths():
            corners = np.concatenate([path.vertices for path in artist.get_paths()])
            area = f"x {_extent(corners[:, 0])}, y {_extent(corners[:, 1])}"
            yield f"{_name('Filled area', artist.get_label(), position)}: {area}."
        else:
            yield f"{_name(type(artist).__name__, artist.get_label(), position)}."


def _points(artist: PathCollection, position: int) -> str:
    places = np.ma.getdata(artist.get_offsets()).astype(float)
    x, y = places[:, 0], places[:, 1]
    centre = (
        number(values.mean(), np.abs(values).max()) if len(values) else "none" for values in (x, y)
    )
    colours = artist.get_array()
    shade = "" if colours is None else f", colours {_extent(np.ma.getdata(colours).astype(float))}"
    return (
        f"{_name('Points', artist.get_label(), position)}: {len(places)}, x {_extent(x)}, "
        f"y {_extent(y)}, mean ({', '.join(centre)}){shade}."
    )


def _bars(axes: Axes) -> Iterator[str]:
    containers = [item for item in axes.containers if isinstance(item, BarContainer)]
    for position, bars in enumerate(containers, 1):
        upright = bars.orientation != "horizontal"
        heights = [bar.get_height() if upright else bar.get_width() for bar in bars]
        scale = max((abs(height) for height in heights), default=0.0)
        name = _name("Bars", bars.get_label(), position)
        if len(heights) > MOST_BARS:
            centre = number(float(np.mean(heights)), scale)
            high = _bar_names(axes, bars, upright)[int(np.argmax(heights))]
            span = _extent(np.asarray(heights, dtype=float))
            yield f"{name}: {len(heights)}, {span}, mean {centre}, highest at {high}."
        else:
            names = _bar_names(axes, bars, upright)
            each = zip(names, heights, strict=True)
            words = (f"{word} {number(height, scale)}" for word, height in each)
            yield f"{name}: {', '.join(words)}."


def _bar_names(axes: Axes, bars: BarContainer, upright: bool) -> list[str]:
    """Return what stands under each bar: the text of its tick, else its place in numbers."""
    axis = axes.xaxis if upright else axes.yaxis
    texts = {round(float(tick), 6): text.get_text() for tick, text in _ticks(axis)}
    names = []
    for bar in bars:
        start, size = (bar.get_x(), bar.get_width()) if upright else (bar.get_y(), bar.get_height())
        centre = round(float(start + size / 2), 6)
        text = texts.get(centre, "")
        is_number = text.replace("\N{MINUS SIGN}", "-").replace(".", "").lstrip("-").isdigit()
        names.append(text if text and not is_number else number(centre))
    return names


def _ticks(axis: object) -> Iterator[tuple[float, object]]:
    return zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)


def _values(array: object) -> str:
    """Return shape, range and mean of the values of an image."""
    values = np.ma.filled(np.ma.asarray(array).astype(float), np.nan)
    finite = values[np.isfinite(values)]
    sizes = " × ".join(str(size) for size in values.shape)
    if finite.size == 0:
        return f"{sizes}, no number"
    scale = float(np.abs(finite).max())
    return f"{sizes}, values {_extent(finite)}, mean {number(finite.mean(), scale)}"


def _rest(axes: Axes) -> Iterator[str]:
    for position, image in enumerate(axes.images, 1):
        yield f"{_name('Image', image.get_label(), position)}: {_values(image.get_array())}."
    words = [text.get_text() for text in axes.texts if text.get_text().strip()]
    if words:
        yield "Text: " + "; ".join(" ".join(word.split()) for word in words) + "."
