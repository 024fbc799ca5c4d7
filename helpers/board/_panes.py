"""Panes made of tensors and figures, as the messages that visdom's server takes.

They are written here because visdom's client puts a histogram's bars beside their bins, and
makes an 8×8 image a pane of 8 pixels. What is not finite is never sent: no browser reads nan.
"""

from __future__ import annotations

import base64
import html
import io
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.board import _validation
from helpers.board._store import COLOURS, Message, left_out, plot_message

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import Tensor

SMALL = 256  # pixels; smaller images are enlarged by an integer factor
LETTER, LINE = 7, 20  # pixels of a caption: a letter on average, and the height of a line
WRITTEN = 50  # classes up to which each cell of a confusion matrix shows its count
LARGEST = float(np.finfo(np.float64).max)
TINY = 1e-290  # narrower than this, a histogram's range has no bins


def histogram(
    title: str, numbers: Tensor | np.ndarray, bins: int, step: float | Tensor | None
) -> Message:
    """Counts of the finite numbers in `bins` equal bins; the others are counted in words."""
    found = _validation.array(numbers).ravel().astype(np.float64)
    finite = found[np.isfinite(found)]
    counts, edges = _counted(finite, bins)
    with np.errstate(over="ignore"):
        widths = np.minimum(np.diff(edges), LARGEST)
    bars = {
        "type": "bar",
        "x": (edges[:-1] / 2 + edges[1:] / 2).tolist(),
        "y": counts.tolist(),
        "width": widths.tolist(),
        "marker": {"color": COLOURS[0]},
    }
    (known,) = _validation.read([step])
    note = "" if known is None else f", step {known:g}"
    across = {"title": f"value{note}{left_out(found.size - finite.size)}"}
    return plot_message(title, [bars], across, {"title": "count"}, bargap=0)


def _counted(finite: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts and edges of equal bins, also where the numbers are all but equal, or huge."""
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    narrowest = max(4 * bins * float(np.spacing(max(abs(low), abs(high)))), TINY)
    if low == high:
        low, high = low - 0.5, high + 0.5
    if high / 2 - low / 2 < narrowest / 2:
        low, high = max(low - narrowest, -LARGEST), min(high + narrowest, LARGEST)
    scale = 4.0 if high / 2 - low / 2 > LARGEST / 4 else 1.0
    part = finite / scale if scale > 1 else finite
    counts, edges = np.histogram(part, bins, (low / scale, high / scale))
    return counts, edges * scale


def confusion(title: str, counts: Tensor | np.ndarray, labels: Sequence[str]) -> Message:
    """A table of counts: one row a true class, the first on top; one column a predicted one.

    A cell that is nan or infinite is empty, and counted under the axis.
    """
    names = [html.escape(label) for label in labels]
    found = _validation.array(counts)
    found = found.astype(np.int64) if found.dtype == bool else found
    finite = np.isfinite(found)
    rows = [
        [value if known else None for value, known in zip(*row)]
        for row in zip(found.tolist(), finite.tolist())
    ]
    cells = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": rows,
        "texttemplate": "%{z}" if len(names) <= WRITTEN else "",
        "hovertemplate": "true %{y}, predicted %{x}: %{z}<extra></extra>",
        "colorscale": "Blues",
        "reversescale": True,
    }
    words = f"predicted{left_out(int(finite.size - finite.sum()))}"
    across = {"title": words, "type": "category", "automargin": True}
    down = {"title": "true", "type": "category", "automargin": True, "autorange": "reversed"}
    return plot_message(title, [cells], across, down)


def images(title: str, batch: Tensor | np.ndarray, columns: int, caption: str | None) -> Message:
    """A grid of images (N, C, H, W); floats in 0 to 1, integers in 0 to 255."""
    from PIL import Image

    pixels = _grid(_bytes(_validation.array(batch)), columns)
    image = Image.fromarray(pixels.repeat(3, axis=2) if pixels.shape[2] == 1 else pixels)
    factor = max(1, round(SMALL / max(image.size)))
    if factor > 1:
        size = (factor * image.width, factor * image.height)
        image = image.resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, format="PNG")
    return _png(title, file.getvalue(), caption)


def figure(title: str, drawn: Figure) -> Message:
    """A Matplotlib figure as a picture: no script in it, and never larger than its pixels.

    Raises ValueError where Matplotlib cannot draw it.
    """
    file = io.BytesIO()
    try:
        drawn.savefig(file, format="png", dpi="figure")
    except Exception as error:  # a formula in a label, a font, a scale
        raise ValueError(f"Matplotlib cannot draw this figure: {error}") from error
    return _png(title, file.getvalue(), None)


def _png(title: str, file: bytes, caption: str | None) -> Message:
    """A picture in a pane of its own size."""
    width, height = struct.unpack(">II", file[16:24])  # where every PNG has them
    source = "data:image/png;base64," + base64.b64encode(file).decode()
    content = {"src": source, "caption": caption}
    opts = {"title": title, "width": width, "height": height + _below(caption, width)}
    return {"data": [{"type": "image", "content": content}], "opts": opts}


def _below(caption: str | None, width: int) -> int:
    """The height that a caption needs under a picture of `width` pixels."""
    return LINE * -(-LETTER * len(caption) // width) + LINE // 2 if caption else 0


def _bytes(pixels: np.ndarray) -> np.ndarray:
    """Brightness as bytes; nan is black. Raises ValueError for values out of range."""
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
