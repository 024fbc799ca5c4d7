import torch

from exercises._canonical import as_tuple
from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "cut_windows(values, past, ahead)",
    title="look further ahead",
    prompt="""
        Write `cut_windows(values, past, ahead)`: the inputs are all windows of `past`
        values in a row, one starting at each place; the target of a window is the value
        `ahead` steps after its last one (`ahead=1` is the next). Return `(inputs, targets)`
        of shapes (windows, past) and (windows,), with every window that has a target.
    """,
    shapes="values: float32 (count,). Returns (windows, past) and (windows,).",
    cases=[
        lambda: (torch.arange(10.0) * 2, 4, 3),
        lambda: (torch.arange(10.0), 3, 1),
        lambda: (floats(12), 2, 2),
        lambda: (torch.arange(5.0) * 3, 3, 2),
        lambda: (floats(6, seed=4), 1, 2),
        lambda: (floats(20, seed=5)[::2], 3, 2),
    ],
    hints=(
        "Write down the first window and its target for past=3, ahead=2: places 0, 1, 2 and 4.",
        "The target of window i stands at i + past + ahead - 1.",
        "The last target is the last value: there are len(values) - past - ahead + 1 windows.",
    ),
    canonical=as_tuple,
)


@exercise.answer(
    why="The last target is the last value, so past + ahead - 1 values have no window."
)
def cut_windows(values, past, ahead):
    count = len(values) - past - ahead + 1
    inputs = values.unfold(0, past, 1)[:count]
    targets = values[past + ahead - 1 :]
    return inputs, targets


@exercise.right
def in_a_loop(values, past, ahead):
    count = len(values) - past - ahead + 1
    inputs = torch.stack([values[i : i + past] for i in range(count)])
    targets = torch.stack([values[i + past + ahead - 1] for i in range(count)])
    return inputs, targets


@exercise.right
def cut_once(values, past, ahead):
    whole = values.unfold(0, past + ahead, 1)
    return whole[:, :past], whole[:, -1]


exercise.mistake(
    "the target is one step too far; ahead=1 is the value right after the window",
    edit("ahead + 1", "ahead", of=in_a_loop).edit("ahead - 1", "ahead"),
)
exercise.mistake(
    "one window is missing: the last one, whose target is the last value",
    edit("ahead + 1", "ahead", of=in_a_loop),
)
exercise.mistake(
    "ahead was not used: this is always the next value",
    edit("past - ahead + 1", "past", of=in_a_loop).edit("past + ahead - 1", "past"),
)
exercise.mistake(
    "the target is the next value; it should be the one `ahead` steps on",
    edit("past + ahead - 1", "past", of=in_a_loop),
)
exercise.mistake("the last windows have no target; leave them out", edit("[:count]", ""))
exercise.mistake(
    "these are all values up to the target; only the last of them is asked for",
    edit("whole[:, -1]", "whole[:, past:]", of=cut_once),
)
exercise.mistake(
    "the targets are a column, (windows, 1); an index, not a slice, gives (windows,)",
    edit("whole[:, -1]", "whole[:, -1:]", of=cut_once),
)
exercise.mistake(
    "the steps are counted from the first value of the window; count from its last",
    edit("past + ahead - 1", "ahead", of=in_a_loop),
)
exercise.mistake(
    "the steps are counted from the first value of the window; count from its last",
    edit("past + ahead", "ahead", of=in_a_loop),
)
exercise.mistake(
    "the target is one step too near; ahead=1 is the value right after the window",
    edit("ahead - 1", "ahead - 2", of=in_a_loop),
)
exercise.mistake(
    "the last windows have no target: there are len(values) - past - ahead + 1",
    edit("past - ahead + 1", "past", of=in_a_loop),
)

exercise.rejected("instead of", edit("[i + past + ahead - 1]", "[i]", of=in_a_loop))
exercise.rejected(
    "shape",
    lambda values, past, ahead: (values.unfold(0, past, 1), values.unfold(0, ahead, 1)),
)
