import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "adam_step(weight, gradient, mean, square, step, rate)",
    title="a step of Adam by hand",
    prompt="""
        Write `adam_step(weight, gradient, mean, square, step, rate)`. Adam keeps two running
        means: `mean` of the gradients (0.9 of the old, 0.1 of the new one) and `square` of
        their squares (0.999 of the old). Both start at 0 and are too small at first, so
        divide them by `1 - 0.9**step` and `1 - 0.999**step`; `step` counts from 1. The
        weight goes down by the rate times the corrected mean, divided by the root of the
        corrected square plus `1e-8`. Return three new tensors: the weight, and both running
        means as they are kept, not corrected.
    """,
    shapes="weight, gradient, mean, square: one shape. step: int. Returns a tuple of 3.",
    cases=[
        lambda: (
            floats(2, 2),
            floats(2, 2, seed=2),
            floats(2, 2, seed=3),
            torch.ones(2, 2),
            4,
            0.5,
        ),
        lambda: (floats(3), floats(3, seed=1), torch.zeros(3), torch.zeros(3), 1, 0.1),
        lambda: (
            torch.ones(3),
            torch.tensor([1e-6, -2e-6, 0.0]),
            torch.zeros(3),
            torch.zeros(3),
            1,
            0.1,
        ),
        lambda: (
            floats(1, 1, seed=4),
            floats(1, 1, seed=5),
            floats(1, 1, seed=6),
            torch.ones(1, 1),
            2,
            0.1,
        ),
    ],
    hints=(
        "First update both running means with the new gradient, then correct them.",
        "mean = 0.9 * mean + 0.1 * gradient makes a new tensor; the old one stays.",
        "weight - rate * (mean / (1 - 0.9**step)) / (root of the corrected square + 1e-8)",
    ),
)


@exercise.answer(
    why="The mean says where to go; the root of the square makes all steps of one size."
)
def adam_step(weight, gradient, mean, square, step, rate):
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * gradient**2
    corrected = mean / (1 - 0.9**step)
    spread = square / (1 - 0.999**step)
    return weight - rate * corrected / (spread.sqrt() + 1e-8), mean, square


@exercise.right
def _(weight, gradient, mean, square, step, rate):
    mean = torch.lerp(mean, gradient, 0.1)
    square = square * 0.999 + gradient * gradient * 0.001
    down = rate / (1 - 0.9**step) * mean
    return weight - down / ((square / (1 - 0.999**step)) ** 0.5 + 1e-8), mean, square


@exercise.right
def _(weight, gradient, mean, square, step, rate):
    mean = mean.mul(0.9).add(gradient, alpha=0.1)
    square = square.mul(0.999).addcmul(gradient, gradient, value=0.001)
    root = square.div(1 - 0.999**step).sqrt().add(1e-8)
    new = weight.addcdiv(mean / (1 - 0.9**step), root, value=-rate)
    return new, mean, square


exercise.mistake(
    "the running means start at 0 and must be corrected: / (1 - 0.9**step)",
    edit("mean / (1 - 0.9**step)", "mean").edit("square / (1 - 0.999**step)", "square"),
)
exercise.mistake(
    "the corrected mean is not divided: / (root of the corrected square + 1e-8)",
    edit("/ (spread.sqrt() + 1e-8)", "/ 1"),
)


@exercise.mistake("0.9 and 0.999 are exchanged: the mean keeps 0.9, the squares keep 0.999")
def _(weight, gradient, mean, square, step, rate):
    mean = 0.999 * mean + 0.001 * gradient
    square = 0.9 * square + 0.1 * gradient**2
    corrected = mean / (1 - 0.999**step)
    spread = square / (1 - 0.9**step)
    return weight - rate * corrected / (spread.sqrt() + 1e-8), mean, square


exercise.mistake("this goes uphill: the step is subtracted", edit("- rate", "+ rate"))
exercise.mistake(
    "divide by the root of the square, so that the units fit: .sqrt()",
    edit("spread.sqrt()", "spread"),
)
exercise.mistake(
    "0.9 is the share of the old mean, 0.1 that of the new gradient",
    edit("0.9 * mean + 0.1", "0.1 * mean + 0.9"),
)
exercise.mistake(
    "the squares keep 0.999 of the old: 0.001 of the new one comes in",
    edit("0.999 * square + 0.001", "0.9 * square + 0.1"),
)
exercise.mistake(
    "0.999 of the old square is kept, so 0.001 of the new one comes in, not 0.1",
    edit("0.001", "0.1"),
)
exercise.mistake(
    "step counts from 1 already: 0.9**step, without + 1",
    edit("0.9**step", "0.9 ** (step + 1)").edit("0.999**step", "0.999 ** (step + 1)"),
)
exercise.mistake(
    "the running means are exchanged: the mean comes first, then the square",
    edit("mean, square", "square, mean"),
)
exercise.mistake(
    "square is the mean of the squared gradients: gradient**2",
    edit("gradient**2", "gradient"),
)
exercise.mistake(
    "the corrected means came back; the next step needs them as they are kept",
    edit("mean, square", "corrected, spread"),
)
exercise.mistake(
    "a gradient of 0 gives 0 / 0, nan; 1e-8 is added to the root",
    edit("(spread.sqrt() + 1e-8)", "spread.sqrt()"),
)
exercise.mistake(
    "1e-8 is added to the root, not under it: there a tiny gradient drowns in it",
    edit("(spread.sqrt() + 1e-8)", "(spread + 1e-8).sqrt()"),
)


@exercise.rejected("changed its input")
def _(weight, gradient, mean, square, step, rate):
    mean.mul_(0.9).add_(gradient, alpha=0.1)
    square = 0.999 * square + 0.001 * gradient**2
    root = (square / (1 - 0.999**step)).sqrt() + 1e-8
    return weight - rate * mean / (1 - 0.9**step) / root, mean, square
