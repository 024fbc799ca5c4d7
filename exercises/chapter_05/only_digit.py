from typing import Any

import torch

from exercises.chapter_05._shared import some_digits
from helpers.grading.exercise import edit
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
    samples = {"sample 0": result[0], "last sample": result[length - 1]}
    second = {"sample 1": result[1]} if length > 1 else {}
    return {"len()": length, **second, **samples}


def _from_the_fifth(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Digits of which the first 3 stands at place 9: from the start it would be place 3."""
    images, labels = some_digits(count + 4)
    return images[4:], labels[4:]


exercise = ModuleExercise(
    "OnlyDigit(images, labels, digit)",
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
    cases=[
        lambda: (*_from_the_fifth(60), 3),
        lambda: (*some_digits(100), 0),
        lambda: (*some_digits(8), 5),
    ],
    look=_look_at_only_digit,
    then="len(), and the samples 0, 1 and the last were asked for",
    hints=(
        "Keep a list of places: sample i of this dataset is sample places[i] of the full set.",
        "A place is in the list where its label equals digit: go through the labels, or ask "
        "(labels == digit) where it is True.",
        "(labels == digit).nonzero() gives these places as a column; [:, 0] makes a row of it, "
        ".tolist() ints.",
        "self.images[place][None].float() / 16 is the image with a channel.",
    ),
)


@exercise.answer(why="A list of places is all that must be kept: an index into it gives the place.")
class OnlyDigit(torch.utils.data.Dataset):
    def __init__(self, images, labels, digit):
        self.images = images
        self.places = (labels == digit).nonzero()[:, 0].tolist()

    def __len__(self):
        return len(self.places)

    def __getitem__(self, index):
        place = self.places[index]
        image = self.images[place][None].float() / 16
        return image, place


exercise.right(
    edit(
        "(labels == digit).nonzero()[:, 0].tolist()",
        "[i for i, label in enumerate(labels.tolist()) if label == digit]",
    ).edit("self.images[place][None].float() / 16", "(self.images[place] / 16).unsqueeze(0)")
)
exercise.right(
    edit("(labels == digit).nonzero()[:, 0].tolist()", "torch.where(labels == digit)[0]")
    .edit("self.places[index]", "int(self.places[index])")
    .edit("[place][None].float() / 16", "[place : place + 1].to(torch.float32).div(16)")
)

exercise.mistake(
    "the length counts all images; it should count those of this digit",
    edit("(self.places)", "(self.images)"),
)
exercise.mistake(
    "the second part of a sample is its place in the full set, not its label",
    edit("images = images", "images, self.digit = images, digit").edit(
        "image, place", "image, self.digit"
    ),
)
exercise.mistake(
    "index counts within this digit; the place in the full set was asked for",
    edit("image, place", "image, index"),
)
exercise.mistake(
    "the channel is missing: (8, 8) becomes (1, 8, 8) with [None]",
    edit("[place][None]", "[place]"),
)
exercise.mistake("these pixels go to 16, not to 255", edit("/ 16", "/ 255"))
exercise.mistake(
    "this is image number index of the full set; take image number place",
    edit("[place]", "[index]"),
)
exercise.mistake(
    "the pixels still go to 16; divide, so that they go to 1",
    edit("float() / 16", "float()"),
)

exercise.mistake(
    "of one place alone, squeeze() leaves a tensor without dimensions, and tolist() an int: [:, 0]",
    edit("nonzero()[:, 0]", "nonzero().squeeze()"),
)

exercise.rejected("`.item()` makes it a number", edit("image, place", "image, torch.tensor(place)"))
exercise.rejected(
    "it came from a copy",
    edit("= images", "= images.float() / 16").edit("[None].float() / 16", "[None]"),
)
exercise.rejected(
    "it came from a copy",
    edit(
        "place = self.places[index]",
        "self.images = self.images.clone()\nplace = self.places[index]",
    ),
)
exercise.rejected(
    "it came from a copy",
    edit("= images", "= images[labels == digit]").edit("[place]", "[index]"),
)
exercise.rejected("Tensor", lambda images, labels, digit: images[labels == digit])
