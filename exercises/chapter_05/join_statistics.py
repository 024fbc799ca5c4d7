import torch

from exercises._canonical import as_tuple, in_single
from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit


def _statistics(values: torch.Tensor) -> tuple[int, torch.Tensor, torch.Tensor]:
    """Count, mean and deviation of each column of (count, channels)."""
    return len(values), values.mean(dim=0), values.std(dim=0, correction=0)


exercise = Exercise(
    "join_statistics(first, second)",
    title="two parts of a set",
    prompt="""
        Two machines have each gone through a part of a training set and report a tuple
        (count, mean, deviation): the number of values in a channel, an `int`, and mean and
        standard deviation of each channel, tensors of shape (channels,). Nobody has the
        pixels any more. Write `join_statistics(first, second)`: return the same three for
        both parts together. Deviations divide by the count, not by one less.
    """,
    shapes="first, second: (count, mean, deviation). Returns the same.",
    cases=[
        lambda: (_statistics(floats(40, 3)), _statistics(floats(10, 3, seed=1) + 2)),
        lambda: (_statistics(floats(5, 2, seed=2)), _statistics(floats(20, 2, seed=3) - 1)),
        lambda: (_statistics(floats(4, 1, seed=4)), _statistics(floats(3, 1, seed=5) + 5)),
    ],
    hints=(
        "Go back to what may be added: the sum of the values, and the sum of their squares.",
        "The sum is count * mean. The mean of the squares is deviation**2 + mean**2.",
        "The joint deviation is the root of (sum of all squares) / count - mean**2.",
    ),
    canonical=lambda result, *_: as_tuple(in_single(result)),
)


@exercise.answer(
    why="From count, mean and deviation follow the sums; sums may be added, means and "
    "deviations may not."
)
def join_statistics(first, second):
    (n1, mean1, deviation1), (n2, mean2, deviation2) = first, second
    count = n1 + n2
    mean = (n1 * mean1 + n2 * mean2) / count
    squares = n1 * (deviation1**2 + mean1**2) + n2 * (deviation2**2 + mean2**2)
    deviation = (squares / count - mean**2).sqrt()
    return count, mean, deviation


exercise.right(edit("squares /", "squares.double() /").edit("mean**2", "mean.double() ** 2"))


@exercise.right
def _(first, second):
    sizes = torch.tensor([first[0], second[0]])[:, None]
    share = sizes / sizes.sum()
    means = torch.stack([first[1], second[1]])
    spread = torch.stack([first[2], second[2]])
    mean = (share * means).sum(dim=0)
    variance = (share * (spread**2 + (means - mean) ** 2)).sum(dim=0)
    return first[0] + second[0], mean, variance.sqrt()


@exercise.right
def _(first, second):
    (n1, mean1, s1), (n2, mean2, s2) = first, second
    count, away = n1 + n2, mean2 - mean1
    within = n1 * s1.pow(2) + n2 * s2.pow(2)
    between = away.pow(2) * n1 * n2 / count
    return count, mean1 + away * n2 / count, ((within + between) / count).sqrt()


exercise.right(edit("count, mean, deviation", "[count, mean, deviation]"))

exercise.mistake(
    "the parts are of unequal size: weight their means by the counts",
    edit("(n1 * mean1 + n2 * mean2) / count", "(mean1 + mean2) / 2"),
)
exercise.mistake(
    "the parts are of unequal size: weight their means by the counts",
    edit("return count, mean,", "return count, (mean1 + mean2) / 2,"),
)
exercise.mistake(
    "means were added and divided by the values: make sums of them first, n1 * mean1",
    edit("(n1 * mean1 + n2 * mean2) / count", "(mean1 + mean2) / count"),
)
exercise.mistake(
    "the mean of the squares is deviation**2 + mean**2: a deviation was not squared",
    edit("deviation1**2", "deviation1").edit("deviation2**2", "deviation2"),
)
exercise.mistake(
    "mean**2 is subtracted at the end, but each part's own mean**2 was not added",
    edit(" + mean1**2", "").edit(" + mean2**2", ""),
)
exercise.mistake(
    "neither means nor deviations may be averaged; go back to the sums",
    edit("(n1 * mean1 + n2 * mean2) / count", "(mean1 + mean2) / 2").edit(
        "(squares / count - mean**2).sqrt()", "(deviation1 + deviation2) / 2"
    ),
)
exercise.mistake(
    "a mean of deviations leaves out how far apart the two means are",
    edit("(squares / count - mean**2).sqrt()", "(n1 * deviation1 + n2 * deviation2) / count"),
)
exercise.mistake(
    "this is the spread within the parts; how far apart their means are is missing",
    edit("squares / count - mean**2", "(n1 * deviation1**2 + n2 * deviation2**2) / count"),
)
exercise.mistake(
    "this is the variance; the deviation is its square root",
    edit("(squares / count - mean**2).sqrt()", "squares / count - mean**2"),
)
exercise.mistake(
    "deviations may not be averaged; go back to the sums of squares",
    edit("(squares / count - mean**2).sqrt()", "(deviation1 + deviation2) / 2"),
)
exercise.mistake(
    "neither the unequal counts nor the distance of the means is in this",
    edit("squares / count - mean**2", "(deviation1**2 + deviation2**2) / 2"),
)
exercise.mistake(
    "this divides by one less than the count; here the count itself is asked for",
    edit("squares / count - mean**2", "(squares - count * mean**2) / (count - 1)"),
)

exercise.rejected("element 1: ", edit("(n1 * mean1 + n2 * mean2) / count", "mean1 + mean2"))
exercise.rejected("the type is list; Tensor was asked for", edit("sqrt()", "sqrt().tolist()"))
exercise.rejected("instead of", lambda first, second: (first[0] + second[0], first[1], first[2]))
