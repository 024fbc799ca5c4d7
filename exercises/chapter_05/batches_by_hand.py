from typing import Any

import torch

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise, edit


def _samples(count: int, seed: int = 0) -> list[tuple[torch.Tensor, int]]:
    """A list as a dataset: values of shape (2,), and a label."""
    values, labels = floats(count, 2, seed=seed), integers(count, seed=seed)
    return [(row, label) for row, label in zip(values, labels.tolist())]


def _tuples(result: Any, *_: Any) -> Any:
    """Each batch as a tuple, in a list; what is no list stays as it is."""
    return [tuple(batch) for batch in result] if type(result) is list else result


exercise = Exercise(
    "batches_by_hand(dataset, order, batch_size)",
    title="a loader by hand",
    prompt="""
        Write `batches_by_hand(dataset, order, batch_size)`, what a `DataLoader` does:
        return a list of batches. `order` is a list of indices; the first batch holds the
        first `batch_size` samples in this order, and so on. The last batch may be smaller,
        and an index may stand in `order` twice.
        A sample is a tuple (tensor, int), a batch a tuple or a list (inputs, targets): the
        tensors stacked, the numbers as one `int64` tensor. A `DataLoader` could do it in a
        line; write out what it does.
    """,
    shapes="order: list of int. Returns a list of (inputs, targets).",
    cases=[
        lambda: (_samples(5), [3, 0, 4, 1, 2], 2),
        lambda: (_samples(6, seed=1), [5, 4, 3, 2, 1, 0], 3),
        lambda: (_samples(7, seed=2), [6, 2, 0, 1], 3),
        lambda: (_samples(4, seed=3), [2, 0, 2, 1], 2),
    ],
    hints=(
        "range(0, len(order), batch_size) gives where each batch starts.",
        "order[start : start + batch_size] are its indices; the last slice may be shorter.",
        "torch.stack the tensors, torch.tensor the numbers.",
    ),
    canonical=_tuples,
)


@exercise.answer(
    why="Indices are cut into pieces, samples fetched for each piece, and then collated."
)
def batches_by_hand(dataset, order, batch_size):
    batches = []
    for start in range(0, len(order), batch_size):
        samples = [dataset[index] for index in order[start : start + batch_size]]
        inputs = torch.stack([sample[0] for sample in samples])
        targets = torch.tensor([sample[1] for sample in samples])
        batches.append((inputs, targets))
    return batches


@exercise.right
def _(dataset, order, batch_size):
    pieces = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return [torch.utils.data.default_collate([dataset[i] for i in p]) for p in pieces]


@exercise.right
def _(dataset, order, batch_size):
    batches, waiting = [], []
    for place, index in enumerate(order, start=1):
        waiting.append(dataset[index])
        if len(waiting) == batch_size or place == len(order):
            inputs, targets = zip(*waiting)
            batches.append((torch.stack(inputs), torch.tensor(targets)))
            waiting = []
    return batches


exercise.mistake("the last, smaller batch is missing", edit("(order)", "(order) - batch_size + 1"))
exercise.mistake(
    "order was not used: these are the samples 0, 1, 2 …",
    edit("order[start : start + batch_size]", "range(start, min(start + batch_size, len(order)))"),
)
exercise.mistake(
    "the targets are still a list; torch.tensor makes one tensor of them",
    edit("torch.tensor([sample[1] for sample in samples])", "[sample[1] for sample in samples]"),
)
exercise.mistake(
    "cat joins along a dimension that is there; stack makes the batch dimension",
    edit("stack", "cat"),
)
exercise.mistake(
    "an index that stands in order twice gives its sample twice",
    edit("batches = []", "order = list(dict.fromkeys(order))\nbatches = []"),
)
exercise.mistake(
    "count along order, which need not name every sample",
    edit("(order)", "(dataset)"),
)

exercise.rejected(
    "tensor",
    edit("torch.stack([sample[0] for sample in samples])", "[sample[0] for sample in samples]"),
)
exercise.rejected("return", lambda dataset, order, batch_size: None)


@exercise.rejected("list was asked for")
def _(dataset, order, batch_size):
    batch = (torch.zeros(1), 0)
    yield batch
