"""Exercise multiply_gradients: the rule for a product."""

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

MULTIPLY_GRADIENTS = Exercise(
    chapter="02",
    signature="multiply_gradients(left, right, upstream)",
    title="the rule for a product",
    prompt="""
        `result = left * right`, and `upstream` is the slope of the loss with respect to
        `result`. Write `multiply_gradients(left, right, upstream)`: the slopes of the loss
        with respect to `left` and to `right`, as a tuple of two numbers.
    """,
    shapes="left, right, upstream: float. Returns a tuple of two floats.",
    cases=lambda: [(2.0, 5.0, 3.0), (-1.5, 4.0, 0.5)],
    model_answer="upstream * right, upstream * left",
    why="result changes by `right` for each unit of left, and the loss by `upstream` more.",
    hints=(
        "Nudge left by a little: by how much does left * right change?",
        "The slope of left * right with respect to left is right.",
        "Multiply each local slope by upstream.",
    ),
    right=(
        "(right * upstream, left * upstream)",
        """
        product = left * right
        return product / left * upstream, product / right * upstream
        """,
    ),
    mistakes=(
        KnownMistake(
            "upstream * left, upstream * right",
            "exchanged: the slope with respect to left is right",
        ),
        KnownMistake(
            "right, left",
            "these are the local slopes; upstream is missing",
        ),
        KnownMistake(
            "right + upstream, left + upstream",
            "slopes along a path are multiplied, not added",
        ),
        KnownMistake(
            "upstream, upstream",
            "that is the rule for a sum, left + right",
        ),
    ),
    rejected=(RejectedAnswer("[upstream * right, upstream * left]", "a tuple was asked for"),),
)
