import math

from helpers.grading.exercise import Exercise, edit


def cube(x: float) -> float:
    """x³, whose slope is 3 x²."""
    return x**3


def wave(x: float) -> float:
    """sin x, whose slope is cos x."""
    return math.sin(x)


exercise = Exercise(
    "slope(function, x, step)",
    title="measure a slope",
    prompt="""
        Write `slope(function, x, step)`: go one `step` to the right of `x` and one `step`
        to the left, and divide the difference of the two function values by the distance
        between the two places. This is the **central difference**.
    """,
    shapes="function: takes and returns a float. Returns a float.",
    cases=[lambda: (cube, 2.0, 0.1), lambda: (wave, 1.0, 0.5), lambda: (cube, -1.0, 0.01)],
    hints=(
        "Rise divided by run. How long is the run?",
        "The rise is function(x + step) - function(x - step).",
        "(function(x + step) - function(x - step)) / (…)",
    ),
)


@exercise.answer(why="The two places are 2 steps apart; the errors of the two sides cancel.")
def slope(function, x, step):
    return (function(x + step) - function(x - step)) / (2 * step)


exercise.right(lambda function, x, step: (function(x + step) - function(x - step)) / step / 2)


@exercise.right
def _(function, x, step):
    right = (function(x + step) - function(x)) / step
    left = (function(x) - function(x - step)) / step
    return (left + right) / 2


exercise.mistake(
    "this looks to the right only; the central difference looks both ways",
    lambda function, x, step: (function(x + step) - function(x)) / step,
)
exercise.mistake("the two places are 2 steps apart, not 1", edit("(2 * step)", "step"))
exercise.mistake(
    "Python divides by 2 and then multiplies; put 2 * step in brackets",
    edit("(2 * step)", "2 * step"),
)
exercise.mistake(
    "left minus right; the rise is right minus left",
    lambda function, x, step: (function(x - step) - function(x + step)) / (2 * step),
)
