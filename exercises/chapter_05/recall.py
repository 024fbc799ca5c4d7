import torch
from torch.nn import functional as F

from exercises.chapter_05._shared import some_digits
from helpers.grading.exercise import Exercise, edit


def _read_by_means(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What the nearest mean image says of the first digits, and their labels."""
    images, labels = some_digits(count)
    pixels = images.flatten(1).float()
    means = torch.stack([pixels[labels == digit].mean(dim=0) for digit in range(10)])
    return torch.cdist(pixels, means).argmin(dim=1), labels


_NOT_IN_ORDER = (
    "a view into rows fits only where the classes are equally frequent and in order, as in the "
    "test set above; here labels == k says which samples are of class k"
)

exercise = Exercise(
    "recall(predicted, labels, classes)",
    title="how much of a class is found",
    prompt="""
        Write `recall(predicted, labels, classes)`: for each class from 0 to `classes` - 1
        the share of its samples that were predicted rightly, as a `float32` tensor of shape
        (classes,). Every class occurs among the labels, though perhaps not among the
        predictions.
    """,
    shapes="predicted, labels: int64 (samples,). Returns float32 (classes,).",
    cases=[
        lambda: (torch.tensor([0, 0, 1, 0, 2, 0, 0]), torch.tensor([0, 0, 1, 1, 2, 2, 1]), 3),
        lambda: (torch.tensor([1, 1, 1, 0, 1]), torch.tensor([1, 1, 0, 0, 1]), 2),
        lambda: (torch.tensor([0, 0, 0, 0]), torch.tensor([0, 0, 0, 1]), 2),
        lambda: (*_read_by_means(300), 10),
        lambda: (torch.tensor([0]), torch.tensor([0]), 1),
    ],
    hints=(
        "Look at one class: among the samples with this label, how many are right?",
        "labels[predicted == labels] are the labels of what is right; count them by class.",
        "torch.bincount(…, minlength=classes) counts, also classes without any.",
    ),
)


@exercise.answer(
    why="What is right is counted among the samples of a class, not among its predictions."
)
def recall(predicted, labels, classes):
    right = labels[predicted == labels]
    found = torch.bincount(right, minlength=classes)
    return found / torch.bincount(labels, minlength=classes)


@exercise.right
def _(predicted, labels, classes):
    right = (predicted == labels).float()
    return torch.stack([right[labels == k].mean() for k in range(classes)])


@exercise.right
def _(predicted, labels, classes):
    table = F.one_hot(labels, classes).float()
    return (table * (predicted == labels)[:, None]).sum(dim=0) / table.sum(dim=0)


exercise.mistake(
    "this divides by how often the class was predicted; divide by how often it occurs",
    edit("torch.bincount(labels,", "torch.bincount(predicted,"),
)
exercise.mistake(
    "this is the accuracy over all; each class has its own share",
    lambda predicted, labels, classes: (predicted == labels).float().mean(),
)
exercise.mistake(
    "this divides by all samples; divide by the samples of the class",
    edit("torch.bincount(labels, minlength=classes)", "len(labels)"),
)
exercise.mistake(
    "these are counts; divide by the samples of each class",
    edit("found / torch.bincount(labels, minlength=classes)", "found.float()"),
)
exercise.mistake(
    "this is in percent; a share lies between 0 and 1",
    edit("return found", "return 100 * found"),
)
exercise.mistake(
    _NOT_IN_ORDER,
    lambda predicted, labels, classes: (predicted == labels).view(classes, -1).float().mean(dim=1),
)
exercise.mistake(
    _NOT_IN_ORDER,
    lambda predicted, labels, classes: (predicted == labels).view(classes, 50).float().mean(dim=1),
)


@exercise.mistake("a comparison gives True and False; .float() makes numbers of them, for the mean")
def _(predicted, labels, classes):
    shares = [(predicted[labels == k] == k).mean() for k in range(classes)]
    return torch.stack(shares)


exercise.mistake(
    "this is the accuracy over all, repeated; look at one class at a time",
    lambda predicted, labels, classes: (predicted == labels).float().mean().repeat(classes),
)


@exercise.rejected("instead of")
def _(predicted, labels, classes):
    found = torch.bincount(predicted, minlength=classes)
    return found / torch.bincount(labels, minlength=classes)


exercise.rejected("instead of", lambda predicted, labels, classes: torch.ones(classes))
