"""A tensor as numbers in boxes."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers._palette import INK, OKABE_ITO, PAPER, QUIET, tint
from helpers.plot._boxes import (
    REAL,
    RESULT,
    SIDE,
    arrow,
    as_matrix,
    box,
    box_width,
    canvas,
    finish,
    grid,
    label,
    plain,
)
from helpers.plot._wording import dtype_name, element, tuple_text, values

MOST_ROWS = 12
MOST_COLUMNS = 16


def matrix(tensor: torch.Tensor, title: str = "", highlight: object = None) -> Figure:
    """Draw a tensor of 0 to 2 dimensions as numbers in boxes, rows and columns counted.

    `highlight` is anything that can index the tensor, a boolean mask of the same shape
    included; the elements it picks are coloured and hatched. Raises ValueError for more
    than 2 dimensions or more than 12 × 16 elements, and IndexError when `highlight`
    does not fit.
    """
    numbers = plain(tensor)
    if numbers.dim() > 2:
        raise ValueError(
            f"shape {tuple(tensor.shape)} has more than 2 dimensions; pick one matrix of it."
        )
    picked = torch.zeros(numbers.shape, dtype=torch.bool)
    if highlight is not None:
        picked[highlight] = True
    rows = numbers.reshape(-1, numbers.shape[-1] if numbers.dim() else 1)
    if not (0 < rows.shape[0] <= MOST_ROWS and 0 < rows.shape[1] <= MOST_COLUMNS):
        raise ValueError(
            f"shape {tuple(tensor.shape)} cannot be drawn; give 1 to {MOST_ROWS} rows "
            f"and 1 to {MOST_COLUMNS} columns."
        )
    return _draw(numbers, rows, picked.reshape(rows.shape), title)


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
    marked = {"fill": tint(OKABE_ITO["orange"]), "hatch": "////"}
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
        places = ", ".join(_place(numbers, place) for place in marks.nonzero().tolist())
        sentences.append(f"Highlighted: {places}.")
    return sentences


def _place(numbers: torch.Tensor, place: list[int]) -> str:
    """Return the index of a box in the tensor as it was given, which may have fewer dimensions."""
    return str(place[2 - numbers.dim() :])


def along_dim(tensor: torch.Tensor, dim: int) -> Figure:
    """Draw which elements `tensor.sum(dim)` adds: arrows run along `dim` to each result.

    `tensor` has 1 or 2 dimensions, at most 8 rows and 10 columns. Raises ValueError for
    another shape and IndexError for a `dim` the tensor does not have.
    """
    numbers = plain(tensor)
    if numbers.dim() not in (1, 2) or not numbers.numel():
        raise ValueError(
            f"shape {tuple_text(tensor.shape)} cannot be drawn; "
            "give a filled tensor of 1 or 2 dimensions."
        )
    if not -numbers.dim() <= dim < numbers.dim():
        raise IndexError(
            f"dim is {dim}; a tensor of shape {tuple_text(tensor.shape)} has dims "
            f"{-numbers.dim()} to {numbers.dim() - 1}."
        )
    rows = as_matrix(numbers)
    if rows.shape[0] > 8 or rows.shape[1] > 10:
        raise ValueError(
            f"shape {tuple_text(tensor.shape)} is too large; "
            "at most 8 rows and 10 columns are drawn."
        )
    dim %= numbers.dim()
    result = numbers.sum(dim)
    figure = _collapse(
        rows,
        result.reshape(-1),
        down=numbers.dim() == 2 and dim == 0,
        dims=numbers.dim(),
    )
    return finish(figure, _along_sentences(numbers, dim, result))


def _collapse(rows: torch.Tensor, result: torch.Tensor, down: bool, dims: int) -> Figure:
    """Draw the boxes apart along the dimension that collapses, chained by arrows."""
    width, gap, left, top = (
        box_width(rows, result),
        0.34,
        0.85 if dims == 2 else 0.15,
        0.62,
    )
    step_x, step_y = (width + 0.06, SIDE + gap) if down else (width + gap, SIDE + 0.06)
    count_y, count_x = rows.shape
    wide = left + step_x * (count_x + (not down)) + 0.2
    figure, axes = canvas(max(wide, 3.4), top + step_y * (count_y + down) + 0.1)
    for row, numbers in enumerate(rows.tolist()):
        for column, value in enumerate(numbers):
            x, y = left + column * step_x, top + row * step_y
            box(axes, x, y, element(value), width=width, **REAL)
            tail = (x + width / 2, y + SIDE) if down else (x + width, y + SIDE / 2)
            head = (tail[0], tail[1] + gap) if down else (tail[0] + gap, tail[1])
            arrow(axes, tail, head, OKABE_ITO["blue"])
    for place, value in enumerate(result.tolist()):
        x = left + (place * step_x if down else count_x * step_x)
        y = top + (count_y * step_y if down else place * step_y)
        box(axes, x, y, element(value), width=width, hatch="....", **RESULT)
    _dim_names(axes, (left, top), (step_x * count_x, step_y * count_y), down, dims)
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
    bold = {"color": INK, "weight": "bold"}
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
