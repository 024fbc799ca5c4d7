"""Exercise without_negatives: no negative numbers."""

import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

WITHOUT_NEGATIVES = Exercise(
    chapter="01",
    signature="without_negatives(table)",
    title="no negative numbers",
    prompt="""
        Write `without_negatives(table)`: negative numbers become 0, the others stay. The
        table that was given must not change. No loop.
    """,
    shapes="table: any shape, float32. Returns the same shape, float32.",
    cases=lambda: [(torch.tensor([[-1.0, 2.0], [0.5, -3.0]]),), (floats(2, 3, 2),)],
    large=lambda: (floats(30, 8),),
    model_answer="table.clamp(min=0)",
    why="clamp without underscore gives a new tensor and leaves the input alone.",
    hints=(
        "There is one function for limits from below and above.",
        "clamp takes min= and max=; each may be left out.",
        "table.clamp(…)",
    ),
    right=(
        "torch.where(table > 0, table, 0.)",
        "table * (table > 0)",
        "torch.relu(table)",
        """
        result = table.clone()
        result[result < 0] = 0
        return result
        """,
    ),
    mistakes=(
        KnownMistake("table.abs()", "abs turns -3 into 3; it should become 0"),
        KnownMistake("table[table >= 0]", "a mask alone takes elements out and loses the shape"),
        KnownMistake(
            "table.clamp(max=0)",
            "the negative numbers stayed and the others became 0; it is the reverse",
        ),
    ),
    rejected=(
        RejectedAnswer("table.clamp_(min=0)", "changed its input"),
        RejectedAnswer(
            "result = table\nresult[result < 0] = 0\nreturn result",
            "is only a second name",
        ),
        RejectedAnswer(
            """
            result = table.clone()
            for position in range(result.numel()):
                if result.view(-1)[position] < 0:
                    result.view(-1)[position] = 0
            return result
            """,
            "in a loop",
        ),
    ),
)
