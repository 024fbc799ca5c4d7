from helpers.grading.exercise import Exercise

exercise = Exercise(
    "multiply_gradients(left, right, upstream)",
    title="the rule for a product",
    prompt="""
        `result = left * right`, and `upstream` is the slope of the loss with respect to
        `result`. Write `multiply_gradients(left, right, upstream)`: the slopes of the loss
        with respect to `left` and to `right`, as a tuple of two numbers.
    """,
    shapes="left, right, upstream: float. Returns a tuple of two floats.",
    cases=[
        lambda: (2.0, 5.0, 3.0),
        lambda: (-1.5, 4.0, 0.5),
        lambda: (0.3, 0.7, 2.0),
    ],
    hints=(
        "Nudge left by a little: by how much does left * right change?",
        "The slope of left * right with respect to left is right.",
        "Multiply each local slope by upstream.",
    ),
)


@exercise.answer(
    why="result changes by `right` for each unit of left, and the loss by `upstream` more."
)
def multiply_gradients(left, right, upstream):
    return upstream * right, upstream * left


exercise.right(lambda left, right, upstream: (right * upstream, left * upstream))


@exercise.right
def _(left, right, upstream):
    product = left * right
    return product / left * upstream, product / right * upstream


exercise.mistake(
    "exchanged: the slope with respect to left is right",
    lambda left, right, upstream: (upstream * left, upstream * right),
)
exercise.mistake(
    "these are the local slopes; upstream is missing",
    lambda left, right, upstream: (right, left),
)
exercise.mistake(
    "slopes along a path are multiplied, not added",
    lambda left, right, upstream: (right + upstream, left + upstream),
)
exercise.mistake(
    "that is the rule for a sum, left + right",
    lambda left, right, upstream: (upstream, upstream),
)

exercise.rejected(
    "a tuple was asked for",
    lambda left, right, upstream: [upstream * right, upstream * left],
)
exercise.rejected(
    "instead of",
    lambda left, right, upstream: (left * right // left * upstream, upstream * left),
)
