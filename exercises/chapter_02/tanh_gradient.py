import math

from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "tanh_gradient(result, upstream)",
    title="a rule that uses its result",
    prompt="""
        For `result = tanh(x)` the slope is `1 - tanh(x)²`. So the rule needs no `x`: the
        forward pass has calculated all that is needed. Write
        `tanh_gradient(result, upstream)`.
    """,
    shapes="result: tanh of the input, a float. upstream: float. Returns a float.",
    cases=[lambda: (0.5, 2.0), lambda: (-0.8, 1.5)],
    hints=(
        "result is already tanh(x).",
        "The local slope is 1 - result squared.",
        "upstream * (…)",
    ),
)


@exercise.answer(why="Local slope times upstream, and the local slope is made of the saved result.")
def tanh_gradient(result, upstream):
    return upstream * (1 - result**2)


exercise.right(lambda result, upstream: upstream * (1 - result) * (1 + result))
exercise.right(lambda result, upstream: upstream - upstream * result * result)
exercise.right(lambda result, upstream: upstream / math.cosh(math.atanh(result)) ** 2)

exercise.mistake(
    "result is tanh(x) already; this takes tanh twice",
    edit("result**2", "math.tanh(result) ** 2"),
)
exercise.mistake(
    "this is the local slope; upstream is missing",
    lambda result, upstream: 1 - result**2,
)
exercise.mistake(
    "multiplication comes first; put 1 - result**2 in brackets",
    lambda result, upstream: upstream * 1 - result**2,
)
exercise.mistake("the square is missing", edit("result**2", "result"))
exercise.mistake(
    "the square belongs to result alone: 1 - result**2",
    lambda result, upstream: upstream * (1 - result) ** 2,
)
