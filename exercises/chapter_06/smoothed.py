from typing import Any

import numpy as np

from helpers.grading.exercise import Exercise, edit


def _as_floats(result: Any, *_: Any) -> Any:
    """A list in which each kind of float, numpy's too, is a float of Python."""
    if type(result) is not list:
        return result
    return [float(value) if isinstance(value, float) else value for value in result]


exercise = Exercise(
    "smoothed(values, weight)",
    title="what the slider does",
    prompt="""
        Write `smoothed(values, weight)`, TensorBoard's smoothing; return a list as long as
        `values`. A running mean `s` begins at 0, and each value changes it: the new `s` is
        `weight` times the old one and `1 - weight` times the value. As it began at 0, `s`
        is too small at first: after n values it holds only the share `1 - weight**n` of
        them. What is drawn is `s` divided by this share.
    """,
    shapes="values: list of float. weight: float, from 0 to below 1. Returns a list.",
    cases=[
        lambda: ([4.0, 2.0, 1.0, 0.5], 0.5),
        lambda: ([3.0, 3.0, 3.0], 0.9),
        lambda: ([5.0, 1.0], 0.0),
        lambda: ([], 0.6),
        lambda: ([2.0], 0.5),
    ],
    canonical=_as_floats,
    hints=(
        "One loop over the values; s is carried from one to the next.",
        "Keep s and what is drawn apart: the division must not go into the next s.",
        "enumerate(values, start=1) counts n: the share is 1 - weight**n.",
    ),
)


@exercise.answer(
    why="Without the division a flat curve would seem to rise from 0. And each point depends on "
    "all before it: a smoothed curve is late."
)
def smoothed(values, weight):
    s, result = 0.0, []
    for count, value in enumerate(values, start=1):
        s = weight * s + (1 - weight) * value
        result.append(s / (1 - weight**count))
    return result


@exercise.right
def _(values, weight):
    result = []
    for n in range(1, len(values) + 1):
        weights = [(1 - weight) * weight ** (n - 1 - i) for i in range(n)]
        total = sum(w * value for w, value in zip(weights, values))
        result.append(total / sum(weights))
    return result


@exercise.right
def _(values, weight):
    drawn, s, share = [], 0.0, 0.0
    for value in values:
        s = s + (1 - weight) * (value - s)
        share = share + (1 - weight) * (1 - share)
        drawn.append(s / share)
    return drawn


@exercise.right
def _(values, weight):
    past = np.arange(len(values))[:, None] - np.arange(len(values))
    weights = np.where(past >= 0, weight ** np.maximum(past, 0), 0.0)
    return list(weights @ np.array(values) / weights.sum(axis=1))


exercise.mistake(
    "the division is missing: the curve seems to rise from 0",
    edit(" / (1 - weight**count)", ""),
)
exercise.mistake(
    "weight belongs to the past, 1 - weight to the new value",
    edit("weight * s + (1 - weight)", "(1 - weight) * s + weight"),
)
exercise.mistake(
    "s begins at 0, not at the first value",
    edit("s, result = 0.0", "s, result = values[0] if values else 0.0").edit(
        " / (1 - weight**count)", ""
    ),
)
exercise.mistake(
    "the divided number went into the next s; keep both apart",
    edit(
        "s = weight * s + (1 - weight) * value\nresult.append(s / (1 - weight**count))",
        "s = (weight * s + (1 - weight) * value) / (1 - weight**count)\nresult.append(s)",
    ),
)


@exercise.mistake("s is drawn after the value has changed it; this is one place late")
def _(values, weight):
    s, result = 0.0, []
    for count, value in enumerate(values, start=1):
        result.append(s / (1 - weight**count))
        s = weight * s + (1 - weight) * value
    return result


exercise.mistake(
    "after the first value n is 1: count was one too high",
    edit("weight**count", "weight ** (count + 1)"),
)
exercise.mistake(
    "after the first value n is 1, not 0: count from start=1",
    edit("weight**count", "weight ** (count - 1)"),
)
exercise.mistake(
    "s begins at 0, not at the first value: the division is made for that",
    edit("s, result = 0.0", "s, result = values[0] if values else 0.0"),
)
exercise.mistake(
    "the share was that of all values; after the n-th value it is 1 - weight**n",
    edit("weight**count", "weight ** len(values)"),
)

exercise.rejected("list", lambda values, weight: sum(values) / max(len(values), 1))
