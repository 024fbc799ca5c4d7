"""What one pair of axes shows, read back artist by artist, as sentences."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import (
    Collection,
    EventCollection,
    LineCollection,
    PathCollection,
    PolyCollection,
    QuadMesh,
)
from matplotlib.container import BarContainer, ErrorbarContainer, StemContainer
from matplotlib.contour import ContourSet
from matplotlib.legend import Legend
from matplotlib.lines import AxLine, Line2D
from matplotlib.offsetbox import AnchoredText
from matplotlib.patches import Patch, StepPatch, Wedge
from matplotlib.quiver import Barbs, Quiver
from matplotlib.table import Table

from helpers.plot._wording import number

MOST_POINTS = 6
MOST_BARS = 12
MOST_SHAPES = 6
KINDS = {"polar": "Polar axes, x the angle in radians, y the radius", "3d": "3-D axes"}
SHAPES = {
    "AxesImage": "Image",
    "FigureImage": "Image",
    "Line2D": "Line",
    "FancyArrow": "Arrow",
    "FancyArrowPatch": "Arrow",
    "FancyBboxPatch": "Box",
    "PathPatch": "Outline",
    "StepPatch": "Steps",
}


def axes_sentences(axes: Axes) -> list[str]:
    """Return the title, the axis labels and one sentence for each thing drawn in `axes`."""
    if axes.get_label() == "<colorbar>":
        name = axes.get_ylabel() or axes.get_xlabel()
        return [f"Colour bar: {name}." if name else "Colour bar."]
    if axes.name == "3d":
        drawn = [*_solids(axes)]
    else:
        drawn = [*_lines(axes), *_collections(axes), *_bars(axes)]
    sentences = [*_heading(axes), *drawn, *_images(axes), *_texts(axes), *_rest(axes)]
    sentences += legend_sentences(axes.get_legend(), sentences)
    return sentences or ([_bare(axes)] if axes.axison else [])


def legend_sentences(legend: Legend | None, sentences: Sequence[str]) -> list[str]:
    """Return the entries of a legend that no sentence names yet."""
    said = "\n".join(sentences)
    entries = [text.get_text() for text in legend.get_texts()] if legend else []
    missing = [entry for entry in entries if entry.strip() and f'"{entry}"' not in said]
    return [f"Legend: {', '.join(missing)}."] if missing else []


def _bare(axes: Axes) -> str:
    """Return what a reader sees of axes in which nothing is drawn: their limits."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return f"Empty axes, x {number(left)} to {number(right)}, y {number(bottom)} to {number(top)}."


def _heading(axes: Axes) -> Iterator[str]:
    titles = [title for side in ("center", "left", "right") if (title := axes.get_title(side))]
    if titles:
        yield f"Title: {'; '.join(titles)}."
    kind = KINDS.get(axes.name, "Axes")
    letters = "xyz" if axes.name == "3d" else "xy"
    names = {axis: getattr(axes, f"get_{axis}label")() for axis in letters}
    parts = []
    for axis, name in names.items():
        scale = getattr(axes, f"get_{axis}scale")()
        # Long, category and date axes call themselves linear; the others are worth a word.
        unusual = f" ({scale} scale)" if scale in ("log", "symlog", "logit", "asinh") else ""
        if name or unusual:
            parts.append(f"{axis}: {name}{unusual}" if name else f"{axis}{unusual}")
    if parts:
        yield f"{kind}: {'; '.join(parts)}."
    elif kind != "Axes":
        yield f"{kind}."


def _name(kind: str, artist_label: object, position: int) -> str:
    text = str(artist_label or "")
    return f"{kind} {position}" if not text or text.startswith("_") else f'{kind} "{text}"'


def kind_of_artist(artist: object) -> str:
    """Return the class of an artist in words: "FancyBboxPatch" is "Box"."""
    name = type(artist).__name__
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.lstrip("_")).lower()
    return SHAPES.get(name, words.capitalize())


def _said(words: Callable[[Any, int], str], artist: Any, position: int) -> str:
    """Return the words of one artist; one that cannot be read back is at least named."""
    try:
        return words(artist, position)
    except Exception:  # an artist of another library may lack what Matplotlib's own have
        return f"{_name(kind_of_artist(artist), artist.get_label(), position)}."


def _extent(values: object) -> str:
    """Return the smallest and the largest finite value in words."""
    values = np.ma.filled(np.ma.asarray(values).astype(float), np.nan)
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return "no number"
    low, high = finite.min(), finite.max()
    scale = max(abs(low), abs(high))
    return number(low, scale) if low == high else f"{number(low, scale)} to {number(high, scale)}"


def _area(points: np.ndarray) -> str:
    """Return the extent of points, (count, 2) or (count, 3), along each axis."""
    return ", ".join(
        f"{axis} {_extent(points[:, at])}" for axis, at in zip("xyz", range(points.shape[1]))
    )


# Lines


def _lines(axes: Axes) -> Iterator[str]:
    caps = [
        cap for bars in axes.containers if isinstance(bars, ErrorbarContainer) for cap in bars[1]
    ]
    for position, line in enumerate(axes.lines, 1):
        if line not in caps:
            yield _said(lambda line, at: _line(line, at, axes), line, position)


def _line(line: Line2D, position: int, axes: Axes) -> str:
    label = line.get_label()
    x_in_data, y_in_data = line.get_transform().contains_branch_seperately(axes.transData)
    if isinstance(line, AxLine):
        return f"{_name('Line', label, position)}: straight, {_endless(line)}."
    if x_in_data and y_in_data:
        return f"{_name('Line', label, position)}: {_course_of(line)}."
    if x_in_data:
        where = number(float(np.asarray(line.get_xdata(orig=False))[0]))
        return f"{_name('Vertical line', label, position)}: at x {where}."
    if y_in_data:
        where = number(float(np.asarray(line.get_ydata(orig=False))[0]))
        return f"{_name('Horizontal line', label, position)}: at y {where}."
    return f"{_name('Line', label, position)}: across the figure, apart from the data."


def _endless(line: AxLine) -> str:
    """Return what a line without ends goes through."""
    first = ", ".join(number(float(part)) for part in line.get_xy1() or ())
    end = line.get_xy2()
    if end is None:
        return f"through ({first}) with slope {number(float(line.get_slope()))}"
    second = ", ".join(number(float(part)) for part in end)
    return f"through ({first}) and ({second})"


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


# Collections: points, areas, meshes, contours, segments, arrows


def _collections(axes: Axes) -> Iterator[str]:
    held = _held(axes)
    for position, artist in enumerate(axes.collections, 1):
        kind, label = held.get(artist, ("Line segments", artist.get_label()))
        yield _said(partial(_collection, segments=kind, label=label), artist, position)


def _held(axes: Axes) -> dict[Artist, tuple[str, object]]:
    """Return kind and label of the collections that belong to error bars and stems."""
    held: dict[Artist, tuple[str, object]] = {}
    for container in axes.containers:
        if isinstance(container, ErrorbarContainer):
            held |= dict.fromkeys(container[2], ("Error bars", container.get_label()))
        elif isinstance(container, StemContainer):
            held[container.stemlines] = ("Stems", container.get_label())
    return held


def _collection(artist: Collection, position: int, segments: str, label: object) -> str:
    """Return the words of one collection; `segments` says what line segments are called."""
    if isinstance(artist, PathCollection):
        return _points(artist, position)
    if isinstance(artist, ContourSet):
        return _contours(artist, position)
    if isinstance(artist, (Quiver, Barbs)):
        return _arrows(artist, position)
    if isinstance(artist, QuadMesh):
        return f"{_name('Colour mesh', label, position)}: {_values(artist.get_array())}."
    if isinstance(artist, EventCollection):
        where = "x" if artist.is_horizontal() else "y"
        events = np.asarray(artist.get_positions(), dtype=float)
        return f"{_name('Events', label, position)}: {len(events)}, {where} {_extent(events)}."
    if isinstance(artist, LineCollection):
        pieces = [np.asarray(piece, dtype=float) for piece in artist.get_segments() if len(piece)]
        area = _area(np.concatenate(pieces)) if pieces else "none"
        return f"{_name(segments, label, position)}: {len(pieces)}, {area}."
    if isinstance(artist, PolyCollection) and artist.get_paths():
        return _polygons(artist, position)
    return f"{_name(kind_of_artist(artist), label, position)}{_coloured(artist)}."


def _coloured(artist: Collection) -> str:
    """Return the range of the values that colour a collection, if any do."""
    values = artist.get_array()
    return "" if values is None else f": {np.size(values)} values, {_extent(values)}"


def _polygons(artist: PolyCollection, position: int) -> str:
    """Return an area between curves as its extent, coloured cells as their values too."""
    corners = np.concatenate([path.vertices for path in artist.get_paths()])
    colours, centres = artist.get_array(), np.ma.getdata(artist.get_offsets())
    if colours is None:
        return f"{_name('Filled area', artist.get_label(), position)}: {_area(corners)}."
    if len(centres) > 1:  # hexbin draws one hexagon at many centres
        corners = centres
    name = _name("Coloured cells", artist.get_label(), position)
    return f"{name}: {np.size(colours)}, {_area(corners)}, values {_extent(colours)}."


def _contours(artist: ContourSet, position: int) -> str:
    if not artist.filled:
        # Stored notebooks hold these words, which are compared.
        return f"{_name(type(artist).__name__, artist.get_label(), position)}."
    levels = [number(level) for level in artist.levels]
    name = _name("Filled contours", artist.get_label(), position)
    if len(levels) > MOST_BARS:
        return f"{name}: {len(levels)} levels, {levels[0]} to {levels[-1]}."
    return f"{name}: levels {', '.join(levels)}."


def _arrows(artist: Quiver | Barbs, position: int) -> str:
    u, v = (artist.U, artist.V) if isinstance(artist, Quiver) else (artist.u, artist.v)
    kind = "Arrows" if isinstance(artist, Quiver) else "Wind barbs"
    points = np.ma.getdata(artist.get_offsets()).astype(float)
    return (
        f"{_name(kind, artist.get_label(), position)}: {np.size(u)}, {_area(points)}, "
        f"to the right {_extent(u)}, upwards {_extent(v)}."
    )


def _points(artist: PathCollection, position: int) -> str:
    points = np.ma.getdata(artist.get_offsets()).astype(float)
    x, y = points[:, 0], points[:, 1]
    centre = (
        number(values.mean(), np.abs(values).max()) if len(values) else "none"
        for values in (column[np.isfinite(column)] for column in (x, y))
    )
    colours = artist.get_array()
    shade = "" if colours is None else f", colours {_extent(np.ma.getdata(colours).astype(float))}"
    return (
        f"{_name('Points', artist.get_label(), position)}: {len(points)}, x {_extent(x)}, "
        f"y {_extent(y)}, mean ({', '.join(centre)}){shade}."
    )


# Bars


def _bars(axes: Axes) -> Iterator[str]:
    containers = [item for item in axes.containers if isinstance(item, BarContainer)]
    for position, bars in enumerate(containers, 1):
        if len(bars):
            yield _said(lambda bars, at: _bar_words(bars, at, axes), bars, position)


def _bar_words(bars: BarContainer, position: int, axes: Axes) -> str:
    vertical = bars.orientation != "horizontal"
    heights = [float(bar.get_height() if vertical else bar.get_width()) for bar in bars]
    scale = max((abs(height) for height in heights), default=0.0)
    name = _name("Bars", bars.get_label(), position)
    names = _bar_names(axes, bars, vertical)
    if len(heights) <= MOST_BARS:
        each = zip(names, heights, strict=True)
        return f"{name}: {', '.join(f'{word} {number(height, scale)}' for word, height in each)}."
    centre = number(float(np.mean(heights)), scale)
    high = names[int(np.argmax(heights))]
    return f"{name}: {len(heights)}, {_extent(heights)}, mean {centre}, highest at {high}."


def _bar_names(axes: Axes, bars: BarContainer, vertical: bool) -> list[str]:
    """Return what is written under each bar: the text of its tick, else its position."""
    axis = axes.xaxis if vertical else axes.yaxis
    ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    texts = {round(float(tick), 6): text.get_text() for tick, text in ticks}
    names = []
    for bar in bars:
        start, size = (
            (bar.get_x(), bar.get_width()) if vertical else (bar.get_y(), bar.get_height())
        )
        centre = round(float(start + size / 2), 6)
        text = texts.get(centre, "")
        is_number = text.replace("\N{MINUS SIGN}", "-").replace(".", "").lstrip("-").isdigit()
        names.append(text if text and not is_number else number(centre))
    return names


# Images, texts, and everything else


def _images(axes: Axes) -> Iterator[str]:
    for position, image in enumerate(axes.images, 1):
        yield _said(
            lambda image, at: (
                f"{_name('Image', image.get_label(), at)}: {_values(image.get_array())}."
            ),
            image,
            position,
        )


def _values(array: object) -> str:
    """Return shape, range and mean of the values of an image."""
    values = np.ma.filled(np.ma.asarray(array).astype(float), np.nan)
    finite = values[np.isfinite(values)]
    sizes = " × ".join(str(size) for size in values.shape)
    if finite.size == 0:
        return f"{sizes}, no number"
    scale = float(np.abs(finite).max())
    return f"{sizes}, values {_extent(finite)}, mean {number(finite.mean(), scale)}"


def _texts(axes: Axes) -> Iterator[str]:
    words = [text.get_text() for text in axes.texts if text.get_text().strip()]
    if words:
        yield text_sentence(words)


def text_sentence(texts: Sequence[str]) -> str:
    """Return texts that are written into a figure as one sentence."""
    return "Text: " + "; ".join(" ".join(text.split()) for text in texts) + "."


def _rest(axes: Axes) -> Iterator[str]:
    """Yield wedges and other shapes, tables, what other libraries add, and axes within these."""
    bars = {bar for held in axes.containers if isinstance(held, BarContainer) for bar in held}
    patches = [patch for patch in axes.patches if patch not in bars]
    wedges = [patch for patch in patches if isinstance(patch, Wedge)]
    if wedges:
        yield _pie(wedges)
    yield from shape_sentences([patch for patch in patches if patch not in wedges], axes)
    for position, table in enumerate(axes.tables, 1):
        yield _said(_table, table, position)
    for position, artist in enumerate(axes.artists, 1):
        yield _said(_added, artist, position)
    for inner in axes.child_axes:
        label = inner.get_xlabel() or inner.get_ylabel()
        if isinstance(inner, Axes) and not hasattr(inner, "set_functions"):
            yield from (f"Inset: {sentence}" for sentence in axes_sentences(inner))
        else:
            yield f"Second axis: {label}." if label else "Second axis."


def _pie(wedges: Sequence[Wedge]) -> str:
    """Return the share of each wedge of a pie in percent."""
    parts = []
    for position, wedge in enumerate(wedges, 1):
        label = str(wedge.get_label() or "")
        name = f"wedge {position}" if not label or label.startswith("_") else label
        parts.append(f"{name} {number(abs(wedge.theta2 - wedge.theta1) / 3.6)} %")
    return f"Pie: {', '.join(parts)}."


def shape_sentences(patches: Sequence[Patch], axes: Axes | None = None) -> Iterator[str]:
    """Yield a sentence for each shape, or one for all of a kind when there are many.

    Args:
        patches: Shapes that are not bars.
        axes: The axes whose data their extents are given in; without, they are only counted.
    """
    groups: dict[str, list[Patch]] = {}
    for patch in patches:
        groups.setdefault(kind_of_artist(patch), []).append(patch)
    for kind, group in groups.items():
        if len(group) > MOST_SHAPES:
            yield f"{kind}s: {len(group)}."
            continue
        for position, patch in enumerate(group, 1):
            yield _said(partial(_shape, kind=kind, axes=axes), patch, position)


def _shape(patch: Patch, position: int, kind: str, axes: Axes | None) -> str:
    """Return the extent of a shape along the axes on which it is measured in data."""
    name = _name(kind, patch.get_label(), position)
    if axes is None:
        return f"{name}."
    if isinstance(patch, StepPatch):
        heights, edges, _ = patch.get_data()
        return f"{name}: {len(heights)}, x {_extent(edges)}, y {_extent(heights)}."
    corners = patch.get_patch_transform().transform(patch.get_path().vertices)
    in_data = patch.get_transform().contains_branch_seperately(axes.transData)
    sides = [f"{axis} {_extent(corners[:, at])}" for at, axis in enumerate("xy") if in_data[at]]
    return f"{name}: {', '.join(sides)}." if sides else f"{name}."


def _added(artist: Artist, position: int) -> str:
    """Return the text of a note in a corner of the axes, and what else was added by its name."""
    if isinstance(artist, AnchoredText):
        return text_sentence([artist.txt.get_text()])
    return f"{_name(kind_of_artist(artist), artist.get_label(), position)}."


def _table(table: Table, position: int) -> str:
    rows: dict[int, list[str]] = {}
    for (row, _), cell in sorted(table.get_celld().items()):
        rows.setdefault(row, []).append(" ".join(cell.get_text().get_text().split()))
    return f"Table {position}: {'; '.join(', '.join(row) for row in rows.values())}."


# Axes in 3 dimensions


def _solids(axes: Axes) -> Iterator[str]:
    for position, line in enumerate(axes.lines, 1):
        yield _said(_line_in_space, line, position)
    for position, artist in enumerate(axes.collections, 1):
        yield _said(_collection_in_space, artist, position)


def _line_in_space(line: Any, position: int) -> str:
    points = np.stack([np.asarray(part, dtype=float) for part in line.get_data_3d()], axis=1)
    return f"{_name('Line', line.get_label(), position)}: {len(points)} points, {_area(points)}."


def _collection_in_space(artist: Any, position: int) -> str:
    """Return points, segments or faces in space; Matplotlib has no public way to read them."""
    if isinstance(artist, ContourSet):
        levels = [number(level) for level in artist.levels]
        return f"{_name('Contours', artist.get_label(), position)}: levels {', '.join(levels)}."
    if hasattr(artist, "_offsets3d"):
        kind, points = "Points", np.stack([np.ma.getdata(p) for p in artist._offsets3d], axis=1)
        count = len(points)
    elif hasattr(artist, "_segments3d"):
        kind, count = "Line segments", len(artist._segments3d)
        points = np.concatenate([np.asarray(piece) for piece in artist._segments3d])
    elif hasattr(artist, "_faces"):
        kind, count = "Surface of faces", len(artist._faces)
        points = np.concatenate([np.asarray(face) for face in artist._faces])
    else:
        kind, points = "Surface of faces", np.asarray(artist._vec)[:3].T
        count = len(artist.get_paths()) or len(points) // 4
    return f"{_name(kind, artist.get_label(), position)}: {count}, {_area(points.astype(float))}."
