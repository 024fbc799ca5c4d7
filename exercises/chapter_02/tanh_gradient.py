"""Exercise tanh_gradient: a rule that uses its own result."""

from helpers.grading.exercise import Exercise, KnownMistake

TANH_GRADIENT = Exercise(
    chapter="02",
    signature="tanh_gradient(result, upstream)",
    title="a rule that uses its own result",
    prompt="""
        For `result = tanh(x)` the slope is `1 - tanh(x)²`. So the rule needs no `x`: the
        forward pass has calculated all that is needed. Write
        `tanh_gradient(result, upstream)`.
    """,
    shapes="result: tanh of the input, a float. upstream: float. Returns a float.",
    cases=lambda: [(0.5, 2.0), (-0.8, 1.5)],
    model_answer="upstream * (1 - result**2)",
    why="Local slope times upstream, and the local slope is made of the saved result.",
    hints=(
        "result is already tanh(x).",
        "The local slope is 1 - result squared.",
        "upstream * (…)",
    ),
    right=(
        "upstream * (1 - result) * (1 + result)",
        "upstream - upstream * result * result",
        "upstream / math.cosh(math.atanh(result)) ** 2",
    ),
    mistakes=(
        KnownMistake(
            "upstream * (1 - math.tanh(result) ** 2)",
            "result is tanh(x) already; this takes tanh twice",
        ),
        KnownMistake("1 - result**2", "this is the local slope; upstream is missing"),
        KnownMistake(
            "upstream * 1 - result**2",
            "multiplication comes first; put 1 - result**2 in brackets",
        ),
        KnownMistake("upstream * (1 - result)", "the square is missing"),
        KnownMistake(
            "upstream * (1 - result) ** 2",
            "the square belongs to result alone: 1 - result**2",
        ),
    ),
)
