"""Exercise stack_channels: three channels, one image."""

from exercises.chapter_01._shared import counted
from helpers.grading.exercise import Exercise, KnownMistake

STACK_CHANNELS = Exercise(
    chapter="01",
    signature="stack_channels(red, green, blue)",
    title="three channels, one image",
    prompt="""
        Write `stack_channels(red, green, blue)`: three grey images of the same size
        become one colour image with the channels in front.
    """,
    shapes="red, green, blue: (height, width). Returns (3, height, width).",
    cases=lambda: [
        (counted(2, 3), counted(2, 3) + 10, counted(2, 3) + 20),
        (counted(3, 3), counted(3, 3) + 10, counted(3, 3) + 20),
    ],
    model_answer="torch.stack([red, green, blue])",
    why="stack makes a new dimension; cat would lengthen one that is there.",
    hints=(
        "The result has one dimension more than each part.",
        "cat joins along a dimension that exists; the other function makes a new one.",
        "torch.stack([…])",
    ),
    right=(
        "torch.cat([red[None], green[None], blue[None]])",
        "torch.cat([red, green, blue]).view(3, *red.shape)",
    ),
    mistakes=(
        KnownMistake(
            "torch.cat([red, green, blue])",
            "cat puts them below each other; stack makes the new dimension",
        ),
        KnownMistake(
            "torch.stack([red, green, blue], dim=-1)",
            "the channels are last; dim=0 puts them in front",
        ),
        KnownMistake(
            "torch.stack([blue, green, red])",
            "the order is blue, green, red; OpenCV does that, PyTorch does not",
        ),
        KnownMistake(
            "torch.stack(red, green, blue)",
            "stack takes one list: put square brackets around the three",
        ),
        KnownMistake(
            "torch.tensor([red, green, blue])",
            "torch.tensor makes tensors of numbers; to join tensors, use stack",
        ),
    ),
)
