"""Several images side by side."""

import math
from collections.abc import Sequence

import torch
from matplotlib.figure import Figure

from helpers._palette import PAPER
from helpers.plot._boxes import finish, plain
from helpers.plot._wording import number

MOST_IMAGES = 64


def image_grid(
    images: torch.Tensor, titles: Sequence[object] | None = None, columns: int = 8
) -> Figure:
    """Draw images in rows of `columns`, all on one scale from dark to light.

    `images` is (images, height, width) or (images, 1, height, width) in grey, or
    (images, 3, height, width) in colour: uint8 from 0 to 255, or floats from 0 to 1.
    `titles` has one entry an image. Raises ValueError for another shape, for colours
    out of range, for more than 64 images, and for a number of titles that is not the
    number of images.
    """
    pictures = _checked(images, titles)
    count = len(pictures)
    columns = max(1, min(columns, count))
    rows = math.ceil(count / columns)
    size = max(0.9, min(2.4, 8.5 / columns))
    high = size * min(2.0, pictures.shape[1] / pictures.shape[2]) + (0.28 if titles else 0.06)
    figure = Figure(figsize=(columns * size, rows * high), facecolor=PAPER, layout="constrained")
    limits = {} if pictures.dim() == 4 else {"vmin": pictures.min(), "vmax": pictures.max()}
    for place, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        axes.set_axis_off()
        if place < count:
            axes.imshow(pictures[place].numpy(), cmap="gray", interpolation="nearest", **limits)
            if titles:
                axes.set_title(str(titles[place]), fontsize=11, pad=3)
    return finish(figure, _sentences(pictures, titles, columns))


def _checked(images: torch.Tensor, titles: Sequence[object] | None) -> torch.Tensor:
    """Return the images as (images, height, width) or (images, height, width, 3)."""
    pictures = plain(images)
    if pictures.dim() == 4 and pictures.shape[1] == 1:
        pictures = pictures.squeeze(1)
    if pictures.dim() not in (3, 4) or (pictures.dim() == 4 and pictures.shape[1] != 3):
        raise ValueError(
            f"images have shape {tuple(images.shape)}; expected (images, height, width) or "
            "(images, 3, height, width). One image alone needs images[None]."
        )
    if not 0 < len(pictures) <= MOST_IMAGES:
        raise ValueError(
            f"{len(pictures)} images cannot be drawn; give 1 to {MOST_IMAGES}, "
            f"as images[:{MOST_IMAGES}]."
        )
    if titles is not None and len(titles) != len(pictures):
        raise ValueError(
            f"{len(titles)} titles for {len(pictures)} images; give one title for each image."
        )
    if pictures.dim() == 3:
        return pictures
    if pictures.is_floating_point() and not 0 <= pictures.min() <= pictures.max() <= 1:
        raise ValueError(
            f"colours run from {number(pictures.min())} to {number(pictures.max())}; "
            "floats must lie between 0 and 1. Undo the normalisation, or divide by 255."
        )
    return pictures.movedim(1, -1)


def _sentences(pictures: torch.Tensor, titles: Sequence[object] | None, columns: int) -> list[str]:
    count, height, width = pictures.shape[:3]
    kind = "colour" if pictures.dim() == 4 else "grey"
    span = f"{number(pictures.min())} to {number(pictures.max())}"
    noun = "image" if count == 1 else "images"
    means = pictures.double().flatten(1).mean(1).tolist()
    names = [f"{title}: " for title in titles] if titles else [""] * count
    each = ", ".join(f"{name}{number(mean)}" for name, mean in zip(names, means, strict=True))
    return [
        f"{count} {kind} {noun} of {height} × {width} pixels, {columns} in a row, values {span}.",
        f"Mean of each: {each}.",
    ]
