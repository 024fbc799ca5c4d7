import torch

from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "snapshot(weights)",
    title="a snapshot that stays",
    prompt="""
        During training the weights change in place. Write `snapshot(weights)`: the values
        of this moment, which later changes do not reach, and which carry no gradient.
    """,
    shapes="weights: any shape, requires_grad. Returns the same shape, a copy.",
    cases=[
        lambda: (torch.tensor([1.0, 2.0], requires_grad=True),),
        lambda: (torch.ones(2, 2, requires_grad=True),),
        lambda: (torch.tensor([[2.0]], requires_grad=True),),
    ],
    hints=(
        "Two things are asked: no gradient, and memory of its own.",
        "detach does the first, clone does the second.",
        "weights.detach()…",
    ),
    asks=frozenset({"copy"}),
)


@exercise.answer(why="detach leaves the graph and shares memory; clone then makes the copy.")
def snapshot(weights):
    return weights.detach().clone()


exercise.right(lambda weights: weights.clone().detach())
exercise.right(lambda weights: torch.tensor(weights.tolist()))


@exercise.right
def _(weights):
    with torch.no_grad():
        return weights.clone()


exercise.rejected("a view: writing to it would change the input", lambda weights: weights.detach())
exercise.rejected("still carries the gradient", lambda weights: weights)
exercise.rejected("still carries the gradient", lambda weights: weights.clone())
exercise.rejected("dtype float64 instead of float32", edit("clone", "double"))
exercise.rejected("whether its input carries a gradient", edit("detach", "detach_"))
