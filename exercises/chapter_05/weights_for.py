"""Exercise weights_for: weights for given shares."""

import torch

from exercises.chapter_05._shared import in_single
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

WEIGHTS_FOR = Exercise(
    chapter="05",
    signature="weights_for(labels, shares)",
    title="weights for given shares",
    prompt="""
        Sometimes equal shares are too much: the rare class shall come more often, but not
        as often as the others. Write `weights_for(labels, shares)`: one weight for each
        sample, such that a `WeightedRandomSampler` draws class `k` with the share
        `shares[k]`. The weights of all samples of class `k` together sum to `shares[k]`.
    """,
    shapes="labels: int64 (samples,). shares: float32 (classes,). Returns (samples,).",
    cases=lambda: [
        (torch.tensor([0, 0, 0, 0, 1, 1, 2]), torch.tensor([0.5, 0.3, 0.2])),
        (torch.tensor([2, 1, 2, 2, 0, 2]), torch.tensor([0.25, 0.5, 0.25])),
        (torch.tensor([1, 0, 1, 1]), torch.tensor([0.9, 0.1])),
    ],
    model_answer="""
        class_sizes = torch.bincount(labels)
        return (shares / class_sizes)[labels]
    """,
    why="The n samples of a class have its share between them, so each has the n-th part; "
    "indexing by the labels hands each sample the number of its class.",
    hints=(
        "The samples of a class have its share between them: what is left for each?",
        "shares / torch.bincount(labels) is the weight of one sample, for each class.",
        "Index this by the labels, so that each sample gets the number of its class.",
    ),
    right=(
        "return shares[labels] / torch.bincount(labels)[labels]",
        "return (shares.double() / torch.bincount(labels))[labels]",
        """
        weights = torch.zeros(len(labels))
        for label, share in enumerate(shares.tolist()):
            weights[labels == label] = share / (labels == label).sum()
        return weights
        """,
    ),
    mistakes=(
        KnownMistake(
            "return shares / torch.bincount(labels)",
            "this is one weight for each class; index it by the labels",
        ),
        KnownMistake(
            "return shares[labels]",
            "a class of many samples would be drawn too often; divide by the class's size",
        ),
        KnownMistake(
            "return 1 / torch.bincount(labels)[labels]",
            "these weights draw every class equally often; shares was not used",
        ),
        KnownMistake(
            "return shares[labels] * torch.bincount(labels)[labels]",
            "frequent classes are drawn even more often; divide by the size",
        ),
        KnownMistake(
            "return shares[labels] / len(labels)",
            "divide by the size of the class, not by the number of all samples",
        ),
        KnownMistake(
            "return shares[labels] / (torch.bincount(labels) / len(labels))[labels]",
            "a sampler would draw the same, since only ratios count; the task fixes the sums as "
            "well, so that a weight is a probability: divide by the size of the class",
        ),
        KnownMistake(
            "return shares[labels] // torch.bincount(labels)[labels]",
            "// cuts off the decimals, and so every weight is 0; / divides",
        ),
    ),
    rejected=(
        RejectedAnswer("return torch.ones(len(labels)) / len(labels)", "instead of"),
        RejectedAnswer(
            "return (shares[labels] / torch.bincount(labels)[labels]).tolist()",
            "the type is list; Tensor was asked for",
        ),
    ),
    canonical=in_single,
)
