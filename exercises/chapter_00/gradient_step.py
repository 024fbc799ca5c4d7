"""Exercise gradient_step: be the optimiser."""

import torch

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

GRADIENT_STEP = Exercise(
    chapter="00",
    signature="gradient_step(weight, gradient, rate)",
    title="be the optimiser",
    prompt="""
        An optimiser of the simplest kind takes `rate` times the gradient away from the
        parameters. Write `gradient_step(weight, gradient, rate)`, which returns the new
        weights. The given tensors must not change.
    """,
    shapes="weight, gradient: the same shape, float32. rate: float. Returns that shape.",
    cases=lambda: [
        (torch.tensor([1.0, 2.0, -1.0]), torch.tensor([4.0, -2.0, 0.5]), 0.1),
        (torch.tensor([[0.5], [3.0]]), torch.tensor([[-1.0], [8.0]]), 0.01),
    ],
    model_answer="weight - rate * gradient",
    why="Minus, because the loss grows along the gradient; rate keeps the step small.",
    hints=(
        "Tensors are added, subtracted and multiplied element by element, with + - *.",
        "The step is rate * gradient.",
        "weight - …",
    ),
    right=(
        "weight.sub(gradient, alpha=rate)",
        "torch.add(weight, gradient, alpha=-rate)",
        "weight + gradient * (-rate)",
    ),
    mistakes=(
        KnownMistake(
            "weight + rate * gradient", "this goes along the gradient: the loss would grow"
        ),
        KnownMistake(
            "weight - 0.2 * gradient", "0.2 was this chapter's rate; use the argument rate"
        ),
        KnownMistake("weight - gradient", "the rate is missing, and the step is too long"),
        KnownMistake("rate * gradient", "this is the step; take it away from the weight"),
        KnownMistake("weight - gradient / rate", "you divided by the rate; multiply"),
        KnownMistake("(weight - gradient) * rate", "only the gradient is multiplied by the rate"),
    ),
    rejected=(
        RejectedAnswer("weight -= rate * gradient\nreturn weight", "changed its input"),
        RejectedAnswer("(weight - rate * gradient).tolist()", "Tensor was asked for"),
        RejectedAnswer("(weight - rate * gradient).double()", "the dtype is not"),
    ),
)
