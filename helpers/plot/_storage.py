"""The storage behind a tensor as one row of boxes, and which of them each view reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch.nn.parameter import is_lazy

from helpers._palette import INK, LINE, PAPER, colour, hatch, tint
from helpers.plot._arguments import as_tensor, explained, kind_of, label_text
from helpers.plot._boxes import (
    SIDE,
    Look,
    arrow,
    box,
    box_width,
    canvas,
    finish,
    frame,
    grid,
    label,
    text_width,
)
from helpers.plot._wording import dtype_name, element, tuple_text

MOST_BOXES = 24
MOST_READS = 1000
LEFT = 0.15
STORAGE_TOP = 0.68
STEP_HEIGHT = 0.34
HEADER_HEIGHT = 0.22
GAP = 0.42


@dataclass(frozen=True)
class Reading:
    """How one view reads the storage: its name, sizes, steps and first box."""

    name: str
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    contiguous: bool

    def boxes(self, total: int) -> torch.Tensor:
        """Return the storage index of every element, in the shape of the view (int64)."""
        return torch.arange(total).as_strided(self.shape, self.stride, self.offset)

    @property
    def header(self) -> str:
        """The numbers that make the view, as PyTorch writes them."""
        kind = "contiguous" if self.contiguous else "not contiguous"
        return (
            f"shape {tuple_text(self.shape)}   stride {tuple_text(self.stride)}   "
            f"offset {self.offset}   {kind}"
        )

    @property
    def steps(self) -> list[tuple[int, int]]:
        """Each dimension that has a next element, with the boxes to go on for it."""
        pairs = enumerate(zip(self.shape, self.stride, strict=True))
        return [(dim, stride) for dim, (size, stride) in pairs if size > 1]

    @property
    def height(self) -> float:
        """The room the drawing of this view takes, in inches."""
        return HEADER_HEIGHT + SIDE + STEP_HEIGHT * len(self.steps) + GAP


def storage(base: torch.Tensor | np.ndarray | Sequence | float, /, **views: torch.Tensor) -> Figure:
    """Draw the storage of `base` as numbered boxes and, below, which boxes each view reads.

    In each box a view reads stands the index of the element that comes from it ("×3":
    read three times); arrows show how far each stride goes from the first element.
    Without views, `base` is drawn itself.

    Args:
        base: A tensor with a storage of at most 24 elements, or numbers to make one of.
        **views: Tensors that share its storage, by the names they are drawn under.

    Raises:
        TypeError: `base` holds no numbers, or a view is not a tensor.
        ValueError: A view does not share the storage or reads it as another dtype, or the
            storage is empty or too large.
    """
    if not isinstance(base, torch.Tensor):
        base = as_tensor(base, "base")
    elif is_lazy(base):
        raise ValueError("base is a parameter without a shape yet; call its lazy layer once first.")
    for name, view in views.items():
        if not isinstance(view, torch.Tensor) or is_lazy(view):
            raise TypeError(
                f"{label_text(name)} is {kind_of(view)}, not a view; "
                "give tensors that share the storage."
            )
    return draw_storage(
        base, {label_text(name): view for name, view in views.items()} or {"tensor": base}
    )


def draw_storage(
    base: torch.Tensor, views: dict[str, torch.Tensor], chosen: int | None = None
) -> Figure:
    """Draw what `storage` draws, and a heavy frame around the box with storage index `chosen`."""
    cells = _cells(base)
    readings = [_reading(name, view, base) for name, view in views.items()]
    width = _width(cells, readings)
    headers = (LEFT + _header_indent(reading) + 0.085 * len(reading.header) for reading in readings)
    figure, axes = canvas(
        max(LEFT * 2 + width * len(cells), 4.5, *headers),
        STORAGE_TOP + SIDE + 0.2 + sum(reading.height for reading in readings),
    )
    _draw_cells(axes, cells, width)
    below = STORAGE_TOP + SIDE + GAP
    rows = [STORAGE_TOP]
    for position, reading in enumerate(readings):
        _draw_reading(axes, below, reading, position, len(cells), width)
        rows.append(below + HEADER_HEIGHT)
        below += reading.height
    sentences = _sentences(cells, readings)
    if chosen is not None:
        for row in rows:
            frame(axes, LEFT + chosen * width, row, width)
        sentences.append(f"Framed: box {chosen}.")
    return finish(figure, sentences)


def _width(cells: torch.Tensor, readings: list[Reading]) -> float:
    """Return the width of a box: narrower when there are many, so that the row fits a page."""
    indices = [text for reading in readings for text in _marks(reading, len(cells)).values()]
    many = len(cells) > 18
    return max(
        box_width(cells, least=0.4 if many else 0.5),
        *(text_width(text, 9 if many else 10) + 0.1 for text in indices),
        0,
    )


def _draw_cells(axes: Axes, cells: torch.Tensor, width: float) -> None:
    """Draw the storage itself: the values in a row, the storage index above each."""
    title = f"storage: {_count(cells)}"
    label(axes, LEFT, 0.2, title, ha="left", size=12, color=INK, weight="bold")
    for at in range(len(cells)):
        label(axes, LEFT + (at + 0.5) * width, STORAGE_TOP - 0.13, str(at))
    grid(
        axes,
        LEFT,
        STORAGE_TOP,
        cells[None],
        lambda row, column: {"fill": "#F2F2F2"},
        width,
    )


def _header_indent(reading: Reading) -> float:
    """Return where the numbers of a view begin, in inches behind the start of its name."""
    return text_width(reading.name, 12) * 1.12 + 0.25


def _count(cells: torch.Tensor) -> str:
    noun = "element" if len(cells) == 1 else "elements"
    return f"{len(cells)} {noun}, {dtype_name(cells)}"


def _cells(base: torch.Tensor) -> torch.Tensor:
    """Return the whole storage of a tensor as one row of numbers."""
    if base.layout != torch.strided or base.is_meta or base.is_nested:
        kind = "nested" if base.is_nested else str(base.layout).removeprefix("torch.")
        kind = "meta" if base.is_meta else kind
        raise ValueError(
            f"a {kind} tensor has no storage to draw; give a dense tensor with numbers."
        )
    memory = base.untyped_storage()
    total = memory.nbytes() // base.element_size()
    if not 0 < total <= MOST_BOXES:
        raise ValueError(
            f"the storage has {total} elements; 1 to {MOST_BOXES} can be drawn. "
            "Take a smaller tensor; a part of a large one still has the large storage, "
            "so clone() it."
        )
    numbers = torch.empty(0, dtype=base.dtype, device=base.device)
    with explained("the storage cannot be read"):
        numbers = numbers.set_(memory, 0, (total,), (1,))
    return as_tensor(numbers, "the storage")


def _reading(name: str, view: torch.Tensor, base: torch.Tensor) -> Reading:
    """Return how a view reads the storage of `base`, or say why it does not."""
    if (
        view.layout != torch.strided
        or view.is_nested
        or (view.untyped_storage().data_ptr() != base.untyped_storage().data_ptr())
    ):
        raise ValueError(
            f"{name} does not share the storage: it is a copy, with its own elements. "
            "Draw it in a figure of its own."
        )
    if view.dtype != base.dtype:
        raise ValueError(
            f"{name} reads the storage as {dtype_name(view)}, the base as {dtype_name(base)}; "
            "only views of one dtype are drawn together."
        )
    if view.numel() > MOST_READS:
        raise ValueError(f"{name} has {view.numel()} elements; at most {MOST_READS} can be drawn.")
    return Reading(
        name,
        tuple(view.shape),
        view.stride(),
        int(view.storage_offset()),
        view.is_contiguous(),
    )


def _draw_reading(
    axes: Axes, top: float, reading: Reading, position: int, total: int, width: float
) -> None:
    """Draw the header of a view, its boxes under those of the storage, and its strides."""
    shade = colour(position)
    label(axes, LEFT, top, reading.name, ha="left", size=12, color=INK, weight="bold")
    label(axes, LEFT + _header_indent(reading), top, reading.header, ha="left", color=INK)
    marks = _marks(reading, total)
    row = top + HEADER_HEIGHT
    for at in range(total):
        look: Look = {"edge": LINE, "fill": PAPER}
        if at in marks:
            look = {"fill": tint(shade), "hatch": hatch(position)}
        box(axes, LEFT + at * width, row, marks.get(at, ""), width=width, **look)
    for line, (dim, stride) in enumerate(reading.steps):
        level = row + SIDE + (line + 0.6) * STEP_HEIGHT
        _draw_step(axes, level, reading.offset, dim, stride, shade, width)


def _marks(reading: Reading, total: int) -> dict[int, str]:
    """Return the text of each box the view reads: the index of the element, or how often."""
    readers: dict[int, list[str]] = {}
    boxes = reading.boxes(total)
    for index in torch.ones(reading.shape).nonzero().tolist():
        readers.setdefault(int(boxes[tuple(index)]), []).append(",".join(map(str, index)))
    return {
        at: indices[0] if len(indices) == 1 else f"×{len(indices)}"
        for at, indices in readers.items()
    }


def _draw_step(
    axes: Axes,
    level: float,
    offset: int,
    dim: int,
    stride: int,
    shade: str,
    width: float,
) -> None:
    """Draw one stride as an arrow from the middle of the first box to the next along `dim`."""
    start = LEFT + (offset + 0.5) * width
    words = f"dim {dim}: stride {stride}" + ("" if stride else ", the same box again")
    if stride:
        arrow(axes, (start, level), (start + stride * width, level), shade)
    axes.plot([start], [level], "o", color=shade, markersize=5)
    label(axes, start + stride * width + 0.1, level, words, ha="left", color=INK)


def _sentences(cells: torch.Tensor, readings: list[Reading]) -> list[str]:
    numbers = " ".join(element(value) for value in cells.tolist())
    lines = [f"Storage of {_count(cells)}, boxes 0 to {len(cells) - 1}: {numbers}."]
    for reading in readings:
        boxes = reading.boxes(len(cells)).flatten().tolist()
        shown = " ".join(str(at) for at in boxes[: 2 * MOST_BOXES])
        left = len(boxes) - 2 * MOST_BOXES
        more = f" … and {left} more" if left > 0 else ""
        reads = f"reads boxes {shown}{more}" if boxes else "reads no box"
        header = ", ".join(reading.header.split("   "))
        lines.append(f"{reading.name}: {header}; {reads}.")
    return lines
