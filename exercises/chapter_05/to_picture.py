import numpy as np
import torch

from exercises._samples import integers
from helpers.grading.exercise import Exercise, edit


def _image(height: int, width: int, seed: int = 0) -> torch.Tensor:
    """Colours from a little below 0 to a little above 1, (3, height, width)."""
    return integers(3, height, width, low=-2, high=16, seed=seed) / 13


exercise = Exercise(
    "to_picture(image)",
    title="the way back, by hand",
    prompt="""
        Write `to_picture(image)`: make of a tensor (3, rows, columns) with floats a NumPy
        array (rows, columns, 3) of bytes, as image files need it. 0 becomes 0, 1 becomes
        255, what lies between is rounded to the nearest. After a transform some values may
        lie below 0 or above 1: they become 0 and 255.
    """,
    shapes="image: float32 (3, rows, columns). Returns a NumPy array, uint8.",
    cases=[
        lambda: (_image(2, 3),),
        lambda: (_image(3, 2, seed=1),),
        lambda: (_image(4, 4, seed=2),),
        lambda: (_image(1, 3, seed=3),),
        lambda: (_image(3, 1, seed=4),),
    ],
    hints=(
        "The order: times 255, round, clamp, to uint8, channels last, to NumPy.",
        ".to(torch.uint8) cuts decimals off and wraps round; .round() and .clamp(0, 255) first.",
        ".permute(1, 2, 0) puts the channels last.",
    ),
)


@exercise.answer(
    why="A byte holds 0 to 255: what lies outside must be clamped before the change of dtype, "
    "or it wraps round."
)
def to_picture(image):
    return (image * 255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()


@exercise.right
def _(image):
    scaled = image.clamp(0, 1).mul(255).add(0.5).floor()
    return scaled.byte().movedim(0, -1).numpy()


@exercise.right
def _(image):
    values = np.clip(np.rint(image.numpy() * 255), 0, 255)
    return values.transpose(1, 2, 0).astype(np.uint8)


exercise.mistake(
    "what lies outside wraps round to some other colour; clamp it first",
    edit(".clamp(0, 255)", ""),
)
exercise.mistake("the decimals are cut off; round first", edit(".round()", ""))


@exercise.mistake(
    "0 to 1 was cut into 256 equal steps, as to_dtype does; multiply by 255 and round"
)
def _(image):
    from torchvision.transforms.v2.functional import to_dtype

    scaled = to_dtype(image.clamp(0, 1), torch.uint8, scale=True)
    return scaled.permute(1, 2, 0).numpy()


exercise.mistake(
    "the channels are still first; permute(1, 2, 0) puts them last",
    edit(".permute(1, 2, 0)", ""),
)
exercise.mistake(
    "reshape keeps the order of the numbers and mixes the channels; permute moves them",
    edit("permute(1, 2, 0)", "reshape(*image.shape[1:], 3)"),
)
exercise.mistake(
    "rows and columns are exchanged: permute(1, 2, 0)",
    edit("permute(1, 2, 0)", "permute(2, 1, 0)"),
)
exercise.mistake("this is still a tensor; .numpy() makes an array", edit(".numpy()", ""))

exercise.rejected("dtype", edit(".to(torch.uint8)", ""))
exercise.rejected("instead of", edit("* 255", "* 256"))
