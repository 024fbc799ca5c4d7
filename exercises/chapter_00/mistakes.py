import torch

from exercises.chapter_00._shared import ink_meter, reader
from helpers import data
from helpers.grading.exercise import Exercise, edit


def _targets_moved(first: int, count: int, every: int) -> tuple:
    """A model with images, of which each `every`-th has the next digit as target."""
    images, labels = data.digits()
    chosen = slice(first, first + count)
    moved = (torch.arange(count) % every == 0).long()
    return reader(), images[chosen], (labels[chosen] + moved) % 10


def _answers_by_ink() -> tuple:
    """A model that gives other answers where the images are not divided by 16."""
    model, images = ink_meter(), data.digits().images[:12]
    answers = model(images / 16).argmax(dim=1)
    return model, images, (answers + torch.arange(12) % 2) % 10


_EVERY_IMAGE_COUNTS = (
    "all images were counted: `len` counts True and False alike, and `argmax` without "
    "dim=1 gives one place in the whole table"
)


_NOT_THE_ARGUMENTS = (
    "these are the 297 pictures of the notebook; use the arguments images and targets"
)


exercise = Exercise(
    "mistakes(model, images, targets)",
    title="count what is read wrongly",
    prompt="""
        Write `mistakes(model, images, targets)`: how many of the images does the model
        read as another digit than the target? `argmax(dim=1)` gives one digit for each
        image, `!=` compares element by element, `sum` counts what is `True`. Return a
        whole number of Python.
    """,
    shapes="images: (n, 8, 8), uint8, 0 to 16. targets: (n,), int64. Returns an int.",
    cases=[
        lambda: _targets_moved(580, 30, every=3),
        lambda: _targets_moved(700, 25, every=2),
        _answers_by_ink,
        lambda: _targets_moved(580, 1, every=1),
    ],
    hints=(
        "First the digits that the model reads, then the comparison, then the count.",
        "answers = model(images / 16).argmax(dim=1)",
        "(answers != targets).sum().…",
    ),
)


@exercise.answer(why="True counts as 1 in a sum, so the sum counts the images that differ.")
def mistakes(model, images, targets):
    answers = model(images / 16).argmax(dim=1)  # (n,)
    return (answers != targets).sum().item()


exercise.right(
    lambda model, images, targets: int((model(images / 16).argmax(dim=1) != targets).sum())
)


@exercise.right
def _(model, images, targets):
    return torch.count_nonzero(model(images / 16).argmax(1) - targets).item()


@exercise.right
def _(model, images, targets):
    with torch.no_grad():
        right = (model(images / 16).argmax(dim=1) == targets).sum().item()
    return len(targets) - right


exercise.mistake("these are the ones that were read rightly; use !=", edit("!=", "=="))
exercise.mistake(
    "mean gives the share of the mistakes; sum counts them",
    edit("sum()", "float().mean()"),
)
exercise.mistake(
    "dim=0 picks an image for each digit; dim=1 picks a digit for each image",
    edit("dim=1", "dim=0"),
)
exercise.mistake(
    _EVERY_IMAGE_COUNTS,
    lambda model, images, targets: (model(images / 16).argmax() != targets).sum().item(),
)
exercise.mistake(
    _EVERY_IMAGE_COUNTS,
    lambda model, images, targets: len(model(images / 16).argmax(dim=1) != targets),
)


@exercise.mistake("the check gives you 30 images, and you took those from 1500 on; use them all")
def _(model, images, targets):
    return (model(images[1500:] / 16).argmax(dim=1) != targets[1500:]).sum().item()


exercise.mistake(
    _NOT_THE_ARGUMENTS, lambda model, images, targets: (torch.zeros(297) != targets).sum().item()
)


@exercise.mistake(_NOT_THE_ARGUMENTS)
def _(model, images, targets):
    from helpers import data

    images, targets = data.digits()
    answers = model(images[1500:] / 16).argmax(dim=1)
    return (answers != targets[1500:]).sum().item()


exercise.mistake(
    "the pixels are uint8; / 16 makes float32 of them, from 0 to 1",
    edit("images / 16", "images"),
)
exercise.mistake(
    "the pixels still run from 0 to 16; divide by 16 as in training",
    edit("images / 16", "images.float()"),
)

exercise.rejected("`.item()`", edit("sum().item()", "sum()"))
exercise.rejected(
    "int was asked for",
    lambda model, images, targets: model(images / 16).argmax(dim=1) != targets,
)
exercise.rejected("Expected", edit("/ 16", "/ 15"))
