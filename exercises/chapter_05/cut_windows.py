"""Exercise cut_windows: look further ahead."""

import torch

from exercises._samples import floats
from exercises.chapter_05._shared import as_tuple
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

_WINDOWS = """
    count = {count}
    inputs = torch.stack([values[i : i + past] for i in range(count)])
    targets = torch.stack([values[{target}] for i in range(count)])
    return inputs, targets
"""


def _cut(
    count: str = "len(values) - past - ahead + 1", target: str = "i + past + ahead - 1"
) -> str:
    """The windows with one part in another way."""
    return _WINDOWS.format(count=count, target=target)


CUT_WINDOWS = Exercise(
    chapter="05",
    signature="cut_windows(values, past, ahead)",
    title="look further ahead",
    prompt="""
        Write `cut_windows(values, past, ahead)`: the inputs are all windows of `past`
        values in a row, one starting at each place; the target of a window is the value
        `ahead` steps after its last one (`ahead=1` is the next). Return `(inputs, targets)`
        of shapes (windows, past) and (windows,), with every window that has a target.
    """,
    shapes="values: float32 (count,). Returns (windows, past) and (windows,).",
    cases=lambda: [
        (torch.arange(10.0) * 2, 4, 3),
        (torch.arange(10.0), 3, 1),
        (floats(12), 2, 2),
    ],
    model_answer="""
        count = len(values) - past - ahead + 1
        inputs = values.unfold(0, past, 1)[:count]
        targets = values[past + ahead - 1 :]
        return inputs, targets
    """,
    why="The last target is the last value, so past + ahead - 1 values have no window.",
    hints=(
        "Write down the first window and its target for past=3, ahead=2: places 0, 1, 2 and 4.",
        "The target of window i stands at i + past + ahead - 1.",
        "The last target is the last value: there are len(values) - past - ahead + 1 windows.",
    ),
    right=(
        _cut(),
        """
        whole = values.unfold(0, past + ahead, 1)
        return whole[:, :past], whole[:, -1]
        """,
    ),
    mistakes=(
        KnownMistake(
            _cut(count="len(values) - past - ahead", target="i + past + ahead"),
            "the target is one step too far; ahead=1 is the value right after the window",
        ),
        KnownMistake(
            _cut(count="len(values) - past - ahead"),
            "one window is missing: the last one, whose target is the last value",
        ),
        KnownMistake(
            _cut(count="len(values) - past", target="i + past"),
            "ahead was not used: this is always the next value",
        ),
        KnownMistake(
            _cut(target="i + past"),
            "the target is the next value; it should be the one `ahead` steps on",
        ),
        KnownMistake(
            """
            inputs = values.unfold(0, past, 1)
            return inputs, values[past + ahead - 1 :]
            """,
            "the last windows have no target; leave them out",
        ),
        KnownMistake(
            """
            whole = values.unfold(0, past + ahead, 1)
            return whole[:, :past], whole[:, past:]
            """,
            "these are all values up to the target; only the last of them is asked for",
        ),
        KnownMistake(
            """
            whole = values.unfold(0, past + ahead, 1)
            return whole[:, :past], whole[:, -1:]
            """,
            "the targets are a column, (windows, 1); an index, not a slice, gives (windows,)",
        ),
        KnownMistake(
            _cut(target="i + ahead"),
            "the steps are counted from the first value of the window; count from its last",
        ),
        KnownMistake(
            _cut(target="i + ahead - 1"),
            "the steps are counted from the first value of the window; count from its last",
        ),
        KnownMistake(
            _cut(target="i + past + ahead - 2"),
            "the target is one step too near; ahead=1 is the value right after the window",
        ),
        KnownMistake(
            _cut(count="len(values) - past"),
            "the last windows have no target: there are len(values) - past - ahead + 1",
        ),
    ),
    rejected=(
        RejectedAnswer(_cut(target="i"), "instead of"),
        RejectedAnswer("return values.unfold(0, past, 1), values.unfold(0, ahead, 1)", "shape"),
    ),
    canonical=as_tuple,
)
