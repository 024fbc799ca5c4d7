import torch

from exercises._canonical import as_tuple
from exercises._samples import integers
from helpers.grading.exercise import Exercise, edit


def _unequal(lengths: list[int], seed: int = 0) -> list[tuple[torch.Tensor, int]]:
    """Samples of unequal lengths; one value in each of them is 0."""
    samples = []
    for place, length in enumerate(lengths):
        values = integers(length, low=1, seed=seed + place).float()
        values[length // 2] = 0
        samples.append((values, place % 3))
    return [(values, label) for values, label in samples]


exercise = Exercise(
    "collate_with_mask(samples)",
    title="pad, and say what is real",
    prompt="""
        Write `collate_with_mask(samples)`: each sample is a tuple (values, label), with
        values of shape (length,), where 0 may occur, and an `int`. Return three tensors:
        the values padded with zeros at the end, (batch, longest); a mask of dtype `bool`
        and the same shape, `True` where a value is real; the labels, `int64` (batch,).
    """,
    shapes="samples: list of (values, label). Returns (padded, mask, labels).",
    cases=[
        lambda: (_unequal([3, 1, 4]),),
        lambda: (_unequal([2, 5], seed=3),),
        lambda: (_unequal([3, 3]),),
        lambda: (_unequal([3], seed=5),),
        lambda: (_unequal([1, 1], seed=6),),
    ],
    hints=(
        "zip(*samples) gives all values and all labels.",
        "pad_sequence(values, batch_first=True) pads with zeros.",
        "torch.arange(longest) < lengths[:, None] compares each place with each length.",
    ),
    canonical=as_tuple,
)


@exercise.answer(why="Only the lengths say what is real: a real value may be 0 as well.")
def collate_with_mask(samples):
    from torch.nn.utils.rnn import pad_sequence

    values, labels = zip(*samples)
    lengths = torch.tensor([len(one) for one in values])
    padded = pad_sequence(values, batch_first=True)
    mask = torch.arange(padded.shape[1]) < lengths[:, None]
    return padded, mask, torch.tensor(labels)


@exercise.right
def _(samples):
    longest = max(len(values) for values, _ in samples)
    padded = torch.zeros(len(samples), longest)
    mask = torch.zeros(len(samples), longest, dtype=torch.bool)
    for row, (values, _) in enumerate(samples):
        padded[row, : len(values)] = values
        mask[row, : len(values)] = True
    return padded, mask, torch.tensor([label for _, label in samples])


@exercise.right
def _(samples):
    from torch.nn.utils.rnn import pad_sequence as pad

    values = [sample[0] for sample in samples]
    mask = pad([torch.ones_like(one, dtype=torch.bool) for one in values], True)
    return pad(values, True), mask, torch.tensor([sample[1] for sample in samples])


exercise.mistake(
    "a real value may be 0: the mask must come from the lengths",
    edit("torch.arange(padded.shape[1]) < lengths[:, None]", "padded != 0"),
)
exercise.mistake(
    "the mask is the wrong way round: True means real",
    edit("< lengths", ">= lengths"),
)
exercise.mistake(
    "place number `length` is filling already: < in place of <=",
    edit("< lengths", "<= lengths"),
)
exercise.mistake(
    "pad_sequence puts the batch second; batch_first=True puts it first",
    edit("values, batch_first=True", "values").edit(
        "(padded.shape[1]) < lengths[:, None]", "(padded.shape[0])[:, None] < lengths"
    ),
)
exercise.mistake(
    "the mask is made of numbers; leave it bool",
    edit(
        "torch.arange(padded.shape[1]) < lengths[:, None]",
        "(torch.arange(padded.shape[1]) < lengths[:, None]).float()",
    ),
)
exercise.mistake(
    "the samples are sorted by length; leave them in the order in which they came",
    edit(
        "values, labels =",
        "samples = sorted(samples, key=lambda one: -len(one[0]))\nvalues, labels =",
    ),
)
exercise.mistake(
    "the zeros stand in front of the values; fill up at the end",
    edit("(values, batch_first=True)", "([v.flip(0) for v in values], True).flip(1)").edit(
        "< lengths", ">= padded.shape[1] - lengths"
    ),
)
exercise.mistake(
    "the mask is True everywhere: it must be False where a row is filled up",
    edit("arange(padded.shape[1]) < lengths[:, None]", "ones_like(padded, dtype=torch.bool)"),
)

exercise.rejected("shape", edit("torch.arange(padded.shape[1]) < lengths[:, None]", "lengths"))
exercise.rejected(
    "the type is dict; tuple was asked for",
    edit(
        "padded, mask, torch.tensor(labels)",
        "dict(padded=padded, mask=mask, labels=torch.tensor(labels))",
    ),
)
exercise.rejected(
    "-1.0 instead of 0.0", edit("batch_first=True", "batch_first=True, padding_value=-1.0")
)
