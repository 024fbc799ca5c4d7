"""Exercise chosen_scores: the score of the right class."""

import torch

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

CHOSEN_SCORES = Exercise(
    chapter="01",
    signature="chosen_scores(scores, labels)",
    title="the score of the right class",
    prompt="""
        A classifier gives each sample one score for each class. Write
        `chosen_scores(scores, labels)`: for each sample the score of its own label.
        No loop.
    """,
    shapes="scores: (samples, classes). labels: (samples,), int64. Returns (samples,).",
    cases=lambda: [
        (floats(4, 3), torch.tensor([2, 0, 1, 1])),
        (floats(3, 3, seed=1), torch.tensor([0, 0, 2])),
        (floats(1, 3, seed=2), torch.tensor([2])),
    ],
    large=lambda: (floats(64, 3), integers(64, high=3)),
    model_answer="scores.gather(1, labels.unsqueeze(1)).squeeze(1)",
    why="gather takes one element along dim 1 in each row; the index needs a column shape.",
    hints=(
        "gather(1, index) takes elements along dimension 1, row by row.",
        "index must have as many dimensions as scores: (samples, 1).",
        "scores.gather(1, labels.unsqueeze(1)) has shape (samples, 1); remove the 1.",
    ),
    right=(
        "scores[torch.arange(len(labels)), labels]",
        "scores.take_along_dim(labels[:, None], dim=1)[:, 0]",
        "(scores * F.one_hot(labels, scores.shape[1])).sum(dim=1)",
    ),
    mistakes=(
        KnownMistake(
            "scores[:, labels]",
            "a colon and an index combine every row with every label; "
            "put torch.arange(len(labels)) in place of the colon",
        ),
        KnownMistake(
            "scores.gather(1, labels)",
            "the index needs two dimensions: labels.unsqueeze(1)",
        ),
        KnownMistake(
            "scores.max(dim=1).values",
            "this is the largest score; the label may be another class",
        ),
        KnownMistake("scores[labels]", "this picks whole rows by label"),
        KnownMistake(
            "scores.gather(1, labels.unsqueeze(1)).squeeze()",
            "squeeze() without a dimension also removes a batch of one; say squeeze(1)",
        ),
    ),
    rejected=(
        RejectedAnswer("scores.gather(1, labels.unsqueeze(1))", "a dimension of size 1"),
        RejectedAnswer(
            "torch.stack([row[label] for row, label in zip(scores, labels)])",
            "in a loop",
        ),
        RejectedAnswer(
            "torch.tensor(list(map(list.__getitem__, scores.tolist(), labels.tolist())))",
            "Python list",
        ),
    ),
)
