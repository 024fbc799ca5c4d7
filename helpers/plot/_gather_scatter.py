"""gather and scatter: an index says from which box to read, or into which box to write.

Along `dim` each row (or column) is worked on by itself. So a drawing consists of lanes,
one for each row or column: above the boxes that are read, below the boxes that are
written.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure

from helpers._palette import INK, OKABE_ITO, PAPER, colour, hatch, line_style, tint
from helpers._validation import integer
from helpers.plot._arguments import as_tensor, computable, dimension, explained, short
from helpers.plot._boxes import SIDE, Look, Track, arrow, box, box_width, canvas, finish, label
from helpers.plot._wording import element, tuple_text, values

MOST_LANES = 4
MOST_BOXES = 10
INDEX: Look = {"fill": tint(OKABE_ITO["yellow"], 0.5), "dashed": True}
FLIGHT = 0.7
NAME_WIDTH = 0.75
BETWEEN = 0.5


@dataclass(frozen=True)
class Lane:
    """One row or column: what is read, what is written, and the index between them."""

    name: str
    read: list[object]
    written: list[object]
    index: list[int]
    is_gather: bool

    @property
    def moves(self) -> list[tuple[int, int]]:
        """Pairs of the position that is read and the position that is written."""
        pairs = list(enumerate(self.index))
        return [(at, position) for position, at in pairs] if self.is_gather else pairs

    def sentence(self) -> str:
        """Say where each element comes from or goes to."""
        verb = "from" if self.is_gather else "to"
        elements = self.written if self.is_gather else self.read
        each = zip(elements, self.index, strict=False)
        moves = ", ".join(f"{element(value)} {verb} {at}" for value, at in each)
        return f"{self.name}: {moves}" if self.name else moves


def gather(
    source: torch.Tensor | np.ndarray | Sequence,
    dim: int,
    index: torch.Tensor | np.ndarray | Sequence,
) -> Figure:
    """Draw `source.gather(dim, index)`: an arrow from each box that is read to its position.

    Args:
        source: 1 or 2 dimensions, at most 10 boxes along `dim`.
        dim: The dimension along which the index counts.
        index: int64, as many dimensions, at most 10 boxes along `dim` and 4 rows or columns
            across it.

    Raises:
        TypeError: `source` or `index` holds no numbers, or `dim` is not an integer.
        ValueError: The shapes are others.
        RuntimeError: Where `gather` raises it, with PyTorch's own words.
        IndexError: There is no such dimension.
    """
    numbers, indices = computable(as_tensor(source, "source")), as_tensor(index, "index")
    dim = _checked_dim(numbers, indices, dim)
    _check_size(indices, dim, numbers.shape[dim])
    with explained("source.gather(dim, index) fails"):
        result = numbers.gather(dim, indices)
    lanes = _lanes(numbers, result, indices, dim, is_gather=True)
    sentences = [
        f"gather(dim={dim}): source {tuple_text(numbers.shape)}, "
        f"index {tuple_text(indices.shape)}, result {tuple_text(result.shape)}.",
        f"Source: {values(numbers, 40)}. Result: {values(result, 40)}.",
        f"Read {'; '.join(lane.sentence() for lane in lanes)}.",
    ]
    return finish(_draw(lanes, Track(horizontal=dim == numbers.dim() - 1)), sentences)


def scatter(
    index: torch.Tensor | np.ndarray | Sequence,
    source: torch.Tensor | np.ndarray | Sequence | float,
    dim: int,
    size: int,
) -> Figure:
    """Draw `zeros.scatter(dim, index, source)`: an arrow from each element to the box it goes to.

    The zeros have the shape of `index` but `size` boxes along `dim`. Where two elements go to
    one box, one of them stays.

    Args:
        index: int64, 1 or 2 dimensions; limits as in `gather`.
        source: A tensor at least as large as `index`, or one number.
        dim: The dimension along which the index counts.
        size: How many boxes the result has along `dim`.

    Raises:
        TypeError: `source` or `index` holds no numbers, `dim` or `size` is not an integer.
        ValueError: The shapes are others, or cannot be drawn.
        RuntimeError: Where `scatter` raises it, with PyTorch's own words.
        IndexError: There is no such dimension.
    """
    indices, numbers = as_tensor(index, "index"), computable(as_tensor(source, "source"))
    numbers = numbers.expand(indices.shape) if numbers.dim() == 0 else numbers
    dim = _checked_dim(numbers, indices, dim)
    _check_size(indices, dim, max(integer(size, "size", 1), numbers.shape[dim]))
    shape = [size if at == dim else length for at, length in enumerate(indices.shape)]
    with explained("zeros.scatter(dim, index, source) fails"):
        result = numbers.new_zeros(shape).scatter(dim, indices, numbers)
    lanes = _lanes(numbers, result, indices, dim, is_gather=False)
    sentences = [
        f"scatter(dim={dim}): index {tuple_text(indices.shape)}, result {tuple_text(shape)}.",
        f"Write {'; '.join(lane.sentence() for lane in lanes)}.",
        f"Result: {values(result, 40)}.",
    ]
    if any(len(set(lane.index)) < len(lane.index) for lane in lanes):
        sentences.append("Two elements go to one box: only one of them stays.")
    return finish(_draw(lanes, Track(horizontal=dim == indices.dim() - 1)), sentences)


def _checked_dim(source: torch.Tensor, index: torch.Tensor, dim: int) -> int:
    """Return `dim` counted from the left, after checking that the lanes can be drawn."""
    if index.dim() not in (1, 2) or source.dim() != index.dim() or not index.numel():
        raise ValueError(
            f"source {tuple_text(source.shape)} and index {tuple_text(index.shape)} "
            "cannot be drawn; give two non-empty tensors of 1 dimension, or two of 2."
        )
    return dimension(dim, tuple(index.shape))


def _check_size(index: torch.Tensor, dim: int, along: int) -> None:
    """Raise ValueError when there are more lanes, or longer ones, than can be drawn."""
    count = index.shape[1 - dim] if index.dim() == 2 else 1
    longest = max(along, index.shape[dim])
    if count > MOST_LANES or longest > MOST_BOXES:
        raise ValueError(
            f"index {tuple_text(index.shape)} needs {count} rows or columns "
            f"of up to {short(longest)} boxes; at most {MOST_LANES} of {MOST_BOXES} can be drawn."
        )


def _lanes(
    read: torch.Tensor,
    written: torch.Tensor,
    index: torch.Tensor,
    dim: int,
    is_gather: bool,
) -> list[Lane]:
    """Cut the tensors into one lane for each row or column of `index`."""
    if index.dim() == 1:
        names, parts = [""], [(read.tolist(), written.tolist(), index.tolist())]
    else:
        kind = "row" if dim == 1 else "column"
        names = [f"{kind} {at}" for at in range(index.shape[1 - dim])]
        across = [tensor.movedim(dim, 1).tolist() for tensor in (read, written, index)]
        parts = list(zip(*across, strict=False))
    return [Lane(name, *part, is_gather) for name, part in zip(names, parts, strict=False)]


class _Drawing:
    """Axes on which a lane is drawn along its track, by position along it and level across it."""

    def __init__(self, lanes: list[Lane], track: Track) -> None:
        numbers = torch.tensor([v for lane in lanes for v in (*lane.read, *lane.written)])
        self.point = track.point
        self.lies = track.horizontal
        self.width = box_width(numbers)
        self.step, self.depth = track.point(self.width, SIDE)
        longest = max(len(boxes) for lane in lanes for boxes in (lane.read, lane.written))
        self.lane_size = 3 * self.depth + FLIGHT + BETWEEN
        across = len(lanes) * self.lane_size + 0.1
        self.head = NAME_WIDTH if self.lies else 0.6
        along = self.head + longest * self.step + 0.35
        self.figure, self.axes = canvas(*track.point(along, across))

    def box(self, at: int, across: float, text: str, look: Look) -> None:
        """Draw box number `at` of a lane with its near edge at `across`."""
        corner = self.point(self.head + at * self.step, across)
        box(self.axes, *corner, text, width=self.width, **look)

    def middle(self, at: int) -> float:
        """Return how far along the lane the middle of a box lies."""
        return self.head + (at + 0.5) * self.step

    def name(self, across: float, text: str, **options: object) -> None:
        """Write the name of a strip of boxes in front of it."""
        if self.lies:
            label(
                self.axes,
                self.head - 0.1,
                across + SIDE / 2,
                text,
                ha="right",
                **options,
            )
        else:
            label(self.axes, across + self.width / 2, self.head - 0.15, text, **options)


def _draw(lanes: list[Lane], track: Track) -> Figure:
    drawing = _Drawing(lanes, track)
    for at, lane in enumerate(lanes):
        _draw_lane(drawing, 0.35 + at * drawing.lane_size, lane)
    return drawing.figure


def _draw_lane(drawing: _Drawing, top: float, lane: Lane) -> None:
    """Draw the strips of a lane from `top` on: read, index and written, and the arrows."""
    depth = drawing.depth
    read_end = top + depth * (1 if lane.is_gather else 2)
    write_start = read_end + FLIGHT
    written = write_start + (depth if lane.is_gather else 0)
    index = write_start if lane.is_gather else top + depth
    looked_up = set(lane.index)
    reads = [at for at, _ in lane.moves]
    for at, value in enumerate(lane.read):
        key = at if lane.is_gather else (lane.index[at] if at < len(lane.index) else None)
        drawing.box(at, top, element(value), _look(key if at in reads else None))
    for at, position in enumerate(lane.index):
        drawing.box(at, index, str(position), INDEX)
    for at, value in enumerate(lane.written):
        key = lane.index[at] if lane.is_gather else (at if at in looked_up else None)
        drawing.box(at, written, element(value), _look(key))
    for read, write in lane.moves:
        key = read if lane.is_gather else write
        ends = (
            drawing.point(drawing.middle(read), read_end),
            drawing.point(drawing.middle(write), write_start),
        )
        arrow(drawing.axes, *ends, colour(key), line_style(key))
    _name_lane(drawing, lane, top, index, written)


def _look(key: int | None) -> Look:
    """Return fill and hatch of a box by the position that the index names; none is plain."""
    return {"fill": PAPER} if key is None else {"fill": tint(colour(key)), "hatch": hatch(key)}


def _name_lane(drawing: _Drawing, lane: Lane, top: float, index: float, written: float) -> None:
    """Write the names of the strips, of the lane, and the positions the index refers to."""
    for across, text in ((top, "source"), (index, "index"), (written, "result")):
        drawing.name(across, text, color=INK)
    boxes, level = (
        (lane.read, top - 0.14)
        if lane.is_gather
        else (lane.written, written + drawing.depth + 0.14)
    )
    for at in range(len(boxes)):
        label(drawing.axes, *drawing.point(drawing.middle(at), level), str(at))
    if lane.name and drawing.lies:
        label(
            drawing.axes,
            0.06,
            top - 0.14,
            lane.name,
            ha="left",
            color=INK,
            weight="bold",
        )
    elif lane.name:
        label(
            drawing.axes,
            top - 0.1,
            0.16,
            lane.name,
            ha="left",
            color=INK,
            weight="bold",
        )
