import torch
from torch.nn import functional as F

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, edit


def _scored(rows: int, columns: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores (rows,) and the inputs (rows, columns) that they were made of."""
    inputs = numbers(rows, columns, seed=seed, gradient=True)
    return (inputs**3).sum(dim=1) / 5, inputs


exercise = Exercise(
    "gradient_penalty(scores, inputs)",
    title="a penalty on the gradient",
    prompt="""
        A network gave each row of `inputs` a score. Some networks are trained so that the
        gradient of the score with respect to its inputs has length 1. Write
        `gradient_penalty(scores, inputs)`: the mean, over the rows, of
        (length of the gradient - 1)². One can train with it: it has a graph itself.
    """,
    shapes="scores: (rows,). inputs: (rows, columns), a leaf. Returns 0-d, with graph.",
    cases=[
        lambda: _scored(2, 3, 1),
        lambda: _scored(4, 2, 3),
        lambda: _scored(1, 3, 5),
        lambda: _scored(3, 1, 6),
    ],
    hints=(
        "scores.sum() is one number, and its gradient has one row for each score.",
        "The penalty needs a graph of its own: create_graph=True.",
        "gradients.norm(dim=1) gives the length of each row.",
    ),
)


@exercise.answer(why="Each score depends on its own row only, so the sum keeps the rows apart.")
def gradient_penalty(scores, inputs):
    (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    return (gradients.norm(dim=1) - 1).pow(2).mean()


@exercise.right
def _(scores, inputs):
    ones = torch.ones_like(scores)
    (g,) = torch.autograd.grad(scores, inputs, grad_outputs=ones, create_graph=True)
    lengths = g.pow(2).sum(dim=1).sqrt()
    return ((lengths - 1) ** 2).mean()


@exercise.right
def _(scores, inputs):
    scores.sum().backward(create_graph=True)
    lengths = torch.linalg.vector_norm(inputs.grad, dim=1)
    return F.mse_loss(lengths, torch.ones_like(lengths))


exercise.mistake(
    "these are the lengths of the columns; dim=1 gives one for each row",
    edit("dim=1", "dim=0"),
)
exercise.mistake("the sum over the rows; the mean was asked for", edit("mean", "sum"))
exercise.mistake(
    "the length of each row is missing: gradients.norm(dim=1)",
    edit("gradients.norm(dim=1)", "gradients"),
)
exercise.mistake(
    "right values, but one cannot train with it: create_graph=True is missing",
    edit("inputs, create_graph=True", "inputs"),
)
exercise.mistake(
    "this is the length of the whole table; each row has a length: dim=1",
    edit("norm(dim=1)", "norm()"),
)
exercise.mistake(
    "the mean of the scores makes every gradient smaller; use the sum",
    edit("scores.sum()", "scores.mean()"),
)
exercise.mistake("the square is missing", edit(".pow(2)", ""))
exercise.mistake(
    "scores is a vector: take its sum, or give grad_outputs",
    edit("scores.sum()", "scores"),
)
