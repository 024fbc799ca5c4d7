"""Exercise split_by_class: a split in which each class is tested."""

import torch

from exercises.chapter_05._shared import as_tuple, some_digits
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

_SPLIT = """
    train, test = [], []
    for label in {classes}:
        places = (labels == label).nonzero()[:, 0]
        train.append({train})
        test.append({test})
    return {result}
"""


def _split(
    train: str = "places[each:]",
    test: str = "places[:each]",
    classes: str = "labels.unique()",
    result: str = "torch.cat(train).sort().values, torch.cat(test).sort().values",
) -> str:
    """The split with one part in another way."""
    return _SPLIT.format(classes=classes, train=train, test=test, result=result)


SPLIT_BY_CLASS = Exercise(
    chapter="05",
    signature="split_by_class(labels, each)",
    title="a split in which each class is tested",
    prompt="""
        Write `split_by_class(labels, each)`: return two index tensors `(train, test)`,
        `int64`, both ascending. The first `each` samples of every class go into `test`, all
        others into `train`. The labels need not be 0, 1, 2 …: there may be classes 1 and 3
        only.
    """,
    shapes="labels: int64 (samples,). each: int. Returns (train, test).",
    cases=lambda: [
        (torch.tensor([0, 1, 0, 0, 1, 1, 0]), 1),
        (torch.tensor([3, 3, 1, 3, 1, 1, 3, 1]), 2),
        (some_digits(60)[1], 2),
    ],
    model_answer=_split(),
    why="The places of each class are cut by themselves; sorting joins the classes again.",
    hints=(
        "labels.unique() gives the classes; treat them one by one.",
        "(labels == label).nonzero()[:, 0] are the places of one class, ascending.",
        "places[:each] and places[each:], then torch.cat and .sort().values",
    ),
    right=(
        """
        seen, train, test = {}, [], []
        for place, label in enumerate(labels.tolist()):
            seen[label] = seen.get(label, 0) + 1
            (test if seen[label] <= each else train).append(place)
        return torch.tensor(train), torch.tensor(test)
        """,
        """
        number = F.one_hot(labels).cumsum(dim=0).gather(1, labels[:, None])[:, 0]
        return (number > each).nonzero()[:, 0], (number <= each).nonzero()[:, 0]
        """,
    ),
    mistakes=(
        KnownMistake(
            _split(result="torch.cat(train), torch.cat(test)"),
            "the indices are in the order of the classes; sort them",
        ),
        KnownMistake(
            _split(result="torch.cat(train).sort().values, torch.cat(test)"),
            "the test indices are in the order of the classes; sort them too",
        ),
        KnownMistake(
            _split(result="torch.cat(test).sort().values, torch.cat(train).sort().values"),
            "train and test are exchanged",
        ),
        KnownMistake(
            "return torch.arange(len(labels))[each:], torch.arange(len(labels))[:each]",
            "these are the first of all samples; take the first of every class",
        ),
        KnownMistake(
            _split(train="places[:-each]", test="places[-each:]"),
            "these are the last of each class; the first were asked for",
        ),
        KnownMistake(
            _split(train="places"),
            "the test samples are in train as well",
        ),
        KnownMistake(
            _split(classes="range(len(labels.unique()))"),
            "the labels need not be 0, 1, 2 …; labels.unique() gives those that occur",
        ),
        KnownMistake(
            _split(train="places[each + 1 :]"),
            "one sample of each class is in neither part: train begins at places[each]",
        ),
        KnownMistake(
            _split(train="places[each + 1 :]", test="places[: each + 1]"),
            "one sample of each class too many is tested: places[:each] are `each` of them",
        ),
    ),
    rejected=(
        RejectedAnswer(
            _split(result="labels[torch.cat(train)], labels[torch.cat(test)]"), "instead of"
        ),
        RejectedAnswer(_split(result="torch.cat(train).sort(), torch.cat(test).sort()"), "values"),
    ),
    canonical=as_tuple,
)
