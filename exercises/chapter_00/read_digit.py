"""Exercise read_digit: read one image."""

from exercises.chapter_00._shared import ink_meter, reader
from helpers import data
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def _images_to_read() -> list[tuple]:
    """A 7, a 3, and a faint image, for which 15 or its own maximum will not do."""
    images = data.digits().images
    return [(reader(), images[467]), (reader(), images[409]), (ink_meter(), images[1283])]


READ_DIGIT = Exercise(
    chapter="00",
    signature="read_digit(model, image)",
    title="read one image",
    prompt="""
        Write `read_digit(model, image)`: which digit does the model read in this one
        image? The pixels run from 0 to 16, and the model was trained on numbers from 0
        to 1. It expects a batch: `image[None]` makes a batch of one image, of shape
        (1, 8, 8). Return a whole number of Python.
    """,
    shapes="image: (8, 8), uint8, 0 to 16. model: gives (batch, 10). Returns an int.",
    cases=_images_to_read,
    model_answer="""
        scores = model(image[None] / 16)  # (1, 10)
        return scores.argmax().item()
    """,
    why="A batch of one, the range of the training, and the place of the largest score.",
    hints=(
        "The program of this chapter reads many images at once; one image is a batch of 1.",
        "model(image[None] / 16) gives ten scores. argmax finds where the largest is.",
        "model(image[None] / 16).argmax().…",
    ),
    right=(
        "int(model(image.unsqueeze(0) / 16).argmax(dim=1))",
        "model(image.reshape(1, 8, 8).float() / 16)[0].argmax().item()",
        """
        with torch.no_grad():
            scores = model((image / 16)[None])
        return scores.max(dim=1).indices.item()
        """,
    ),
    mistakes=(
        KnownMistake(
            "model(image[None].float()).argmax().item()",
            "the pixels still run from 0 to 16; divide by 16 as in training",
        ),
        KnownMistake(
            "model(image[None] / 255).argmax().item()",
            "divided by 255; these pixels run from 0 to 16",
        ),
        KnownMistake(
            "model(image[None] / 16).max().item()",
            "this is the largest score; argmax gives its place, which is the digit",
        ),
        KnownMistake(
            "model(image[None] / 15).argmax().item()",
            "divided by 15; the largest value that a pixel may have is 16",
        ),
        KnownMistake(
            "model(image[None] / image.max()).argmax().item()",
            "divided by the largest pixel of this image; in training all were divided by 16",
        ),
        KnownMistake("model(image[None] / 16).argmin().item()", "this is the least likely digit"),
        KnownMistake(
            "model(image / 16).argmax().item()",
            "the model expects a batch, and took the 8 rows for 8 images; use image[None]",
        ),
        KnownMistake(
            "model(image[None]).argmax().item()",
            "the pixels are uint8; / 16 makes float32 of them, from 0 to 1",
        ),
    ),
    rejected=(
        RejectedAnswer("model(image[None] / 16).argmax()", "`.item()` makes it a number"),
        RejectedAnswer("model(image[None] / 8).argmax().item()", "Expected"),
        RejectedAnswer("image /= 16\nreturn model(image[None])", "Error"),
    ),
)
