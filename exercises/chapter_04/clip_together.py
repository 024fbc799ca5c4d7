from typing import Any

import torch

from exercises._samples import floats
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, shares_memory


def _look_at_clipped(result: Any, gradients: list, _: float) -> Any:
    """The result, if its tensors are not the input's own."""
    parts = result if isinstance(result, list | tuple) else ()
    if any(shares_memory(one, gradient) for one in parts for gradient in gradients):
        raise Unfit(
            "the input's own tensors came back, and the inputs are to stay as they are. "
            "Make new ones: gradient * factor, or gradient.clone()"
        )
    return result


exercise = ModuleExercise(
    "clip_together(gradients, limit)",
    title="clip without turning",
    prompt="""
        Write `clip_together(gradients, limit)`: the norm of **all** gradients together is
        the root of the sum of all their squares. Where it is larger than `limit`, scale
        every gradient by one common factor so that it becomes `limit`; otherwise nothing
        changes. Return a list of new tensors. (`clip_grad_norm_` does this in place; here
        the inputs stay as they are.)
    """,
    shapes="gradients: a list of tensors. limit: float. Returns a list of tensors.",
    cases=[
        lambda: ([torch.tensor([2.0, -1.0]), torch.tensor([[2.0]])], 1.5),
        lambda: ([torch.tensor([0.3, 0.0]), torch.tensor([[0.4]])], 1.0),
        lambda: ([floats(2, 3), floats(4, seed=1), torch.zeros(2)], 2.0),
        lambda: ([torch.tensor([[3.0, 4.0]])], 1.0),
    ],
    look=_look_at_clipped,
    hints=(
        "One norm for all tensors together, not one for each.",
        "The factor is limit / norm, but never more than 1.",
        "(limit / norm).clamp(max=1.0), and a list of gradient * factor",
    ),
)


@exercise.answer(
    why="One factor for all keeps the direction; clamp(max=1) leaves short ones alone."
)
def clip_together(gradients, limit):
    norm = sum(gradient.square().sum() for gradient in gradients).sqrt()
    factor = (limit / norm).clamp(max=1.0)
    return [gradient * factor for gradient in gradients]


@exercise.right
def with_one_long_vector(gradients, limit):
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    factor = min(1.0, limit / norm.item())
    return [gradient * factor for gradient in gradients]


@exercise.right
def _(gradients, limit):
    norms = torch.stack([gradient.norm() for gradient in gradients])
    total = norms.norm()
    if total <= limit:
        return [gradient.clone() for gradient in gradients]
    return [gradient / total * limit for gradient in gradients]


@exercise.mistake("each gradient has a factor of its own, which turns the direction of the step")
def _(gradients, limit):
    return [
        gradient * (limit / gradient.norm().clamp(min=1e-12)).clamp(max=1.0)
        for gradient in gradients
    ]


exercise.mistake(
    "a gradient shorter than the limit must not be made longer",
    edit("min(1.0, limit / norm.item())", "limit / norm", of=with_one_long_vector),
)
exercise.mistake(
    "this clips each number by itself, as clip_grad_value_ does",
    lambda gradients, limit: [gradient.clamp(-limit, limit) for gradient in gradients],
)
exercise.mistake(
    "the root is missing: the norm is the root of the sum of squares",
    edit(
        "min(1.0, limit / norm.item())", "(limit / norm**2).clamp(max=1.0)", of=with_one_long_vector
    ),
)


@exercise.mistake("the norms of the gradients are added; add their squares, and take the root")
def _(gradients, limit):
    norm = sum(g.norm() for g in gradients)
    factor = (limit / norm).clamp(max=1.0)
    return [gradient * factor for gradient in gradients]


exercise.mistake(
    "the condition is the wrong way round: what is longer than the limit is scaled",
    edit(
        "min(1.0, limit / norm.item())",
        "limit / norm if norm < limit else 1.0",
        of=with_one_long_vector,
    ),
)
exercise.mistake(
    "this scales to a norm of 1; the norm is to become limit",
    edit("min(1.0, limit / norm.item())", "(1 / norm).clamp(max=1.0)", of=with_one_long_vector),
)
exercise.mistake(
    "the largest of the norms is used; one norm of all numbers together was asked for",
    edit(
        "sum(gradient.square().sum() for gradient in gradients).sqrt",
        "torch.stack([gradient.norm() for gradient in gradients]).max",
    ),
)


@exercise.rejected("the input's own tensors came back")
def _(gradients, limit):
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    if norm <= limit:
        return gradients
    return [gradient * limit / norm for gradient in gradients]


@exercise.rejected("changed its input")
def _(gradients, limit):
    norm = sum(gradient.square().sum() for gradient in gradients).sqrt()
    for gradient in gradients:
        gradient *= (limit / norm).clamp(max=1.0)
    return [gradient.clone() for gradient in gradients]
