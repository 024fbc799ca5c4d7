"""Several images side by side."""

import math
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from PIL import Image

from helpers._palette import PAPER
from helpers._validation import integer
from helpers.plot._arguments import as_tensor, computable, kind_of, label_text
from helpers.plot._boxes import finish
from helpers.plot._wording import element, enumeration, number, tuple_text, values

MOST_IMAGES = 64
MOST_PIXELS = 20_000_000


def image_grid(
    images: torch.Tensor | np.ndarray | Sequence[object],
    titles: Iterable[object] | None = None,
    columns: int = 8,
) -> Figure:
    """Draw images in rows of `columns`, all on one scale from dark to light.

    Args:
        images: (images, height, width) or (images, 1, height, width) in grey, or
            (images, 3, height, width) or (images, height, width, 3) in colour: integers from 0
            to 255, or floats from 0 to 1. A tensor, an array, or a list of such images (PIL
            images too), which may differ in size. At most 64.
        titles: One entry an image: texts, numbers, a tensor of labels.
        columns: How many images stand in a row.

    Raises:
        ValueError: The shape is another one, colours are out of range, there are more than 64
            images, or the number of titles is not the number of images.
        TypeError: `images` holds no numbers, or `columns` is not an integer.
    """
    pictures = _pictures(images)
    words = _titles(titles, len(pictures))
    columns = min(integer(columns, "columns", 1), len(pictures))
    rows = math.ceil(len(pictures) / columns)
    size = max(0.9, min(2.4, 8.5 / columns))
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    high = size * min(2.0, max(0.05, tallest)) + (0.28 if words else 0.06)
    figure = Figure(figsize=(columns * size, rows * high), facecolor=PAPER, layout="constrained")
    limits = _limits(pictures)
    for position, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        axes.set_axis_off()
        if position < len(pictures):
            pixels = pictures[position].numpy()
            axes.imshow(pixels, cmap="gray", interpolation="nearest", **limits)
            if words:
                axes.set_title(words[position], fontsize=11, pad=3)
    return finish(figure, _sentences(pictures, words, columns))


def _pictures(images: object) -> list[torch.Tensor]:
    """Return each image as (height, width) or (height, width, 3), ready to be drawn."""
    if isinstance(images, Image.Image):
        images = [images]
    if isinstance(images, (list, tuple)):
        given = [
            _one(_opened(image, f"images[{position}]"), f"images[{position}]")
            for position, image in enumerate(images[: MOST_IMAGES + 1])
        ]
        count = len(images)
    else:
        batch = _batch(as_tensor(images, "images"))
        given, count = list(batch[:MOST_IMAGES]), len(batch)
    if not 0 < count <= MOST_IMAGES:
        raise ValueError(
            f"{count} images cannot be drawn; give 1 to {MOST_IMAGES}, as images[:{MOST_IMAGES}]."
        )
    return [_drawable(picture) for picture in given]


def _opened(image: object, name: str) -> torch.Tensor:
    """Return one image of a list as a tensor; a PIL image becomes grey or RGB."""
    if isinstance(image, Image.Image):
        grey = image.mode in ("1", "L", "I", "F", "I;16", "LA")
        image = np.asarray(
            image.convert("L" if image.mode in ("1", "LA") else image.mode)
            if grey
            else image.convert("RGB")
        )
    return as_tensor(image, name)


def _one(image: torch.Tensor, name: str) -> torch.Tensor:
    """Return one image of a list with its channels, if it has three, behind."""
    if image.dim() == 3 and image.shape[0] in (1, 3):
        image = image.movedim(0, -1)
    if image.dim() == 3 and image.shape[-1] == 1:
        image = image.squeeze(-1)
    if image.dim() != 2 and not (image.dim() == 3 and image.shape[-1] == 3):
        raise ValueError(
            f"{name} has shape {tuple_text(image.shape)}; each image of a list is "
            "(height, width), (3, height, width) or (height, width, 3)."
        )
    return image


def _batch(images: torch.Tensor) -> torch.Tensor:
    """Return a batch as (images, height, width) or (images, height, width, 3)."""
    shape = images.shape
    if images.dim() == 3:
        return images
    if images.dim() == 4 and shape[1] == 1:
        return images.squeeze(1)
    if images.dim() == 4 and shape[1] == 3:
        return images.movedim(1, -1)
    if images.dim() == 4 and shape[3] in (1, 3):
        return images.squeeze(3) if shape[3] == 1 else images
    raise ValueError(
        f"images have shape {tuple_text(shape)}; expected (images, height, width), "
        "(images, 3, height, width) or (images, height, width, 3). "
        "One image alone needs images[None]."
    )


def _drawable(picture: torch.Tensor) -> torch.Tensor:
    """Return an image in a dtype that Matplotlib draws; raise ValueError for one it cannot."""
    height, width = picture.shape[:2]
    if not 0 < height * width <= MOST_PIXELS:
        raise ValueError(
            f"an image of {height} × {width} pixels cannot be drawn; give images of 1 to "
            f"{MOST_PIXELS:,} pixels."
        )
    if picture.is_complex():
        raise ValueError("complex images cannot be drawn; give images.abs() or images.real.")
    picture = computable(picture)
    if picture.dtype in (torch.float16, torch.bfloat16) or (
        picture.dim() == 3 and picture.dtype == torch.bool
    ):
        picture = picture.float()
    if picture.dim() == 3:
        _check_colours(picture)
    return picture


def _check_colours(picture: torch.Tensor) -> None:
    low, high = float(picture.min()), float(picture.max())
    top = 1 if picture.is_floating_point() else 255
    if 0 <= low <= high <= top:
        return
    if top == 255:
        raise ValueError(
            f"colours run from {number(low)} to {number(high)}; integers must lie in 0 to 255."
        )
    raise ValueError(
        f"colours run from {number(low)} to {number(high)}; floats must lie between 0 and 1 and "
        "not be nan. Undo the normalisation, or divide by 255."
    )


def _finite(pictures: Iterable[torch.Tensor]) -> torch.Tensor:
    """Return all finite values of the images as one row of float64."""
    numbers = torch.cat([picture.double().flatten() for picture in pictures])
    return numbers[numbers.isfinite()]


def _limits(pictures: list[torch.Tensor]) -> dict[str, float]:
    """Return the values that are drawn black and white, the same for all grey images."""
    numbers = (
        _finite(picture for picture in pictures if picture.dim() == 2)
        if any(picture.dim() == 2 for picture in pictures)
        else torch.empty(0)
    )
    return {"vmin": float(numbers.min()), "vmax": float(numbers.max())} if len(numbers) else {}


def _titles(titles: Any, count: int) -> list[str]:
    """Return one text for each image, or none at all."""
    if titles is None:
        return []
    if isinstance(titles, (torch.Tensor, np.ndarray)) and not (
        isinstance(titles, np.ndarray) and titles.dtype.kind not in "biufc"
    ):
        entries: list[Any] = _entries(as_tensor(titles, "titles"))
    elif isinstance(titles, (str, bytes, int, float, complex)) and count == 1:
        entries = [titles]
    else:
        try:
            entries = list(islice(titles, 10 * MOST_IMAGES))
        except Exception as problem:
            raise TypeError(
                f"titles is {kind_of(titles)}; give a list with one title for each image."
            ) from problem
    if len(entries) != count:
        raise ValueError(
            f"{len(entries)} titles for {count} images; give one title for each image."
        )
    return [label_text(entry) for entry in entries]


def _entries(titles: torch.Tensor) -> list[str]:
    """Return the rows of a tensor as texts: a number each, or several."""
    if titles.dim() == 0:
        return [element(titles.item())]
    return [values(row) for row in titles[: 10 * MOST_IMAGES]]


def _sentences(pictures: list[torch.Tensor], titles: list[str], columns: int) -> list[str]:
    count = len(pictures)
    kinds = [
        kind
        for kind, dims in (("grey", 2), ("colour", 3))
        if any(p.dim() == dims for p in pictures)
    ]
    sizes = list(dict.fromkeys(f"{p.shape[0]} × {p.shape[1]}" for p in pictures))
    numbers = _finite(pictures)
    ends = [number(float(end)) for end in (numbers.min(), numbers.max())] if len(numbers) else []
    span = " to ".join(ends) or "none finite"
    missing = sum(picture.numel() for picture in pictures) - len(numbers)
    noun = "image" if count == 1 else "images"
    names = [f"{title}: " for title in titles] if titles else [""] * count
    means = [_mean(picture) for picture in pictures]
    each = ", ".join(f"{name}{mean}" for name, mean in zip(names, means, strict=True))
    return [
        f"{count} {' and '.join(kinds)} {noun} of {enumeration(sizes)} pixels, {columns} in a row, "
        f"values {span}{f', {missing} of them not finite' if missing else ''}.",
        f"Mean of each: {each}.",
    ]


def _mean(picture: torch.Tensor) -> str:
    """Return the mean of an image's finite values in words."""
    finite = _finite([picture])
    return number(float(finite.mean())) if len(finite) else "none"
