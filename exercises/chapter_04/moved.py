import torch
from torch.nn import functional as F

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "moved(images, rows, columns)",
    title="a shift for each digit",
    prompt="""
        Write `moved(images, rows, columns)`: image `i` is moved down by `rows[i]` pixels and
        to the right by `columns[i]` (up and to the left when negative, by two at most). What
        leaves the image is lost, zeros come in. Without a loop over the images: it is to
        move a whole batch in each training step.
    """,
    shapes="images: (n, 8, 8). rows, columns: (n,), int64, -2 to 2. Returns (n, 8, 8).",
    cases=[
        lambda: (floats(2, 8, 8), torch.tensor([1, 0]), torch.tensor([2, -2])),
        lambda: (
            floats(5, 8, 8, seed=1),
            integers(5, low=-2, high=3, seed=2),
            integers(5, low=-2, high=3, seed=3),
        ),
        lambda: (floats(1, 8, 8, seed=4), torch.tensor([-1]), torch.tensor([2])),
        lambda: (
            floats(4, 8, 8, seed=5),
            torch.tensor([-2, 2, -2, 2]),
            torch.tensor([-2, -2, 2, 2]),
        ),
    ],
    large=lambda: (floats(40, 8, 8), integers(40, high=2), integers(40, high=2, seed=1)),
    hints=(
        "Turn it round: from which row of the old image does row r of the new one come?",
        "F.pad(images, (2, 2, 2, 2)) puts zeros around; row r is then found at r + 2.",
        "padded[which, down[:, :, None], across[:, None, :]], three indices that broadcast",
    ),
)


@exercise.answer(
    why="Pixel r of the result comes from row r - rows[i]; padding makes such rows exist."
)
def moved(images, rows, columns):
    padded = F.pad(images, (2, 2, 2, 2))
    steps = torch.arange(images.shape[1])
    down = steps + 2 - rows[:, None]
    across = steps + 2 - columns[:, None]
    which = torch.arange(len(images))[:, None, None]
    return padded[which, down[:, :, None], across[:, None, :]]


@exercise.right
def _(images, rows, columns):
    padded = F.pad(images, (2, 2, 2, 2))
    windows = padded.unfold(1, 8, 1).unfold(2, 8, 1)
    return windows[torch.arange(len(images)), 2 - rows, 2 - columns]


@exercise.right
def _(images, rows, columns):
    padded = F.pad(images, (2, 2, 2, 2))
    steps = torch.arange(8)
    down = (steps + 2 - rows[:, None])[:, :, None].expand(-1, -1, 12)
    across = (steps + 2 - columns[:, None])[:, None, :].expand(-1, 8, -1)
    return padded.gather(1, down).gather(2, across)


exercise.mistake(
    "the digits move the other way: row r comes from row r - rows",
    edit("- rows", "+ rows").edit("- columns", "+ columns"),
)
exercise.mistake(
    "rows and columns are exchanged: the first index after the image is the row",
    edit("down[:, :, None], across", "across[:, :, None], down"),
)
exercise.mistake(
    "what leaves on one side comes in on the other, as with roll; zeros are to come in",
    edit("padded[", "images[")
    .edit("steps + 2 - rows[:, None]", "(steps - rows[:, None]) % 8")
    .edit("steps + 2 - columns[:, None]", "(steps - columns[:, None]) % 8"),
)
exercise.mistake(
    "the edge is repeated; zeros are to come in: pad first",
    edit("padded[", "images[")
    .edit("steps + 2 - rows[:, None]", "(steps - rows[:, None]).clamp(0, 7)")
    .edit("steps + 2 - columns[:, None]", "(steps - columns[:, None]).clamp(0, 7)"),
)
exercise.mistake(
    "one row of zeros is not enough: a digit may move by two, so pad by 2",
    edit("2, 2, 2, 2", "1, 1, 1, 1").edit("steps + 2", "steps + 1", count=2),
)
exercise.mistake(
    "only the rows move; the columns are to move, too",
    edit("steps + 2 - columns[:, None]", "(steps + 2).expand(len(images), 8)"),
)


@exercise.mistake("all images move as the first one does; each has an amount of its own")
def _(images, rows, columns):
    padded = F.pad(images, (2, 2, 2, 2))
    down, across = 2 - rows[0], 2 - columns[0]
    return padded[:, down : down + 8, across : across + 8]


exercise.mistake(
    "`:` takes all images for each pair; the first index is torch.arange(n), of shape (n, 1, 1)",
    edit("padded[which, ", "padded[:, "),
)


@exercise.rejected("in a loop")
def _(images, rows, columns):
    padded = F.pad(images, (2, 2, 2, 2))
    return torch.stack(
        [
            padded[i, 2 - r : 10 - r, 2 - c : 10 - c]
            for i, (r, c) in enumerate(zip(rows.tolist(), columns.tolist()))
        ]
    )


exercise.rejected("IndexError", edit("(2, 2, 2, 2)", "(2, 2, 2, 1)"))
