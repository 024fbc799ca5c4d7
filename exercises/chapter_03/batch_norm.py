import torch
from torch.nn import functional as F

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "batch_norm(values, running_mean, running_var)",
    title="batch norm with its memory",
    prompt="""
        Write `batch_norm(values, running_mean, running_var)`: what `nn.BatchNorm1d` does in
        training, with `eps=1e-5` and `momentum=0.1`, weight 1 and bias 0. Return three
        tensors: the normalised values, the new running mean and the new running variance.
        Do not change what you are given. `F.batch_norm` is accepted too, but by hand you
        learn more.
    """,
    shapes="values: (batch, features). The others: (features,). Returns a tuple of 3.",
    cases=[
        lambda: (floats(4, 3), torch.zeros(3), torch.ones(3)),
        lambda: (floats(6, 2, seed=4), torch.tensor([2.0, -1.0]), torch.tensor([4.0, 0.5])),
        lambda: (floats(4, 2, seed=4) / 300, torch.zeros(2), torch.ones(2)),
        lambda: (floats(4, 1, seed=6), torch.tensor([1.0]), torch.tensor([2.0])),
        lambda: (floats(5, 3, seed=7) + 20, torch.zeros(3), torch.ones(3)),
    ],
    hints=(
        "The statistics of this batch run along dim 0: one for each column.",
        "values.var(dim=0, correction=0) normalises, values.var(dim=0) is remembered.",
        "new_mean = 0.9 * running_mean + 0.1 * mean",
    ),
)


@exercise.answer(
    why="It divides by n to normalise, by n - 1 to remember; the memory moves by a tenth."
)
def batch_norm(values, running_mean, running_var):
    mean = values.mean(dim=0)
    variance = values.var(dim=0, correction=0)
    normalised = (values - mean) / (variance + 1e-5).sqrt()
    new_mean = 0.9 * running_mean + 0.1 * mean
    new_var = 0.9 * running_var + 0.1 * values.var(dim=0)
    return normalised, new_mean, new_var


@exercise.right
def _(values, running_mean, running_var):
    new_mean, new_var = running_mean.clone(), running_var.clone()
    normalised = F.batch_norm(values, new_mean, new_var, training=True)
    return normalised, new_mean, new_var


@exercise.right
def _(values, running_mean, running_var):
    variance, mean = torch.var_mean(values, dim=0)
    biased = variance * (len(values) - 1) / len(values)
    return (
        (values - mean) * torch.rsqrt(biased + 1e-5),
        torch.lerp(running_mean, mean, 0.1),
        torch.lerp(running_var, variance, 0.1),
    )


exercise.mistake(
    "to normalise, the variance is divided by n: correction=0",
    edit("values.var(dim=0, correction=0)", "values.var(dim=0)"),
)
exercise.mistake(
    "what is remembered is the variance divided by n - 1",
    edit("0.1 * values.var(dim=0)", "0.1 * variance"),
)
exercise.mistake(
    "momentum=0.1 is the share of the new batch; 0.9 of the old stays",
    edit("0.9 * running_mean + 0.1", "0.1 * running_mean + 0.9").edit(
        "0.9 * running_var + 0.1", "0.1 * running_var + 0.9"
    ),
)


@exercise.mistake("this is what batch norm does in eval(); in training it uses the batch")
def _(values, running_mean, running_var):
    normalised = (values - running_mean) / (running_var + 1e-5).sqrt()
    return normalised, running_mean.clone(), running_var.clone()


exercise.mistake(
    "eps is added to the variance, inside the root",
    edit("(variance + 1e-5).sqrt()", "(variance.sqrt() + 1e-5)"),
)


@exercise.rejected("changed its input")
def _(values, running_mean, running_var):
    normalised = F.batch_norm(values, running_mean, running_var, training=True)
    return normalised, running_mean, running_var
