"""Exercise drop: dropout with a given mask."""

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

DROP = Exercise(
    chapter="03",
    signature="drop(values, keep, p, training)",
    title="dropout with a given mask",
    prompt="""
        Write `drop(values, keep, p, training)`: dropout with a mask that is already drawn. Where
        `keep` is False the value becomes 0. Scale the rest so that the expectation stays
        the same. When `training` is False, return the values as they are.
    """,
    shapes="values: float32. keep: the same shape, bool. p: share that is dropped.",
    cases=lambda: [
        (floats(2, 3, seed=4), integers(2, 3, high=2).bool(), 0.25, False),
        (floats(2, 4), integers(2, 4, high=2, seed=1).bool(), 0.5, True),
        (floats(3, 3, seed=2), integers(3, 3, high=4, seed=3) > 0, 0.25, True),
    ],
    model_answer="""
        if not training:
            return values
        return values * keep / (1 - p)
    """,
    why="A share of 1 - p survives, so dividing by 1 - p keeps the mean what it was.",
    hints=(
        "A bool tensor times a float tensor gives 0 where it is False.",
        "With p = 0.5 half of the values are lost; what must the others be multiplied by?",
        "values * keep / (1 - p), and values alone outside training",
    ),
    right=(
        "torch.where(keep, values / (1 - p), 0.0) if training else values.clone()",
        """
        factor = keep.float().div(1 - p) if training else torch.ones_like(values)
        return values.mul(factor)
        """,
    ),
    mistakes=(
        KnownMistake(
            "values * keep if training else values",
            "without scaling, the next layer gets less in training than in eval()",
        ),
        KnownMistake(
            "values * keep / p if training else values",
            "a share of 1 - p survives; p is the share that is dropped",
        ),
        KnownMistake(
            "values * keep * (1 - p) if training else values",
            "times 1 - p makes the rest smaller; divide by 1 - p",
        ),
        KnownMistake("values * keep / (1 - p)", "outside training nothing is dropped"),
        KnownMistake(
            "values * keep if training else values * (1 - p)",
            "the old way scaled in eval(); today eval() changes nothing",
        ),
        KnownMistake(
            "values * ~keep / (1 - p) if training else values",
            "keep is True where the value stays",
        ),
    ),
    rejected=(
        RejectedAnswer(
            "return values.mul_(keep).div_(1 - p) if training else values",
            "changed its input",
        ),
    ),
)
