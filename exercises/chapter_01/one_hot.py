import torch
from torch.nn import functional as F

from exercises._samples import integers
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "one_hot(labels, classes)",
    title="one-hot by hand",
    prompt="""
        Write `one_hot(labels, classes)`: one row for each label, zeros, and a single 1 in
        the column of the label. dtype `float32`. Use `scatter_`, or find another way without
        a loop.
    """,
    shapes="labels: (samples,), int64. Returns (samples, classes), float32.",
    cases=[
        lambda: (torch.tensor([1, 0, 0]), 3),
        lambda: (torch.tensor([3, 3]), 5),
        lambda: (torch.tensor([1]), 3),
        lambda: (torch.tensor([0, 0]), 1),
    ],
    large=lambda: (integers(50, high=3), 3),
    hints=(
        "Begin with zeros of the right shape.",
        "scatter_(1, index, value) writes along dimension 1, row by row.",
        "torch.zeros(len(labels), classes).scatter_(1, labels.unsqueeze(1), …)",
    ),
)


@exercise.answer(why="scatter_ writes 1.0 into each row at the column that the index names.")
def one_hot(labels, classes):
    result = torch.zeros(len(labels), classes)
    return result.scatter_(1, labels.unsqueeze(1), 1.0)


exercise.right(lambda labels, classes: F.one_hot(labels, classes).float())
exercise.right(lambda labels, classes: torch.eye(classes)[labels])
exercise.right(lambda labels, classes: (labels[:, None] == torch.arange(classes)).float())

exercise.mistake(
    "dim 0 runs down the rows; the class is the column, dim 1",
    edit("1, labels", "0, labels"),
)
exercise.mistake(
    "the index needs two dimensions: labels.unsqueeze(1)",
    edit("labels.unsqueeze(1)", "labels"),
)
exercise.mistake(
    "as many columns as labels; there must be one for each class",
    lambda labels, classes: torch.eye(len(labels))[labels],
)
exercise.mistake(
    "the largest label decided the number of columns; there must be `classes`",
    lambda labels, classes: F.one_hot(labels).float(),
)


@exercise.mistake("still all zeros: scatter gives a new tensor, scatter_ changes this one")
def _(labels, classes):
    result = torch.zeros(len(labels), classes)
    result.scatter(1, labels.unsqueeze(1), 1.0)
    return result


exercise.mistake(
    "a colon and an index combine every row with every label; put torch.arange(len(labels)) in "
    "place of the colon",
    edit(
        "return result.scatter_(1, labels.unsqueeze(1), 1.0)",
        "result[:, labels] = 1\nreturn result",
    ),
)
exercise.mistake(
    "this writes into whole rows; the label is the column",
    edit(
        "return result.scatter_(1, labels.unsqueeze(1), 1.0)", "result[labels] = 1\nreturn result"
    ),
)

exercise.rejected(
    "dtype int64 instead of float32",
    lambda labels, classes: F.one_hot(labels, classes),
)
exercise.rejected(
    "dtype bool instead of float32",
    lambda labels, classes: torch.eye(classes)[labels] == 1,
)
