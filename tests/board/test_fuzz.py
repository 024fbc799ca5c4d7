"""Odd arguments, seeded: each call answers, or raises a sentence of the course; none hangs.

An exception counts as the course's own where a `raise` in `helpers` raised it, or where the
course added a note to it.
"""

import itertools
import linecache
import math
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from helpers import board as course_board
from helpers import tensorboard
from helpers.board import Board, NoServer
from helpers.board._server import Server
from tests.board.looking import ROOT, SOON, panes
from tests.waiting import LIMIT

pytestmark = [
    pytest.mark.timeout(4 * LIMIT),
    pytest.mark.filterwarnings("ignore"),  # of torch, about its own odd kinds of tensors
    pytest.mark.usefixtures("own_home"),
]
NOBODY = "http://127.0.0.1:9"
SEEDED = settings(
    derandomize=True,
    max_examples=200,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


class Hostile:
    """An object that fails whatever it is asked."""

    def _fail(self, *_: object) -> None:
        raise RuntimeError("do not ask")

    __getattr__ = __bool__ = __len__ = __iter__ = __getitem__ = _fail
    __float__ = __index__ = __int__ = __str__ = __repr__ = __array__ = __contains__ = _fail


class Text(str):
    """A kind of string of one's own."""


ODD: list[Callable[[], object]] = [
    lambda: None,
    lambda: math.nan,
    lambda: math.inf,
    lambda: -math.inf,
    lambda: 0,
    lambda: -1,
    lambda: 2,
    lambda: 1e-9,
    lambda: 0.5,
    lambda: 10**400,
    lambda: -(10**5_000),
    lambda: True,
    lambda: 1j,
    lambda: "",
    lambda: "text",
    lambda: "a/b",
    lambda: "lone \ud800",
    lambda: "nul\0",
    lambda: "two\nlines",
    lambda: "..",
    lambda: "👩‍👩‍👧",
    lambda: "x" * 5_000,
    lambda: Text("own"),
    lambda: b"bytes",
    lambda: bytearray(b"\xff"),
    lambda: [],
    lambda: [1, 2],
    lambda: [[1], [1, 2]],
    lambda: [None],
    lambda: [10**400],
    lambda: ["a", "b"],
    lambda: {},
    lambda: {"a": 1},
    lambda: {1, 2},
    lambda: range(3),
    lambda: range(10**30),
    lambda: itertools.count(),
    lambda: (1 / 0 for _ in range(2)),
    lambda: object(),
    lambda: Hostile(),
    lambda: [Hostile()],
    lambda: int,
    lambda: len,
    lambda: plt,
    lambda: sys.stdout,
    lambda: ValueError("odd"),
    lambda: Path("a"),
    lambda: Path("nul\0"),
    lambda: Fraction(1, 3),
    lambda: Decimal("nan"),
    lambda: Decimal("sNaN"),
    lambda: np.array([]),
    lambda: np.array(3),
    lambda: np.array([True]),
    lambda: np.ones((2, 2)),
    lambda: np.ones((2, 2)) * 1j,
    lambda: np.array([None, "a"]),
    lambda: np.array(["a"]),
    lambda: np.array(["2020-01-01"], dtype="datetime64[D]"),
    lambda: np.zeros(1, dtype=[("a", float)]),
    lambda: np.float32("nan"),
    lambda: np.longdouble(1),
    lambda: np.ma.masked_array([1.0, 2.0], [True, False]),
    lambda: torch.tensor(1.5),
    lambda: torch.tensor([]),
    lambda: torch.tensor(True),
    lambda: torch.tensor(1j),
    lambda: torch.ones(2, 2),
    lambda: torch.ones(2, 2, 2) * math.nan,
    lambda: torch.ones(1, 3, 4, 4),
    lambda: torch.ones(2, 2, dtype=torch.bfloat16),
    lambda: torch.ones(1).to(torch.float8_e5m2),
    lambda: torch.ones(2, 2, dtype=torch.int64) * 2**62,
    lambda: torch.eye(2).to_sparse(),
    lambda: torch.ones((), device="meta"),
    lambda: torch.ones(3, 8, 8, device="meta"),
    lambda: torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 0, torch.qint8),
    lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
    lambda: torch.ones(1).expand(10**6, 10**6),
    lambda: torch.ones(2, 2, requires_grad=True),
    lambda: [torch.ones(2), torch.ones(3)],
    lambda: [torch.ones(2, 2), None],
    lambda: torch.nn.Linear(1, 1),
    lambda: torch.float32,
    lambda: torch.device("cpu"),
    lambda: Figure((1, 1)),
    lambda: Figure((10**6, 10**6)),
    lambda: NoServer("odd"),
]
odd = st.sampled_from(ODD)
tags = st.sampled_from([*ODD, *([lambda: "loss/train"] * 30)])  # mostly a good one
chosen = st.lists(odd, min_size=0, max_size=3)


def is_ours(error: BaseException) -> bool:
    """Whether the course raised it, or said something to it."""
    if getattr(error, "__notes__", None):
        return True
    frame = traceback.extract_tb(error.__traceback__)[-1]
    inside = Path(frame.filename).is_relative_to(ROOT / "helpers")
    line = linecache.getline(frame.filename, frame.lineno).strip()
    return inside and line.startswith("raise") and len(str(error).split()) > 3


def tried(call: Callable[..., object], *arguments: object, **options: object) -> None:
    """Call it: it answers, or raises one of the course's own."""
    try:
        call(*arguments, **options)
    except Exception as error:
        if not is_ours(error):
            raise


CALLS: dict[str, tuple[str, ...]] = {
    "scalar": ("value", "step"),
    "text": ("text",),
    "image": ("image",),
    "images": ("images",),
    "histogram": ("numbers", "step"),
    "confusion_matrix": ("counts", "labels"),
    "figure": ("figure",),
}
OPTIONS: dict[str, tuple[str, ...]] = {
    "text": ("append", "html"),
    "image": ("caption",),
    "images": ("columns", "caption"),
    "histogram": ("bins",),
}
GOOD = {"image": torch.ones(1, 4, 4), "images": torch.ones(2, 4, 4), "text": "here"}
GOOD |= {"histogram": torch.ones(3), "confusion_matrix": torch.ones(2, 2)}


@pytest.fixture(scope="module")
def alone() -> Iterator[Board]:
    """A board without a server, which sends nothing."""
    board = Board(NOBODY, every=600)
    yield board
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        board.close(0)


def call_board(board: Board, method: str, tag: object, first: list, second: object) -> None:
    """Call with odd arguments, then with a good one and an odd option."""
    values = [make() for make in first][: len(CALLS[method])]
    tried(getattr(board, method), tag, *values)
    for option in OPTIONS.get(method, ()):
        tried(getattr(board, method), "loss", GOOD[method], **{option: second})


@SEEDED
@given(method=st.sampled_from(sorted(CALLS)), tag=tags, first=chosen, second=odd)
def test_a_board_refuses_or_takes(alone: Board, method, tag, first, second) -> None:
    """Whatever it is given, without a server."""
    if len(first) >= 1:
        call_board(alone, method, tag(), first, second())
    tried(alone.flush, second())
    assert isinstance(alone.gaps, dict)


def test_every_odd_value_is_tried_in_every_place(alone: Board) -> None:
    """Each value as each argument."""
    for method, make in itertools.product(CALLS, ODD):
        call_board(alone, method, "loss/train", [make, make], make())
        call_board(alone, method, make(), [make], None)


def test_what_a_board_takes_reaches_a_server(running: Server) -> None:
    """Nothing odd holds up what comes after it, nor is the server blamed."""
    board = Board(running, "fuzz", every=SOON)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for number, (method, make) in enumerate(itertools.product(CALLS, ODD)):
            call_board(board, method, f"{method} {number}", [make, lambda: None], make())
        board.scalar("last", 1.0)
        assert board.close(LIMIT)
    said = [str(one.message) for one in told if one.category is RuntimeWarning]
    assert not [text for text in said if "visdom's server" in text or "left out" in text]
    assert "last" in panes(running, "fuzz")


@SEEDED
@given(server=odd, environment=odd, seconds=odd, points=odd)
def test_a_board_is_made_or_refused(server, environment, seconds, points) -> None:
    """No thread is left behind."""
    for arguments, options in (
        ((server(),), {}),
        ((NOBODY, environment()), {}),
        ((NOBODY,), {"every": seconds()}),
        ((NOBODY,), {"patience": seconds()}),
        ((NOBODY,), {"points": points()}),
    ):
        tried(lambda a=arguments, o=options: Board(*a, **{"every": 600, **o}).close(0))


@pytest.mark.parametrize("make", ODD, ids=range(len(ODD)))
def test_a_server_refuses_or_does(
    running: Server, own_home: None, monkeypatch, capsys, make
) -> None:
    """Whatever it is given; nothing is started here."""
    value = make()
    tried(running.client, value)
    tried(running.client, events=value) if value is not True else None
    tried(running.show, value)
    tried(running.show, 300, value)
    tried(running.client().read, value)
    tried(course_board.find, value)
    tried(Server, value, Path("a"), 10.0)
    tried(Server, None, value, 10.0)
    tried(Server, None, Path("a"), value)
    monkeypatch.setattr(Server, "restart", lambda self: None)
    tried(course_board.start, value)
    tried(course_board.start, save_every=value)
    tried(course_board.start, page=value)
    tried(course_board.try_start, value)
    tried(course_board.escape, value)
    tried(course_board.install, value)
    assert running.is_running


@pytest.mark.parametrize("make", ODD, ids=range(len(ODD)))
def test_where_no_server_runs_it_is_the_same(make, capsys) -> None:
    value = make()
    absent = NoServer("for this test")
    tried(NoServer, value)
    tried(absent.client, value)
    tried(absent.client, events=value)
    tried(absent.show, value)
    tried(absent.show, 300, value)
    assert absent.client().read(value).endswith("no visdom server runs")
    assert absent.client().line(value, win=value) is None


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> Iterator[tensorboard.TensorBoard]:
    """TensorBoard for an empty folder."""
    page = tensorboard.start(tmp_path_factory.mktemp("logs"))
    yield page
    page.stop()


def test_tensorboard_refuses_or_answers(logs, tmp_path, monkeypatch, capsys) -> None:
    """Whatever it is asked, or given as a folder; nothing is started here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tensorboard._child, "start", no_process)
    for make in ODD:
        tried(tensorboard.start, make())
        tried(logs.ask, make())
        tried(logs.show, make())
    for what in ("data/runs", "data/nope", "", "data/runs?x=%ff", "../../etc", "a b", "ü"):
        tried(logs.ask, what)
    assert logs.ask("data/runs") == []


def no_process(*_: object) -> None:
    """What stands for a process that ends at once."""
    raise tensorboard._child.ChildError("nothing is started here")


def test_what_counts_as_a_sentence_of_the_course() -> None:
    """A bare error of Python's is none."""
    with pytest.raises(ValueError) as bare:
        int("x")
    assert not is_ours(bare.value)
    with pytest.raises(ValueError) as ours:
        course_board.find("a/b")
    assert is_ours(ours.value)
    bare.value.add_note("The course says what it was.")
    assert is_ours(bare.value)
