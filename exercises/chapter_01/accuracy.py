"""Exercise accuracy: accuracy."""

import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

_ACCURACY_SCORES = torch.tensor(
    [[0.1, 0.7, 0.2, 0.0], [0.6, 0.3, 0.1, 0.0], [0.2, 0.1, 0.5, 0.2], [0.1, 0.0, 0.3, 0.6]]
)

ACCURACY = Exercise(
    chapter="01",
    signature="accuracy(scores, labels)",
    title="accuracy",
    prompt="""
        Write `accuracy(scores, labels)`: the share of samples whose largest score stands
        in the column of the label, as a `float` of Python from 0 to 1.
    """,
    shapes="scores: (samples, classes). labels: (samples,), int64. Returns a float.",
    cases=lambda: [
        (_ACCURACY_SCORES.clone(), torch.tensor([1, 0, 2, 0])),
        (floats(3, 5, seed=4), torch.tensor([0, 4, 1])),
        (torch.eye(3), torch.tensor([0, 1, 2])),
    ],
    model_answer="(scores.argmax(dim=1) == labels).float().mean().item()",
    why="argmax along dim 1 gives one class a row; a mean of 0s and 1s is a share.",
    hints=(
        "First the class of the largest score in each row.",
        "Comparing with labels gives booleans; as floats their mean is the share.",
        "(scores.argmax(dim=1) == labels).float()… and a number out of the tensor",
    ),
    right=(
        "(scores.max(dim=1).indices == labels).sum().item() / len(labels)",
        "float((scores.topk(1).indices[:, 0] == labels).double().mean())",
    ),
    mistakes=(
        KnownMistake(
            "(scores.argmax(dim=0) == labels).float().mean().item()",
            "dim=0 finds the best sample for each class; dim=1 the best class",
        ),
        KnownMistake(
            "float((scores.argmax(dim=1) == labels).sum())",
            "this is a count; divide by the number of samples",
        ),
        KnownMistake(
            "(scores.argmax() == labels).float().mean().item()",
            "argmax without dim= looks through the whole table",
        ),
        KnownMistake(
            "(scores.max(dim=1).values == labels).float().mean().item()",
            "scores were compared with labels; it is the place of the largest that counts",
        ),
        KnownMistake(
            "(scores.max(dim=1) == labels).float().mean().item()",
            "max(dim=1) gives values and indices; compare its .indices, or use argmax",
        ),
        KnownMistake(
            "100 * (scores.argmax(dim=1) == labels).float().mean().item()",
            "this is in percent; a share from 0 to 1 was asked for",
        ),
        KnownMistake(
            "(scores.argmax(dim=1) == labels).sum().item()",
            "this is a count; divide by the number of samples",
        ),
        KnownMistake(
            "(scores.argmax(dim=1) == labels).mean().item()",
            "booleans have no mean; make them float first",
        ),
    ),
    rejected=(
        RejectedAnswer("(scores.argmax(dim=1) == labels).float().mean()", "`.item()` makes it"),
    ),
)
