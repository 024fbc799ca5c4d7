"""Exercise join_statistics: two parts of a set."""

import torch

from exercises._samples import floats
from exercises.chapter_05._shared import as_tuple, in_single
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def _statistics(values: torch.Tensor) -> tuple[int, torch.Tensor, torch.Tensor]:
    """Count, mean and deviation of each column of (count, channels)."""
    return len(values), values.mean(dim=0), values.std(dim=0, correction=0)


_JOIN = """
    (n1, mean1, deviation1), (n2, mean2, deviation2) = first, second
    count = n1 + n2
    mean = {mean}
    squares = n1 * (deviation1**2 + mean1**2) + n2 * (deviation2**2 + mean2**2)
    deviation = {deviation}
    return count, mean, deviation
"""


def _join(
    mean: str = "(n1 * mean1 + n2 * mean2) / count",
    deviation: str = "(squares / count - mean**2).sqrt()",
) -> str:
    """The joining with one part in another way."""
    return _JOIN.format(mean=mean, deviation=deviation)


JOIN_STATISTICS = Exercise(
    chapter="05",
    signature="join_statistics(first, second)",
    title="two parts of a set",
    prompt="""
        Two machines have each gone through a part of a training set and report a tuple
        (count, mean, deviation): the number of values in a channel, an `int`, and mean and
        standard deviation of each channel, tensors of shape (channels,). Nobody has the
        pixels any more. Write `join_statistics(first, second)`: return the same three for
        both parts together. Deviations divide by the count, not by one less.
    """,
    shapes="first, second: (count, mean, deviation). Returns the same.",
    cases=lambda: [
        (_statistics(floats(40, 3)), _statistics(floats(10, 3, seed=1) + 2)),
        (_statistics(floats(5, 2, seed=2)), _statistics(floats(20, 2, seed=3) - 1)),
    ],
    model_answer=_join(),
    why="From count, mean and deviation follow the sums; sums may be added, means and "
    "deviations may not.",
    hints=(
        "Go back to what may be added: the sum of the values, and the sum of their squares.",
        "The sum is count * mean. The mean of the squares is deviation**2 + mean**2.",
        "The joint deviation is the root of (sum of all squares) / count - mean**2.",
    ),
    right=(
        _join(deviation="(squares.double() / count - mean.double() ** 2).sqrt()"),
        """
        sizes = torch.tensor([first[0], second[0]])[:, None]
        share = sizes / sizes.sum()
        means = torch.stack([first[1], second[1]])
        spread = torch.stack([first[2], second[2]])
        mean = (share * means).sum(dim=0)
        variance = (share * (spread**2 + (means - mean) ** 2)).sum(dim=0)
        return first[0] + second[0], mean, variance.sqrt()
        """,
        """
        (n1, mean1, s1), (n2, mean2, s2) = first, second
        count, away = n1 + n2, mean2 - mean1
        within = n1 * s1.pow(2) + n2 * s2.pow(2)
        between = away.pow(2) * n1 * n2 / count
        return count, mean1 + away * n2 / count, ((within + between) / count).sqrt()
        """,
        _join().replace("return count, mean, deviation", "return [count, mean, deviation]"),
    ),
    mistakes=(
        KnownMistake(
            _join(mean="(mean1 + mean2) / 2"),
            "the parts are of unequal size: weight their means by the counts",
        ),
        KnownMistake(
            _join(
                deviation="(squares / count - ((n1 * mean1 + n2 * mean2) / count) ** 2).sqrt()\n"
                "    mean = (mean1 + mean2) / 2"
            ),
            "the parts are of unequal size: weight their means by the counts",
        ),
        KnownMistake(
            _join().replace("deviation1**2", "deviation1").replace("deviation2**2", "deviation2"),
            "the mean of the squares is deviation**2 + mean**2: a deviation was not squared",
        ),
        KnownMistake(
            _join().replace(" + mean1**2", "").replace(" + mean2**2", ""),
            "mean**2 is subtracted at the end, but each part's own mean**2 was not added",
        ),
        KnownMistake(
            _join(mean="(mean1 + mean2) / 2", deviation="(deviation1 + deviation2) / 2"),
            "neither means nor deviations may be averaged; go back to the sums",
        ),
        KnownMistake(
            _join(deviation="(n1 * deviation1 + n2 * deviation2) / count"),
            "a mean of deviations leaves out how far apart the two means are",
        ),
        KnownMistake(
            _join(deviation="((n1 * deviation1**2 + n2 * deviation2**2) / count).sqrt()"),
            "this is the spread within the parts; how far apart their means are is missing",
        ),
        KnownMistake(
            _join(deviation="squares / count - mean**2"),
            "this is the variance; the deviation is its square root",
        ),
        KnownMistake(
            _join(deviation="(deviation1 + deviation2) / 2"),
            "deviations may not be averaged; go back to the sums of squares",
        ),
        KnownMistake(
            _join(deviation="((deviation1**2 + deviation2**2) / 2).sqrt()"),
            "neither the unequal counts nor the distance of the means is in this",
        ),
        KnownMistake(
            _join(deviation="((squares - count * mean**2) / (count - 1)).sqrt()"),
            "this divides by one less than the count; here the count itself is asked for",
        ),
    ),
    rejected=(
        RejectedAnswer(_join(mean="mean1 + mean2"), "element 1: "),
        RejectedAnswer(
            _join(deviation="(squares / count - mean**2).sqrt().tolist()"),
            "the type is list; Tensor was asked for",
        ),
        RejectedAnswer("return first[0] + second[0], first[1], first[2]", "instead of"),
    ),
    canonical=lambda result, *_: as_tuple(in_single(result)),
)
