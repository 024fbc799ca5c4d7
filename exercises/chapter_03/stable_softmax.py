import torch
from torch.nn import functional as F

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "stable_softmax(scores)",
    title="a softmax without overflow",
    prompt="""
        Write `stable_softmax(scores)`: for each row `exp(score)` divided by the sum of the
        row. It must also work for scores such as 1000, whose `exp` is infinite.
        `F.softmax` is accepted too, but by hand you learn more.
    """,
    shapes="scores: (rows, classes), float32. Returns the same shape.",
    cases=[
        lambda: (floats(3, 4),),
        lambda: (torch.tensor([[1000.0, 1001.0, 999.0], [-1000.0, -1000.0, -1001.0]]),),
        lambda: (floats(1, 4, seed=1),),
        lambda: (floats(3, 1, seed=2),),
    ],
    large=lambda: (floats(40, 4),),
    hints=(
        "Adding the same number to all scores of a row changes nothing.",
        "Which number, subtracted, makes the largest exponent 0?",
        "scores - scores.amax(dim=1, keepdim=True), then as before",
    ),
)


@exercise.answer(why="The shift cancels in the fraction, and no exponent is greater than 0.")
def stable_softmax(scores):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    powers = shifted.exp()
    return powers / powers.sum(dim=1, keepdim=True)


exercise.right(lambda scores: F.softmax(scores, dim=1))
exercise.right(lambda scores: (scores - scores.logsumexp(dim=1, keepdim=True)).exp())

exercise.mistake(
    "exp(1000) is infinite, and infinity by infinity is nan; subtract the largest score of the "
    "row first",
    lambda scores: scores.exp() / scores.exp().sum(dim=1, keepdim=True),
)
exercise.mistake(
    "one maximum for the whole table: in the other rows all powers become 0",
    edit("scores.amax(dim=1, keepdim=True)", "scores.max()"),
)
exercise.mistake(
    "max(dim=1) gives values and indices; amax gives the values alone",
    edit("scores.amax(dim=1, keepdim=True)", "scores.max(dim=1)"),
)
exercise.mistake(
    "without keepdim=True the row of maxima meets the columns",
    edit("amax(dim=1, keepdim=True)", "amax(dim=1)"),
)
exercise.mistake(
    "this runs down the columns; the classes of one row are along dim 1",
    lambda scores: F.softmax(scores, dim=0),
)
exercise.mistake("these are the logarithms", lambda scores: F.log_softmax(scores, dim=1))

exercise.rejected(
    "in a loop",
    lambda scores: torch.stack([F.softmax(row, dim=0) for row in scores]),
)
