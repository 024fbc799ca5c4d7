"""Boxes with numbers in them, arrows between them: what every diagram is made of.

A diagram is drawn on one pair of axes in which one unit is one inch, x grows to the
right and y grows downwards, as rows of a tensor do. The figures are made without
pyplot, so none of them stays open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from helpers._palette import HATCH, INK, OKABE_ITO, PAPER, QUIET, tint
from helpers.plot._wording import element

SIDE = 0.46
TEXT = 11.0
SMALL = 10.0
SMALLEST = 9.0
POINTS_PER_INCH = 72
Look = dict[str, Any]  # keyword arguments of `box` or of Matplotlib, of many types
REAL: Look = {"fill": tint(OKABE_ITO["sky blue"])}
RESULT: Look = {"fill": tint(OKABE_ITO["bluish green"])}


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a white figure of `width` × `height` inches and axes measured in inches."""
    figure = Figure(figsize=(width, height), facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


@dataclass(frozen=True)
class Track:
    """The direction in which boxes follow each other: along a row, or down a column.

    Lengths `along` the track and `across` it become x and y, in inches.
    """

    horizontal: bool

    def point(self, along: float, across: float) -> tuple[float, float]:
        """Return (x, y) of a point, or (width, height) of a size; its own inverse."""
        return (along, across) if self.horizontal else (across, along)


def finish(figure: Figure, sentences: list[str]) -> Figure:
    """Attach the text alternative, one sentence a line, and return the figure."""
    figure.course_alternative = "\n".join(sentences)  # type: ignore[attr-defined]
    return figure


def box(
    axes: Axes,
    x: float,
    y: float,
    text: str = "",
    fill: str = PAPER,
    hatch: str | None = None,
    edge: str = INK,
    width: float = SIDE,
    height: float = SIDE,
    dashed: bool = False,
) -> None:
    """Draw one box with its upper left corner at (x, y) inches, and the text in it."""
    # add_artist, not add_patch: the limits of the axes are fixed, measuring each box is slow.
    if hatch:
        marks: Look = {
            "facecolor": fill,
            "edgecolor": HATCH,
            "linewidth": 0.0,
            "hatch": hatch,
        }
        axes.add_artist(Rectangle((x, y), width, height, **marks))
    line = "--" if dashed else "-"
    ground = "none" if hatch else fill
    frame: Look = {
        "facecolor": ground,
        "edgecolor": edge,
        "linewidth": 1.0,
        "linestyle": line,
    }
    axes.add_artist(Rectangle((x, y), width, height, **frame))
    if text:
        behind = {"facecolor": fill, "edgecolor": "none", "pad": 0.8} if hatch else None
        middle = (x + width / 2, y + height / 2)
        size = fitting_size(text, width)
        axes.text(*middle, text, ha="center", va="center", size=size, color=INK, bbox=behind)


def text_width(text: str, size: float) -> float:
    """Return about how wide the text is in inches, set in `size` points."""
    ems = {**dict.fromkeys(",. -:;()[]'ijl", 0.37), **dict.fromkeys("+×→mwMW", 0.88)}
    return sum(ems.get(letter, 0.64) for letter in text) * size / POINTS_PER_INCH


def fitting_size(text: str, width: float) -> float:
    """Return the font size in points, 9 to 11, at which the text fits a box that wide."""
    return max(SMALLEST, min(TEXT, TEXT * (width - 0.06) / text_width(text, TEXT)))


def frame(axes: Axes, x: float, y: float, width: float = SIDE) -> None:
    """Draw a heavy frame around a box, to single it out."""
    look: Look = {
        "facecolor": "none",
        "edgecolor": OKABE_ITO["black"],
        "linewidth": 3.0,
        "zorder": 5,
    }
    axes.add_artist(Rectangle((x, y), width, SIDE, **look))


def label(axes: Axes, x: float, y: float, text: str, **options: Any) -> None:
    """Write text beside boxes; (x, y) is its middle unless `ha` or `va` say otherwise."""
    defaults: Look = {"ha": "center", "va": "center", "size": SMALL, "color": QUIET}
    axes.text(x, y, text, **(defaults | options))


def arrow(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: str = INK,
    line: Any = "solid",
    curve: float = 0.0,
) -> None:
    """Draw an arrow between two points in inches; `curve` bends it (0 is straight)."""
    axes.add_artist(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            connectionstyle=f"arc3,rad={curve}",
            mutation_scale=11,
            shrinkA=0,
            shrinkB=0,
            color=colour,
            linestyle=line,
            linewidth=1.6,
        )
    )


def grid(
    axes: Axes,
    x: float,
    y: float,
    rows: torch.Tensor,
    look: Callable[[int, int], Look] = lambda row, column: {},
    width: float = SIDE,
) -> None:
    """Draw a (rows, columns) tensor as boxes; `look(row, column)` gives each its `box` options."""
    for row, numbers in enumerate(rows.tolist()):
        for column, value in enumerate(numbers):
            corner = (x + column * width, y + row * SIDE)
            box(axes, *corner, element(value), width=width, **look(row, column))


def box_width(*tensors: torch.Tensor, least: float = SIDE) -> float:
    """Return the width in inches, at least `least`, in which every number of the tensors fits."""
    texts = (element(value) for tensor in tensors for value in tensor.flatten().tolist())
    return max(least, *(text_width(text, SMALLEST) + 0.1 for text in texts), 0)


def as_matrix(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor of any shape as (rows, columns), its last dimension across."""
    return tensor.reshape(-1, tensor.shape[-1] if tensor.dim() else 1)
