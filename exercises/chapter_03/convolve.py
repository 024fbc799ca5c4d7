import torch
from torch.nn import functional as F

from exercises._samples import floats
from helpers.grading.exercise import Exercise

exercise = Exercise(
    "convolve(image, kernel)",
    title="a convolution by hand",
    prompt="""
        Write `convolve(image, kernel)`: lay the kernel on the image, multiply place by
        place, add up, move on by one pixel. No padding, so the result is smaller than the
        image. A loop over the places of the *kernel* is fine, one over the pixels is not.
        `F.conv2d` is accepted too, but by hand you learn more.
    """,
    shapes="image: (rows, columns). kernel: (k, l). Returns (rows-k+1, columns-l+1).",
    cases=[
        lambda: (floats(4, 5), floats(3, 2, seed=1)),
        lambda: (floats(5, 5, seed=2), torch.tensor([[1.0, 0.0], [0.0, 0.0]])),
        lambda: (floats(3, 5, seed=3), floats(3, 2, seed=1)),
        lambda: (floats(5, 3, seed=4), floats(2, 3, seed=1)),
        lambda: (floats(2, 3, seed=5), floats(2, 3, seed=1)),
        lambda: (floats(6, 4, seed=6).t(), floats(2, 3, seed=7).t()),
        lambda: (floats(1, 5, seed=8), floats(1, 2, seed=9)),
    ],
    large=lambda: (floats(12, 14), floats(3, 2, seed=1)),
    hints=(
        "Turn it round: each place of the kernel meets a whole, shifted part of the image.",
        "For place (i, j) that part is image[i : i + rows, j : j + columns].",
        "result += kernel[i, j] * image[i : i + rows, j : j + columns], in two loops",
    ),
)


@exercise.answer(
    why="Each place of the kernel weighs one shifted copy of the image; the copies are added."
)
def convolve(image, kernel):
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    result = torch.zeros(rows, columns)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            result += kernel[i, j] * image[i : i + rows, j : j + columns]
    return result


@exercise.right
def _(image, kernel):
    height, width = kernel.shape
    patches = image.unfold(0, height, 1).unfold(1, width, 1)
    return torch.einsum("rckl,kl->rc", patches, kernel)


exercise.right(lambda image, kernel: F.conv2d(image[None, None], kernel[None, None])[0, 0])


@exercise.right
def _(image, kernel):
    patches = F.unfold(image[None, None], tuple(kernel.shape))
    rows = image.shape[0] - kernel.shape[0] + 1
    return (kernel.flatten() @ patches[0]).reshape(rows, -1)


exercise.mistake(
    "the kernel was turned round, as in mathematics; PyTorch does not turn it",
    lambda image, kernel: F.conv2d(image[None, None], kernel.flip(0, 1)[None, None])[0, 0],
)


@exercise.mistake("the image was padded; the kernel stays inside the image here")
def _(image, kernel):
    pad = kernel.shape[0] // 2, kernel.shape[1] // 2
    return F.conv2d(image[None, None], kernel[None, None], padding=pad)[0, 0]


exercise.mistake(
    "one row and one column are missing: there are rows - k + 1 positions",
    lambda image, kernel: F.conv2d(image[None, None], kernel[None, None])[0, 0][:-1, :-1],
)
exercise.mistake(
    "the dimensions for batch and channels are still there",
    lambda image, kernel: F.conv2d(image[None, None], kernel[None, None]),
)
exercise.mistake(
    "squeeze() without a dimension also removes a result's single row or column: [0, 0]",
    lambda image, kernel: F.conv2d(image[None, None], kernel[None, None]).squeeze(),
)


@exercise.rejected("in a loop")
def _(image, kernel):
    height, width = kernel.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    result = torch.zeros(rows, columns)
    for r in range(rows):
        for c in range(columns):
            result[r, c] = (image[r : r + height, c : c + width] * kernel).sum()
    return result
