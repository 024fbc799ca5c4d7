"""Broadcasting: two shapes aligned from the right, and what is stretched or does not fit."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers._palette import INK, OKABE_ITO, tint
from helpers.plot._arguments import as_tensor, computable
from helpers.plot._boxes import (
    REAL,
    RESULT,
    SIDE,
    Look,
    as_matrix,
    box,
    box_width,
    canvas,
    finish,
    grid,
    label,
)
from helpers.plot._wording import enumeration, tuple_text, values

MOST_ROWS = 8
MOST_ACROSS = 22
MOST_DIMS = 8
STRETCHED: Look = {"fill": tint(OKABE_ITO["orange"]), "hatch": "////", "dashed": True}
CLASH: Look = {"fill": tint(OKABE_ITO["vermilion"]), "hatch": "xxxx"}


def broadcasting(
    a: torch.Tensor | np.ndarray | Sequence | float, b: torch.Tensor | np.ndarray | Sequence | float
) -> Figure:
    """Draw how `a + b` broadcasts: the shapes from the right, and what is stretched.

    Sizes and elements that exist only by stretching are hatched. With at most 2
    dimensions and few elements the three tensors are drawn as boxes too, else the
    shapes alone.

    Args:
        a: A tensor, an array, a list or a number, of at most 8 dimensions.
        b: The other one.

    Raises:
        TypeError: One of them holds no numbers.
        ValueError: The shapes do not broadcast, which the message explains by the dimension
            that does not fit, or have too many dimensions.
    """
    first, second = (computable(as_tensor(value, name)) for value, name in ((a, "a"), (b, "b")))
    shape = _common_shape(first, second)
    boxes = len(shape) <= 2 and first.numel() and second.numel()
    blocks = [as_matrix(tensor.expand(shape)) for tensor in (first, second)] if boxes else []
    if blocks and (blocks[0].shape[0] > MOST_ROWS or 3 * blocks[0].shape[1] > MOST_ACROSS):
        blocks = []
    width = box_width(*blocks, first + second) if blocks else SIDE
    table_height = 0.4 + 3 * SIDE + 0.15
    across = 3 * (blocks[0].shape[1] * width) + 1.6 if blocks else 0
    down = blocks[0].shape[0] * SIDE + 0.75 if blocks else 0.05
    figure, axes = canvas(max(4.6, across, 1.2 + 0.95 * len(shape)), table_height + down)
    _shape_table(axes, tuple(first.shape), tuple(second.shape), shape)
    if blocks:
        _equation(axes, table_height + 0.5, first, second, shape, width)
    return finish(figure, _broadcasting_sentences(first, second, shape, bool(blocks)))


def _common_shape(a: torch.Tensor, b: torch.Tensor) -> tuple[int, ...]:
    """Return the shape both broadcast to, or say which dimension does not fit."""
    if max(a.dim(), b.dim()) > MOST_DIMS:
        raise ValueError(
            f"shapes {tuple_text(a.shape)} and {tuple_text(b.shape)} have too many dimensions; "
            f"at most {MOST_DIMS} are drawn."
        )
    for position in range(1, min(a.dim(), b.dim()) + 1):
        one, other = a.shape[-position], b.shape[-position]
        if one != other and 1 not in (one, other):
            raise ValueError(
                f"shapes {tuple_text(a.shape)} and {tuple_text(b.shape)} do not broadcast: counted "
                f"from the right, dimension {-position} is {one} and {other}; "
                "they must be equal, or one of them 1."
            )
    return tuple(torch.broadcast_shapes(a.shape, b.shape))


def _stretched(shape: tuple[int, ...], to: tuple[int, ...]) -> list[bool]:
    """Return for each dimension of `to` whether `shape` has to be stretched along it."""
    padded = (1,) * (len(to) - len(shape)) + tuple(shape)
    missing = len(to) - len(shape)
    return [
        position < missing or size != target
        for position, (size, target) in enumerate(zip(padded, to, strict=True))
    ]


def _shape_table(
    axes: Axes, a: tuple[int, ...], b: tuple[int, ...], result: tuple[int | None, ...]
) -> None:
    """Write the three shapes below each other, their last dimensions in one column.

    A size of the result is None where the two shapes do not fit together.
    """
    left, top, width = 1.0, 0.4, 0.95
    for position in range(len(result)):
        label(axes, left + (position + 0.5) * width, 0.22, f"dim {position - len(result)}")
    for row, (name, shape) in enumerate((("a", a), ("b", b), ("result", result))):
        y = top + row * SIDE
        label(axes, left - 0.12, y + SIDE / 2, name, ha="right", size=12, color=INK)
        padded = [None] * (len(result) - len(shape)) + list(shape)
        for position, (size, target) in enumerate(zip(padded, result, strict=True)):
            text, look = _size_look(name, size, target)
            box(axes, left + position * width, y, text, width=width, **look)
        if not result:
            label(axes, left, y + SIDE / 2, "( ) a single number", ha="left", color=INK)


def _size_look(name: str, size: int | None, target: int | None) -> tuple[str, Look]:
    """Return text and look of one size of a shape; `size` None means that it is missing."""
    if target is None:
        return ("no fit" if name == "result" else str(size)), CLASH
    if name == "result":
        return str(target), RESULT
    if size == target:
        return str(size), REAL
    return f"{'none' if size is None else size} → {target}", STRETCHED


def mismatch(a: tuple[int, ...], b: tuple[int, ...]) -> Figure:
    """Draw two shapes that do not broadcast, aligned from the right, and mark where they clash.

    Raises:
        ValueError: They do broadcast.
    """
    length = max(len(a), len(b))
    rows = [(1,) * (length - len(shape)) + tuple(shape) for shape in (a, b)]
    result = [
        None if one != other and 1 not in (one, other) else (other if one == 1 else one)
        for one, other in zip(*rows, strict=True)
    ]
    if None not in result:
        raise ValueError(f"shapes {tuple_text(a)} and {tuple_text(b)} broadcast; use broadcasting.")
    figure, axes = canvas(max(4.6, 1.2 + 0.95 * length), 0.4 + 3 * SIDE + 0.2)
    _shape_table(axes, a, b, tuple(result))
    clashes = [
        f"dim {position - length}: {rows[0][position]} and {rows[1][position]}"
        for position, size in enumerate(result)
        if size is None
    ]
    first = f"a {tuple_text(a)} and b {tuple_text(b)} do not broadcast."
    return finish(figure, [first, f"They do not fit along {enumeration(clashes)}."])


def _equation(
    axes: Axes,
    top: float,
    a: torch.Tensor,
    b: torch.Tensor,
    shape: tuple[int, ...],
    width: float,
) -> None:
    """Draw a, plus, b, equals, result as boxes; the stretched copies are hatched."""
    x = 0.15
    parts = (("a", a, "+"), ("b", b, "="), ("result", a + b, ""))
    for name, tensor, sign in parts:
        block = as_matrix(tensor.expand(shape))
        label(axes, x + block.shape[1] * width / 2, top - 0.18, name, size=12, color=INK)
        stretched = [False, False, *_stretched(tensor.shape, shape)][-2:]

        def look(
            row: int, column: int, name: str = name, stretched: list[bool] = stretched
        ) -> dict:
            if name == "result":
                return RESULT
            return STRETCHED if (stretched[0] and row) or (stretched[1] and column) else REAL

        grid(axes, x, top, block, look, width)
        x += block.shape[1] * width
        label(axes, x + 0.32, top + block.shape[0] * SIDE / 2, sign, size=18, color=INK)
        x += 0.64


def _broadcasting_sentences(
    a: torch.Tensor, b: torch.Tensor, shape: tuple[int, ...], boxes: bool
) -> list[str]:
    pair = f"a {tuple_text(a.shape)} and b {tuple_text(b.shape)}"
    lines = [f"Broadcasting {pair} gives {tuple_text(shape)}."]
    for name, tensor in (("a", a), ("b", b)):
        stretched = _stretched(tensor.shape, shape)
        sizes = [
            f"dim {position - len(shape)} to {shape[position]}"
            for position, is_so in enumerate(stretched)
            if is_so
        ]
        lines.append(
            f"{name} is stretched along {enumeration(sizes)}."
            if sizes
            else f"{name} is not stretched."
        )
    if boxes:
        lines.append(f"a: {values(a)}. b: {values(b)}. a + b: {values(a + b, 64)}.")
    return lines
