import torch
from torch.nn import functional as F

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "chosen_scores(scores, labels)",
    title="the score of the right class",
    prompt="""
        A classifier gives each sample one score for each class. Write
        `chosen_scores(scores, labels)`: for each sample the score of its own label.
        No loop.
    """,
    shapes="scores: (samples, classes). labels: (samples,), int64. Returns (samples,).",
    cases=[
        lambda: (floats(4, 3), torch.tensor([2, 0, 1, 1])),
        lambda: (floats(3, 3, seed=1), torch.tensor([0, 0, 2])),
        lambda: (floats(1, 3, seed=2), torch.tensor([2])),
        lambda: (floats(3, 1, seed=5), torch.tensor([0, 0, 0])),
    ],
    large=lambda: (floats(64, 3), integers(64, high=3)),
    hints=(
        "gather(1, index) takes elements along dimension 1, row by row.",
        "index must have as many dimensions as scores: (samples, 1).",
        "scores.gather(1, labels.unsqueeze(1)) has shape (samples, 1); remove the 1.",
    ),
)


@exercise.answer(
    why="gather takes one element along dim 1 in each row; the index needs a column shape."
)
def chosen_scores(scores, labels):
    return scores.gather(1, labels.unsqueeze(1)).squeeze(1)


exercise.right(lambda scores, labels: scores[torch.arange(len(labels)), labels])
exercise.right(lambda scores, labels: scores.take_along_dim(labels[:, None], dim=1)[:, 0])
exercise.right(lambda scores, labels: (scores * F.one_hot(labels, scores.shape[1])).sum(dim=1))

exercise.mistake(
    "a colon and an index combine every row with every label; put torch.arange(len(labels)) in "
    "place of the colon",
    lambda scores, labels: scores[:, labels],
)
exercise.mistake(
    "the index needs two dimensions: labels.unsqueeze(1)",
    lambda scores, labels: scores.gather(1, labels),
)
exercise.mistake(
    "this is the largest score; the label may be another class",
    lambda scores, labels: scores.max(dim=1).values,
)
exercise.mistake("this picks whole rows by label", lambda scores, labels: scores[labels])
exercise.mistake(
    "squeeze() without a dimension also removes a batch of one; say squeeze(1)",
    edit(".squeeze(1)", ".squeeze()"),
)

exercise.rejected("a dimension of size 1", edit(".squeeze(1)", ""))
exercise.rejected(
    "in a loop",
    lambda scores, labels: torch.stack([row[label] for row, label in zip(scores, labels)]),
)


@exercise.rejected("Python list")
def _(scores, labels):
    return torch.tensor(list(map(list.__getitem__, scores.tolist(), labels.tolist())))
