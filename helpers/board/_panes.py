"""What a pane shows, as the messages that visdom's server takes.

Messages are written here, because visdom's client sends inf (a pane that never appears),
puts a histogram's bars beside their bins, and makes an 8×8 image a pane of 8 pixels. Plotly
reads names and labels as HTML of a kind, so they are escaped; pane titles are plain text.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.board import values
from helpers.board.series import Series

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import Tensor

Message = dict[str, object]

# Okabe and Ito's colours, and a line style beside each.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MARKED = 50  # points up to which each is marked: one alone has no line
MARGIN = {"l": 60, "r": 20, "t": 20, "b": 50}
SMALL = 256  # pixels; smaller images are enlarged by a whole number
LETTER, LINE = 7, 20  # pixels of a caption: a letter on average, and the height of a line


def lines(title: str, curves: Mapping[str, Series]) -> Message:
    """Curves over the step; nan and inf are gaps, and counted under the axis."""
    data = [_trace(index, name, curve) for index, (name, curve) in enumerate(curves.items())]
    gaps = sum(curve.gaps for curve in curves.values())
    legend = {"showlegend": set(curves) != {title}, "legend": {"orientation": "h", "y": 1.15}}
    return _plot(title, data, {"title": f"step{_left_out(gaps)}"}, {}, **legend)


def histogram(title: str, numbers: Tensor, bins: int, step: float | Tensor | None) -> Message:
    """Counts of the finite numbers in `bins` equal bins; the others are counted in words."""
    found = values.array(numbers).ravel().astype(np.float64)
    finite = found[np.isfinite(found)]
    counts, edges = np.histogram(finite, bins=bins)
    bars = {
        "type": "bar",
        "x": ((edges[:-1] + edges[1:]) / 2).tolist(),
        "y": counts.tolist(),
        "width": np.diff(edges).tolist(),
        "marker": {"color": COLOURS[0]},
    }
    (known,) = values.read([step])
    note = "" if known is None else f", step {known:g}"
    across = {"title": f"value{note}{_left_out(found.size - finite.size)}"}
    return _plot(title, [bars], across, {"title": "count"}, bargap=0)


def confusion(title: str, counts: Tensor, labels: Sequence[object]) -> Message:
    """A table of counts: one row a true class, the first on top; one column a predicted one."""
    names = [html.escape(str(label)) for label in labels]
    cells = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": values.array(counts).tolist(),
        "texttemplate": "%{z}",
        "hovertemplate": "true %{y}, predicted %{x}: %{z}<extra></extra>",
        "colorscale": "Blues",
        "reversescale": True,
    }
    across = {"title": "predicted", "type": "category", "automargin": True}
    down = {"title": "true", "type": "category", "automargin": True, "autorange": "reversed"}
    return _plot(title, [cells], across, down)


def text(title: str, content: str) -> Message:
    """HTML, as it is: what comes from outside was escaped before."""
    return {"data": [{"type": "text", "content": content}], "opts": {"title": title}}


def images(title: str, batch: Tensor, columns: int, caption: str | None) -> Message:
    """A grid of images (N, C, H, W); floats in 0 to 1, integers in 0 to 255."""
    from PIL import Image

    pixels = _grid(_bytes(values.array(batch)), columns)
    image = Image.fromarray(pixels.repeat(3, axis=2) if pixels.shape[2] == 1 else pixels)
    factor = max(1, round(SMALL / max(image.size)))
    if factor > 1:
        size = (factor * image.width, factor * image.height)
        image = image.resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, format="PNG")
    return png(title, file.getvalue(), image.size, caption)


def figure(title: str, drawn: Figure) -> Message:
    """A Matplotlib figure as a picture: no script in it, and never larger than its pixels."""
    file = io.BytesIO()
    drawn.savefig(file, format="png")
    size = drawn.get_size_inches() * drawn.dpi
    return png(title, file.getvalue(), (int(size[0]), int(size[1])), None)


def png(title: str, file: bytes, size: tuple[int, int], caption: str | None) -> Message:
    """A picture of `size` pixels, width first."""
    source = "data:image/png;base64," + base64.b64encode(file).decode()
    content = {"src": source, "caption": caption}
    opts = {"title": title, "width": size[0], "height": size[1] + _below(caption, size[0])}
    return {"data": [{"type": "image", "content": content}], "opts": opts}


def _below(caption: str | None, width: int) -> int:
    """The height that a caption needs under a picture of `width` pixels."""
    return LINE * -(-LETTER * len(caption) // width) + LINE // 2 if caption else 0


def _bytes(pixels: np.ndarray) -> np.ndarray:
    """Brightness as bytes; nan is black. Raises ValueError for what is no brightness."""
    levels = pixels
    if pixels.dtype == bool or np.issubdtype(pixels.dtype, np.floating):
        levels = np.rint(np.nan_to_num(pixels.clip(-1, 2).astype(np.float32)) * 255)
    if levels.min() < 0 or levels.max() > 255:
        raise ValueError(
            f"colours run from {np.nanmin(pixels):.3g} to {np.nanmax(pixels):.3g}; floats must "
            "lie between 0 and 1, integers between 0 and 255. Undo the normalisation, or divide "
            "by 255."
        )
    return levels.astype(np.uint8)


def _grid(batch: np.ndarray, columns: int) -> np.ndarray:
    """Images (N, C, H, W) in rows, a white line between them, as (height, width, C)."""
    number, channels, height, width = batch.shape
    columns = min(columns, number)
    rows = -(-number // columns)
    cells = np.full((rows * columns, channels, height + 1, width + 1), 255, np.uint8)
    cells[:number, :, :height, :width] = batch
    cells = cells.reshape(rows, columns, channels, height + 1, width + 1)
    sheet = cells.transpose(0, 3, 1, 4, 2).reshape(rows * (height + 1), -1, channels)
    return sheet[:-1, :-1]


def _trace(index: int, name: str, curve: Series) -> Message:
    points = curve.points()
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(points) <= MARKED else "lines",
        "name": html.escape(name),
        "x": [step for step, _ in points],
        "y": [value for _, value in points],
        "line": {
            "color": COLOURS[index % len(COLOURS)],
            "dash": DASHES[index % len(DASHES)],
            "width": 1.5,
        },
    }


def _left_out(number: int) -> str:
    return f" (left out as nan or inf: {number})" if number else ""


def _plot(title: str, data: list[Message], across: Message, down: Message, **layout) -> Message:
    layout |= {"xaxis": across, "yaxis": down, "margin": MARGIN}
    return {"data": data, "layout": layout, "opts": {"title": title}}
