"""Exercise channels_first: channels to the front."""

from exercises.chapter_01._shared import counted
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

CHANNELS_FIRST = Exercise(
    chapter="01",
    signature="channels_first(images)",
    title="channels to the front",
    prompt="""
        Cameras and Matplotlib store images as (batch, height, width, channels). PyTorch
        wants (batch, channels, height, width). Write `channels_first(images)` so that no
        pixel is copied: the result must be a *view*.
    """,
    shapes="images: (batch, height, width, channels). Returns (batch, channels, …).",
    cases=lambda: [
        (counted(2, 2, 3, 3),),
        (counted(1, 4, 4, 3),),
    ],
    model_answer="images.permute(0, 3, 1, 2)",
    why="permute names the old dimension for each new place; only strides change.",
    hints=(
        "The order of the dimensions changes, not the order of the numbers.",
        "permute takes, for each new place, the number of the old dimension.",
        "images.permute(0, …, 1, 2)",
    ),
    right=(
        "images.movedim(3, 1)",
        "images.transpose(2, 3).transpose(1, 2)",
        "torch.einsum('bhwc->bchw', images)",
    ),
    mistakes=(
        KnownMistake(
            """
            batch, height, width, channels = images.shape
            return images.reshape(batch, channels, height, width)
            """,
            "reshape keeps the order of the numbers and mixes the colours; use permute",
        ),
        KnownMistake(
            "images.transpose(1, 3)",
            "this also exchanges height and width: the image lies on its side",
        ),
        KnownMistake("images.permute(0, 2, 3, 1)", "this is the way back, to channels last"),
    ),
    rejected=(
        RejectedAnswer("images.permute(0, 3, 1, 2).contiguous()", "a view of the input"),
        RejectedAnswer("images.permute(3, 1, 2)", "RuntimeError"),
    ),
    asks=frozenset({"view"}),
)
