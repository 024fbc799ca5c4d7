"""Exercise smoothed: what the slider does."""

from typing import Any

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

_SMOOTHED = """
    s, result = {first}, []
    for count, value in enumerate(values, start=1):
        s = {step}
        result.append({said})
    return result
"""


def _smooth(
    first: str = "0.0",
    step: str = "weight * s + (1 - weight) * value",
    said: str = "s / (1 - weight**count)",
) -> str:
    """The smoothing with one part in another way."""
    return _SMOOTHED.format(first=first, step=step, said=said)


def _as_floats(result: Any, *_: Any) -> Any:
    """A list in which each kind of float, numpy's too, is a float of Python."""
    if type(result) is not list:
        return result
    return [float(value) if isinstance(value, float) else value for value in result]


SMOOTHED = Exercise(
    chapter="06",
    signature="smoothed(values, weight)",
    title="what the slider does",
    prompt="""
        Write `smoothed(values, weight)`, TensorBoard's smoothing; return a list as long as
        `values`. A running mean `s` begins at 0, and each value changes it: the new `s` is
        `weight` times the old one and `1 - weight` times the value. As it began at 0, `s`
        is too small at first: after n values it holds only the share `1 - weight**n` of
        them. What is drawn is `s` divided by this share.
    """,
    shapes="values: list of float. weight: float, from 0 to below 1. Returns a list.",
    cases=lambda: [
        ([4.0, 2.0, 1.0, 0.5], 0.5),
        ([3.0, 3.0, 3.0], 0.9),
        ([5.0, 1.0], 0.0),
        ([], 0.6),
    ],
    canonical=_as_floats,
    model_answer=_smooth(),
    why="Without the division a flat curve would seem to rise from 0. And each point depends on "
    "all before it: a smoothed curve is late.",
    hints=(
        "One loop over the values; s is carried from one to the next.",
        "Keep s and what is drawn apart: the division must not go into the next s.",
        "enumerate(values, start=1) counts n: the share is 1 - weight**n.",
    ),
    right=(
        """
        result = []
        for n in range(1, len(values) + 1):
            weights = [(1 - weight) * weight ** (n - 1 - i) for i in range(n)]
            total = sum(w * value for w, value in zip(weights, values))
            result.append(total / sum(weights))
        return result
        """,
        """
        drawn, s, share = [], 0.0, 0.0
        for value in values:
            s = s + (1 - weight) * (value - s)
            share = share + (1 - weight) * (1 - share)
            drawn.append(s / share)
        return drawn
        """,
        """
        past = np.arange(len(values))[:, None] - np.arange(len(values))
        weights = np.where(past >= 0, weight ** np.maximum(past, 0), 0.0)
        return list(weights @ np.array(values) / weights.sum(axis=1))
        """,
    ),
    mistakes=(
        KnownMistake(_smooth(said="s"), "the division is missing: the curve seems to rise from 0"),
        KnownMistake(
            _smooth(step="(1 - weight) * s + weight * value"),
            "weight belongs to the past, 1 - weight to the new value",
        ),
        KnownMistake(
            _smooth(first="values[0] if values else 0.0", said="s"),
            "s begins at 0, not at the first value",
        ),
        KnownMistake(
            """
            s, result = 0.0, []
            for count, value in enumerate(values, start=1):
                s = (weight * s + (1 - weight) * value) / (1 - weight**count)
                result.append(s)
            return result
            """,
            "the divided number went into the next s; keep both apart",
        ),
        KnownMistake(
            """
            s, result = 0.0, []
            for count, value in enumerate(values, start=1):
                result.append(s / (1 - weight**count))
                s = weight * s + (1 - weight) * value
            return result
            """,
            "s is drawn after the value has changed it; this is one place late",
        ),
        KnownMistake(
            _smooth(said="s / (1 - weight ** (count + 1))"),
            "after the first value n is 1: count was one too high",
        ),
        KnownMistake(
            _smooth(said="s / (1 - weight ** (count - 1))"),
            "after the first value n is 1, not 0: count from start=1",
        ),
        KnownMistake(
            _smooth(first="values[0] if values else 0.0"),
            "s begins at 0, not at the first value: the division is made for that",
        ),
        KnownMistake(
            _smooth(said="s / (1 - weight ** len(values))"),
            "the share was that of all values; after the n-th value it is 1 - weight**n",
        ),
    ),
    rejected=(RejectedAnswer("return sum(values) / max(len(values), 1)", "list"),),
)
