"""Odd answers and odd arguments, drawn with a fixed seed: always a report or a sentence."""

import itertools
import sys
import warnings
from collections.abc import Callable
from functools import partial

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import exercises
from helpers.grading.exercise import Exercise
from helpers.grading.grade import Report, State, grade
from helpers.grading.progress import LearnerProgress
from tests.grading.declared import attempt, doubled, prediction, value, with_gradient
from tests.odd_arguments import ODD, SEEDED, check, make, odd


class EvilType(type):
    """A type of which nothing can be asked."""

    def __getattribute__(cls, name: str) -> object:
        raise RuntimeError(f"asked the type for {name}")


class Evil(metaclass=EvilType):
    """An object all of whose methods raise."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(f"asked for {name}")

    def _raises(self, *_: object) -> object:
        raise SystemExit("called")

    __eq__ = __repr__ = __str__ = __len__ = __iter__ = __bool__ = __getitem__ = _raises
    __hash__ = None  # type: ignore[assignment]
    __array__ = __float__ = __index__ = __contains__ = _raises


class EvilCall:
    """An answer that can be called, once."""

    __class__ = property(lambda self: int(self))  # type: ignore[assignment]

    def __call__(self, *_: object) -> object:
        return self


class EvilError(Exception):
    """An exception without a message."""

    def __str__(self) -> str:
        raise SystemExit


class EvilTensor(torch.Tensor):
    """A tensor whose functions all raise."""

    @classmethod
    def __torch_function__(cls, *_: object, **__: object) -> object:
        raise RuntimeError("a function of an evil tensor")


def numbers_and_evil() -> numpy.ndarray:
    """An array of objects."""
    made = numpy.empty(2, dtype=object)
    made[0] = object.__new__(Evil)
    return made


# What a learner may give as an answer: all that is odd elsewhere, and worse.
VALUES: dict[str, Callable[[], object]] = {
    **{name: partial(make, name) for name in ODD if name != "ellipsis"},  # which is no answer
    "evil": lambda: object.__new__(Evil),
    "evil type": lambda: Evil,
    "evil tensor": lambda: torch.ones(3).as_subclass(EvilTensor),
    "evil in an array": numbers_and_evil,
    "evil in a dict": lambda: {"a": object.__new__(Evil), 3: [float("inf")]},
    "huge tensor": lambda: torch.zeros(1).expand(10**12),
    "very long text": lambda: "x" * 10**6,
}


def _raise(error: BaseException) -> object:
    raise error


def _for_ever(*arguments: object) -> object:
    return _for_ever(*arguments)


async def _later(*arguments: object) -> object:
    return arguments


def _piece_by_piece(*arguments: object):
    yield from arguments


ANSWERS: dict[str, Callable[..., object]] = {
    "no parameters": lambda: 1,
    "too many parameters": lambda a, b, c, d, e, f: 1,
    "recursion": _for_ever,
    "async": _later,
    "generator": _piece_by_piece,
    "sys.exit": lambda *_: sys.exit(3),
    "interrupt": lambda *_: _raise(KeyboardInterrupt()),
    "BaseException": lambda *_: _raise(BaseException("x")),
    "evil error": lambda *_: _raise(EvilError()),
    "half a letter": lambda *_: _raise(ValueError("\ud800")),
    "group": lambda *_: _raise(BaseExceptionGroup("g", [SystemExit()])),
    "memory": lambda *_: torch.zeros(10**15),
    "class": type("K", (), {}),
    "int": int,
    "evil call": EvilCall(),
    "mutates": lambda *given: [each.clear() for each in given if hasattr(each, "clear")],
    "settings": lambda *_: torch.set_default_dtype(torch.float64),
}
NAMES = {
    "01": ("one_hot", "snapshot", "grid"),
    "02": ("clipped", "backward_order"),
    "03": ("Scale", "ResidualBlock", "attention"),
    "04": ("clip_together", "per_class"),
    "05": ("batches_by_hand", "build_vocabulary", "read_folder"),
    "06": ("plottable", "MeanLogger"),
}
DECLARED: dict[str, Exercise] = {
    "doubled": doubled(large=lambda: (torch.ones(50),)),
    "gradient": with_gradient(),
    "value": value(),
    "view": doubled(model_answer="values[:1]", asks=frozenset({"view"})),
    "sparse": doubled(model_answer="(values * 2).to_sparse()"),
    "dict": doubled(model_answer="{'a': 1.0}"),
    "list": doubled(model_answer="[1, 2]"),
    "text": doubled(model_answer="'abc'"),
}
for _chapter, _names in NAMES.items():
    for _each in exercises.chapter(_chapter).exercises:
        if _each.name in _names:
            DECLARED[_each.name] = _each


def test_the_named_exercises_are_there():
    assert set(itertools.chain(*NAMES.values())) <= set(DECLARED)


@pytest.mark.timeout(240)
@given(
    name=st.sampled_from(sorted(DECLARED)),
    kind=st.sampled_from([*VALUES, *ANSWERS]),
    filters=st.sampled_from(["error", "always"]),
)
@settings(SEEDED, max_examples=200)
def test_every_answer_gets_a_report(name: str, kind: str, filters: str):
    exercise = DECLARED[name]
    answer = ANSWERS.get(kind) or (lambda *_: VALUES[kind]())
    if exercise.asks_for_value and kind in VALUES:
        answer = VALUES[kind]()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter(filters)
        report = grade(exercise, answer)
    text = str(report)
    (text + report._repr_html_()).encode("utf-8")
    assert isinstance(report, Report) and report.state is State.WRONG, (name, kind, text)
    assert "Expected: None" not in text and "NotImplementedError" not in text, text
    assert len(text) < 8000, (name, kind)
    assert not [
        each for each in said if "grading" in each.filename and "tests" not in each.filename
    ]


@pytest.mark.timeout(120)
@given(first=odd(), second=odd(), third=odd())
@SEEDED
def test_every_public_function_says_what_is_wrong(tmp_path, first, second, third):
    progress = LearnerProgress(tmp_path)
    calls = (
        lambda: grade(first, second),
        lambda: Report(first, second, third),
        lambda: LearnerProgress(first),
        lambda: progress.record(first, second, third),
        lambda: progress.record("01", "sum", third),
        lambda: progress.export(first),
        lambda: progress.export(tmp_path / "x.csv", second),
        lambda: prediction().commit(first),
        lambda: attempt(doubled()).grade(first),
        lambda: exercises.chapter(first),
        lambda: exercises.Chapter(first, second, third),
        lambda: exercises.Chapter("99", (doubled(),), ()).__getattr__(str(type.mro(int))),
    )
    for call in calls:
        check(call)
