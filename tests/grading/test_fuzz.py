"""Odd answers and odd arguments, drawn with a fixed seed: always a report or a sentence."""

import itertools
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import exercises
from helpers.grading._running import COURSE
from helpers.grading.exercise import Exercise
from helpers.grading.grade import Report, State, grade
from helpers.grading.progress import LearnerProgress
from tests.grading.declared import attempt, doubled, prediction, value, with_gradient


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


def in_itself() -> list:
    """A list that holds itself."""
    held: list = []
    held.extend([held, held])
    return held


def quantised() -> torch.Tensor:
    """A quantised tensor; PyTorch warns that the kind goes away."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8)


def sparse_rows() -> torch.Tensor:
    """A sparse tensor by rows; PyTorch warns that the kind is new."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.eye(3).to_sparse_csr()


def nested() -> torch.Tensor:
    """A nested tensor; PyTorch warns that the kind is new."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])


def numbers_and_evil() -> numpy.ndarray:
    """An array of objects."""
    made = numpy.empty(2, dtype=object)
    made[0] = object.__new__(Evil)
    return made


VALUES: dict[str, Callable[[], object]] = {
    "evil": lambda: object.__new__(Evil),
    "evil type": lambda: Evil,
    "evil tensor": lambda: torch.ones(3).as_subclass(EvilTensor),
    "in itself": in_itself,
    "sparse": lambda: torch.eye(3).to_sparse(),
    "sparse rows": sparse_rows,
    "quantised": quantised,
    "nested": nested,
    "meta": lambda: torch.ones(3, device="meta"),
    "huge": lambda: torch.zeros(1).expand(10**12),
    "complex": lambda: torch.ones(3, dtype=torch.complex64),
    "grad": lambda: torch.ones(3, requires_grad=True) * 2,
    "float8": lambda: torch.ones(3).to(torch.float8_e4m3fn),
    "uninitialised": torch.nn.UninitializedParameter,
    "module": lambda: torch.nn.Linear(2, 2),
    "objects": numbers_and_evil,
    "huge array": lambda: numpy.broadcast_to(numpy.zeros(1), (10**10,)),
    "dates": lambda: numpy.array(["2020-01-01"], dtype="datetime64[D]"),
    "masked": lambda: numpy.ma.masked,
    "huge int": lambda: 10**5000,
    "half a letter": lambda: "\ud800",
    "long": lambda: "x" * 10**6,
    "infinite": itertools.count,
    "None": lambda: None,
    "nan": lambda: float("nan"),
    "bytes": lambda: b"x",
    "dict": lambda: {"a": object.__new__(Evil), 3: [float("inf")]},
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

seeded = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_the_named_exercises_are_there():
    assert set(itertools.chain(*NAMES.values())) <= set(DECLARED)


@pytest.mark.timeout(240)
@given(
    name=st.sampled_from(sorted(DECLARED)),
    kind=st.sampled_from([*VALUES, *ANSWERS]),
    filters=st.sampled_from(["error", "always"]),
)
@seeded
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


ODD = st.one_of(
    st.sampled_from([kind for kind in VALUES if "evil" not in kind]).map(lambda k: VALUES[k]()),
    st.text(max_size=5),
    st.integers(),
    st.just("a\0b"),
    st.just(Path("no such folder") / "x.csv"),
    st.just(Path("x\0.csv")),
    st.just(numpy.ones(3)),
    st.just(...),
)


def says(call: Callable[[], object]) -> bool:
    """Whether a call gives an answer, or an error with a sentence of the course's."""
    try:
        call()
    except OSError as error:
        return any(" " in note for note in error.__notes__)
    except Exception as error:
        last = list(traceback.walk_tb(error.__traceback__))[-1][0]
        is_ours = last.f_code.co_filename.startswith(COURSE)
        return is_ours and len(str(error).split()) > 3
    return True


@pytest.mark.timeout(120)
@given(first=ODD, second=ODD, third=ODD)
@seeded
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
    for number, call in enumerate(calls):
        assert says(call), number
