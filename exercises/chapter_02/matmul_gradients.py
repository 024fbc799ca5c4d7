"""Exercise matmul_gradients: the rule for a matrix product."""

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, KnownMistake

MATMUL_GRADIENTS = Exercise(
    chapter="02",
    signature="matmul_gradients(left, right, upstream)",
    title="the rule for a matrix product",
    prompt="""
        `result = left @ right`, with matrices. `upstream` has the shape of `result`. Write
        `matmul_gradients(left, right, upstream)`: the gradients with respect to `left` and
        `right`, as a tuple. Each has the shape of its matrix; let the shapes lead you.
    """,
    shapes="left: (n, k). right: (k, m). upstream: (n, m). Returns (n, k) and (k, m).",
    cases=lambda: [
        (numbers(2, 3, seed=4), numbers(3, 4, seed=5), numbers(2, 4, seed=6)),
        (numbers(2, 2, seed=1), numbers(2, 2, seed=2), numbers(2, 2, seed=3)),
    ],
    model_answer="upstream @ right.t(), left.t() @ upstream",
    why="The product's rule, with shapes: (n, m) @ (m, k), and (k, n) @ (n, m).",
    hints=(
        "As for numbers: each gets the other factor times upstream. The order matters now.",
        "For left, (n, k): upstream is (n, m), so an (m, k) must follow it.",
        "upstream @ right.t(), … @ upstream",
    ),
    right=(
        "torch.mm(upstream, right.mT), torch.mm(left.mT, upstream)",
        """
        for_left = torch.einsum('nm,km->nk', upstream, right)
        for_right = torch.einsum('nk,nm->km', left, upstream)
        return for_left, for_right
        """,
        "tuple(torch.func.vjp(torch.matmul, left, right)[1](upstream))",
    ),
    mistakes=(
        KnownMistake(
            "upstream @ right, left @ upstream",
            "the factors must be transposed; check the shapes (n, m) @ (m, k)",
        ),
        KnownMistake(
            "left.t() @ upstream, upstream @ right.t()",
            "both are right but exchanged: the gradient for left comes first",
        ),
        KnownMistake(
            "right.t() @ upstream, upstream @ left.t()",
            "the order in a matrix product matters: upstream stands where result stood",
        ),
        KnownMistake(
            "upstream * right.t(), left.t() * upstream",
            "* works place by place; the matrix product is @",
        ),
        KnownMistake(
            "upstream * right, upstream * left",
            "that is the rule for numbers; with matrices the product is @, one factor is "
            "transposed, and the order counts",
        ),
    ),
)
