"""Exercise training_steps: count the steps of a training."""

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

TRAINING_STEPS = Exercise(
    chapter="00",
    signature="training_steps(images, batch_size, epochs)",
    title="count the steps of a training",
    prompt="""
        A dataset has `images` images. They are cut into batches of `batch_size`; where
        the division leaves a remainder, the last batch is smaller. The model sees all of
        them `epochs` times. Write `training_steps(images, batch_size, epochs)`: how many
        times does the optimiser change the parameters?
    """,
    shapes="images, batch_size, epochs: int. Returns an int.",
    cases=lambda: [(1500, 50, 20), (1500, 64, 20), (10, 4, 3)],
    model_answer="""
        batches, remainder = divmod(images, batch_size)
        if remainder:
            batches += 1
        return batches * epochs
    """,
    why="One step for each batch, also for a small last one, in each epoch.",
    hints=(
        "How many batches are there in one epoch? 10 images in batches of 4: 4, 4 and 2.",
        "images // batch_size counts the full batches; images % batch_size is the remainder.",
        "One batch more if there is a remainder, and then times epochs.",
    ),
    right=(
        "-(-images // batch_size) * epochs",
        "math.ceil(images / batch_size) * epochs",
        "len(torch.arange(images).split(batch_size)) * epochs",
        "len(range(0, images, batch_size)) * epochs",
    ),
    mistakes=(
        KnownMistake(
            "images // batch_size * epochs",
            "the smaller batch at the end is missing; it is a batch too",
        ),
        KnownMistake(
            "(images // batch_size + 1) * epochs",
            "where the division leaves no remainder there is no smaller batch at the end",
        ),
        KnownMistake("images * epochs", "this counts images; there is one step for each batch"),
        KnownMistake("-(-images // batch_size)", "these are the steps of one epoch only"),
        KnownMistake(
            "images / batch_size * epochs",
            "/ gives a float; a number of steps is whole, and a small batch counts as one",
        ),
        KnownMistake(
            "int(images / batch_size * epochs)",
            "the small last batch comes in each epoch: round up before you multiply",
        ),
        KnownMistake(
            "math.ceil(images / batch_size * epochs)",
            "rounded up once, at the end; round up in each epoch, before you multiply",
        ),
    ),
    rejected=(
        RejectedAnswer(
            "float(-(-images // batch_size) * epochs)", "the type is float; int was asked for"
        ),
        RejectedAnswer("torch.tensor(-(-images // batch_size) * epochs)", "`.item()`"),
    ),
)
