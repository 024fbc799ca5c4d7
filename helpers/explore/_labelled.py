"""A photograph with a box and a mask on it, before and after a transform, in one scale."""

from dataclasses import dataclass

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from torch.nn import functional

from helpers._palette import INK, LINE, OKABE_ITO, PAPER, QUIET
from helpers.plot._boxes import SMALL, SMALLEST, TEXT, finish

WIDEST = 7.2
HIGHEST = 3.6
LARGEST_PIXEL = 3.4 / 640
LEFT, BETWEEN, RIGHT = 0.45, 0.6, 0.25
TOP, BOTTOM = 0.32, 0.62
REFUSED = 1.6
SMALLEST_SIDE, LABELLED = 0.02, 0.5
BOX = {"color": OKABE_ITO["vermilion"], "linestyle": "solid", "linewidth": 2.0}
MASK = {"color": OKABE_ITO["blue"], "linestyle": "dashed", "linewidth": 1.6}
HALO = [withStroke(linewidth=4.0, foreground=PAPER)]


@dataclass(frozen=True)
class Labelled:
    """An image with what is known about it.

    `image` is uint8 (3 or 1, rows, columns); `box` the whole numbers left, top, right,
    bottom; `mask` bool (rows, columns).
    """

    image: torch.Tensor
    box: tuple[int, int, int, int]
    mask: torch.Tensor

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return tuple(self.image.shape[-2:])

    @property
    def percent(self) -> int:
        """How many in a hundred pixels the mask covers, as a whole number."""
        return round(100 * int(torch.count_nonzero(self.mask)) / max(1, self.mask.numel()))

    @property
    def box_is_empty(self) -> bool:
        """Whether no pixel is left in the box."""
        left, top, right, bottom = self.box
        return right <= left or bottom <= top


def draw_change(before: Labelled, after: Labelled | None) -> Figure:
    """Draw both images side by side, a pixel as large in one as in the other.

    `after` is None where torchvision refused.
    """
    shown = [before, *([after] if after else [])]
    rows = max(item.size[0] for item in shown)
    pixel = min(LARGEST_PIXEL, WIDEST / sum(item.size[1] for item in shown), HIGHEST / rows)
    lefts = [LEFT, LEFT + before.size[1] * pixel + BETWEEN]
    wide = lefts[1] + max(REFUSED, after.size[1] * pixel if after else 0) + RIGHT
    high = TOP + rows * pixel + BOTTOM
    figure = Figure(figsize=(wide, high), facecolor=PAPER)
    for item, name, left in zip(shown, ("before", "after"), lefts, strict=False):
        tall, broad = (max(size * pixel, SMALLEST_SIDE) for size in item.size)
        place = (left / wide, 1 - (TOP + tall) / high, broad / wide, tall / high)
        _draw(figure.add_axes(place), item, name, labelled=min(tall, broad) > LABELLED)
    if after is None:
        words = "after: none\n\ntorchvision refuses\n(see the message)"
        look = {"ha": "left", "va": "top", "size": TEXT, "color": INK}
        figure.text(lefts[1] / wide, 1 - TOP / high, words, **look)
    handles = [Line2D([], [], label=name, **look) for name, look in (("box", BOX), ("mask", MASK))]
    figure.legend(handles=handles, loc="lower left", ncols=2, frameon=False, fontsize=SMALL)
    return finish(figure, sentences(before, after))


def _draw(axes: Axes, item: Labelled, name: str, labelled: bool) -> None:
    """Draw the image, its box as a solid line and the outline of its mask as a dashed one."""
    rows, columns = item.size
    extent = (0, columns, rows, 0)
    grey = {"cmap": "gray", "vmin": 0, "vmax": 255}
    axes.imshow(item.image.movedim(0, -1).squeeze(-1).numpy(), extent=extent, aspect="auto", **grey)
    _outline(axes, item.mask)
    if not item.box_is_empty:
        left, top, right, bottom = item.box
        corners = ([left, right, right, left, left], [top, top, bottom, bottom, top])
        axes.plot(*corners, path_effects=HALO, solid_joinstyle="miter", clip_on=False, **BOX)
    axes.set_title(f"{name}: {rows} × {columns}", loc="left", fontsize=TEXT, color=INK, pad=4)
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.set(xticks=[0, columns] if labelled else [], yticks=[0, rows] if labelled else [])
    axes.tick_params(labelsize=SMALLEST, colors=QUIET)
    for side in axes.spines.values():
        side.set_color(LINE)


def _outline(axes: Axes, mask: torch.Tensor) -> None:
    """Draw where the mask ends; at the border of the image it ends too."""
    if not mask.any():
        return
    step = max(1, max(mask.shape) // 320)  # an outline finer than the screen only costs time
    thin = functional.pad(mask[::step, ::step].float(), (1, 1, 1, 1))
    rows, columns = ((torch.arange(size) - 0.5) * step for size in thin.shape)
    rows, columns = rows.clamp(0, mask.shape[0]), columns.clamp(0, mask.shape[1])
    look = {"colors": [MASK["color"]], "linestyles": MASK["linestyle"]}
    lines = axes.contour(columns, rows, thin, levels=[0.5], linewidths=MASK["linewidth"], **look)
    lines.set_path_effects(HALO)


def sentences(before: Labelled, after: Labelled | None) -> list[str]:
    """Return what the picture shows."""
    lines = [f"Left, before: {_words(before)}"]
    if after is None:
        return [*lines, "There is no picture after it."]
    return [*lines, f"Right, after: {_words(after)}", "Both are drawn in one scale."]


def _words(item: Labelled) -> str:
    colours = "in colour" if len(item.image) == 3 else "in grey"
    left, top, right, bottom = item.box
    box = f"columns {left} to {right}, rows {top} to {bottom}"
    if item.box_is_empty:
        box = "nothing is left of it"
    return (
        f"{item.size[0]} × {item.size[1]} pixels {colours}. Box, a solid line: {box}. "
        f"Mask, a dashed outline: {item.percent} % of the pixels."
    )
