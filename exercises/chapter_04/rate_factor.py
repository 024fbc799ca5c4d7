import math

import numpy as np
import torch

from exercises._canonical import as_float
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "rate_factor(step, warm_steps, total_steps)",
    title="warm up, then a half cosine",
    prompt="""
        Write `rate_factor(step, warm_steps, total_steps)`, a function for `LambdaLR`: what
        the rate is multiplied by at a step, counted from 0. In the first `warm_steps` steps
        it rises in equal parts and is 1 at the last of them. From there half a cosine leads
        down: 1 at step `warm_steps`, 0 at step `total_steps`.
    """,
    shapes="step, warm_steps, total_steps: int. Returns a float.",
    cases=[
        lambda: (0, 4, 20),
        lambda: (3, 4, 20),
        lambda: (4, 4, 20),
        lambda: (8, 4, 20),
        lambda: (20, 4, 20),
        lambda: (7, 5, 11),
    ],
    canonical=as_float,
    hints=(
        "Two cases: step < warm_steps, and the rest.",
        "Which share of the way down is done? It is 0 at warm_steps, 1 at total_steps.",
        "0.5 * (1 + math.cos(math.pi * share)) runs from 1 to 0 while share goes 0 to 1.",
    ),
)


@exercise.answer(why="The share that is done runs from 0 to 1, and its cosine from 1 to -1.")
def rate_factor(step, warm_steps, total_steps):
    if step < warm_steps:
        return (step + 1) / warm_steps
    share = (step - warm_steps) / (total_steps - warm_steps)
    return 0.5 * (1 + math.cos(math.pi * share))


@exercise.right
def _(step, warm_steps, total_steps):
    down = (step - warm_steps) / (total_steps - warm_steps)
    cosine = math.cos(math.pi * down / 2) ** 2
    return (step + 1) / warm_steps if step < warm_steps else cosine


@exercise.right
def _(step, warm_steps, total_steps):
    if step >= warm_steps:
        angle = torch.tensor((step - warm_steps) / (total_steps - warm_steps)) * math.pi
        return 0.5 + 0.5 * angle.cos().item()
    return 1 - (warm_steps - step - 1) / warm_steps


@exercise.right
def _(step, warm_steps, total_steps):
    if step <= warm_steps:
        return min((step + 1) / warm_steps, 1)  # an int at step warm_steps
    share = (step - warm_steps) / (total_steps - warm_steps)
    return (1 + np.cos(np.pi * share)) / 2


exercise.mistake(
    "at step 0 the rate would be 0, and the first step wasted: (step + 1) / warm_steps",
    edit("(step + 1)", "step"),
)
exercise.mistake(
    "the cosine begins at step warm_steps, not at step 0",
    edit("(step - warm_steps) / (total_steps - warm_steps)", "step / total_steps"),
)
exercise.mistake(
    "the cosine runs from 1 to -1, and a rate is not negative: 0.5 * (1 + …)",
    edit("0.5 * (1 + math.cos(math.pi * share))", "math.cos(math.pi * share)"),
)
exercise.mistake(
    "this is a quarter of a cosine; half of one runs to math.pi: 0.5 * (1 + …)",
    edit("0.5 * (1 + math.cos(math.pi * share))", "math.cos(math.pi / 2 * share)"),
)
exercise.mistake(
    "this is a straight line down; half a cosine was asked for",
    edit("0.5 * (1 + math.cos(math.pi * share))", "1 - share"),
)
exercise.mistake(
    "the way down has total_steps - warm_steps steps",
    edit("(total_steps - warm_steps)", "total_steps"),
)
exercise.mistake(
    "at step warm_steps the cosine begins: step < warm_steps, not <=",
    edit("step <", "step <="),
)
exercise.mistake(
    "0 is reached at step total_steps, not one step earlier: no - 1",
    edit("total_steps - warm_steps", "total_steps - 1 - warm_steps"),
)
