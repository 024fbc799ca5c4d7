"""A tensor as numbers in boxes."""

import torch
from matplotlib.figure import Figure

from helpers._palette import INK, OKABE_ITO, PAPER, tint
from helpers.plot._boxes import SIDE, box_width, canvas, finish, grid, label, plain
from helpers.plot._wording import dtype_name, tuple_text, values

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
