"""Exercise batches_by_hand: a loader by hand."""

from typing import Any

import torch

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def _samples(count: int, seed: int = 0) -> list[tuple[torch.Tensor, int]]:
    """A list as a dataset: values of shape (2,), and a label."""
    values, labels = floats(count, 2, seed=seed), integers(count, seed=seed)
    return [(row, label) for row, label in zip(values, labels.tolist())]


_BATCHES = """
    batches = []
    for start in {starts}:
        samples = [dataset[index] for index in {indices}]
        inputs = {inputs}
        targets = {targets}
        batches.append((inputs, targets))
    return batches
"""


def _batches(
    starts: str = "range(0, len(order), batch_size)",
    indices: str = "order[start : start + batch_size]",
    inputs: str = "torch.stack([sample[0] for sample in samples])",
    targets: str = "torch.tensor([sample[1] for sample in samples])",
) -> str:
    """The loader by hand with one part in another way."""
    return _BATCHES.format(starts=starts, indices=indices, inputs=inputs, targets=targets)


def _tuples(result: Any, *_: Any) -> Any:
    """Each batch as a tuple, in a list; what is no list stays as it is."""
    return [tuple(batch) for batch in result] if type(result) is list else result


BATCHES_BY_HAND = Exercise(
    chapter="05",
    signature="batches_by_hand(dataset, order, batch_size)",
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
    cases=lambda: [
        (_samples(5), [3, 0, 4, 1, 2], 2),
        (_samples(6, seed=1), [5, 4, 3, 2, 1, 0], 3),
        (_samples(7, seed=2), [6, 2, 0, 1], 3),
        (_samples(4, seed=3), [2, 0, 2, 1], 2),
    ],
    model_answer=_batches(),
    why="Indices are cut into pieces, samples fetched for each piece, and then collated.",
    hints=(
        "range(0, len(order), batch_size) gives where each batch starts.",
        "order[start : start + batch_size] are its indices; the last slice may be shorter.",
        "torch.stack the tensors, torch.tensor the numbers.",
    ),
    right=(
        """
        pieces = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
        return [torch.utils.data.default_collate([dataset[i] for i in p]) for p in pieces]
        """,
        """
        batches, waiting = [], []
        for place, index in enumerate(order, start=1):
            waiting.append(dataset[index])
            if len(waiting) == batch_size or place == len(order):
                inputs, targets = zip(*waiting)
                batches.append((torch.stack(inputs), torch.tensor(targets)))
                waiting = []
        return batches
        """,
    ),
    mistakes=(
        KnownMistake(
            _batches(starts="range(0, len(order) - batch_size + 1, batch_size)"),
            "the last, smaller batch is missing",
        ),
        KnownMistake(
            _batches(indices="range(start, min(start + batch_size, len(order)))"),
            "order was not used: these are the samples 0, 1, 2 …",
        ),
        KnownMistake(
            _batches(targets="[sample[1] for sample in samples]"),
            "the targets are still a list; torch.tensor makes one tensor of them",
        ),
        KnownMistake(
            _batches(inputs="torch.cat([sample[0] for sample in samples])"),
            "cat joins along a dimension that is there; stack makes the batch dimension",
        ),
        KnownMistake(
            "    order = list(dict.fromkeys(order))" + _batches(),
            "an index that stands in order twice gives its sample twice",
        ),
        KnownMistake(
            _batches(starts="range(0, len(dataset), batch_size)"),
            "count along order, which need not name every sample",
        ),
    ),
    rejected=(
        RejectedAnswer(_batches(inputs="[sample[0] for sample in samples]"), "tensor"),
        RejectedAnswer("return None", "return"),
        RejectedAnswer("batch = (torch.zeros(1), 0)\nyield batch", "list was asked for"),
    ),
    canonical=_tuples,
)
