"""Exercise snapshot: a snapshot that stays."""

import torch

from helpers.grading.exercise import Exercise, RejectedAnswer

SNAPSHOT = Exercise(
    chapter="01",
    signature="snapshot(weights)",
    title="a snapshot that stays",
    prompt="""
        During training the weights change in place. Write `snapshot(weights)`: the values
        of this moment, which later changes do not reach, and which carry no gradient.
    """,
    shapes="weights: any shape, requires_grad. Returns the same shape, a copy.",
    cases=lambda: [
        (torch.tensor([1.0, 2.0], requires_grad=True),),
        (torch.ones(2, 2, requires_grad=True),),
    ],
    model_answer="weights.detach().clone()",
    why="detach leaves the graph and shares memory; clone then makes the copy.",
    hints=(
        "Two things are asked: no gradient, and memory of its own.",
        "detach does the first, clone does the second.",
        "weights.detach()…",
    ),
    right=(
        "weights.clone().detach()",
        "torch.tensor(weights.tolist())",
        """
        with torch.no_grad():
            return weights.clone()
        """,
    ),
    rejected=(
        RejectedAnswer("weights.detach()", "a view: writing to it would change the input"),
        RejectedAnswer("weights", "still carries the gradient"),
        RejectedAnswer("weights.clone()", "still carries the gradient"),
        RejectedAnswer("weights.detach().double()", "dtype float64 instead of float32"),
        RejectedAnswer("return weights.detach_().clone()", "whether its input carries a gradient"),
    ),
    asks=frozenset({"copy"}),
)
