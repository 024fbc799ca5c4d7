"""The explorer for convolutions: kernel, stride, padding and dilation on the photograph."""

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from helpers import data
from helpers.explore._convolving import Convolved, centred, draw_convolution, weight_text
from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
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
START = {"kernel": "vertical edges", "stride": 1, "padding": 1, "dilation": 1}
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601: the weights of red, green, blue in luma


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
    """Return the grey images to choose from: float32 (rows, columns), whole numbers 0 to 255."""
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
    """Return the output size formula with the numbers filled in."""
    result = output_size(size, kernel, stride, padding, dilation)
    padded = f"{size} + 2·{_bracketed(str(padding))}"
    filled = f"floor(({padded} - {dilation}·({kernel} - 1) - 1) / {stride}) + 1"
    return f"{filled} = {'undefined: division by 0' if result is None else result}"


def convolve(image: torch.Tensor, kernel: str, **options: int) -> tuple[Convolved, str]:
    """Convolve `image` (rows, columns) with the kernel of that name; return also the answer.

    `options` are stride, padding and dilation. The output is None where PyTorch refuses;
    the answer is the size of the output in words, or PyTorch's message.
    """
    weights = torch.tensor(KERNELS[kernel]).float()
    try:
        output = functional.conv2d(image[None, None], weights[None, None], **options)[0, 0]
        answer = f"conv2d gives {output.shape[0]} × {output.shape[1]}"
    except RuntimeError as problem:
        output, answer = None, f"conv2d raises RuntimeError: {problem}"
    return Convolved(image, weights, output=output, **options), answer


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
    result = number(state.output[row, column], 255)
    return [*lines, f"output[{row}, {column}] = {' + '.join(terms)} = {result}"]


def window(state: Convolved) -> torch.Tensor:
    """Return the pixels under the kernel at the framed output pixel, zeros of the padding too."""
    padded = functional.pad(state.image, (state.padding,) * 4)
    reach = state.dilation * (len(state.kernel) - 1) + 1
    row, column = (place * state.stride for place in state.position)
    step = state.dilation
    return padded[row : row + reach : step, column : column + reach : step]


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


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
    shown = None

    def convolve_again(change: object = None) -> None:
        nonlocal shown
        image, kernel = images[controls["image"].value], controls["kernel"].value
        shown = convolve(image, kernel, **{name: controls[name].value for name in LIMITS})
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
