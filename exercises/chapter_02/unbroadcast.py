"""Exercise unbroadcast: undo broadcasting."""

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, KnownMistake

UNBROADCAST = Exercise(
    chapter="02",
    signature="unbroadcast(gradient, shape)",
    title="undo broadcasting",
    prompt="""
        In the forward pass a tensor of shape `shape` was stretched by broadcasting to the
        shape of `gradient`. Each copy sends its part back, and the parts add up. Write
        `unbroadcast(gradient, shape)`: sum the gradient so that it has shape `shape`.
    """,
    shapes="gradient: a shape that shape broadcasts to. Returns a tensor of shape shape.",
    cases=lambda: [
        (numbers(3, 2, seed=1), (2,)),
        (numbers(2, 3, seed=2), (2, 1)),
        (numbers(2, 3, 2, seed=3), (3, 1)),
        (numbers(2, 2, seed=4), (2, 2)),
        (numbers(3, seed=5), ()),
    ],
    model_answer="""
        while gradient.dim() > len(shape):
            gradient = gradient.sum(dim=0)
        for dim, size in enumerate(shape):
            if size == 1:
                gradient = gradient.sum(dim=dim, keepdim=True)
        return gradient
    """,
    why="Both kinds of stretching are undone. PyTorch has it ready: gradient.sum_to_size.",
    hints=(
        "Broadcasting does two things: it adds dimensions in front, and stretches sizes 1.",
        "First sum over dimension 0 while the gradient has too many dimensions.",
        "Then sum over each dimension where shape has a 1, with keepdim=True.",
    ),
    right=(
        "gradient.sum_to_size(shape)",
        """
        added = gradient.dim() - len(shape)
        dims = list(range(added))
        dims += [added + d for d, size in enumerate(shape) if size == 1]
        return gradient.sum(dim=dims).reshape(shape) if dims else gradient
        """,
    ),
    mistakes=(
        KnownMistake(
            """
            while gradient.dim() > len(shape):
                gradient = gradient.sum(dim=0)
            return gradient
            """,
            "a size of 1 in shape was stretched too; sum over it with keepdim=True",
        ),
        KnownMistake(
            """
            for dim, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.sum(dim=dim, keepdim=True)
            return gradient
            """,
            "broadcasting also adds dimensions in front; sum over those first",
        ),
        KnownMistake(
            """
            while gradient.dim() > len(shape):
                gradient = gradient.mean(dim=0)
            for dim, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.mean(dim=dim, keepdim=True)
            return gradient
            """,
            "the parts of the copies add up; sum, do not average",
        ),
        KnownMistake(
            """
            while gradient.dim() > len(shape):
                gradient = gradient[0]
            for dim, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.narrow(dim, 0, 1)
            return gradient
            """,
            "this keeps the part of one copy; all parts add up",
        ),
        KnownMistake(
            """
            while gradient.dim() > len(shape):
                gradient = gradient.sum(dim=0)
            for dim, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.sum(dim=dim)
            return gradient
            """,
            "keepdim=True is missing: the size of 1 must stay",
        ),
    ),
)
