"""A tensor as numbers in boxes, and which of them a sum along one dimension adds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers._palette import INK, OKABE_ITO, PAPER, QUIET, tint
from helpers.plot._arguments import (
    as_tensor,
    computable,
    dimension,
    first_line,
    kind_of,
    label_text,
)
from helpers.plot._boxes import (
    REAL,
    RESULT,
    SIDE,
    Look,
    Track,
    arrow,
    as_matrix,
    box,
    box_width,
    canvas,
    finish,
    grid,
    label,
)
from helpers.plot._wording import dtype_name, element, tuple_text, values

MOST_ROWS = 12
MOST_COLUMNS = 16
MOST_SUMMED = (8, 10)
GAP = 0.34


def matrix(
    tensor: torch.Tensor | np.ndarray | Sequence, title: object = "", highlight: object = None
) -> Figure:
    """Draw a tensor of 0 to 2 dimensions as numbers in boxes, rows and columns counted.

    Args:
        tensor: At most 12 rows and 16 columns; a tensor, an array, a list or a number.
        title: What is written above.
        highlight: Anything that can index the tensor, a boolean mask of the same shape
            included; the elements it picks are coloured and hatched.

    Raises:
        TypeError: `tensor` holds no numbers.
        ValueError: It has more than 2 dimensions, or too many elements or none.
        IndexError: `highlight` does not fit it.
    """
    numbers, title = as_tensor(tensor, "tensor"), label_text(title)
    if numbers.dim() > 2:
        raise ValueError(
            f"shape {tuple_text(numbers.shape)} has more than 2 dimensions; pick one matrix of it."
        )
    down, across = (1, 1, *numbers.shape)[-2:]
    if not (0 < down <= MOST_ROWS and 0 < across <= MOST_COLUMNS):
        raise ValueError(
            f"shape {tuple_text(numbers.shape)} cannot be drawn; give 1 to {MOST_ROWS} rows "
            f"and 1 to {MOST_COLUMNS} columns."
        )
    picked = _picked(tuple(numbers.shape), highlight)
    return _draw(numbers, as_matrix(numbers), as_matrix(picked), title)


def _picked(shape: tuple[int, ...], highlight: Any) -> torch.Tensor:
    """Return a mask of the elements that `highlight` picks from a tensor of that shape."""
    picked = torch.zeros(shape, dtype=torch.bool)
    if highlight is None:
        return picked
    if _nests(highlight, 8):  # PyTorch goes down without a limit, and Python with it
        raise IndexError("highlight has lists in lists, deeper than the dimensions of any matrix.")
    try:
        picked[highlight.cpu() if isinstance(highlight, torch.Tensor) else highlight] = True
    except Exception as problem:  # PyTorch has a class of errors for each kind of index
        raise IndexError(
            f"highlight, {kind_of(highlight)}, does not index a tensor of shape "
            f"{tuple_text(shape)}: {first_line(problem)}."
        ) from problem
    return picked


def _nests(value: object, levels: int) -> bool:
    """Return whether lists or tuples are in one another, more than so many levels."""
    if not isinstance(value, list | tuple):
        return False
    return levels == 0 or any(_nests(item, levels - 1) for item in value)


def _draw(numbers: torch.Tensor, rows: torch.Tensor, marks: torch.Tensor, title: str) -> Figure:
    """Draw the boxes, with title and counts beside them."""
    width = box_width(rows)
    left, top = (0.4 if numbers.dim() == 2 else 0.1), (0.35 if title else 0.05) + 0.3
    figure, axes = canvas(
        max(left + rows.shape[1] * width + 0.1, 0.1 * len(title)),
        top + rows.shape[0] * SIDE + 0.1,
    )
    if title:
        label(axes, left, 0.18, title, ha="left", size=12, color=INK)
    if numbers.dim() == 2:
        for row in range(rows.shape[0]):
            label(axes, left - 0.18, top + (row + 0.5) * SIDE, str(row))
    if numbers.dim():
        for column in range(rows.shape[1]):
            label(axes, left + (column + 0.5) * width, top - 0.16, str(column))
    marked: Look = {"fill": tint(OKABE_ITO["orange"]), "hatch": "////"}
    grid(
        axes,
        left,
        top,
        rows,
        lambda r, c: marked if marks[r, c] else {"fill": PAPER},
        width,
    )
    return finish(figure, _sentences(numbers, marks, title))


def _sentences(numbers: torch.Tensor, marks: torch.Tensor, title: str) -> list[str]:
    """Return what the figure shows, in words."""
    heading = f"{title}: a" if title else "A"
    sentences = [
        f"{heading} tensor of shape {tuple_text(numbers.shape)}, {dtype_name(numbers)}.",
        f"Values: {values(numbers, numbers.numel())}.",
    ]
    if marks.any():
        # The mask has two dimensions, the tensor may have fewer.
        indices = ", ".join(str(index[2 - numbers.dim() :]) for index in marks.nonzero().tolist())
        sentences.append(f"Highlighted: {indices}.")
    return sentences


def along_dim(tensor: torch.Tensor | np.ndarray | Sequence, dim: int) -> Figure:
    """Draw which elements `tensor.sum(dim)` adds: arrows run along `dim` to each result.

    Args:
        tensor: 1 or 2 dimensions, at most 8 rows and 10 columns.
        dim: The dimension that the sum removes.

    Raises:
        TypeError: `tensor` holds no numbers, or `dim` is not an integer.
        ValueError: The shape is another one.
        IndexError: The tensor has no such dimension.
    """
    numbers = computable(as_tensor(tensor, "tensor"))
    if numbers.dim() not in (1, 2) or not numbers.numel():
        raise ValueError(
            f"shape {tuple_text(numbers.shape)} cannot be drawn; "
            "give a non-empty tensor of 1 or 2 dimensions."
        )
    dim = dimension(dim, tuple(numbers.shape))
    rows = as_matrix(numbers)
    if rows.shape[0] > MOST_SUMMED[0] or rows.shape[1] > MOST_SUMMED[1]:
        raise ValueError(
            f"shape {tuple_text(numbers.shape)} is too large; "
            f"at most {MOST_SUMMED[0]} rows and {MOST_SUMMED[1]} columns are drawn."
        )
    result = numbers.sum(dim)
    track = Track(horizontal=dim == numbers.dim() - 1)
    figure = _collapse(rows, result.reshape(-1), track, numbers.dim())
    return finish(figure, _along_sentences(numbers, dim, result))


def _collapse(rows: torch.Tensor, result: torch.Tensor, track: Track, dims: int) -> Figure:
    """Draw the boxes apart along the dimension that collapses, chained by arrows."""
    width = box_width(rows, result)
    size, depth = track.point(width, SIDE)
    step, pitch = size + GAP, depth + 0.06
    lanes = rows if track.horizontal else rows.T
    left, top = (0.85 if dims == 2 else 0.15), 0.62
    wide, high = track.point(step * lanes.shape[1], pitch * lanes.shape[0])
    more_x, more_y = track.point(step, 0)  # the results follow behind the last boxes
    figure, axes = canvas(max(left + wide + more_x + 0.2, 3.4), top + high + more_y + 0.1)
    start, beside = track.point(left, top)
    for lane, (numbers, total) in enumerate(zip(lanes.tolist(), result.tolist(), strict=True)):
        across = beside + lane * pitch
        for position, value in enumerate(numbers):
            along = start + position * step
            box(axes, *track.point(along, across), element(value), width=width, **REAL)
            start_of, end_of = (
                track.point(along + far, across + depth / 2) for far in (size, step)
            )
            arrow(axes, start_of, end_of, OKABE_ITO["blue"])
        end = track.point(start + len(numbers) * step, across)
        box(axes, *end, element(total), width=width, hatch="....", **RESULT)
    _dim_names(axes, (left, top), (wide, high), not track.horizontal, dims)
    return figure


def _dim_names(
    axes: Axes,
    corner: tuple[float, float],
    size: tuple[float, float],
    down: bool,
    dims: int,
) -> None:
    """Name the dimensions beside the boxes; the one that collapses is bold."""
    (left, top), (wide, high) = corner, size
    bold: Look = {"color": INK, "weight": "bold"}
    across = f"dim {dims - 1}" + ("" if down else ": sum along here")
    label(axes, left, top - 0.4, across, ha="left", **({} if down else bold))
    arrow(
        axes,
        (left, top - 0.18),
        (left + wide - 0.3, top - 0.18),
        QUIET if down else INK,
    )
    if dims == 2:
        label(
            axes,
            left - 0.42,
            top + high / 2 - 0.15,
            "dim 0" + (": sum along here" if down else ""),
            rotation=90,
            **(bold if down else {}),
        )
        arrow(
            axes,
            (left - 0.18, top),
            (left - 0.18, top + high - 0.3),
            INK if down else QUIET,
        )


def _along_sentences(tensor: torch.Tensor, dim: int, result: torch.Tensor) -> list[str]:
    return [
        f"sum(dim={dim}) adds along dim {dim}: shape {tuple_text(tensor.shape)} "
        f"becomes {tuple_text(result.shape)}.",
        f"Values: {values(tensor, 80)}.",
        f"Sums: {values(result, 80)}.",
    ]
