import math

import torch

from helpers.grading.exercise import Exercise

exercise = Exercise(
    "training_steps(images, batch_size, epochs)",
    title="count the steps of a training",
    prompt="""
        A dataset has `images` images. They are cut into batches of `batch_size`; where
        the division leaves a remainder, the last batch is smaller. The model sees all of
        them `epochs` times. Write `training_steps(images, batch_size, epochs)`: how many
        times does the optimiser change the parameters?
    """,
    shapes="images, batch_size, epochs: int. Returns an int.",
    cases=[
        lambda: (1500, 50, 20),
        lambda: (1500, 64, 20),
        lambda: (10, 4, 3),
        lambda: (3, 8, 2),
        lambda: (9, 4, 3),
    ],
    hints=(
        "How many batches are there in one epoch? 10 images in batches of 4: 4, 4 and 2.",
        "images // batch_size counts the full batches; images % batch_size is the remainder.",
        "One batch more if there is a remainder, and then times epochs.",
    ),
)


@exercise.answer(why="One step for each batch, also for a small last one, in each epoch.")
def training_steps(images, batch_size, epochs):
    batches, remainder = divmod(images, batch_size)
    if remainder:
        batches += 1
    return batches * epochs


exercise.right(lambda images, batch_size, epochs: -(-images // batch_size) * epochs)
exercise.right(lambda images, batch_size, epochs: math.ceil(images / batch_size) * epochs)
exercise.right(
    lambda images, batch_size, epochs: len(torch.arange(images).split(batch_size)) * epochs
)
exercise.right(lambda images, batch_size, epochs: len(range(0, images, batch_size)) * epochs)

exercise.mistake(
    "the smaller batch at the end is missing; it is a batch too",
    lambda images, batch_size, epochs: images // batch_size * epochs,
)
exercise.mistake(
    "where the division leaves no remainder there is no smaller batch at the end",
    lambda images, batch_size, epochs: (images // batch_size + 1) * epochs,
)
exercise.mistake(
    "this counts images; there is one step for each batch",
    lambda images, batch_size, epochs: images * epochs,
)
exercise.mistake(
    "these are the steps of one epoch only",
    lambda images, batch_size, epochs: -(-images // batch_size),
)
exercise.mistake(
    "/ gives a float; a number of steps is whole, and a small batch counts as one",
    lambda images, batch_size, epochs: images / batch_size * epochs,
)
exercise.mistake(
    "the small last batch comes in each epoch: round up before you multiply",
    lambda images, batch_size, epochs: int(images / batch_size * epochs),
)
exercise.mistake(
    "rounded up once, at the end; round up in each epoch, before you multiply",
    lambda images, batch_size, epochs: math.ceil(images / batch_size * epochs),
)

exercise.rejected(
    "the type is float; int was asked for",
    lambda images, batch_size, epochs: float(-(-images // batch_size) * epochs),
)
exercise.rejected(
    "`.item()`",
    lambda images, batch_size, epochs: torch.tensor(-(-images // batch_size) * epochs),
)
exercise.rejected(
    "Expected: 9",
    lambda images, batch_size, epochs: len(range(1, images, batch_size)) * epochs,
)
