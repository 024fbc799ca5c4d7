"""Exercise slope: measure a slope."""

import math

from helpers.grading.exercise import Exercise, KnownMistake


def cube(x: float) -> float:
    """x³, whose slope is 3 x²."""
    return x**3


def wave(x: float) -> float:
    """sin x, whose slope is cos x."""
    return math.sin(x)


SLOPE = Exercise(
    chapter="02",
    signature="slope(function, x, step)",
    title="measure a slope",
    prompt="""
        Write `slope(function, x, step)`: go one `step` to the right of `x` and one `step`
        to the left, and divide the difference of the two function values by the distance
        between the two places. This is the **central difference**.
    """,
    shapes="function: takes and returns a float. Returns a float.",
    cases=lambda: [(cube, 2.0, 0.1), (wave, 1.0, 0.5), (cube, -1.0, 0.01)],
    model_answer="(function(x + step) - function(x - step)) / (2 * step)",
    why="The two places are 2 steps apart; the errors of the two sides cancel.",
    hints=(
        "Rise divided by run. How long is the run?",
        "The rise is function(x + step) - function(x - step).",
        "(function(x + step) - function(x - step)) / (…)",
    ),
    right=(
        "(function(x + step) - function(x - step)) / step / 2",
        """
        right = (function(x + step) - function(x)) / step
        left = (function(x) - function(x - step)) / step
        return (left + right) / 2
        """,
    ),
    mistakes=(
        KnownMistake(
            "(function(x + step) - function(x)) / step",
            "this looks to the right only; the central difference looks both ways",
        ),
        KnownMistake(
            "(function(x + step) - function(x - step)) / step",
            "the two places are 2 steps apart, not 1",
        ),
        KnownMistake(
            "(function(x + step) - function(x - step)) / 2 * step",
            "Python divides by 2 and then multiplies; put 2 * step in brackets",
        ),
        KnownMistake(
            "(function(x - step) - function(x + step)) / (2 * step)",
            "left minus right; the rise is right minus left",
        ),
    ),
)
