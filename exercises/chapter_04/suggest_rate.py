import numpy as np
import torch
from torch.nn import functional as F

from exercises._canonical import as_float
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "suggest_rate(rates, losses)",
    title="read a range test",
    prompt="""
        Write `suggest_rate(rates, losses)`. The losses of single batches jump, so first
        take the mean of each loss and its two neighbours (the first and the last have only
        one, and drop out). Find where this smooth loss is lowest, take the rate of the loss
        in the middle there, and return **a tenth** of it as a Python number: at the lowest
        point the rate is close to the edge.
    """,
    shapes="rates, losses: (n,), float32. Returns a float.",
    cases=[
        lambda: (
            2.0 ** torch.arange(-12, 3),
            torch.tensor(
                [2.8, 2.9, 3.2, 2.0, 1.3, 2.4, 0.7, 1.1, 2.2, 0.9, 1.1, 1.0, 3.4, 0.4, 4.5]
            ),
        ),
        lambda: (
            3.0 ** torch.arange(-8, 2),
            torch.tensor([2.8, 3.1, 0.9, 3.6, 2.1, 1.2, 1.5, 3.3, 1.0, 1.3]),
        ),
        lambda: (torch.arange(1.0, 9.0), torch.tensor([3.0, 0.1, 3.0, 2.0, 1.0, 1.5, 1.2, 4.0])),
        lambda: (torch.tensor([0.1, 0.2, 0.4]), torch.tensor([1.0, 3.0, 2.0])),
    ],
    canonical=as_float,
    hints=(
        "losses.unfold(0, 3, 1) gives all windows of three neighbours.",
        "Place 0 of the smooth losses belongs to which rate?",
        "rates[1:-1][smooth.argmin()] has the right rate; .item() / 10 finishes.",
    ),
)


@exercise.answer(
    why="The smooth losses begin at the second rate, so their place 0 belongs to rates[1]."
)
def suggest_rate(rates, losses):
    smooth = losses.unfold(0, 3, 1).mean(dim=1)
    return rates[smooth.argmin() + 1].item() / 10


@exercise.right
def _(rates, losses):
    smooth = (losses[:-2] + losses[1:-1] + losses[2:]) / 3
    return (rates[1:-1][smooth.argmin()] / 10).item()


@exercise.right
def _(rates, losses):
    smooth = F.avg_pool1d(losses[None, None], 3, stride=1)[0, 0]
    return 0.1 * float(rates[1 + int(smooth.argmin())])


@exercise.right
def _(rates, losses):
    smooth = np.convolve(losses.numpy(), np.ones(3) / 3, mode="valid")
    return rates.numpy()[1 + smooth.argmin()] / 10


exercise.mistake(
    "a single lucky batch decides here; take the mean of three neighbours first",
    lambda rates, losses: rates[losses.argmin()].item() / 10,
)
exercise.mistake(
    "the smooth losses begin at the second rate: + 1",
    edit("argmin() + 1", "argmin()"),
)
exercise.mistake(
    "this is the rate at the lowest point itself; a tenth of it was asked for",
    edit("item() / 10", "item()"),
)
exercise.mistake(
    "this is the last rate of the three; the one in the middle is at + 1",
    edit("+ 1", "+ 2"),
)
exercise.mistake(
    "these are windows of five losses; each loss and its two neighbours are three",
    edit("unfold(0, 3, 1)", "unfold(0, 5, 1)").edit("+ 1", "+ 2"),
)
exercise.mistake(
    "this is the median of the three; the mean was asked for",
    edit("mean(dim=1)", "median(dim=1).values"),
)


@exercise.mistake("the first and the last loss have one neighbour only; they drop out")
def _(rates, losses):
    row = losses[None, None]
    smooth = F.avg_pool1d(row, 3, 1, padding=1, count_include_pad=False)[0, 0]
    return rates[smooth.argmin()].item() / 10


exercise.mistake(
    "min() is the lowest loss; argmin() says where it is",
    edit("rates[smooth.argmin() + 1]", "smooth.min()"),
)
exercise.mistake(
    "argmax() finds the highest of the smooth losses; argmin() finds the lowest",
    edit("argmin", "argmax"),
)
exercise.mistake(
    "here the smooth loss falls most steeply; where it is lowest was asked for",
    edit("argmin", "diff().argmin"),
)
exercise.mistake(
    "this is the end of the steepest fall; where the smooth loss is lowest was asked for",
    edit("argmin() + 1", "diff().argmin() + 2"),
)
exercise.mistake(
    "these are means of two losses; each loss and its two neighbours are three",
    edit("losses.unfold(0, 3, 1).mean(dim=1)", "(losses[1:] + losses[:-1]) / 2").edit(
        "argmin() + 1", "argmin()"
    ),
)
exercise.mistake(
    "this takes the mean of two losses; each loss and its two neighbours are three",
    edit("losses.unfold(0, 3, 1).mean(dim=1)", "(losses[1:] + losses[:-1]) / 2"),
)
