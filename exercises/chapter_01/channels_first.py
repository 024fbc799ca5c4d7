import torch

from exercises.chapter_01._shared import counted
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "channels_first(images)",
    title="channels to the front",
    prompt="""
        Cameras and Matplotlib store images as (batch, height, width, channels). PyTorch
        wants (batch, channels, height, width). Write `channels_first(images)` so that no
        pixel is copied: the result must be a *view*.
    """,
    shapes="images: (batch, height, width, channels). Returns (batch, channels, …).",
    cases=[
        lambda: (counted(2, 2, 3, 3),),
        lambda: (counted(1, 4, 4, 3),),
        lambda: (counted(2, 3, 4, 3).transpose(1, 2),),
    ],
    hints=(
        "The order of the dimensions changes, not the order of the numbers.",
        "permute takes, for each new place, the number of the old dimension.",
        "images.permute(0, …, 1, 2)",
    ),
    asks=frozenset({"view"}),
)


@exercise.answer(why="permute names the old dimension for each new place; only strides change.")
def channels_first(images):
    return images.permute(0, 3, 1, 2)


exercise.right(lambda images: images.movedim(3, 1))
exercise.right(lambda images: images.transpose(2, 3).transpose(1, 2))
exercise.right(lambda images: torch.einsum("bhwc->bchw", images))


@exercise.mistake("reshape keeps the order of the numbers and mixes the colours; use permute")
def _(images):
    batch, height, width, channels = images.shape
    return images.reshape(batch, channels, height, width)


exercise.mistake(
    "this also exchanges height and width: the image lies on its side",
    lambda images: images.transpose(1, 3),
)
exercise.mistake("this is the way back, to channels last", edit("3, 1, 2", "2, 3, 1"))

exercise.rejected("a view of the input", lambda images: images.permute(0, 3, 1, 2).contiguous())
exercise.rejected("RuntimeError", lambda images: images.permute(3, 1, 2))
