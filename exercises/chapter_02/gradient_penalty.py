"""Exercise gradient_penalty: a penalty on the gradient."""

import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, KnownMistake


def _scored(rows: int, columns: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores (rows,) and the inputs (rows, columns) that they were made of."""
    inputs = numbers(rows, columns, seed=seed, gradient=True)
    return (inputs**3).sum(dim=1) / 5, inputs


GRADIENT_PENALTY = Exercise(
    chapter="02",
    signature="gradient_penalty(scores, inputs)",
    title="a penalty on the gradient",
    prompt="""
        A network gave each row of `inputs` a score. Some networks are trained so that the
        gradient of the score with respect to its inputs has length 1. Write
        `gradient_penalty(scores, inputs)`: the mean, over the rows, of
        (length of the gradient - 1)². One can train with it: it has a graph itself.
    """,
    shapes="scores: (rows,). inputs: (rows, columns), a leaf. Returns 0-d, with graph.",
    cases=lambda: [_scored(2, 3, 1), _scored(4, 2, 3)],
    model_answer="""
        (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
        return (gradients.norm(dim=1) - 1).pow(2).mean()
    """,
    why="Each score depends on its own row only, so the sum keeps the rows apart.",
    hints=(
        "scores.sum() is one number, and its gradient has one row for each score.",
        "The penalty needs a graph of its own: create_graph=True.",
        "gradients.norm(dim=1) gives the length of each row.",
    ),
    right=(
        """
        ones = torch.ones_like(scores)
        (g,) = torch.autograd.grad(scores, inputs, grad_outputs=ones, create_graph=True)
        lengths = g.pow(2).sum(dim=1).sqrt()
        return ((lengths - 1) ** 2).mean()
        """,
        """
        scores.sum().backward(create_graph=True)
        lengths = torch.linalg.vector_norm(inputs.grad, dim=1)
        return F.mse_loss(lengths, torch.ones_like(lengths))
        """,
    ),
    mistakes=(
        KnownMistake(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients.norm(dim=0) - 1).pow(2).mean()
            """,
            "these are the lengths of the columns; dim=1 gives one for each row",
        ),
        KnownMistake(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients.norm(dim=1) - 1).pow(2).sum()
            """,
            "the sum over the rows; the mean was asked for",
        ),
        KnownMistake(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients - 1).pow(2).mean()
            """,
            "the length of each row is missing: gradients.norm(dim=1)",
        ),
        KnownMistake(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs)
            return (gradients.norm(dim=1) - 1).pow(2).mean()
            """,
            "right values, but one cannot train with it: create_graph=True is missing",
        ),
        KnownMistake(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients.norm() - 1).pow(2)
            """,
            "this is the length of the whole table; each row has a length: dim=1",
        ),
        KnownMistake(
            """
            (gradients,) = torch.autograd.grad(scores.mean(), inputs, create_graph=True)
            return (gradients.norm(dim=1) - 1).pow(2).mean()
            """,
            "the mean of the scores makes every gradient smaller; use the sum",
        ),
        KnownMistake(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients.norm(dim=1) - 1).mean()
            """,
            "the square is missing",
        ),
        KnownMistake(
            """
            (gradients,) = torch.autograd.grad(scores, inputs, create_graph=True)
            return (gradients.norm(dim=1) - 1).pow(2).mean()
            """,
            "scores is a vector: take its sum, or give grad_outputs",
        ),
    ),
)
