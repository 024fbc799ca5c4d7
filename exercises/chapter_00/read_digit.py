import torch

from exercises.chapter_00._shared import ink_meter, reader
from helpers import data
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "read_digit(model, image)",
    title="read one image",
    prompt="""
        Write `read_digit(model, image)`: which digit does the model read in this one
        image? The pixels run from 0 to 16, and the model was trained on numbers from 0
        to 1. It expects a batch: `image[None]` makes a batch of one image, of shape
        (1, 8, 8). Return a whole number of Python.
    """,
    shapes="image: (8, 8), uint8, 0 to 16. model: gives (batch, 10). Returns an int.",
    cases=[
        lambda: (reader(), data.digits().images[467]),  # a 7
        lambda: (reader(), data.digits().images[409]),  # a 3
        # a faint image, for which 15 or its own maximum will not do
        lambda: (ink_meter(), data.digits().images[1283]),
    ],
    hints=(
        "The program of this chapter reads many images at once; one image is a batch of 1.",
        "model(image[None] / 16) gives ten scores. argmax finds where the largest is.",
        "model(image[None] / 16).argmax().…",
    ),
)


@exercise.answer(
    why="A batch of one, the range of the training, and the place of the largest score."
)
def read_digit(model, image):
    scores = model(image[None] / 16)  # (1, 10)
    return scores.argmax().item()


exercise.right(lambda model, image: int(model(image.unsqueeze(0) / 16).argmax(dim=1)))
exercise.right(lambda model, image: model(image.reshape(1, 8, 8).float() / 16)[0].argmax().item())


@exercise.right
def _(model, image):
    with torch.no_grad():
        scores = model((image / 16)[None])
    return scores.max(dim=1).indices.item()


exercise.mistake(
    "the pixels still run from 0 to 16; divide by 16 as in training",
    edit("image[None] / 16", "image[None].float()"),
)
exercise.mistake("divided by 255; these pixels run from 0 to 16", edit("/ 16", "/ 255"))
exercise.mistake(
    "this is the largest score; argmax gives its place, which is the digit",
    edit("argmax", "max"),
)
exercise.mistake(
    "divided by 15; the largest value that a pixel may have is 16",
    edit("/ 16", "/ 15"),
)
exercise.mistake(
    "divided by the largest pixel of this image; in training all were divided by 16",
    edit("/ 16", "/ image.max()"),
)
exercise.mistake("this is the least likely digit", edit("argmax", "argmin"))
exercise.mistake(
    "the model expects a batch, and took the 8 rows for 8 images; use image[None]",
    edit("image[None]", "image"),
)
exercise.mistake(
    "the pixels are uint8; / 16 makes float32 of them, from 0 to 1",
    edit("image[None] / 16", "image[None]"),
)

exercise.rejected("`.item()` makes it a number", edit("argmax().item()", "argmax()"))
exercise.rejected("Expected", edit("/ 16", "/ 8"))


@exercise.rejected("Error")
def _(model, image):
    image /= 16
    return model(image[None])
