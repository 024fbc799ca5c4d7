import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "without_negatives(table)",
    title="no negative numbers",
    prompt="""
        Write `without_negatives(table)`: negative numbers become 0, the others stay. The
        table that was given must not change. No loop.
    """,
    shapes="table: any shape, float32. Returns the same shape, float32.",
    cases=[
        lambda: (torch.tensor([[-1.0, 2.0], [0.5, -3.0]]),),
        lambda: (floats(2, 3, 2),),
        lambda: (floats(1, 4, seed=1),),
    ],
    large=lambda: (floats(30, 8),),
    hints=(
        "There is one function for limits from below and above.",
        "clamp takes min= and max=; each may be left out.",
        "table.clamp(…)",
    ),
)


@exercise.answer(why="clamp without underscore gives a new tensor and leaves the input alone.")
def without_negatives(table):
    return table.clamp(min=0)


exercise.right(lambda table: torch.where(table > 0, table, 0.0))
exercise.right(lambda table: table * (table > 0))
exercise.right(lambda table: torch.relu(table))


@exercise.right
def with_a_mask(table):
    result = table.clone()
    result[result < 0] = 0
    return result


exercise.mistake("abs turns -3 into 3; it should become 0", lambda table: table.abs())
exercise.mistake(
    "a mask alone takes elements out and loses the shape",
    lambda table: table[table >= 0],
)
exercise.mistake(
    "the negative numbers stayed and the others became 0; it is the reverse",
    edit("min=0", "max=0"),
)

exercise.rejected("changed its input", edit("clamp", "clamp_"))
exercise.rejected("is only a second name", edit("table.clone()", "table", of=with_a_mask))


@exercise.rejected("in a loop")
def _(table):
    result = table.clone()
    for position in range(result.numel()):
        if result.view(-1)[position] < 0:
            result.view(-1)[position] = 0
    return result
