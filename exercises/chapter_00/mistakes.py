"""Exercise mistakes: count what is read wrongly."""

import torch

from exercises.chapter_00._shared import ink_meter, reader
from helpers import data
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def _half_wrong_targets() -> list[tuple]:
    """A model with images; every third, or every second, has the next digit as target.

    The last model gives other answers where the images are not divided by 16.
    """
    images, labels = data.digits()
    cases = []
    for first, count, every in ((580, 30, 3), (700, 25, 2)):
        chosen = slice(first, first + count)
        moved = (torch.arange(count) % every == 0).long()
        cases.append((reader(), images[chosen], (labels[chosen] + moved) % 10))
    chosen = images[:12]
    read = ink_meter()(chosen / 16).argmax(dim=1)
    return [*cases, (ink_meter(), chosen, (read + torch.arange(12) % 2) % 10)]


_EVERY_IMAGE_COUNTS = (
    "all images were counted: `len` counts True and False alike, and `argmax` without "
    "dim=1 gives one place in the whole table"
)

_NOT_THE_ARGUMENTS = (
    "these are the 297 pictures of the notebook; use the arguments images and targets"
)

MISTAKES = Exercise(
    chapter="00",
    signature="mistakes(model, images, targets)",
    title="count what is read wrongly",
    prompt="""
        Write `mistakes(model, images, targets)`: how many of the images does the model
        read as another digit than the target? `argmax(dim=1)` gives one digit for each
        image, `!=` compares element by element, `sum` counts what is `True`. Return a
        whole number of Python.
    """,
    shapes="images: (n, 8, 8), uint8, 0 to 16. targets: (n,), int64. Returns an int.",
    cases=_half_wrong_targets,
    model_answer="""
        answers = model(images / 16).argmax(dim=1)  # (n,)
        return (answers != targets).sum().item()
    """,
    why="True counts as 1 in a sum, so the sum counts the images that differ.",
    hints=(
        "First the digits that the model reads, then the comparison, then the count.",
        "answers = model(images / 16).argmax(dim=1)",
        "(answers != targets).sum().…",
    ),
    right=(
        "int((model(images / 16).argmax(dim=1) != targets).sum())",
        "torch.count_nonzero(model(images / 16).argmax(1) - targets).item()",
        """
        with torch.no_grad():
            right = (model(images / 16).argmax(dim=1) == targets).sum().item()
        return len(targets) - right
        """,
    ),
    mistakes=(
        KnownMistake(
            "(model(images / 16).argmax(dim=1) == targets).sum().item()",
            "these are the ones that were read rightly; use !=",
        ),
        KnownMistake(
            "(model(images / 16).argmax(dim=1) != targets).float().mean().item()",
            "mean gives the share of the mistakes; sum counts them",
        ),
        KnownMistake(
            "(model(images / 16).argmax(dim=0) != targets).sum().item()",
            "dim=0 picks an image for each digit; dim=1 picks a digit for each image",
        ),
        KnownMistake(
            "(model(images / 16).argmax() != targets).sum().item()",
            _EVERY_IMAGE_COUNTS,
        ),
        KnownMistake("len(model(images / 16).argmax(dim=1) != targets)", _EVERY_IMAGE_COUNTS),
        KnownMistake(
            "(model(images[1500:] / 16).argmax(dim=1) != targets[1500:]).sum().item()",
            "the check gives you 30 images, and you took those from 1500 on; use them all",
        ),
        KnownMistake("(torch.zeros(297) != targets).sum().item()", _NOT_THE_ARGUMENTS),
        KnownMistake(
            """
            from helpers import data
            images, targets = data.digits()
            answers = model(images[1500:] / 16).argmax(dim=1)
            return (answers != targets[1500:]).sum().item()
            """,
            _NOT_THE_ARGUMENTS,
        ),
        KnownMistake(
            "(model(images).argmax(dim=1) != targets).sum().item()",
            "the pixels are uint8; / 16 makes float32 of them, from 0 to 1",
        ),
        KnownMistake(
            "(model(images.float()).argmax(dim=1) != targets).sum().item()",
            "the pixels still run from 0 to 16; divide by 16 as in training",
        ),
    ),
    rejected=(
        RejectedAnswer("(model(images / 16).argmax(dim=1) != targets).sum()", "`.item()`"),
        RejectedAnswer("model(images / 16).argmax(dim=1) != targets", "int was asked for"),
        RejectedAnswer("(model(images / 15).argmax(dim=1) != targets).sum().item()", "Expected"),
    ),
)
