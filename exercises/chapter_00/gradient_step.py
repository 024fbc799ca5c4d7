import torch

from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "gradient_step(weight, gradient, rate)",
    title="be the optimiser",
    prompt="""
        An optimiser of the simplest kind takes `rate` times the gradient away from the
        parameters. Write `gradient_step(weight, gradient, rate)`, which returns the new
        weights. The given tensors must not change.
    """,
    shapes="weight, gradient: the same shape, float32. rate: float. Returns that shape.",
    cases=[
        lambda: (torch.tensor([1.0, 2.0, -1.0]), torch.tensor([4.0, -2.0, 0.5]), 0.1),
        lambda: (torch.tensor([[0.5], [3.0]]), torch.tensor([[-1.0], [8.0]]), 0.01),
    ],
    hints=(
        "Tensors are added, subtracted and multiplied element by element, with + - *.",
        "The step is rate * gradient.",
        "weight - …",
    ),
)


@exercise.answer(why="Minus, because the loss grows along the gradient; rate keeps the step small.")
def gradient_step(weight, gradient, rate):
    return weight - rate * gradient


exercise.right(lambda weight, gradient, rate: weight.sub(gradient, alpha=rate))
exercise.right(lambda weight, gradient, rate: torch.add(weight, gradient, alpha=-rate))
exercise.right(lambda weight, gradient, rate: weight + gradient * (-rate))

exercise.mistake("this goes along the gradient: the loss would grow", edit("- rate", "+ rate"))
exercise.mistake("0.2 was this chapter's rate; use the argument rate", edit("rate *", "0.2 *"))
exercise.mistake(
    "the rate is missing, and the step is too long",
    edit("rate * gradient", "gradient"),
)
exercise.mistake(
    "this is the step; take it away from the weight",
    edit("return weight -", "return"),
)
exercise.mistake("you divided by the rate; multiply", edit("rate * gradient", "gradient / rate"))
exercise.mistake(
    "only the gradient is multiplied by the rate",
    lambda weight, gradient, rate: (weight - gradient) * rate,
)


@exercise.rejected("changed its input")
def _(weight, gradient, rate):
    weight -= rate * gradient
    return weight


exercise.rejected(
    "Tensor was asked for",
    lambda weight, gradient, rate: (weight - rate * gradient).tolist(),
)
exercise.rejected(
    "the dtype is not",
    lambda weight, gradient, rate: (weight - rate * gradient).double(),
)
