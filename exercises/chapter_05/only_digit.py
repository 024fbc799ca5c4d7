"""Exercise OnlyDigit: a dataset of one digit."""

from typing import Any

import torch

from exercises.chapter_05._shared import some_digits
from helpers.grading.exercise import KnownMistake, RejectedAnswer
from helpers.grading.modules import ModuleExercise, Unfit


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
            "the images were changed after the first sample was made, and the same sample "
            "asked for again stayed as it was: it came from a copy. Keep `images` itself, and "
            "make each sample in __getitem__, each time anew"
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


def _from_the_fifth(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Digits of which the first 3 stands at place 9: from the start it would be place 3."""
    images, labels = some_digits(count + 4)
    return images[4:], labels[4:]


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
        its place in the full set, an `int`. Keep no copy of the images, but `images` itself.
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
    cases=lambda: [(*_from_the_fifth(60), 3), (*some_digits(100), 0)],
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
    mistakes=(
        KnownMistake(
            _only_digit(length="len(self.images)"),
            "the length counts all images; it should count those of this digit",
        ),
        KnownMistake(
            _only_digit(second="self.digit").replace(
                "self.images = images", "self.images, self.digit = images, digit"
            ),
            "the second part of a sample is its place in the full set, not its label",
        ),
        KnownMistake(
            _only_digit(second="index"),
            "index counts within this digit; the place in the full set was asked for",
        ),
        KnownMistake(
            _only_digit(image="self.images[place].float() / 16"),
            "the channel is missing: (8, 8) becomes (1, 8, 8) with [None]",
        ),
        KnownMistake(
            _only_digit(image="self.images[place][None].float() / 255"),
            "these pixels go to 16, not to 255",
        ),
        KnownMistake(
            _only_digit(image="self.images[index][None].float() / 16"),
            "this is image number index of the full set; take image number place",
        ),
        KnownMistake(
            _only_digit(image="self.images[place][None].float()"),
            "the pixels still go to 16; divide, so that they go to 1",
        ),
    ),
    rejected=(
        RejectedAnswer(_only_digit(second="torch.tensor(place)"), "`.item()` makes it a number"),
        RejectedAnswer(
            _only_digit(images="images.float() / 16", image="self.images[place][None]"),
            "it came from a copy",
        ),
        RejectedAnswer(
            _only_digit().replace(
                "place = self", "self.images = self.images.clone()\n            place = self"
            ),
            "it came from a copy",
        ),
        RejectedAnswer(
            _only_digit(images="images[labels == digit]").replace(
                "self.images[place]", "self.images[index]"
            ),
            "it came from a copy",
        ),
        RejectedAnswer("return images[labels == digit]", "Tensor"),
    ),
)
