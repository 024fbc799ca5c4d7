from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "unbroadcast(gradient, shape)",
    title="undo broadcasting",
    prompt="""
        In the forward pass a tensor of shape `shape` was stretched by broadcasting to the
        shape of `gradient`. Each copy sends its part back, and the parts add up. Write
        `unbroadcast(gradient, shape)`: sum the gradient so that it has shape `shape`.
    """,
    shapes="gradient: a shape that shape broadcasts to. Returns a tensor of shape shape.",
    cases=[
        lambda: (numbers(3, 2, seed=1), (2,)),
        lambda: (numbers(2, 3, seed=2), (2, 1)),
        lambda: (numbers(2, 3, 2, seed=3), (3, 1)),
        lambda: (numbers(2, 2, seed=4), (2, 2)),
        lambda: (numbers(3, seed=5), ()),
        lambda: (numbers(2, 1, 3, seed=6), (1, 3)),
        lambda: (numbers(1, 3, seed=8), (1, 3)),
    ],
    hints=(
        "Broadcasting does two things: it adds dimensions in front, and stretches sizes 1.",
        "First sum over dimension 0 while the gradient has too many dimensions.",
        "Then sum over each dimension where shape has a 1, with keepdim=True.",
    ),
)


@exercise.answer(
    why="Both kinds of stretching are undone. PyTorch has it ready: gradient.sum_to_size."
)
def unbroadcast(gradient, shape):
    while gradient.dim() > len(shape):
        gradient = gradient.sum(dim=0)
    for dim, size in enumerate(shape):
        if size == 1:
            gradient = gradient.sum(dim=dim, keepdim=True)
    return gradient


exercise.right(lambda gradient, shape: gradient.sum_to_size(shape))


@exercise.right
def _(gradient, shape):
    added = gradient.dim() - len(shape)
    dims = list(range(added))
    dims += [added + d for d, size in enumerate(shape) if size == 1]
    return gradient.sum(dim=dims).reshape(shape) if dims else gradient


@exercise.mistake("a size of 1 in shape was stretched too; sum over it with keepdim=True")
def _(gradient, shape):
    while gradient.dim() > len(shape):
        gradient = gradient.sum(dim=0)
    return gradient


exercise.mistake(
    "broadcasting also adds dimensions in front; sum over those first",
    edit("while gradient.dim() > len(shape):\n    gradient = gradient.sum(dim=0)", ""),
)
exercise.mistake(
    "the parts of the copies add up; sum, do not average",
    edit(".sum", ".mean", count=2),
)
exercise.mistake(
    "this keeps the part of one copy; all parts add up",
    edit(".sum(dim=0)", "[0]").edit("sum(dim=dim, keepdim=True)", "narrow(dim, 0, 1)"),
)
exercise.mistake(
    "keepdim=True is missing: the size of 1 must stay",
    edit("dim, keepdim=True", "dim"),
)
