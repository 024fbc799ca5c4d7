"""Exercise one_hot: one-hot by hand."""

import torch

from exercises._samples import integers
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

ONE_HOT = Exercise(
    chapter="01",
    signature="one_hot(labels, classes)",
    title="one-hot by hand",
    prompt="""
        Write `one_hot(labels, classes)`: one row for each label, zeros, and a single 1 in
        the column of the label. dtype `float32`. Use `scatter_`, or find another way without
        a loop.
    """,
    shapes="labels: (samples,), int64. Returns (samples, classes), float32.",
    cases=lambda: [(torch.tensor([1, 0, 0]), 3), (torch.tensor([3, 3]), 5)],
    large=lambda: (integers(50, high=3), 3),
    model_answer="""
        result = torch.zeros(len(labels), classes)
        return result.scatter_(1, labels.unsqueeze(1), 1.0)
    """,
    why="scatter_ writes 1.0 into each row at the column that the index names.",
    hints=(
        "Begin with zeros of the right shape.",
        "scatter_(1, index, value) writes along dimension 1, row by row.",
        "torch.zeros(len(labels), classes).scatter_(1, labels.unsqueeze(1), …)",
    ),
    right=(
        "F.one_hot(labels, classes).float()",
        "torch.eye(classes)[labels]",
        "(labels[:, None] == torch.arange(classes)).float()",
    ),
    mistakes=(
        KnownMistake(
            "torch.zeros(len(labels), classes).scatter_(0, labels.unsqueeze(1), 1.)",
            "dim 0 runs down the rows; the class is the column, dim 1",
        ),
        KnownMistake(
            "torch.zeros(len(labels), classes).scatter_(1, labels, 1.)",
            "the index needs two dimensions: labels.unsqueeze(1)",
        ),
        KnownMistake(
            "torch.eye(len(labels))[labels]",
            "as many columns as labels; there must be one for each class",
        ),
        KnownMistake(
            "F.one_hot(labels).float()",
            "the largest label decided the number of columns; there must be `classes`",
        ),
        KnownMistake(
            """
            result = torch.zeros(len(labels), classes)
            result.scatter(1, labels.unsqueeze(1), 1.0)
            return result
            """,
            "still all zeros: scatter gives a new tensor, scatter_ changes this one",
        ),
        KnownMistake(
            """
            result = torch.zeros(len(labels), classes)
            result[:, labels] = 1
            return result
            """,
            "a colon and an index combine every row with every label; "
            "put torch.arange(len(labels)) in place of the colon",
        ),
        KnownMistake(
            """
            result = torch.zeros(len(labels), classes)
            result[labels] = 1
            return result
            """,
            "this writes into whole rows; the label is the column",
        ),
    ),
    rejected=(
        RejectedAnswer("F.one_hot(labels, classes)", "dtype int64 instead of float32"),
        RejectedAnswer("torch.eye(classes)[labels] == 1", "dtype bool instead of float32"),
    ),
)
