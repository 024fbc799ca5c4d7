"""Exercise collate_with_mask: pad, and say what is real."""

import textwrap

import torch

from exercises._samples import integers
from exercises.chapter_05._shared import as_tuple
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def _unequal(lengths: list[int], seed: int = 0) -> list[tuple[torch.Tensor, int]]:
    """Samples of unequal lengths; one value in each of them is 0."""
    samples = []
    for place, length in enumerate(lengths):
        values = integers(length, low=1, seed=seed + place).float()
        values[length // 2] = 0
        samples.append((values, place % 3))
    return [(values, label) for values, label in samples]


_MASKED = """
    from torch.nn.utils.rnn import pad_sequence

    values, labels = zip(*samples)
    lengths = torch.tensor([len(one) for one in values])
    padded = {padded}
    mask = {mask}
    return padded, mask, torch.tensor(labels)
"""


def _masked(
    padded: str = "pad_sequence(values, batch_first=True)",
    mask: str = "torch.arange(padded.shape[1]) < lengths[:, None]",
) -> str:
    """The collate function with one part in another way."""
    return _MASKED.format(padded=padded, mask=mask)


COLLATE_WITH_MASK = Exercise(
    chapter="05",
    signature="collate_with_mask(samples)",
    title="pad, and say what is real",
    prompt="""
        Write `collate_with_mask(samples)`: each sample is a tuple (values, label), with
        values of shape (length,), where 0 may occur, and an `int`. Return three tensors:
        the values padded with zeros at the end, (batch, longest); a mask of dtype `bool`
        and the same shape, `True` where a value is real; the labels, `int64` (batch,).
    """,
    shapes="samples: list of (values, label). Returns (padded, mask, labels).",
    cases=lambda: [(_unequal([3, 1, 4]),), (_unequal([2, 5], seed=3),), (_unequal([3, 3]),)],
    model_answer=_masked(),
    why="Only the lengths say what is real: a real value may be 0 as well.",
    hints=(
        "zip(*samples) gives all values and all labels.",
        "pad_sequence(values, batch_first=True) pads with zeros.",
        "torch.arange(longest) < lengths[:, None] compares each place with each length.",
    ),
    right=(
        """
        longest = max(len(values) for values, _ in samples)
        padded = torch.zeros(len(samples), longest)
        mask = torch.zeros(len(samples), longest, dtype=torch.bool)
        for row, (values, _) in enumerate(samples):
            padded[row, : len(values)] = values
            mask[row, : len(values)] = True
        return padded, mask, torch.tensor([label for _, label in samples])
        """,
        """
        from torch.nn.utils.rnn import pad_sequence as pad

        values = [sample[0] for sample in samples]
        mask = pad([torch.ones_like(one, dtype=torch.bool) for one in values], True)
        return pad(values, True), mask, torch.tensor([sample[1] for sample in samples])
        """,
    ),
    mistakes=(
        KnownMistake(
            _masked(mask="padded != 0"),
            "a real value may be 0: the mask must come from the lengths",
        ),
        KnownMistake(
            _masked(mask="torch.arange(padded.shape[1]) >= lengths[:, None]"),
            "the mask is the wrong way round: True means real",
        ),
        KnownMistake(
            _masked(mask="torch.arange(padded.shape[1]) <= lengths[:, None]"),
            "place number `length` is filling already: < in place of <=",
        ),
        KnownMistake(
            _masked(
                padded="pad_sequence(values)",
                mask="torch.arange(padded.shape[0])[:, None] < lengths",
            ),
            "pad_sequence puts the batch second; batch_first=True puts it first",
        ),
        KnownMistake(
            _masked(mask="(torch.arange(padded.shape[1]) < lengths[:, None]).float()"),
            "the mask is made of numbers; leave it bool",
        ),
        KnownMistake(
            "samples = sorted(samples, key=lambda one: len(one[0]), reverse=True)\n"
            + textwrap.dedent(_masked()),
            "the samples are sorted by length; leave them in the order in which they came",
        ),
        KnownMistake(
            _masked(
                padded="pad_sequence([v.flip(0) for v in values], True).flip(1)",
                mask="torch.arange(padded.shape[1]) >= padded.shape[1] - lengths[:, None]",
            ),
            "the zeros stand in front of the values; fill up at the end",
        ),
        KnownMistake(
            _masked(mask="torch.ones_like(padded, dtype=torch.bool)"),
            "the mask is True everywhere: it must be False where a row is filled up",
        ),
    ),
    rejected=(
        RejectedAnswer(_masked(mask="lengths"), "shape"),
        RejectedAnswer(
            _masked().replace("padded, mask, t", "dict(padded=padded, mask=mask, labels=t").rstrip()
            + ")",
            "the type is dict; tuple was asked for",
        ),
        RejectedAnswer(
            _masked(padded="pad_sequence(values, batch_first=True, padding_value=-1.0)"),
            "-1.0 instead of 0.0",
        ),
    ),
    canonical=as_tuple,
)
