import torch
from torch.nn import functional as F

from exercises._samples import integers
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "smooth_targets(labels, classes, smoothing)",
    title="smoothed targets",
    prompt="""
        Write `smooth_targets(labels, classes, smoothing)`: a row of probabilities for each
        label, as PyTorch's `label_smoothing` means it. A share `smoothing` is spread evenly
        over **all** classes, the right one among them; the rest stays at the right one.
        Every row sums to 1.
    """,
    shapes="labels: (n,), int64. Returns (n, classes), float32.",
    cases=[
        lambda: (torch.tensor([2, 0]), 4, 0.2),
        lambda: (integers(5, high=10), 10, 0.1),
        lambda: (torch.tensor([1]), 3, 0.3),
        lambda: (torch.tensor([0, 0]), 1, 0.3),
    ],
    hints=(
        "Mix two distributions: the certain one, and the one that knows nothing.",
        "F.one_hot(labels, classes).float() is the certain one; the other is 1 / classes.",
        "certain * (1 - smoothing) + smoothing / classes",
    ),
)


@exercise.answer(why="The certain target and the even one are mixed, 1 - smoothing to smoothing.")
def smooth_targets(labels, classes, smoothing):
    certain = F.one_hot(labels, classes).float()
    return certain * (1 - smoothing) + smoothing / classes


@exercise.right
def in_place(labels, classes, smoothing):
    rows = torch.full((len(labels), classes), smoothing / classes)
    rows[torch.arange(len(labels)), labels] += 1 - smoothing
    return rows


@exercise.right
def _(labels, classes, smoothing):
    even = torch.ones(len(labels), classes) / classes
    return torch.lerp(torch.eye(classes)[labels], even, smoothing)


@exercise.mistake("this spreads over the other classes only; PyTorch spreads over all of them")
def _(labels, classes, smoothing):
    certain = F.one_hot(labels, classes).float()
    others = (1 - certain) * smoothing / (classes - 1)
    return certain * (1 - smoothing) + others


exercise.mistake(
    "the rows sum to more than 1: all classes get a part, so divide by classes",
    edit("/ classes", "/ (classes - 1)"),
)
exercise.mistake(
    "the share is divided among the classes: smoothing / classes",
    edit("smoothing / classes", "smoothing"),
)
exercise.mistake(
    "the rows sum to more than 1: the right class must give its share away",
    lambda labels, classes, smoothing: F.one_hot(labels, classes).float() + smoothing / classes,
)
exercise.mistake(
    "the shares are the wrong way round: smoothing is the part that is spread",
    edit("(1 - smoothing) + smoothing /", "smoothing + (1 - smoothing) /"),
)
exercise.mistake(
    "the right class gets its share of what is spread, too: + smoothing / classes",
    edit("+= 1", "= 1", of=in_place),
)


@exercise.mistake("the rows sum to more than 1: all others get smoothing / classes")
def _(labels, classes, smoothing):
    rows = torch.full((len(labels), classes), smoothing / (classes - 1))
    rows[torch.arange(len(labels)), labels] = 1 - smoothing / classes
    return rows


@exercise.mistake("ten classes are written into it; their number is in classes")
def _(labels, classes, smoothing):
    certain = F.one_hot(labels, 10).float()
    return certain * (1 - smoothing) + smoothing / 10
