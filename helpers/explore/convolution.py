"""The explorer for convolutions: kernel, stride, padding and dilation on the photograph."""

import torch
from torch.nn import functional

from helpers import data
from helpers.explore.explorer import Explorer, Picture, widgets_are_installed
from helpers.plot.convolving import Convolved, centred, draw_convolution

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
START = {"kernel": "vertical edges", "stride": 1, "padding": 1, "dilation": 1}
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601: the weights of red, green, blue in luma


def convolution() -> Explorer:
    """Return an explorer of `conv2d` on the photograph: see input, kernel, output and its size.

    The size formula is that of the PyTorch documentation of `torch.nn.Conv2d`; where
    PyTorch refuses, its own message is shown.
    """
    images = photographs()
    picture = draw(images[IMAGES[0]], **START)
    explorer = Explorer("Explorer: convolution", picture)
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
    filled = f"floor(({size} + 2·{padding} - {dilation}·({kernel} - 1) - 1) / {stride}) + 1"
    return f"{filled} = {'undefined: division by 0' if result is None else result}"


def draw(
    image: torch.Tensor, kernel: str, stride: int, padding: int, dilation: int
) -> Picture:
    """Convolve `image` (rows, columns) and draw it, with the sizes in words.

    `kernel` is a key of KERNELS. What PyTorch refuses is drawn without an output.
    """
    weights = torch.tensor(KERNELS[kernel])
    weights = weights.float()
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    try:
        output = functional.conv2d(image[None, None], weights[None, None], **options)[0, 0]
        answer = f"conv2d gives {output.shape[0]} × {output.shape[1]}"
    except RuntimeError as problem:
        output, answer = None, f"conv2d raises RuntimeError: {problem}"
    position = (0, 0) if output is None else tuple(size // 2 for size in output.shape)
    state = Convolved(image, weights, stride, padding, dilation, output, position)
    rows, columns = (formula(size, len(weights), **options) for size in image.shape)
    total = "0: flat areas become 0" if centred(state) else "1: flat areas keep their grey"
    sentences = (
        f"conv2d(image, kernel, stride={stride}, padding={padding}, dilation={dilation})",
        f"size = floor((n + 2·padding - dilation·(k - 1) - 1) / stride) + 1, with k = {len(weights)}",
        f"rows:    {rows}",
        f"columns: {columns}",
        answer,
        f"the kernel's numbers sum to {total}",
    )
    return Picture(draw_convolution(state), sentences)


def _attach(explorer: Explorer, images: dict[str, torch.Tensor]) -> None:
    """Make the controls and connect them: any change convolves anew."""
    import ipywidgets

    image = ipywidgets.Dropdown(options=IMAGES, value=IMAGES[0], description="image")
    kernel = ipywidgets.Dropdown(
        options=list(KERNELS), value=START["kernel"], description="kernel"
    )
    # 0 and -1 are offered too: what PyTorch says to them is worth reading once.
    limits = {"stride": (0, 8), "padding": (-1, 8), "dilation": (0, 16)}
    sliders = {
        name: ipywidgets.IntSlider(
            min=low, max=high, value=START[name], description=name, continuous_update=False
        )
        for name, (low, high) in limits.items()
    }

    def update(change: object = None) -> None:
        options = {name: slider.value for name, slider in sliders.items()}
        explorer.draw(draw(images[image.value], kernel.value, **options))

    explorer.attach({"image": image, "kernel": kernel, **sliders})
    for control in explorer.controls.values():
        control.observe(update, names="value")
