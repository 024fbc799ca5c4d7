import torch

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise

exercise = Exercise(
    "drop(values, keep, p, training)",
    title="dropout with a given mask",
    prompt="""
        Write `drop(values, keep, p, training)`: dropout with a mask that is already drawn. Where
        `keep` is False the value becomes 0. Scale the rest so that the expectation stays
        the same. When `training` is False, return the values as they are.
    """,
    shapes="values: float32. keep: the same shape, bool. p: share that is dropped.",
    cases=[
        lambda: (floats(2, 3, seed=4), integers(2, 3, high=2).bool(), 0.25, False),
        lambda: (floats(2, 4), integers(2, 4, high=2, seed=1).bool(), 0.5, True),
        lambda: (floats(3, 3, seed=2), integers(3, 3, high=4, seed=3) > 0, 0.25, True),
        lambda: (floats(1, 4, seed=5), integers(1, 4, high=2, seed=1).bool(), 0.2, True),
    ],
    hints=(
        "A bool tensor times a float tensor gives 0 where it is False.",
        "With p = 0.5 half of the values are lost; what must the others be multiplied by?",
        "values * keep / (1 - p), and values alone outside training",
    ),
)


@exercise.answer(why="A share of 1 - p survives, so dividing by 1 - p keeps the mean what it was.")
def drop(values, keep, p, training):
    if not training:
        return values
    return values * keep / (1 - p)


@exercise.right
def _(values, keep, p, training):
    return torch.where(keep, values / (1 - p), 0.0) if training else values.clone()


@exercise.right
def _(values, keep, p, training):
    factor = keep.float().div(1 - p) if training else torch.ones_like(values)
    return values.mul(factor)


exercise.mistake(
    "without scaling, the next layer gets less in training than in eval()",
    lambda values, keep, p, training: values * keep if training else values,
)
exercise.mistake(
    "a share of 1 - p survives; p is the share that is dropped",
    lambda values, keep, p, training: values * keep / p if training else values,
)
exercise.mistake(
    "times 1 - p makes the rest smaller; divide by 1 - p",
    lambda values, keep, p, training: values * keep * (1 - p) if training else values,
)
exercise.mistake(
    "outside training nothing is dropped",
    lambda values, keep, p, training: values * keep / (1 - p),
)
exercise.mistake(
    "the old way scaled in eval(); today eval() changes nothing",
    lambda values, keep, p, training: values * keep if training else values * (1 - p),
)
exercise.mistake(
    "keep is True where the value stays",
    lambda values, keep, p, training: values * ~keep / (1 - p) if training else values,
)

exercise.rejected(
    "changed its input",
    lambda values, keep, p, training: values.mul_(keep).div_(1 - p) if training else values,
)
