"""The explorer for convolutions: kernel, stride, padding and dilation on the photograph."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch.nn import functional

from helpers import data
from helpers._palette import HATCH, INK, OKABE_ITO, PAPER, QUIET
from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
from helpers.plot._boxes import SMALLEST, Look, box, canvas, finish, label, text_width
from helpers.plot._wording import number

if TYPE_CHECKING:
    import ipywidgets

KERNELS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "horizontal edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "vertical edges": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "blur": [[1 / 9] * 3] * 3,
    "blur 5 × 5": [[1 / 25] * 5] * 5,
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}
IMAGES = ("the tower, 80 × 90", "a corner of its roof, 6 × 7")
# 0 and -1 are offered too: what PyTorch says to them is worth reading once.
LIMITS = {"stride": (0, 8), "padding": (-1, 8), "dilation": (0, 16)}
START: dict[str, Any] = {"kernel": "vertical edges", "stride": 1, "padding": 1, "dilation": 1}
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601: the weights of red, green, blue in luma
LEFT = 0.15
TOP = 0.62
LARGEST = 3.0
LARGEST_PIXEL = 0.42
READABLE_PIXEL = 0.3
CELL = 0.42
BETWEEN = 0.55
STRONGEST = 0.99
WINDOW = OKABE_ITO["vermilion"]


@dataclass(frozen=True)
class Convolved:
    """A grey image (rows, columns) from 0 to 255, a kernel, and what conv2d made of them.

    `output` is None where PyTorch refused; `position` is the row and column of the
    output pixel whose window is framed.
    """

    image: torch.Tensor
    kernel: torch.Tensor
    stride: int
    padding: int
    dilation: int
    output: torch.Tensor | None
    position: tuple[int, int] = (0, 0)

    @property
    def border(self) -> int:
        """The width of the padding that is drawn, in pixels; never negative."""
        return max(self.padding, 0)


def convolution() -> Explorer:
    """Return an explorer of `conv2d` on the photograph: see input, kernel, output and its size.

    The size formula is that of the PyTorch documentation of `torch.nn.Conv2d`; where
    PyTorch refuses, its own message is shown.
    """
    images = photographs()
    state, answer = convolve(images[IMAGES[0]], **START)
    explorer = Explorer("Explorer: convolution", picture(state, answer, middle(state)))
    if widgets_are_installed():
        _attach(explorer, images)
    return explorer


def photographs() -> dict[str, torch.Tensor]:
    """Return the grey images to choose from: float32 (rows, columns), integers 0 to 255."""
    colours = data.photograph()[:, 10:330, 50:410].float()
    grey = torch.einsum("c,chw->hw", torch.tensor(GREY), colours)
    tower = functional.avg_pool2d(grey[None], 4)[0].round()
    return dict(zip(IMAGES, (tower, tower[11:17, 40:47].clone()), strict=True))


def output_size(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int | None:
    """Return floor((n + 2p - d(k-1) - 1) / s) + 1, or None where the stride is 0."""
    if stride == 0:
        return None
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def formula(size: int, kernel: int, stride: int, padding: int, dilation: int) -> str:
    """Return the output size formula with its numbers."""
    result = output_size(size, kernel, stride, padding, dilation)
    padded = f"{size} + 2·{_bracketed(str(padding))}"
    filled = f"floor(({padded} - {dilation}·({kernel} - 1) - 1) / {stride}) + 1"
    return f"{filled} = {'undefined: division by 0' if result is None else result}"


def convolve(
    image: torch.Tensor, kernel: str, stride: int, padding: int, dilation: int
) -> tuple[Convolved, str]:
    """Convolve `image` (rows, columns) with the kernel of that name; return also the answer.

    The output is None where PyTorch refuses; the answer is the size of the output in words,
    or PyTorch's message.
    """
    weights = torch.tensor(KERNELS[kernel]).float()
    try:
        output = functional.conv2d(
            image[None, None], weights[None, None], None, stride, padding, dilation
        )[0, 0]
        answer = f"conv2d gives {output.shape[0]} × {output.shape[1]}"
    except RuntimeError as problem:
        output, answer = None, f"conv2d raises RuntimeError: {problem}"
    return Convolved(image, weights, stride, padding, dilation, output), answer


def middle(state: Convolved) -> int:
    """Return the number of the output pixel in the middle, counted row by row."""
    if state.output is None:
        return 0
    rows, columns = state.output.shape
    return rows // 2 * columns + columns // 2


def picture(state: Convolved, answer: str, pixel: int) -> Picture:
    """Draw a convolution with the window of output pixel number `pixel`, sizes in words."""
    if state.output is not None:
        state = replace(state, position=divmod(pixel, state.output.shape[1]))
    return Picture(draw_convolution(state), (*_size_sentences(state), answer, *_sums(state)))


def _size_sentences(state: Convolved) -> list[str]:
    size = len(state.kernel)
    options = {name: getattr(state, name) for name in ("stride", "padding", "dilation")}
    rows, columns = (formula(length, size, **options) for length in state.image.shape)
    given = ", ".join(f"{name}={value}" for name, value in options.items())
    return [
        f"conv2d(image, kernel, {given})",
        f"size = floor((n + 2·padding - dilation·(k - 1) - 1) / stride) + 1, with k = {size}",
        f"rows:    {rows}",
        f"columns: {columns}",
    ]


def _sums(state: Convolved) -> list[str]:
    """Return what the kernel sums to, and how the framed output pixel is computed."""
    total = "0: flat areas become 0" if centred(state) else "1: flat areas keep their grey"
    lines = [f"the kernel's numbers sum to {total}"]
    if state.output is None or len(state.kernel) > 3:
        return lines
    terms = [
        f"{_bracketed(weight_text(weight))}·{number(value)}"
        for weight, value in zip(
            state.kernel.flatten().tolist(), window(state).flatten().tolist(), strict=True
        )
        if weight
    ]
    row, column = state.position
    result = number(float(state.output[row, column]), 255)
    return [*lines, f"output[{row}, {column}] = {' + '.join(terms)} = {result}"]


def window(state: Convolved) -> torch.Tensor:
    """Return the pixels under the kernel at the framed output pixel, zeros of the padding too."""
    padded = functional.pad(state.image, (state.padding,) * 4)
    reach = state.dilation * (len(state.kernel) - 1) + 1
    row, column = (index * state.stride for index in state.position)
    step = state.dilation
    return padded[row : row + reach : step, column : column + reach : step]


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def weight_text(value: float) -> str:
    """Return a number of a kernel as text; a part of a whole as a fraction: 1/9."""
    return str(Fraction(value).limit_denominator(100))


def centred(state: Convolved) -> bool:
    """Return whether the kernel's numbers sum to 0, so that flat areas become 0."""
    return abs(float(state.kernel.sum())) < 1e-6


def draw_convolution(state: Convolved) -> Figure:
    """Draw input, kernel and output side by side, both images in one scale."""
    pixel = _pixel(state)
    rows, columns = state.image.shape
    wide_in, high_in = (columns + 2 * state.border) * pixel, (rows + 2 * state.border) * pixel
    cell = max(CELL, *(text_width(text, SMALLEST) + 0.1 for row in _cells(state) for text in row))
    wide_kernel = cell * len(state.kernel)
    high = max(high_in, CELL * len(state.kernel))
    left_kernel = LEFT + wide_in + BETWEEN
    left_output = left_kernel + max(wide_kernel, 0.7) + BETWEEN
    wide_out = 1.9
    if state.output is not None:
        wide_out = max(state.output.shape[1] * pixel, 1.5)
        high = max(high, state.output.shape[0] * pixel)
    figure, axes = canvas(left_output + wide_out + LEFT, TOP + high + 0.12)
    middle = TOP + high / 2
    _draw_input(axes, state, pixel, (LEFT, middle - high_in / 2))
    _sign(axes, left_kernel - BETWEEN / 2, middle, "∗")
    _draw_kernel(axes, state, cell, (left_kernel, middle - CELL * len(state.kernel) / 2))
    _sign(axes, left_output - BETWEEN / 2, middle, "=")
    _draw_output(axes, state, pixel, (left_output, middle))
    axes.set(xlim=(0, figure.get_figwidth()), ylim=(figure.get_figheight(), 0))
    return finish(figure, sentences(state))


def _pixel(state: Convolved) -> float:
    """Return the side of a pixel in inches, so that input and output fit the page."""
    sizes = [size + 2 * state.border for size in state.image.shape]
    if state.output is not None:
        sizes += state.output.shape
    return min(LARGEST_PIXEL, LARGEST / max(sizes))


def _cells(state: Convolved) -> list[list[str]]:
    return [[weight_text(value) for value in row] for row in state.kernel.tolist()]


def _sign(axes: Axes, x: float, y: float, text: str) -> None:
    label(axes, x, y, text, size=18, color=INK)


def _title(axes: Axes, x: float, name: str, remark: str) -> None:
    label(axes, x, 0.17, name, ha="left", size=12, color=INK, weight="bold")
    label(axes, x, 0.41, remark, ha="left")


def _draw_input(axes: Axes, state: Convolved, pixel: float, corner: tuple[float, float]) -> None:
    """Draw the image inside its padding of zeros, which is hatched."""
    rows, columns = state.image.shape
    pad = state.border * pixel
    _title(axes, LEFT, "input", f"{rows} × {columns}")
    if pad:
        size = (columns * pixel + 2 * pad, rows * pixel + 2 * pad)
        look: Look = {"facecolor": PAPER, "edgecolor": HATCH, "hatch": "////", "linewidth": 0.8}
        axes.add_artist(Rectangle(corner, *size, **look))
    _pixels(axes, state.image, pixel, (corner[0] + pad, corner[1] + pad), (0, 255))
    if pad and pixel >= READABLE_PIXEL:
        _zeros(axes, state, pixel, corner)
    if state.output is None:
        return
    reach = state.dilation * (len(state.kernel) - 1) + 1
    row, column = (index * state.stride for index in state.position)
    steps = range(0, reach, state.dilation)
    tight = state.dilation == 1 and pixel < READABLE_PIXEL / 3
    for at_row, at_column in product(steps, steps) if not tight else ():
        _mark(axes, corner, (column + at_column, row + at_row), pixel, 1)
    _mark(axes, corner, (column, row), pixel, reach, heavy=True)


def _zeros(axes: Axes, state: Convolved, pixel: float, corner: tuple[float, float]) -> None:
    """Write a 0 into each pixel of the padding."""
    rows, columns = (size + 2 * state.border for size in state.image.shape)
    ground: Look = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}
    image_rows, image_columns = (
        range(state.border, state.border + size) for size in state.image.shape
    )
    for row, column in product(range(rows), range(columns)):
        if row not in image_rows or column not in image_columns:
            point = (corner[0] + (column + 0.5) * pixel, corner[1] + (row + 0.5) * pixel)
            label(axes, *point, "0", size=SMALLEST, color=INK, bbox=ground)


def _mark(
    axes: Axes,
    corner: tuple[float, float],
    point: tuple[int, int],
    pixel: float,
    size: int,
    heavy: bool = False,
) -> None:
    """Frame `size` × `size` pixels at (column, row) `point`."""
    start = (corner[0] + point[0] * pixel, corner[1] + point[1] * pixel)
    look: Look = {"facecolor": "none", "edgecolor": WINDOW, "linewidth": 2.0 if heavy else 1.0}
    axes.add_artist(Rectangle(start, size * pixel, size * pixel, zorder=5, **look))


def _pixels(
    axes: Axes,
    values: torch.Tensor,
    pixel: float,
    corner: tuple[float, float],
    limits: tuple[float, float],
) -> None:
    """Draw grey pixels, and in large ones their numbers."""
    rows, columns = values.shape
    left, top = corner
    extent = (left, left + columns * pixel, top + rows * pixel, top)
    look: Look = {"cmap": "gray", "vmin": limits[0], "vmax": limits[1], "interpolation": "nearest"}
    axes.imshow(values.numpy(), extent=extent, aspect="auto", zorder=2, **look)
    size = (columns * pixel, rows * pixel)
    axes.add_artist(
        Rectangle(corner, *size, facecolor="none", edgecolor=QUIET, linewidth=0.8, zorder=2)
    )
    if pixel < READABLE_PIXEL:
        return
    for row, numbers in enumerate(values.tolist()):
        for column, value in enumerate(numbers):
            dark = value < limits[0] + 0.45 * (limits[1] - limits[0])
            point = (left + (column + 0.5) * pixel, top + (row + 0.5) * pixel)
            colour = PAPER if dark else INK
            label(axes, *point, str(round(value)), size=SMALLEST, color=colour)


def _draw_kernel(axes: Axes, state: Convolved, cell: float, corner: tuple[float, float]) -> None:
    size = len(state.kernel)
    _title(axes, corner[0], "kernel", f"{size} × {size}")
    for row, texts in enumerate(_cells(state)):
        for column, text in enumerate(texts):
            point = (corner[0] + column * cell, corner[1] + row * CELL)
            box(axes, *point, text, width=cell, height=CELL, edge=WINDOW)


def _draw_output(axes: Axes, state: Convolved, pixel: float, point: tuple[float, float]) -> None:
    """Draw the output with 0 as middle grey where the kernel sums to 0, else as an image."""
    left, middle = point
    if state.output is None:
        _title(axes, left, "output", "none")
        label(axes, left, middle, "PyTorch refuses\n(see the message)", ha="left", color=INK)
        return
    rows, columns = state.output.shape
    _title(axes, left, "output", f"{rows} × {columns}" + (", grey is 0" if centred(state) else ""))
    corner = (left, middle - rows * pixel / 2)
    _pixels(axes, state.output, pixel, corner, _limits(state))
    row, column = state.position
    _mark(axes, corner, (column, row), pixel, 1, heavy=True)


def _limits(state: Convolved) -> tuple[float, float]:
    if state.output is None or not centred(state):
        return (0, 255)
    # A few very strong edges would leave all others pale.
    largest = float(state.output.abs().flatten().quantile(STRONGEST))
    return (-max(1.0, largest), max(1.0, largest))


def sentences(state: Convolved) -> list[str]:
    """Return what the picture shows."""
    rows, columns = state.image.shape
    size = len(state.kernel)
    padded = f", with {state.border} rows and columns of zeros around it" if state.border else ""
    kernel = "; ".join(" ".join(row) for row in _cells(state))
    lines = [
        f"Input: {rows} × {columns} grey pixels, {_range(state.image)}{padded}.",
        f"Kernel: {size} × {size}: {kernel}.",
    ]
    if state.output is None:
        return [*lines, "There is no output."]
    rows, columns = state.output.shape
    shown = ", drawn so that grey is 0" if centred(state) else ", drawn from 0 to 255"
    framed = f"Framed: output pixel {list(state.position)} and the input pixels it comes from."
    return [*lines, f"Output: {rows} × {columns}, {_range(state.output)}{shown}.", framed]


def _range(values: torch.Tensor) -> str:
    ends = f"{number(float(values.min()), 255)} to {number(float(values.max()), 255)}"
    return f"values {ends}, mean {number(float(values.double().mean()), 255)}"


def _controls() -> "dict[str, ipywidgets.Widget]":
    """Return the controls, by name."""
    from ipywidgets import Dropdown, IntSlider

    sliders = {
        name: IntSlider(min=low, max=high, value=START[name], description=name)
        for name, (low, high) in LIMITS.items()
    }
    return {
        "image": Dropdown(options=IMAGES, value=IMAGES[0], description="image"),
        "kernel": Dropdown(options=list(KERNELS), value=START["kernel"], description="kernel"),
        **sliders,
        "pixel": IntSlider(min=0, max=0, description="output pixel"),
    }


def _attach(explorer: Explorer, images: dict[str, torch.Tensor]) -> None:
    """Connect the controls: any change convolves anew."""
    controls = _controls()
    pixel = controls["pixel"]

    def convolved() -> tuple[Convolved, str]:
        image, kernel = images[controls["image"].value], controls["kernel"].value
        return convolve(image, kernel, **{name: controls[name].value for name in LIMITS})

    shown = convolved()

    def convolve_again(change: object = None) -> None:
        nonlocal shown
        shown = convolved()
        state = shown[0]
        pixel.unobserve(move, names="value")  # else the picture is drawn twice
        pixel.max = 0 if state.output is None else state.output.numel() - 1
        pixel.value = middle(state)
        pixel.observe(move, names="value")
        move()

    def move(change: object = None) -> None:
        explorer.draw(picture(*shown, pixel.value))

    explorer.attach(controls)
    pixel.observe(move, names="value")
    convolve_again()
    for name in ("image", "kernel", *LIMITS):
        controls[name].observe(convolve_again, names="value")
