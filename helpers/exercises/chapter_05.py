"""Exercises and predictions of chapter 05, data loading."""

import tempfile
import textwrap
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from helpers import data
from helpers.exercises.exercise import Exercise, Slip, Wrong
from helpers.exercises.modules import ModuleExercise, Unfit
from helpers.exercises.prediction import Choice, Prediction
from helpers.exercises.report import Report


def _integers(*shape: int, low: int = 0, high: int = 10, seed: int = 0) -> torch.Tensor:
    """Random int64 numbers from a generator of their own."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(low, high, shape, generator=generator)


def _floats(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random float32 numbers with one decimal, from -3 to 3."""
    return _integers(*shape, low=-30, high=31, seed=seed) / 10


def _some_digits(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first digits: uint8 images (count, 8, 8) and labels (count,)."""
    images, labels = data.digits()
    return images[:count].clone(), labels[:count].clone()


def _refuse_a_copy(result: Any, images: torch.Tensor) -> None:
    """Raise Unfit where a sample does not notice that the images have changed."""
    before = result[0]
    if not (isinstance(before, tuple) and isinstance(before[0], torch.Tensor)):
        return  # the comparison says what is wrong with it
    old = before[0].clone()
    images.add_(1)
    new = result[0][0].clone()
    images.sub_(1)
    if torch.equal(old, new):
        raise Unfit(
            "the images were changed after the dataset was made, and its sample stayed as it "
            "was: __init__ has copied them. Keep `images` itself, and make each sample in "
            "__getitem__"
        )


def _look_at_only_digit(result: Any, images: torch.Tensor, *_: Any) -> Any:
    """Length, and the first, second and last sample, by name."""
    if not (hasattr(result, "__len__") and hasattr(result, "__getitem__")):
        raise Unfit(f"{type(result).__name__} came back; it needs __len__ and __getitem__")
    length = type(result).__len__(result)
    if length is ... or result[0] is ...:
        return ...
    _refuse_a_copy(result, images)
    last = result[length - 1]
    return {"len()": length, "sample 0": result[0], "sample 1": result[1], "last sample": last}


_ONLY_DIGIT = """
    class OnlyDigit(torch.utils.data.Dataset):
        def __init__(self, images, labels, digit):
            self.images = {images}
            self.places = {places}

        def __len__(self):
            return {length}

        def __getitem__(self, index):
            place = {place}
            image = {image}
            return image, {second}
"""


def _only_digit(
    images: str = "images",
    places: str = "(labels == digit).nonzero()[:, 0].tolist()",
    length: str = "len(self.places)",
    place: str = "self.places[index]",
    image: str = "self.images[place][None].float() / 16",
    second: str = "place",
) -> str:
    """The dataset with one part in another way."""
    return _ONLY_DIGIT.format(
        images=images, places=places, length=length, place=place, image=image, second=second
    )


ONLY_DIGIT = ModuleExercise(
    chapter="05",
    signature="OnlyDigit(images, labels, digit)",
    title="a dataset of one digit",
    prompt="""
        Write the dataset `OnlyDigit(images, labels, digit)`: it holds only the samples
        whose label is `digit`, in their order. Sample `i` is a tuple of the image,
        `float32` of shape (1, 8, 8) in 0..1 (the pixels come as bytes from 0 to 16), and
        its place in the full set, an `int`. The images must not be copied in `__init__`.
    """,
    skeleton='''
        class OnlyDigit(torch.utils.data.Dataset):
            """images: uint8 (count, 8, 8). labels: int64 (count,). digit: int."""

            def __init__(self, images, labels, digit):
                ...

            def __len__(self):
                return ...

            def __getitem__(self, index):
                return ...
    ''',
    cases=lambda: [(*_some_digits(60), 3), (*_some_digits(100), 0)],
    look=_look_at_only_digit,
    then="len(), and the samples 0, 1 and the last were asked for",
    model_answer=_only_digit(),
    why="A list of places is all that must be kept: an index into it gives the place.",
    hints=(
        "Keep a list of places: sample i of this dataset is sample places[i] of the full set.",
        "A place is in the list where its label equals digit: go through the labels, or ask "
        "(labels == digit) where it is True.",
        "(labels == digit).nonzero() gives these places as a column; [:, 0] makes a row of it, "
        ".tolist() ints.",
        "self.images[place][None].float() / 16 is the image with a channel.",
    ),
    right=(
        _only_digit(
            places="[i for i, label in enumerate(labels.tolist()) if label == digit]",
            image="(self.images[place] / 16).unsqueeze(0)",
        ),
        _only_digit(
            places="torch.where(labels == digit)[0]",
            place="int(self.places[index])",
            image="self.images[place : place + 1].to(torch.float32).div(16)",
        ),
    ),
    slips=(
        Slip(
            _only_digit(length="len(self.images)"),
            "the length counts all images; it should count those of this digit",
        ),
        Slip(
            _only_digit(second="digit"),
            "the second part of a sample is its place in the full set, not its label",
        ),
        Slip(
            _only_digit(second="index"),
            "index counts within this digit; the place in the full set was asked for",
        ),
        Slip(
            _only_digit(image="self.images[place].float() / 16"),
            "the channel is missing: (8, 8) becomes (1, 8, 8) with [None]",
        ),
        Slip(
            _only_digit(image="self.images[place][None].float() / 255"),
            "these pixels go to 16, not to 255",
        ),
        Slip(
            _only_digit(image="self.images[index][None].float() / 16"),
            "this is image number index of the full set; take image number place",
        ),
        Slip(
            _only_digit(image="self.images[place][None].float()"),
            "the pixels still go to 16; divide, so that they go to 1",
        ),
    ),
    wrong=(
        Wrong(_only_digit(second="torch.tensor(place)"), "`.item()` makes it a number"),
        Wrong(
            _only_digit(images="images.float() / 16", image="self.images[place][None]"),
            "__init__ has copied them",
        ),
        Wrong(
            _only_digit(images="images[labels == digit]").replace(
                "self.images[place]", "self.images[index]"
            ),
            "__init__ has copied them",
        ),
        Wrong("return images[labels == digit]", "Tensor"),
    ),
)


def _as_tuple(result: Any, *_: Any) -> Any:
    """A list as a tuple; all else, a dictionary too, as it is."""
    return tuple(result) if type(result) is list else result


def _in_single(result: Any, *_: Any) -> Any:
    """float64 tensors as float32, also in a tuple or list: no dtype was asked for."""
    if type(result) in (tuple, list):
        return tuple(_in_single(part) for part in result)
    is_double = type(result) is torch.Tensor and result.dtype == torch.float64
    return result.float() if is_double else result


def _samples(count: int, seed: int = 0) -> list[tuple[torch.Tensor, int]]:
    """A list as a dataset: values of shape (2,), and a label."""
    values, labels = _floats(count, 2, seed=seed), _integers(count, seed=seed)
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
        first `batch_size` samples in this order, and so on. The last batch may be smaller.
        A sample is a tuple (tensor, int), a batch a tuple or a list (inputs, targets): the
        tensors stacked, the numbers as one `int64` tensor. A `DataLoader` could do it in a
        line; write out what it does.
    """,
    shapes="order: list of int. Returns a list of (inputs, targets).",
    cases=lambda: [
        (_samples(5), [3, 0, 4, 1, 2], 2),
        (_samples(6, seed=1), [5, 4, 3, 2, 1, 0], 3),
        (_samples(7, seed=2), [6, 2, 0, 1], 3),
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
    slips=(
        Slip(
            _batches(starts="range(0, len(order) - batch_size + 1, batch_size)"),
            "the last, smaller batch is missing",
        ),
        Slip(
            _batches(indices="range(start, min(start + batch_size, len(order)))"),
            "order was not used: these are the samples 0, 1, 2 …",
        ),
        Slip(
            _batches(targets="[sample[1] for sample in samples]"),
            "the targets are still a list; torch.tensor makes one tensor of them",
        ),
        Slip(
            _batches(inputs="torch.cat([sample[0] for sample in samples])"),
            "cat joins along a dimension that is there; stack makes the batch dimension",
        ),
        Slip(
            _batches(starts="range(0, len(dataset), batch_size)"),
            "count along order, which need not name every sample",
        ),
    ),
    wrong=(
        Wrong(_batches(inputs="[sample[0] for sample in samples]"), "tensor"),
        Wrong("return None", "return"),
        Wrong("batch = (torch.zeros(1), 0)\nyield batch", "list was asked for"),
    ),
    canonical=_tuples,
)


def _unequal(lengths: list[int], seed: int = 0) -> list[tuple[torch.Tensor, int]]:
    """Samples of unequal lengths; one value in each of them is 0."""
    samples = []
    for place, length in enumerate(lengths):
        values = _integers(length, low=1, seed=seed + place).float()
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
    slips=(
        Slip(
            _masked(mask="padded != 0"),
            "a real value may be 0: the mask must come from the lengths",
        ),
        Slip(
            _masked(mask="torch.arange(padded.shape[1]) >= lengths[:, None]"),
            "the mask is the wrong way round: True means real",
        ),
        Slip(
            _masked(mask="torch.arange(padded.shape[1]) <= lengths[:, None]"),
            "place number `length` is filling already: < in place of <=",
        ),
        Slip(
            _masked(
                padded="pad_sequence(values)",
                mask="torch.arange(padded.shape[0])[:, None] < lengths",
            ),
            "pad_sequence puts the batch second; batch_first=True puts it first",
        ),
        Slip(
            _masked(mask="(torch.arange(padded.shape[1]) < lengths[:, None]).float()"),
            "the mask is made of numbers; leave it bool",
        ),
        Slip(
            "samples = sorted(samples, key=lambda one: len(one[0]), reverse=True)\n"
            + textwrap.dedent(_masked()),
            "the samples are sorted by length; leave them in the order in which they came",
        ),
        Slip(
            _masked(
                padded="pad_sequence([v.flip(0) for v in values], True).flip(1)",
                mask="torch.arange(padded.shape[1]) >= padded.shape[1] - lengths[:, None]",
            ),
            "the zeros stand in front of the values; fill up at the end",
        ),
        Slip(
            _masked(mask="torch.ones_like(padded, dtype=torch.bool)"),
            "the mask is True everywhere: it must be False where a row is filled up",
        ),
    ),
    wrong=(
        Wrong(_masked(mask="lengths"), "shape"),
        Wrong(
            _masked().replace("padded, mask, t", "dict(padded=padded, mask=mask, labels=t").rstrip()
            + ")",
            "the type is dict; tuple was asked for",
        ),
        Wrong(
            _masked(padded="pad_sequence(values, batch_first=True, padding_value=-1.0)"),
            "-1.0 instead of 0.0",
        ),
    ),
    canonical=_as_tuple,
)

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
    slips=(
        Slip(
            "return shares / torch.bincount(labels)",
            "this is one weight for each class; index it by the labels",
        ),
        Slip(
            "return shares[labels]",
            "a class of many samples would be drawn too often; divide by the class's size",
        ),
        Slip(
            "return 1 / torch.bincount(labels)[labels]",
            "these weights draw every class equally often; shares was not used",
        ),
        Slip(
            "return shares[labels] * torch.bincount(labels)[labels]",
            "frequent classes are drawn even more often; divide by the size",
        ),
        Slip(
            "return shares[labels] / len(labels)",
            "divide by the size of the class, not by the number of all samples",
        ),
        Slip(
            "return shares[labels] / (torch.bincount(labels) / len(labels))[labels]",
            "a sampler would draw the same, since only ratios count; the task fixes the sums as "
            "well, so that a weight is a probability: divide by the size of the class",
        ),
    ),
    wrong=(
        Wrong("return torch.ones(len(labels)) / len(labels)", "instead of"),
        Wrong("return (shares[labels] / torch.bincount(labels)[labels]).tolist()", "tensor"),
    ),
    canonical=_in_single,
)

_SPLIT = """
    train, test = [], []
    for label in labels.unique():
        places = (labels == label).nonzero()[:, 0]
        train.append({train})
        test.append({test})
    return {result}
"""


def _split(
    train: str = "places[each:]",
    test: str = "places[:each]",
    result: str = "torch.cat(train).sort().values, torch.cat(test).sort().values",
) -> str:
    """The split with one part in another way."""
    return _SPLIT.format(train=train, test=test, result=result)


SPLIT_BY_CLASS = Exercise(
    chapter="05",
    signature="split_by_class(labels, each)",
    title="a split in which each class is tested",
    prompt="""
        Write `split_by_class(labels, each)`: return two index tensors `(train, test)`,
        `int64`, both ascending. The first `each` samples of every class go into `test`, all
        others into `train`.
    """,
    shapes="labels: int64 (samples,). each: int. Returns (train, test).",
    cases=lambda: [
        (torch.tensor([0, 1, 0, 0, 1, 1, 0]), 1),
        (torch.tensor([3, 3, 1, 3, 1, 1, 3, 1]), 2),
        (_some_digits(60)[1], 2),
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
    slips=(
        Slip(
            _split(result="torch.cat(train), torch.cat(test)"),
            "the indices are in the order of the classes; sort them",
        ),
        Slip(
            _split(result="torch.cat(train).sort().values, torch.cat(test)"),
            "the test indices are in the order of the classes; sort them too",
        ),
        Slip(
            _split(result="torch.cat(test).sort().values, torch.cat(train).sort().values"),
            "train and test are exchanged",
        ),
        Slip(
            "return torch.arange(len(labels))[each:], torch.arange(len(labels))[:each]",
            "these are the first of all samples; take the first of every class",
        ),
        Slip(
            _split(train="places[:-each]", test="places[-each:]"),
            "these are the last of each class; the first were asked for",
        ),
        Slip(
            _split(train="places"),
            "the test samples are in train as well",
        ),
    ),
    wrong=(
        Wrong(_split(result="labels[torch.cat(train)], labels[torch.cat(test)]"), "instead of"),
        Wrong(_split(result="torch.cat(train).sort(), torch.cat(test).sort()"), "values"),
    ),
    canonical=_as_tuple,
)


def _dealt(result: Any, files: list[str], workers: int) -> Any:
    """What does not depend on who gets what; of a wrong answer, the lists as well."""
    lists = [[str(item) for item in piece] for piece in result]
    read = [item for piece in lists for item in piece]
    lengths = sorted(map(len, lists))
    found = {
        "number of lists": len(lists),
        "files that nobody reads": sorted(set(files) - set(read)),
        "files that are read twice or more": sorted({f for f in read if read.count(f) > 1}),
        "names that are no files": sorted(set(read) - set(files)),
        "lengths, sorted": lengths,
    }
    is_right = sorted(read) == sorted(files) and len(lists) == workers
    return found if is_right and max(lengths) - min(lengths) <= 1 else {**found, "lists": lists}


def _names(count: int) -> list[str]:
    """Names of files."""
    return [f"part-{number}.txt" for number in range(count)]


DEAL_OUT = Exercise(
    chapter="05",
    signature="deal_out(files, workers)",
    title="files for each worker",
    prompt="""
        A stream is kept in several files. Write `deal_out(files, workers)`: return a list
        of `workers` lists, the files that each worker reads. Every file is read by exactly
        one worker, and the lists differ by at most one in length. Who gets which file is up
        to you. There may be fewer files than workers.
    """,
    shapes="files: list of str. workers: int. Returns a list of lists.",
    cases=lambda: [(_names(10), 4), (_names(6), 3), (_names(2), 3)],
    model_answer="return [files[worker::workers] for worker in range(workers)]",
    why="Dealing like cards: worker 0 takes files 0, n, 2n …, so no two lists differ by more "
    "than one, and none is forgotten.",
    hints=(
        "Think of dealing cards: one to each, then round again.",
        "files[start::step] takes every step-th file, from start on.",
        "files[worker::workers] for each worker",
    ),
    right=(
        """
        lists = [[] for _ in range(workers)]
        for place, file in enumerate(files):
            lists[place % workers].append(file)
        return lists
        """,
        """
        ends = [len(files) * worker // workers for worker in range(workers + 1)]
        return [files[a:b] for a, b in zip(ends[:-1], ends[1:])]
        """,
        "return [list(part) for part in np.array_split(np.array(files), workers)]",
    ),
    slips=(
        Slip(
            """
            size = len(files) // workers
            return [files[w * size : (w + 1) * size] for w in range(workers)]
            """,
            "len(files) // workers forgets the files that remain",
        ),
        Slip(
            """
            size = math.ceil(len(files) / workers)
            return [files[w * size : (w + 1) * size] for w in range(workers)]
            """,
            "rounding up leaves too few for the last worker; deal the files out in turn",
        ),
        Slip(
            "return [list(files) for _ in range(workers)]",
            "every worker reads every file: this is the bug of the doubled stream",
        ),
        Slip(
            "return [files[i : i + workers] for i in range(0, len(files), workers)]",
            "each of these lists has `workers` files; there should be `workers` lists",
        ),
        Slip(
            "return [files[w::workers] for w in range(workers) if files[w::workers]]",
            "a worker without files needs a list too, an empty one: `workers` lists",
        ),
    ),
    wrong=(
        Wrong(
            "return [files[w::workers] for w in range(1, workers + 1)]",
            "'files that nobody reads': ['part-0.txt'] instead of []",
        ),
        Wrong("return [[] for _ in range(workers)]", "files that nobody reads"),
        Wrong("return [files[:2]] * 2 + [files[2:], []]", "read twice or more"),
        Wrong(
            "return [files[:1], files[1:4], files[4:7], files[7:]][:workers]",
            "'lengths, sorted': [1, 3, 3, 3] instead of [2, 2, 3, 3]",
        ),
        Wrong(
            "files.pop()\nreturn [files[worker::workers] for worker in range(workers)]",
            "`list(old)` is a copy",
        ),
    ),
    canonical=_dealt,
)

_PICTURE = "(image * 255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()"


def _image(height: int, width: int, seed: int = 0) -> torch.Tensor:
    """Colours from a little below 0 to a little above 1, (3, height, width)."""
    return _integers(3, height, width, low=-2, high=16, seed=seed) / 13


TO_PICTURE = Exercise(
    chapter="05",
    signature="to_picture(image)",
    title="the way back, by hand",
    prompt="""
        Write `to_picture(image)`: make of a tensor (3, rows, columns) with floats a NumPy
        array (rows, columns, 3) of bytes, as image files need it. 0 becomes 0, 1 becomes
        255, what lies between is rounded to the nearest. After a transform some values may
        lie below 0 or above 1: they become 0 and 255.
    """,
    shapes="image: float32 (3, rows, columns). Returns a NumPy array, uint8.",
    cases=lambda: [(_image(2, 3),), (_image(3, 2, seed=1),), (_image(4, 4, seed=2),)],
    model_answer=f"return {_PICTURE}",
    why="A byte holds 0 to 255: what lies outside must be clamped before the change of "
    "dtype, or it wraps round.",
    hints=(
        "The order: times 255, round, clamp, to uint8, channels last, to NumPy.",
        ".to(torch.uint8) cuts decimals off and wraps round; .round() and .clamp(0, 255) first.",
        ".permute(1, 2, 0) puts the channels last.",
    ),
    right=(
        """
        scaled = image.clamp(0, 1).mul(255).add(0.5).floor()
        return scaled.byte().movedim(0, -1).numpy()
        """,
        """
        values = np.clip(np.rint(image.numpy() * 255), 0, 255)
        return values.transpose(1, 2, 0).astype(np.uint8)
        """,
    ),
    slips=(
        Slip(
            f"return {_PICTURE.replace('.clamp(0, 255)', '')}",
            "what lies outside wraps round to some other colour; clamp it first",
        ),
        Slip(
            f"return {_PICTURE.replace('.round()', '')}",
            "the decimals are cut off; round first",
        ),
        Slip(
            f"return {_PICTURE.replace('.permute(1, 2, 0)', '')}",
            "the channels are still first; permute(1, 2, 0) puts them last",
        ),
        Slip(
            f"return {_PICTURE.replace('permute(1, 2, 0)', 'reshape(*image.shape[1:], 3)')}",
            "reshape keeps the order of the numbers and mixes the channels; permute moves them",
        ),
        Slip(
            f"return {_PICTURE.replace('permute(1, 2, 0)', 'permute(2, 1, 0)')}",
            "rows and columns are exchanged: permute(1, 2, 0)",
        ),
        Slip(
            f"return {_PICTURE.removesuffix('.numpy()')}",
            "this is still a tensor; .numpy() makes an array",
        ),
    ),
    wrong=(
        Wrong(f"return {_PICTURE.replace('.to(torch.uint8)', '')}", "dtype"),
        Wrong(f"return {_PICTURE.replace('255).r', '256).r')}", "instead of"),
    ),
)

FLIP_BOXES = Exercise(
    chapter="05",
    signature="flip_boxes(boxes, width)",
    title="flip the boxes by hand",
    prompt="""
        Write `flip_boxes(boxes, width)`: an image of `width` columns is flipped left to
        right; where are its boxes afterwards? A box is left, top, right, bottom, and left
        is smaller than right, before and after. The sides of a box lie between pixels: the
        image reaches from 0 to `width`.
    """,
    shapes="boxes: int64 (boxes, 4). width: int. Returns the same shape.",
    cases=lambda: [
        (torch.tensor([[63, 29, 373, 393]]), 640),
        (torch.tensor([[0, 0, 10, 5], [3, 1, 4, 9]]), 20),
    ],
    model_answer="""
        left, top, right, bottom = boxes.unbind(dim=1)
        return torch.stack([width - right, top, width - left, bottom], dim=1)
    """,
    why="What was the right side becomes the left one, measured from the other end.",
    hints=(
        "A side at column x comes to column width - x.",
        "The right side becomes the left one, so the two change places.",
        "Stack width - right, top, width - left, bottom along dimension 1.",
    ),
    right=(
        """
        flipped = boxes.clone()
        flipped[:, 0] = width - boxes[:, 2]
        flipped[:, 2] = width - boxes[:, 0]
        return flipped
        """,
        "return boxes[:, [2, 1, 0, 3]] * torch.tensor([-1, 1, -1, 1]) "
        "+ torch.tensor([width, 0, width, 0])",
    ),
    slips=(
        Slip(
            "l, t, r, b = boxes.unbind(1)\nreturn torch.stack([width - l, t, width - r, b], 1)",
            "left is now greater than right: the two must change places",
        ),
        Slip(
            "l, t, r, b = boxes.unbind(1)\n"
            "return torch.stack([width - 1 - r, t, width - 1 - l, b], 1)",
            "width - 1 is for the number of a pixel; the sides of a box lie between pixels",
        ),
        Slip(
            "l, t, r, b = boxes.unbind(1)\nreturn torch.stack([l, width - b, r, width - t], 1)",
            "this flips top and bottom",
        ),
        Slip(
            "l, t, r, b = boxes.unbind(1)\nreturn torch.stack([width - r, t, r - l, b], 1)",
            "the third number is the right side, not the width of the box",
        ),
        Slip(
            "l, t, r, b = boxes.unbind(1)\nreturn torch.stack([width - r, t, width - l, b])",
            "each box is a column now; stack along dimension 1, so that it stays a row",
        ),
        Slip(
            "l, t, r, b = boxes.float().unbind(1)\n"
            "return torch.stack([width - r, t, width - l, b], 1)",
            "the sides came as whole numbers, int64; leave them so",
        ),
    ),
    wrong=(
        Wrong("return boxes.flip(1)", "instead of"),
        Wrong(
            "boxes[:, 0], boxes[:, 2] = width - boxes[:, 2], width - boxes[:, 0]\nreturn boxes",
            "your function changed its input",
        ),
    ),
)


def _statistics(values: torch.Tensor) -> tuple[int, torch.Tensor, torch.Tensor]:
    """Count, mean and deviation of each column of (count, channels)."""
    return len(values), values.mean(dim=0), values.std(dim=0, correction=0)


_JOIN = """
    (n1, mean1, deviation1), (n2, mean2, deviation2) = first, second
    count = n1 + n2
    mean = {mean}
    squares = n1 * (deviation1**2 + mean1**2) + n2 * (deviation2**2 + mean2**2)
    deviation = {deviation}
    return count, mean, deviation
"""


def _join(
    mean: str = "(n1 * mean1 + n2 * mean2) / count",
    deviation: str = "(squares / count - mean**2).sqrt()",
) -> str:
    """The joining with one part in another way."""
    return _JOIN.format(mean=mean, deviation=deviation)


JOIN_STATISTICS = Exercise(
    chapter="05",
    signature="join_statistics(first, second)",
    title="two parts of a set",
    prompt="""
        Two machines have each gone through a part of a training set and report a tuple
        (count, mean, deviation): the number of values in a channel, an `int`, and mean and
        standard deviation of each channel, tensors of shape (channels,). Nobody has the
        pixels any more. Write `join_statistics(first, second)`: return the same three for
        both parts together. Deviations divide by the count, not by one less.
    """,
    shapes="first, second: (count, mean, deviation). Returns the same.",
    cases=lambda: [
        (_statistics(_floats(40, 3)), _statistics(_floats(10, 3, seed=1) + 2)),
        (_statistics(_floats(5, 2, seed=2)), _statistics(_floats(20, 2, seed=3) - 1)),
    ],
    model_answer=_join(),
    why="From count, mean and deviation follow the sums; sums may be added, means and "
    "deviations may not.",
    hints=(
        "Go back to what may be added: the sum of the values, and the sum of their squares.",
        "The sum is count * mean. The mean of the squares is deviation**2 + mean**2.",
        "The joint deviation is the root of (sum of all squares) / count - mean**2.",
    ),
    right=(
        _join(deviation="(squares.double() / count - mean.double() ** 2).sqrt()"),
        """
        sizes = torch.tensor([first[0], second[0]])[:, None]
        share = sizes / sizes.sum()
        means = torch.stack([first[1], second[1]])
        spread = torch.stack([first[2], second[2]])
        mean = (share * means).sum(dim=0)
        variance = (share * (spread**2 + (means - mean) ** 2)).sum(dim=0)
        return first[0] + second[0], mean, variance.sqrt()
        """,
        """
        (n1, mean1, s1), (n2, mean2, s2) = first, second
        count, away = n1 + n2, mean2 - mean1
        within = n1 * s1.pow(2) + n2 * s2.pow(2)
        between = away.pow(2) * n1 * n2 / count
        return count, mean1 + away * n2 / count, ((within + between) / count).sqrt()
        """,
    ),
    slips=(
        Slip(
            _join(mean="(mean1 + mean2) / 2"),
            "the parts are of unequal size: weight their means by the counts",
        ),
        Slip(
            _join(
                deviation="(squares / count - ((n1 * mean1 + n2 * mean2) / count) ** 2).sqrt()\n"
                "    mean = (mean1 + mean2) / 2"
            ),
            "the parts are of unequal size: weight their means by the counts",
        ),
        Slip(
            _join(mean="(mean1 + mean2) / 2", deviation="(deviation1 + deviation2) / 2"),
            "neither means nor deviations may be averaged; go back to the sums",
        ),
        Slip(
            _join(deviation="(n1 * deviation1 + n2 * deviation2) / count"),
            "a mean of deviations leaves out how far apart the two means are",
        ),
        Slip(
            _join(deviation="((n1 * deviation1**2 + n2 * deviation2**2) / count).sqrt()"),
            "this is the spread within the parts; how far apart their means are is missing",
        ),
        Slip(
            _join(deviation="squares / count - mean**2"),
            "this is the variance; the deviation is its square root",
        ),
        Slip(
            _join(deviation="(deviation1 + deviation2) / 2"),
            "deviations may not be averaged; go back to the sums of squares",
        ),
        Slip(
            _join(deviation="((deviation1**2 + deviation2**2) / 2).sqrt()"),
            "neither the unequal counts nor the distance of the means is in this",
        ),
        Slip(
            _join(deviation="((squares - count * mean**2) / (count - 1)).sqrt()"),
            "this divides by one less than the count; here the count itself is asked for",
        ),
    ),
    wrong=(
        Wrong(_join(mean="mean1 + mean2"), "element 1: "),
        Wrong("return first[0] + second[0], first[1], first[2]", "instead of"),
    ),
    canonical=_in_single,
)

_SENTENCES = [
    ["d b d d a", "b c a c", "b c e"],
    ["the sun is a star", "a sun is the sun", "wine"],
    ["Sun and sun", "sun and sun and sun", "Sun and"],
    ["the sun, the sea, the sun", "no sun, no sea,", "a sea"],
]

_VOCABULARY = """
    from collections import Counter

    counts = Counter(word for sentence in sentences for word in {words})
    kept = {kept}
    kept = {order}
    numbers = {numbers}
    return numbers
"""


def _vocabulary(
    words: str = "sentence.split()",
    kept: str = "[word for word in counts if counts[word] >= least]",
    order: str = "sorted(kept, key=lambda word: (-counts[word], word))",
    numbers: str = '{"<pad>": 0, "<unknown>": 1} '
    "| {word: place for place, word in enumerate(kept, start=2)}",
) -> str:
    """The vocabulary with one part in another way."""
    return _VOCABULARY.format(words=words, kept=kept, order=order, numbers=numbers)


BUILD_VOCABULARY = Exercise(
    chapter="05",
    signature="build_vocabulary(sentences, least)",
    title="a vocabulary without rare words",
    prompt="""
        Write `build_vocabulary(sentences, least)`: return a dictionary from word to number.
        `"<pad>"` has 0 and `"<unknown>"` has 1. Of the other words only those that occur at
        least `least` times in all sentences together are in it, from number 2 on: the most
        frequent first, equally frequent ones in alphabetical order. Words are separated by
        spaces, and taken as they are written: "sun" and "Sun" and "sun," are three words.
    """,
    shapes="sentences: list of str. least: int. Returns a dict from str to int.",
    cases=lambda: [
        (list(_SENTENCES[0]), 2),
        (list(_SENTENCES[1]), 1),
        (list(_SENTENCES[1]), 2),
        (list(_SENTENCES[2]), 2),
        (list(_SENTENCES[3]), 1),
    ],
    model_answer="""
        counts = {}
        for word in " ".join(sentences).split():
            counts[word] = counts.get(word, 0) + 1
        kept = [word for word in counts if counts[word] >= least]
        vocabulary = {"<pad>": 0, "<unknown>": 1}
        for word in sorted(kept, key=lambda word: (-counts[word], word)):
            vocabulary[word] = len(vocabulary)
        return vocabulary
    """,
    why="The order is fixed by count and alphabet, so two runs give a word the same number.",
    hints=(
        "collections.Counter counts the words of all sentences.",
        "sorted(words, key=lambda word: (-counts[word], word)) has the order asked for.",
        "enumerate(…, start=2) numbers them after the two reserved ones.",
    ),
    right=(
        _vocabulary(),
        """
        counts = {}
        for word in " ".join(sentences).split():
            counts[word] = counts.get(word, 0) + 1
        vocabulary = {"<pad>": 0, "<unknown>": 1}
        for word in sorted(sorted(counts), key=counts.get, reverse=True):
            if counts[word] >= least:
                vocabulary[word] = len(vocabulary)
        return vocabulary
        """,
        """
        words = " ".join(sentences).split()
        kept = [word for word in set(words) if words.count(word) >= least]
        kept.sort(key=lambda word: (-words.count(word), word))
        return {word: n for n, word in enumerate(["<pad>", "<unknown>", *kept])}
        """,
    ),
    slips=(
        Slip(
            _vocabulary(kept="[word for word in counts if counts[word] > least]"),
            "a word that occurs exactly `least` times belongs to it",
        ),
        Slip(
            _vocabulary(order="sorted(kept)"),
            "these are in alphabetical order only; the most frequent come first",
        ),
        Slip(
            _vocabulary(order="sorted(kept, key=lambda word: -counts[word])"),
            "equally frequent words are in the order in which they were met; sort them too",
        ),
        Slip(
            _vocabulary(numbers="{word: place for place, word in enumerate(kept)}"),
            "the two reserved words are missing",
        ),
        Slip(
            _vocabulary(kept="list(counts)"),
            "rare words are in it too; least was not used",
        ),
        Slip(
            _vocabulary(words="sentence"),
            "these are letters: split the sentences into words first",
        ),
        Slip(
            _vocabulary(words="set(sentence.split())"),
            "a word counts each time that it occurs, also twice in one sentence",
        ),
        Slip(
            _vocabulary(words="sentence.lower().split()"),
            "Sun and sun were counted as one word; take words as they are written",
        ),
        Slip(
            _vocabulary(words='sentence.replace(",", "").split()'),
            'the commas are gone, so "sun," was counted as "sun"; take words as they are written',
        ),
    ),
    wrong=(
        Wrong(_vocabulary(words='sentence.strip(".,!?").split()'), "'sea' stands where 'sea,'"),
        Wrong(_vocabulary(numbers='["<pad>", "<unknown>", *kept]'), "dict"),
        Wrong(
            _vocabulary(
                numbers='{"<unknown>": 0, "<pad>": 1} '
                "| {word: place for place, word in enumerate(kept, start=2)}"
            ),
            "<pad>",
        ),
    ),
    canonical=lambda result, *_: dict(sorted(result.items(), key=lambda pair: pair[1])),
)

_WINDOWS = """
    count = {count}
    inputs = torch.stack([values[i : i + past] for i in range(count)])
    targets = torch.stack([values[{target}] for i in range(count)])
    return inputs, targets
"""


def _cut(
    count: str = "len(values) - past - ahead + 1", target: str = "i + past + ahead - 1"
) -> str:
    """The windows with one part in another way."""
    return _WINDOWS.format(count=count, target=target)


CUT_WINDOWS = Exercise(
    chapter="05",
    signature="cut_windows(values, past, ahead)",
    title="look further ahead",
    prompt="""
        Write `cut_windows(values, past, ahead)`: the inputs are all windows of `past`
        values in a row, one starting at each place; the target of a window is the value
        `ahead` steps after its last one (`ahead=1` is the next). Return `(inputs, targets)`
        of shapes (windows, past) and (windows,), with every window that has a target.
    """,
    shapes="values: float32 (count,). Returns (windows, past) and (windows,).",
    cases=lambda: [
        (torch.arange(10.0) * 2, 4, 3),
        (torch.arange(10.0), 3, 1),
        (_floats(12), 2, 2),
    ],
    model_answer="""
        count = len(values) - past - ahead + 1
        inputs = values.unfold(0, past, 1)[:count]
        targets = values[past + ahead - 1 :]
        return inputs, targets
    """,
    why="The last target is the last value, so past + ahead - 1 values have no window.",
    hints=(
        "Write down the first window and its target for past=3, ahead=2: places 0, 1, 2 and 4.",
        "The target of window i stands at i + past + ahead - 1.",
        "The last target is the last value: there are len(values) - past - ahead + 1 windows.",
    ),
    right=(
        _cut(),
        """
        whole = values.unfold(0, past + ahead, 1)
        return whole[:, :past], whole[:, -1]
        """,
    ),
    slips=(
        Slip(
            _cut(count="len(values) - past - ahead", target="i + past + ahead"),
            "the target is one step too far; ahead=1 is the value right after the window",
        ),
        Slip(
            _cut(count="len(values) - past - ahead"),
            "one window is missing: the last one, whose target is the last value",
        ),
        Slip(
            _cut(count="len(values) - past", target="i + past"),
            "ahead was not used: this is always the next value",
        ),
        Slip(
            _cut(target="i + past"),
            "the target is the next value; it should be the one `ahead` steps on",
        ),
        Slip(
            """
            inputs = values.unfold(0, past, 1)
            return inputs, values[past + ahead - 1 :]
            """,
            "the last windows have no target; leave them out",
        ),
        Slip(
            """
            whole = values.unfold(0, past + ahead, 1)
            return whole[:, :past], whole[:, past:]
            """,
            "these are all values up to the target; only the last of them is asked for",
        ),
        Slip(
            """
            whole = values.unfold(0, past + ahead, 1)
            return whole[:, :past], whole[:, -1:]
            """,
            "the targets are a column, (windows, 1); an index, not a slice, gives (windows,)",
        ),
    ),
    wrong=(
        Wrong(_cut(target="i"), "instead of"),
        Wrong("return values.unfold(0, past, 1), values.unfold(0, ahead, 1)", "shape"),
    ),
    canonical=_as_tuple,
)


_root: list[str] = []  # where the folders of the running check are


def _image_folder(*classes: str) -> str:
    """A folder of PNG images, two of each class, and files that are no images."""
    folder = Path(_root[-1]) / "-".join(classes)
    if not folder.exists():
        _write_images(folder, classes)
        whole = (folder / classes[1] / f"{classes[1]}-0.png").read_bytes()
        (folder / classes[0] / "short.png").write_bytes(whole[:40])
        (folder / classes[1] / "empty.png").write_bytes(b"")
        (folder / classes[-1] / "cut.png").write_bytes(whole[: 2 * len(whole) // 3])
        header = whole[:11] + b"\x0c" + whole[12:]  # says that it is one byte shorter
        (folder / classes[0] / "header.png").write_bytes(header)
    return str(folder)


def _with_a_broken_class(*classes: str) -> str:
    """The same, where all files of the first class are broken, and two have one name."""
    folder = Path(_image_folder(*classes))
    for place in range(2):
        (folder / classes[0] / f"{classes[0]}-{place}.png").write_bytes(b"no image")
    (folder / classes[1] / "short.png").write_bytes(b"")
    return str(folder)


def _write_images(folder: Path, classes: tuple[str, ...]) -> None:
    """Two PNG files of 8 rows and 6 columns for each class."""
    from PIL import Image

    images = data.digits().images * 15
    for place, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for number in range(2):
            pixels = images[2 * place + number, :, :6].numpy()
            Image.fromarray(pixels.copy()).save(folder / name / f"{name}-{number}.png")


def _temporary() -> AbstractContextManager[str]:
    """A folder that is removed at the end of the block."""
    return tempfile.TemporaryDirectory(prefix="course-05-")


@dataclass(frozen=True, kw_only=True, repr=False)
class _FolderExercise(Exercise):
    """An exercise about files, which are there only while an answer is checked."""

    def grade(self, answer: Any) -> Report:
        """Say how an answer stands, without showing or remembering anything."""
        with _temporary() as folder:
            _root.append(folder)
            try:
                return Exercise.grade(self, answer)
            finally:
                _root.remove(folder)


_READ = """
    from pathlib import Path
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import v2

    recipe = [
        {recipe},
    ]
    found = ImageFolder(folder, transform=v2.Compose(recipe))
    images, labels, failed = [], [], []
    for index, (path, label) in enumerate(found.imgs):
        try:
            image = found[index][0]
        except {errors}:
            {failed}
            continue
        images.append({image})
        labels.append({label})
    return torch.stack(images), {labels}, {told}
"""


def _read(
    recipe: str = "v2.Grayscale(), v2.ToImage(),\n        v2.ToDtype(torch.float32, scale=True)",
    image: str = "image",
    failed: str = "failed.append(Path(path).name)",
    label: str = "label",
    told: str = "sorted(failed)",
    errors: str = "(OSError, SyntaxError, ValueError)",
    labels: str = "torch.tensor(labels)",
) -> str:
    """The reading of a folder with one part in another way."""
    return _READ.format(
        recipe=recipe,
        image=image,
        failed=failed,
        label=label,
        told=told,
        errors=errors,
        labels=labels,
    )


_BY_HAND = """
    from pathlib import Path
    from PIL import Image

    classes = {classes}
    images, labels, failed = [], [], []
    for number, name in enumerate(classes):
        for path in sorted((Path(folder) / name).iterdir()):
            try:
                pixels = np.asarray(Image.open(path))
            except (OSError, SyntaxError, ValueError):
                failed.append(path.name)
            else:
                images.append(torch.from_numpy(pixels.copy())[None].float() / 255)
                labels.append(number)
    return torch.stack(images), torch.tensor(labels), sorted(failed)
"""


READ_FOLDER = _FolderExercise(
    chapter="05",
    signature="read_folder(folder)",
    title="a folder with broken files",
    prompt="""
        Write `read_folder(folder)` for a folder of PNG images with one folder for each
        class, in which some files are broken. Return three things: the images in grey,
        `float32` in 0..1 of shape (images, 1, rows, columns), in the order of
        `ImageFolder`; their class numbers as `ImageFolder` gives them, `int64`; and the
        sorted list of the names of the files that failed, such as `["a.png", "b.png"]`. A
        name that failed in two folders stands there twice.
    """,
    shapes="folder: str. Returns (images, labels, failed).",
    cases=lambda: [
        (_image_folder("3", "5", "7"),),
        (_image_folder("2", "10"),),
        (_with_a_broken_class("a", "b", "c"),),
    ],
    tolerance=1e-3,  # the weights of a grey pixel sum to 0.9999
    model_answer=_read(),
    why="Only the errors of broken files are caught, and each is reported by its name. "
    "`except Exception` would pass this check too, and hide your own mistakes later.",
    hints=(
        "ImageFolder(folder).imgs is the list of (path, class number); go through it.",
        "Read each image in try; except (OSError, SyntaxError, ValueError) notes the file's name.",
        "The recipe: v2.Grayscale(), v2.ToImage(), v2.ToDtype(torch.float32, scale=True).",
        "torch.stack(images), torch.tensor(labels), sorted(failed)",
    ),
    right=(
        _BY_HAND.format(classes="sorted(place.name for place in Path(folder).iterdir())"),
        _read(recipe="v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Grayscale()"),
        """
        from pathlib import Path
        from torchvision.datasets import ImageFolder
        from torchvision.transforms.functional import to_tensor

        found = ImageFolder(folder)
        good, failed = [], []
        for path, label in found.imgs:
            try:
                good.append((to_tensor(found.loader(path).convert("L")), label))
            except (OSError, SyntaxError, ValueError):
                failed.append(Path(path).name)
        images, labels = zip(*good)
        return torch.stack(images), torch.tensor(labels), sorted(failed)
        """,
    ),
    slips=(
        Slip(_read(failed="pass"), "the broken files are skipped, but not reported"),
        Slip(
            _read(label="int(Path(path).parent.name)"),
            "this is the folder's name; the class number counts the sorted names from 0",
        ),
        Slip(
            _read(
                label="torch.tensor(label)",
                labels="torch.stack(labels).unique(return_inverse=True)[1]",
            ),
            "the classes are numbered anew among the images that are left; a class whose files "
            "are all broken keeps its number",
        ),
        Slip(
            _BY_HAND.format(
                classes="sorted((p.name for p in Path(folder).iterdir()), "
                "key=lambda n: (not n.isdigit(), int(n) if n.isdigit() else n))"
            ),
            "the folders are in the order of numbers; ImageFolder sorts names as text, 10 before 2",
        ),
        Slip(
            _read(recipe="v2.ToImage(), v2.ToDtype(torch.float32, scale=True)"),
            "the images are still in colour: v2.Grayscale() makes them grey",
        ),
        Slip(
            _read(recipe="v2.Grayscale(), v2.ToImage(), v2.ToDtype(torch.float32)"),
            "the pixels still go to 255: ToDtype needs scale=True",
        ),
        Slip(
            _read(failed="failed.append(path)"),
            "these are whole paths; only the file's name was asked for",
        ),
        Slip(
            _read(
                errors="(OSError, SyntaxError, ValueError) as error",
                failed="failed.append(f'{Path(path).name}: {type(error).__name__}')",
            ),
            "these are whole reports; only the file's name was asked for",
        ),
        Slip(
            _read(told="len(failed)"),
            "this is how many failed; the list of their names was asked for",
        ),
        Slip(
            _read(told="failed"),
            "the names are in the order of the folders; sort them",
        ),
        Slip(
            _read(told="sorted(set(failed))"),
            "two files of one name failed, in two folders; a set keeps only one of them",
        ),
        Slip(
            _read(labels="torch.tensor(found.targets)"),
            "these are the labels of all files; a file that failed has no image, and so no label",
        ),
        Slip(
            _read(errors="(OSError, SyntaxError)"),
            "a wrong length in the head of a PNG gives a ValueError; catch that too",
        ),
        Slip(
            "    from PIL import UnidentifiedImageError\n"
            + _read(errors="(UnidentifiedImageError, SyntaxError, ValueError)").lstrip("\n"),
            "a file that begins well and is cut short gives a plain OSError; catch that too",
        ),
    ),
    wrong=(
        Wrong(
            "from torchvision.datasets import ImageFolder\n"
            "found = ImageFolder(folder)\n"
            "return [found[i] for i in range(len(found))]",
            "Error",
        ),
        Wrong(_read(image="image.flip(-1)"), "instead of"),
    ),
    canonical=_as_tuple,
)


def _read_by_means(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What the nearest mean image says of the first digits, and their labels."""
    images, labels = _some_digits(count)
    pixels = images.flatten(1).float()
    means = torch.stack([pixels[labels == digit].mean(dim=0) for digit in range(10)])
    return torch.cdist(pixels, means).argmin(dim=1), labels


RECALL = Exercise(
    chapter="05",
    signature="recall(predicted, labels, classes)",
    title="how much of each class is found",
    prompt="""
        Write `recall(predicted, labels, classes)`: for each class from 0 to `classes` - 1
        the share of its samples that were predicted rightly, as a `float32` tensor of shape
        (classes,). Every class occurs among the labels, though perhaps not among the
        predictions.
    """,
    shapes="predicted, labels: int64 (samples,). Returns float32 (classes,).",
    cases=lambda: [
        (torch.tensor([0, 0, 1, 0, 2, 0]), torch.tensor([0, 0, 1, 1, 2, 2]), 3),
        (torch.tensor([1, 1, 1, 0, 1]), torch.tensor([1, 1, 0, 0, 1]), 2),
        (torch.tensor([0, 0, 0, 0]), torch.tensor([0, 0, 0, 1]), 2),
        (*_read_by_means(300), 10),
    ],
    model_answer="""
        right = labels[predicted == labels]
        found = torch.bincount(right, minlength=classes)
        return found / torch.bincount(labels, minlength=classes)
    """,
    why="What is right is counted among the samples of a class, not among its predictions.",
    hints=(
        "Look at one class: among the samples with this label, how many are right?",
        "labels[predicted == labels] are the labels of what is right; count them by class.",
        "torch.bincount(…, minlength=classes) counts, also classes without any.",
    ),
    right=(
        """
        right = (predicted == labels).float()
        return torch.stack([right[labels == k].mean() for k in range(classes)])
        """,
        """
        table = F.one_hot(labels, classes).float()
        return (table * (predicted == labels)[:, None]).sum(dim=0) / table.sum(dim=0)
        """,
    ),
    slips=(
        Slip(
            """
            found = torch.bincount(labels[predicted == labels], minlength=classes)
            return found / torch.bincount(predicted, minlength=classes)
            """,
            "this divides by how often the class was predicted; divide by how often it occurs",
        ),
        Slip(
            "return (predicted == labels).float().mean()",
            "this is the accuracy over all; each class has its own share",
        ),
        Slip(
            """
            found = torch.bincount(labels[predicted == labels], minlength=classes)
            return found / len(labels)
            """,
            "this divides by all samples; divide by the samples of the class",
        ),
        Slip(
            "return torch.bincount(labels[predicted == labels], minlength=classes).float()",
            "these are counts; divide by the samples of each class",
        ),
        Slip(
            """
            found = torch.bincount(labels[predicted == labels], minlength=classes)
            return 100 * found / torch.bincount(labels, minlength=classes)
            """,
            "this is in percent; a share lies between 0 and 1",
        ),
    ),
    wrong=(
        Wrong(
            """
            found = torch.bincount(predicted, minlength=classes)
            return found / torch.bincount(labels, minlength=classes)
            """,
            "instead of",
        ),
        Wrong("return torch.ones(classes)", "instead of"),
    ),
)

EXERCISES = (
    ONLY_DIGIT,
    BATCHES_BY_HAND,
    COLLATE_WITH_MASK,
    WEIGHTS_FOR,
    SPLIT_BY_CLASS,
    DEAL_OUT,
    TO_PICTURE,
    FLIP_BOXES,
    JOIN_STATISTICS,
    BUILD_VOCABULARY,
    CUT_WINDOWS,
    READ_FOLDER,
    RECALL,
)


def _prediction(name: str, question: str, *choices: Choice) -> Prediction:
    """A prediction of this chapter."""
    return Prediction(chapter="05", name=name, question=question, choices=choices)


PREDICTIONS = (
    _prediction(
        "dataset_is_lazy",
        "A fresh DigitSet is made, and then asked three times for sample 3. How many samples "
        "were made, before and after?",
        Choice("1797 and 1797", "__init__ reads the files, but makes no sample."),
        Choice("0 and 1", "A dataset does not remember samples, unless you write that."),
        Choice("0 and 3", "Each question makes the sample anew.", right=True),
    ),
    _prediction(
        "next_twice",
        "next(iter(loader)) is called twice, without shuffling. Which batches come?",
        Choice("the first and the second", "That needs one iterator, kept in a variable."),
        Choice("the first, twice", "Each iter(loader) begins a new epoch.", right=True),
        Choice("the second time, an error", "An epoch may be begun as often as you like."),
    ),
    _prediction(
        "dictionary_batch",
        'Each sample is {"image": a (1, 8, 8) tensor, "label": a number}. What is a batch of 4?',
        Choice("a list of 4 dictionaries", "default_collate looks into dictionaries."),
        Choice("one dictionary of batches", "Each name holds a batch of its own.", right=True),
        Choice("an error", "Dictionaries are among what default_collate knows."),
    ),
    _prediction(
        "drawn_how_often",
        "The weighted sampler draws 200 of the 200 samples, among which are ten twos. How many "
        "different samples come?",
        Choice("all 200", "Then the classes could not be balanced: there are ten twos only."),
        Choice("fewer than 150", "Rare ones come many times, others not at all.", right=True),
        Choice("30, ten of each class", "The zeros are drawn from all 150 of them."),
    ),
    _prediction(
        "stream_twice",
        "The file has 100 lines, one for each year. Two workers read it through Lines. How many "
        "samples come, and how many different years?",
        Choice("100 and 100", "Nobody tells the workers to share."),
        Choice("200 and 100", "Each worker reads the whole file.", right=True),
        Choice("50 and 50", "Nothing is lost here; something comes too often."),
    ),
    _prediction(
        "order_of_batches",
        "Two workers make batches of two squares. In which order do they come?",
        Choice("as they are ready, different each time", "The loader puts them in order."),
        Choice("first all of worker 0, then all of worker 1", "They take turns."),
        Choice("0, 1, then 4, 9, then 16, 25 …", "As without workers.", right=True),
    ),
    _prediction(
        "own_generator",
        "Two workers make eight samples, so eight numbers of each source. Which sources give eight "
        "different numbers?",
        Choice(
            "torch, NumPy's and Python's global ones",
            "Those are seeded for each worker; a generator in the dataset is copied.",
            right=True,
        ),
        Choice("only torch", "It was so in older versions, for NumPy's global numbers."),
        Choice("all four", "The dataset's own generator is copied with the dataset."),
    ),
    _prediction(
        "not_divided",
        "White is 255. What is white after to_dtype to float32 with scale=True, once of uint8, "
        "once of float32; and after to_dtype of uint8 without scale?",
        Choice("1, 1 and 1", "Only bytes are divided, and only with scale=True."),
        Choice("1, 255 and 255", "Two of the three do not divide.", right=True),
        Choice("1, 255 and 1", "to_dtype has scale=False by default."),
    ),
    _prediction(
        "class_order",
        "A folder has the folders 1, 2 and 10. Which class numbers do they get?",
        Choice("1 → 1, 2 → 2, 10 → 10", "Classes are counted from 0, whatever they are called."),
        Choice("1 → 0, 2 → 1, 10 → 2", "Names are sorted as text, not as numbers."),
        Choice("1 → 0, 10 → 1, 2 → 2", "As text, 10 stands before 2.", right=True),
    ),
    _prediction(
        "resized_shape",
        "The photograph is (3, 427, 640). What shape does Resize(128) give?",
        Choice("(3, 128, 128)", "That is Resize((128, 128)), with two numbers."),
        Choice("(3, 128, 191)", "The shorter side becomes 128.", right=True),
        Choice("(3, 85, 128)", "It is not the longer side that becomes 128."),
    ),
    _prediction(
        "validation_flips",
        "A RandomHorizontalFlip(p=0.5) is set to eval(). How often does it flip?",
        Choice("never, as Dropout does nothing then", "It does not look at its mode."),
        Choice("always: eval() takes the chance out", "It does not look at its mode."),
        Choice("half of the time", "Chance in a transform knows no eval().", right=True),
    ),
    _prediction(
        "plain_box",
        "An Image and a plain tensor with the box's numbers go through RandomHorizontalFlip(p=1). "
        "What happens to the numbers?",
        Choice("they are flipped as a box", "Nothing says that these numbers are a box."),
        Choice("they stay", "Beside an Image, plain tensors pass through.", right=True),
        Choice("an error", "Plain tensors are allowed: they may be labels."),
    ),
    _prediction(
        "mean_of_deviations",
        "The standard deviation of each piece is computed, and averaged. Compared with that of all "
        "pixels, this is …",
        Choice("the same", "Only if all pieces had the same mean and the same deviation."),
        Choice("too small", "How the pieces differ from each other is left out.", right=True),
        Choice("too large", "Within a piece, pixels are more alike than in the whole."),
    ),
    _prediction(
        "between_categories",
        "The mean colour intensity is 5.5 for A, 3.1 for B and 7.4 for C. In which order does the "
        "line put them, the palest first?",
        Choice("B, A, C", "That is the truth; a line through 0, 1, 2 cannot go down and up."),
        Choice("A, B, C", "C is the darkest, so the line rises from 0 to 2.", right=True),
        Choice("C, B, A", "Then the line would fall; but C, at its end, is the darkest."),
    ),
    _prediction(
        "how_many_windows",
        "In how many windows is the value of 1850 one of the 22 inputs?",
        Choice("1", "Windows overlap: one starts at each year."),
        Choice("22", "It is the first input of one, the last of another.", right=True),
        Choice("287", "That is all of them; most lie elsewhere."),
    ),
    _prediction(
        "targets_leak",
        "Windows are split at random, 80 to 20. How many of the validation targets stand in "
        "some training window too?",
        Choice("none", "No window is in both parts, but windows overlap in years."),
        Choice("about 80 %", "Each value stands in 23 windows; one in training is enough."),
        Choice("nearly all", "A value stands in 23 windows.", right=True),
    ),
    _prediction(
        "pickle_runs",
        "The file was written, and no door was opened. When does open_the_door run?",
        Choice("when the file is loaded", "Loading runs what the file says.", right=True),
        Choice("when the loaded object is used", "It is too late to look at the object then."),
        Choice("never: the file holds data only", "It holds the name of a function to call."),
    ),
)
