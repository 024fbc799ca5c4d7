import torch
from torch.nn import functional as F

from exercises._canonical import as_tuple
from exercises.chapter_05._shared import some_digits
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "split_by_class(labels, each)",
    title="a split with every class",
    prompt="""
        Write `split_by_class(labels, each)`: return two index tensors `(train, test)`,
        `int64`, both ascending. The first `each` samples of every class go into `test`, all
        others into `train`. The labels need not be 0, 1, 2 …: there may be classes 1 and 3
        only.
    """,
    shapes="labels: int64 (samples,). each: int. Returns (train, test).",
    cases=[
        lambda: (torch.tensor([0, 1, 0, 0, 1, 1, 0]), 1),
        lambda: (torch.tensor([3, 3, 1, 3, 1, 1, 3, 1]), 2),
        lambda: (some_digits(60)[1], 2),
        lambda: (torch.tensor([0, 1, 0, 0]), 1),
        lambda: (torch.tensor([4, 4]), 1),
    ],
    hints=(
        "labels.unique() gives the classes; treat them one by one.",
        "(labels == label).nonzero()[:, 0] are the places of one class, ascending.",
        "places[:each] and places[each:], then torch.cat and .sort().values",
    ),
    canonical=as_tuple,
)


@exercise.answer(
    why="The places of each class are cut by themselves; sorting joins the classes again."
)
def split_by_class(labels, each):
    train, test = [], []
    for label in labels.unique():
        places = (labels == label).nonzero()[:, 0]
        train.append(places[each:])
        test.append(places[:each])
    return torch.cat(train).sort().values, torch.cat(test).sort().values


@exercise.right
def _(labels, each):
    seen, train, test = {}, [], []
    for place, label in enumerate(labels.tolist()):
        seen[label] = seen.get(label, 0) + 1
        (test if seen[label] <= each else train).append(place)
    return torch.tensor(train), torch.tensor(test)


@exercise.right
def _(labels, each):
    number = F.one_hot(labels).cumsum(dim=0).gather(1, labels[:, None])[:, 0]
    return (number > each).nonzero()[:, 0], (number <= each).nonzero()[:, 0]


exercise.mistake(
    "the indices are in the order of the classes; sort them",
    edit(".sort().values", "", count=2),
)
exercise.mistake(
    "the test indices are in the order of the classes; sort them too",
    edit("(test).sort().values", "(test)"),
)
exercise.mistake(
    "train and test are exchanged",
    edit("(train).sort().values, torch.cat(test)", "(test).sort().values, torch.cat(train)"),
)
exercise.mistake(
    "these are the first of all samples; take the first of every class",
    lambda labels, each: (torch.arange(len(labels))[each:], torch.arange(len(labels))[:each]),
)
exercise.mistake(
    "these are the last of each class; the first were asked for",
    edit("each:", ":-each").edit(":each", "-each:"),
)
exercise.mistake("the test samples are in train as well", edit("places[each:]", "places"))
exercise.mistake(
    "the labels need not be 0, 1, 2 …; labels.unique() gives those that occur",
    edit("labels.unique()", "range(len(labels.unique()))"),
)
exercise.mistake(
    "one sample of each class is in neither part: train begins at places[each]",
    edit("each:", "each + 1 :"),
)
exercise.mistake(
    "one sample of each class too many is tested: places[:each] are `each` of them",
    edit("each:", "each + 1 :").edit(":each", ": each + 1"),
)

exercise.mistake(
    "for a class with one sample squeeze() leaves a tensor without dimensions: [:, 0]",
    edit("nonzero()[:, 0]", "nonzero().squeeze()"),
)

exercise.rejected(
    "instead of",
    edit(
        "torch.cat(train).sort().values, torch.cat(test).sort().values",
        "labels[torch.cat(train)], labels[torch.cat(test)]",
    ),
)
exercise.rejected("values", edit(".sort().values", ".sort()", count=2))
