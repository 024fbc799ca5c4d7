import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise

exercise = Exercise(
    "matmul_gradients(left, right, upstream)",
    title="the rule for a matrix product",
    prompt="""
        `result = left @ right`, with matrices. `upstream` has the shape of `result`. Write
        `matmul_gradients(left, right, upstream)`: the gradients with respect to `left` and
        `right`, as a tuple. Each has the shape of its matrix; let the shapes lead you.
    """,
    shapes="left: (n, k). right: (k, m). upstream: (n, m). Returns (n, k) and (k, m).",
    cases=[
        lambda: (numbers(2, 3, seed=4), numbers(3, 4, seed=5), numbers(2, 4, seed=6)),
        lambda: (numbers(2, 2, seed=1), numbers(2, 2, seed=2), numbers(2, 2, seed=3)),
        lambda: (numbers(1, 3, seed=7), numbers(3, 1, seed=8), numbers(1, 1, seed=9)),
        lambda: (numbers(3, 1, seed=7), numbers(1, 2, seed=8), numbers(3, 2, seed=9)),
    ],
    hints=(
        "As for numbers: each gets the other factor times upstream. The order matters now.",
        "For left, (n, k): upstream is (n, m), so an (m, k) must follow it.",
        "upstream @ right.t(), … @ upstream",
    ),
)


@exercise.answer(why="The product's rule, with shapes: (n, m) @ (m, k), and (k, n) @ (n, m).")
def matmul_gradients(left, right, upstream):
    return upstream @ right.t(), left.t() @ upstream


exercise.right(
    lambda left, right, upstream: (torch.mm(upstream, right.mT), torch.mm(left.mT, upstream))
)


@exercise.right
def _(left, right, upstream):
    for_left = torch.einsum("nm,km->nk", upstream, right)
    for_right = torch.einsum("nk,nm->km", left, upstream)
    return for_left, for_right


exercise.right(
    lambda left, right, upstream: tuple(torch.func.vjp(torch.matmul, left, right)[1](upstream))
)

exercise.mistake(
    "the factors must be transposed; check the shapes (n, m) @ (m, k)",
    lambda left, right, upstream: (upstream @ right, left @ upstream),
)
exercise.mistake(
    "both are right but exchanged: the gradient for left comes first",
    lambda left, right, upstream: (left.t() @ upstream, upstream @ right.t()),
)
exercise.mistake(
    "the order in a matrix product matters: upstream stands where result stood",
    lambda left, right, upstream: (right.t() @ upstream, upstream @ left.t()),
)
exercise.mistake(
    "* works place by place; the matrix product is @",
    lambda left, right, upstream: (upstream * right.t(), left.t() * upstream),
)
exercise.mistake(
    "that is the rule for numbers; with matrices the product is @, one factor is transposed, "
    "and the order counts",
    lambda left, right, upstream: (upstream * right, upstream * left),
)
