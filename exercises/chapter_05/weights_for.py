import torch

from exercises._canonical import in_single
from helpers.grading.exercise import Exercise

exercise = Exercise(
    "weights_for(labels, shares)",
    title="weights for given shares",
    prompt="""
        Sometimes equal shares are too much: the rare class shall come more often, but not
        as often as the others. Write `weights_for(labels, shares)`: one weight for each
        sample, such that a `WeightedRandomSampler` draws class `k` with the share
        `shares[k]`. The weights of all samples of class `k` together sum to `shares[k]`.
    """,
    shapes="labels: int64 (samples,). shares: float32 (classes,). Returns (samples,).",
    cases=[
        lambda: (torch.tensor([0, 0, 0, 0, 1, 1, 2]), torch.tensor([0.5, 0.3, 0.2])),
        lambda: (torch.tensor([2, 1, 2, 2, 0, 2]), torch.tensor([0.25, 0.5, 0.25])),
        lambda: (torch.tensor([1, 0, 1, 1]), torch.tensor([0.9, 0.1])),
        lambda: (torch.tensor([0]), torch.tensor([1.0])),
    ],
    hints=(
        "The samples of a class have its share between them: what is left for each?",
        "shares / torch.bincount(labels) is the weight of one sample, for each class.",
        "Index this by the labels, so that each sample gets the number of its class.",
    ),
    canonical=in_single,
)


@exercise.answer(
    why="The n samples of a class have its share between them, so each has the n-th part; "
    "indexing by the labels hands each sample the number of its class."
)
def weights_for(labels, shares):
    class_sizes = torch.bincount(labels)
    return (shares / class_sizes)[labels]


exercise.right(lambda labels, shares: shares[labels] / torch.bincount(labels)[labels])
exercise.right(lambda labels, shares: (shares.double() / torch.bincount(labels))[labels])


@exercise.right
def _(labels, shares):
    weights = torch.zeros(len(labels))
    for label, share in enumerate(shares.tolist()):
        weights[labels == label] = share / (labels == label).sum()
    return weights


exercise.mistake(
    "this is one weight for each class; index it by the labels",
    lambda labels, shares: shares / torch.bincount(labels),
)
exercise.mistake(
    "a class of many samples would be drawn too often; divide by the class's size",
    lambda labels, shares: shares[labels],
)
exercise.mistake(
    "these weights draw every class equally often; shares was not used",
    lambda labels, shares: 1 / torch.bincount(labels)[labels],
)
exercise.mistake(
    "frequent classes are drawn even more often; divide by the size",
    lambda labels, shares: shares[labels] * torch.bincount(labels)[labels],
)
exercise.mistake(
    "divide by the size of the class, not by the number of all samples",
    lambda labels, shares: shares[labels] / len(labels),
)
exercise.mistake(
    "a sampler would draw the same, since only ratios count; the task fixes the sums as well, "
    "so that a weight is a probability: divide by the size of the class",
    lambda labels, shares: shares[labels] / (torch.bincount(labels) / len(labels))[labels],
)
exercise.mistake(
    "// cuts off the decimals, and so every weight is 0; / divides",
    lambda labels, shares: shares[labels] // torch.bincount(labels)[labels],
)

exercise.rejected("instead of", lambda labels, shares: torch.ones(len(labels)) / len(labels))
exercise.rejected(
    "the type is list; Tensor was asked for",
    lambda labels, shares: (shares[labels] / torch.bincount(labels)[labels]).tolist(),
)
