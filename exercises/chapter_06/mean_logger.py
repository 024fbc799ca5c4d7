from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from helpers import data, train
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit


class Recorder:
    """A logger that notes how it was called."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """Note one number."""
        self.calls.append((tag, round(float(value), 5), step))

    def flush(self) -> None:
        """Note that it was flushed."""
        self.calls.append("flush")


# Tag, value, step; None is a flush. The tags come in turns, and no step tells how many came.
_GIVEN = (
    ("a", 1.0, 10),
    ("b", 10.0, 10),
    ("a", 3.0, 20),
    ("b", 30.0, 20),
    ("a", 5.0, 30),
    ("b", 50.0, 30),
    ("a", 9.0, 40),
    ("a", 20.0, 50),
    None,
    None,
    ("a", 7.0, 60),
    None,
)


def _wanted(size: int) -> Iterator[tuple[str, list[object]]]:
    """For each of `_GIVEN`: what waits, in words, and what has to reach the inner logger."""
    waiting: dict[str, list[tuple[float, int]]] = {}
    for given in _GIVEN:
        words = [
            f"{tag} {value} (step {step})"
            for tag, group in waiting.items()
            for value, step in group
        ]
        if given is not None:
            tag, value, step = given
            waiting.setdefault(tag, []).append((value, step))
        full = [tag for tag, group in waiting.items() if given is None or len(group) == size]
        means = [_mean(tag, waiting.pop(tag)) for tag in sorted(full)]
        yield ", ".join(words) or "nothing", [*means, *([] if given else ["flush"])]


def _mean(tag: str, group: list[tuple[float, int]]) -> tuple[str, float, int]:
    """How a group of values with their steps is passed on."""
    return tag, round(sum(value for value, _ in group) / len(group), 5), group[-1][1]


def _look_at_logger(result: Any, logger: Recorder, size: int) -> Any:
    """What reaches the inner logger: by hand, call by call, then in a run on real digits."""
    for name in ("add_scalar", "flush"):
        if not hasattr(result, name):
            raise Unfit(f"{type(result).__name__} came back; it needs add_scalar and flush")
    for given, (waiting, wanted) in zip(_GIVEN, _wanted(size), strict=True):
        logger.calls.clear()
        answer = result.flush() if given is None else result.add_scalar(*given)
        if answer is ...:
            return ...
        if _in_order(logger.calls) != wanted:
            came = "flush()" if given is None else f"add_scalar{given}"
            got = _told(_in_order(logger.calls))
            raise Unfit(
                f"what waited: {waiting}. Then came {came}. With this the other logger was "
                f"given {got}; expected: {_told(wanted)}"
            )
    result.add_scalar("a", 1.0, 70)
    _look_at_another(type(result), size)
    result.flush()
    logger.calls.clear()
    _run(result)
    return _in_order(logger.calls)


def _told(calls: list[object]) -> str:
    """Calls of the inner logger, in words."""
    said = [f"add_scalar{call}" if call != "flush" else "flush()" for call in calls]
    return ", ".join(said) or "nothing"


def _look_at_another(kind: type, size: int) -> None:
    """A second logger, beside one in which a value waits, has its own memory."""
    other = Recorder()
    second = kind(other, size)
    second.add_scalar("a", 100.0, 10)
    second.flush()
    if other.calls != [("a", 100.0, 10), "flush"]:
        raise Unfit(
            "a second MeanLogger, used beside the first, was given add_scalar('a', 100.0, 10) "
            f"and flush(). It gave its logger {_told(other.calls)}; expected: that value, and "
            "flush(). What an object remembers belongs to self, and is made in __init__"
        )


def _run(logger: Any) -> None:
    """Train a little on real digits."""
    images, labels = data.digits()
    pixels = images[:200].flatten(1).float() / 16
    loader = data.TensorLoader(pixels, labels[:200], batch_size=20)
    model = nn.Linear(64, 10)
    nn.init.zeros_(model.weight), nn.init.zeros_(model.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    loss = nn.CrossEntropyLoss()
    train.fit(model, loader, loss, optimizer, epochs=1, loggers=[logger], progress=False)


def _in_order(calls: list[Any]) -> list[Any]:
    """The calls, sorted between two flushes: in which order tags are passed on is free."""
    ordered: list[Any] = []
    waiting: list[tuple] = []
    for call in calls:
        if call == "flush":
            ordered += [*sorted(waiting, key=lambda one: (one[0], one[2])), call]
            waiting = []
        else:
            waiting.append(call)
    return ordered + sorted(waiting, key=lambda one: (one[0], one[2]))


exercise = ModuleExercise(
    "MeanLogger(logger, size)",
    title="a logger that passes on means",
    prompt="""
        Write the class `MeanLogger(logger, size)`, a logger for `train.fit` that passes less
        on to another logger. The values of each tag wait by themselves. As soon as `size`
        values of a tag wait, it calls `logger.add_scalar` once, with the tag, the mean of
        these values and the step of the last of them; then it forgets them. `flush` does
        the same with what still waits (a tag of which nothing waits is passed over), and
        then calls `logger.flush()`.

        With `size` 2: the values 1, 3 and 5 of one tag, at the steps 0, 1 and 2, become the
        value 2 at step 1, and at `flush` the value 5 at step 2.
    """,
    skeleton='''
        class MeanLogger:
            """Passes the mean of each `size` values of a tag to another logger."""

            def __init__(self, logger, size):
                ...

            def add_scalar(self, tag, value, step):
                return ...

            def flush(self):
                ...
    ''',
    cases=[lambda: (Recorder(), 2), lambda: (Recorder(), 4), lambda: (Recorder(), 1)],
    look=_look_at_logger,
    then="it was right by hand, with two tags in turns; then it was used in a run of "
    "train.fit, and what reached the other logger is compared",
    hints=(
        "Keep a dictionary, made in __init__: for each tag the values that wait, and the step "
        "of the last.",
        "When `size` values of a tag wait, pass on their mean and forget them.",
        "flush goes over all tags; the last group may be smaller, so divide by its length.",
    ),
)


@exercise.answer(
    why="Each tag waits by itself, and what has been passed on is forgotten. A mean of 50 "
    "losses trembles less, but at the step of the last of them it is late by half a group; "
    "so is a smoothed curve."
)
class MeanLogger:
    def __init__(self, logger, size):
        self.logger, self.size = logger, size
        self.waiting = {}  # tag: the values, and the step of the last

    def add_scalar(self, tag, value, step):
        values, _ = self.waiting.get(tag, ([], step))
        self.waiting[tag] = ([*values, value], step)
        if len(values) + 1 == self.size:
            self.pass_on(tag)

    def pass_on(self, tag):
        values, step = self.waiting.pop(tag)
        self.logger.add_scalar(tag, sum(values) / len(values), step)

    def flush(self):
        for tag in list(self.waiting):
            self.pass_on(tag)
        self.logger.flush()


@exercise.right
class InTwoDictionaries:
    def __init__(self, logger, size):
        self.logger, self.size = logger, size
        self.waiting, self.steps = {}, {}

    def add_scalar(self, tag, value, step):
        self.waiting.setdefault(tag, []).append(value)
        self.steps[tag] = step
        if len(self.waiting[tag]) == self.size:
            self.pass_on(tag)

    def pass_on(self, tag):
        values = self.waiting.pop(tag)
        self.logger.add_scalar(tag, sum(values) / len(values), self.steps[tag])

    def flush(self):
        for tag in list(self.waiting):
            self.pass_on(tag)
        self.logger.flush()


@exercise.right
class _:
    def __init__(self, logger, size):
        self.logger, self.size = logger, size
        self.sums, self.counts, self.steps = {}, {}, {}

    def add_scalar(self, tag, value, step):
        self.sums[tag] = self.sums.get(tag, 0.0) + float(value)
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.steps[tag] = step
        if self.counts[tag] >= self.size:
            self._send(tag)

    def _send(self, tag):
        mean = self.sums.pop(tag) / self.counts.pop(tag)
        self.logger.add_scalar(tag, mean, self.steps.pop(tag))

    def flush(self):
        for tag in sorted(self.sums):
            self._send(tag)
        self.logger.flush()


@exercise.right
class _:
    def __init__(self, logger, size):
        self.logger, self.size, self.groups = logger, size, {}

    def add_scalar(self, tag, value, step):
        group = self.groups.setdefault(tag, [])
        group.append((value, step))
        if len(group) == self.size:
            self.empty(tag, group)

    def empty(self, tag, group):
        mean = torch.tensor([value for value, _ in group]).mean()
        self.logger.add_scalar(tag, mean.item(), group[-1][1])
        group.clear()

    def flush(self):
        for tag, group in reversed(self.groups.items()):
            if group:
                self.empty(tag, group)
        self.logger.flush()


exercise.mistake(
    "what was left at flush is lost: pass it on first",
    edit("for tag in list(self.waiting):\n    self.pass_on(tag)", "", of=InTwoDictionaries),
)
exercise.mistake(
    "the last group may be smaller: divide by how many there are",
    edit("len(values)", "self.size", of=InTwoDictionaries),
)
exercise.mistake(
    "this is the last value of the group, not the mean",
    edit("sum(values) / len(values)", "values[-1]", of=InTwoDictionaries),
)
exercise.mistake(
    "this is the sum; the mean is divided by the number of values",
    edit(" / len(values)", "", of=InTwoDictionaries),
)


@exercise.mistake("the other logger was not flushed")
class _:
    def __init__(self, logger, size):
        self.logger, self.size = logger, size
        self.waiting, self.steps = {}, {}

    def add_scalar(self, tag, value, step):
        self.waiting.setdefault(tag, []).append(value)
        self.steps[tag] = step
        if len(self.waiting[tag]) == self.size:
            self.pass_on(tag)

    def pass_on(self, tag):
        values = self.waiting.pop(tag)
        self.logger.add_scalar(tag, sum(values) / len(values), self.steps[tag])

    def flush(self):
        for tag in list(self.waiting):
            self.pass_on(tag)


@exercise.mistake("values of different tags were put together: each tag waits by itself")
class _:
    def __init__(self, logger, size):
        self.logger, self.size, self.values = logger, size, []

    def add_scalar(self, tag, value, step):
        self.values.append(value)
        self.last = tag, step
        if len(self.values) == self.size:
            self.pass_on()

    def pass_on(self):
        tag, step = self.last
        self.logger.add_scalar(tag, sum(self.values) / len(self.values), step)
        self.values = []

    def flush(self):
        if self.values:
            self.pass_on()
        self.logger.flush()


exercise.mistake(
    "asked was the step of the last value of the group, not of an earlier one",
    edit("= step", "= self.steps.get(tag, step)", of=InTwoDictionaries),
)
exercise.mistake(
    "asked was the step of the last value of the group, not of an earlier one",
    edit(
        "self.waiting, self.steps = {}, {}",
        "self.waiting, self.steps, self.first = {}, {}, {}",
        of=InTwoDictionaries,
    )
    .edit("self.steps[tag] = step", "self.steps[tag] = self.first.setdefault(tag, step)")
    .edit("values = self.waiting.pop(tag)", "values = self.waiting.pop(tag)\nself.first.pop(tag)"),
)
exercise.mistake(
    "this came too early: count the values that wait; the step says nothing of them",
    edit("len(self.waiting[tag]) == self.size", "step % self.size == 0", of=InTwoDictionaries),
)
exercise.mistake(
    "values that were passed on still wait: forget them",
    edit(".pop(tag)", "[tag]", of=InTwoDictionaries),
)
exercise.mistake(
    "values that were passed on still wait: forget them",
    edit("values = self.waiting.pop(tag)", "values = self.waiting[tag]", of=InTwoDictionaries).edit(
        "for tag in list(self.waiting):\n    self.pass_on(tag)", ""
    ),
)
exercise.mistake(
    "values that were passed on still wait: forget them",
    edit("== self.size", "% self.size == 0", of=InTwoDictionaries).edit(".pop(tag)", "[tag]"),
)
exercise.mistake(
    "values that were passed on still wait: forget them",
    edit("== self.size", "% self.size == 0", of=InTwoDictionaries)
    .edit(".pop(tag)", "[tag]")
    .edit("for tag in list(self.waiting):\n    self.pass_on(tag)", ""),
)
exercise.mistake(
    "the other logger was flushed before it had everything: flush it last",
    edit("self.logger.flush()", "", of=InTwoDictionaries).edit(
        "def flush(self):", "def flush(self):\n    self.logger.flush()"
    ),
)
exercise.mistake(
    "a tag of which nothing waits has no mean: pass it over in flush",
    edit(
        "values = self.waiting.pop(tag)",
        "values = self.waiting[tag]\nself.waiting[tag] = []",
        of=InTwoDictionaries,
    ),
)
exercise.mistake(
    "a loop over a dictionary does not bear that something is taken out of it: loop over "
    "list(self.waiting)",
    edit("list(self.waiting)", "self.waiting", of=InTwoDictionaries),
)


@exercise.mistake("the mean has to come with the value that completes the group, not later")
class _:
    def __init__(self, logger, size):
        self.logger, self.size = logger, size
        self.waiting, self.steps = {}, {}

    def add_scalar(self, tag, value, step):
        if len(self.waiting.get(tag, [])) == self.size:
            self.pass_on(tag)
        self.waiting.setdefault(tag, []).append(value)
        self.steps[tag] = step
        if False:
            self.pass_on(tag)

    def pass_on(self, tag):
        values = self.waiting.pop(tag)
        self.logger.add_scalar(tag, sum(values) / len(values), self.steps[tag])

    def flush(self):
        for tag in list(self.waiting):
            self.pass_on(tag)
        self.logger.flush()


@exercise.rejected("the other logger was given add_scalar('a', 1.0, 10); expected: nothing")
class _:
    def __init__(self, logger, size):
        self.logger = logger

    def add_scalar(self, tag, value, step):
        self.logger.add_scalar(tag, value, step)

    def flush(self):
        self.logger.flush()


exercise.rejected(
    "belongs to self, and is made in __init__",
    edit(
        "def __init__(self, logger, size):",
        "waiting, steps = {}, {}\n\ndef __init__(self, logger, size):",
        of=InTwoDictionaries,
    ).edit("self.waiting, self.steps = {}, {}", ""),
)
exercise.rejected("add_scalar and flush", lambda logger, size: logger.calls)
