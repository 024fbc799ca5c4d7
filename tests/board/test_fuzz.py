"""Odd arguments, seeded: each call answers, or raises a sentence of the course; none hangs."""

import itertools
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import board as course_board
from helpers import tensorboard
from helpers.board import Board, NoServer
from helpers.board._server import Server
from tests.board.looking import SOON, panes
from tests.odd_arguments import ODD, SEEDED, check, make, odd
from tests.waiting import LIMIT

pytestmark = [
    pytest.mark.timeout(4 * LIMIT),
    pytest.mark.filterwarnings("ignore"),  # of torch, about its own odd kinds of tensors
    pytest.mark.usefixtures("own_home"),
]
NOBODY = "http://127.0.0.1:9"
names = st.sampled_from(sorted(ODD))
tags = st.one_of(names.map(make), st.just("loss/train"))  # often a good one
chosen = st.lists(names, min_size=0, max_size=3)

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


def call_board(board: Board, method: str, tag: object, first: list[str], second: str) -> None:
    """Call with odd arguments, then with a good one and an odd option."""
    values = [make(name) for name in first][: len(CALLS[method])]
    check(getattr(board, method), tag, *values)
    for option in OPTIONS.get(method, ()):
        check(getattr(board, method), "loss", GOOD[method], **{option: make(second)})


@SEEDED
@given(method=st.sampled_from(sorted(CALLS)), tag=tags, first=chosen, second=names)
def test_a_board_refuses_or_takes(alone: Board, method, tag, first, second) -> None:
    """Whatever it is given, without a server."""
    if len(first) >= 1:
        call_board(alone, method, tag, first, second)
    check(alone.flush, make(second))
    assert isinstance(alone.gaps, dict)


def test_every_odd_value_is_tried_in_every_place(alone: Board) -> None:
    """Each value as each argument."""
    for method, name in itertools.product(CALLS, ODD):
        call_board(alone, method, "loss/train", [name, name], name)
        call_board(alone, method, make(name), [name], "None")


def test_what_a_board_takes_reaches_a_server(running: Server) -> None:
    """Nothing odd holds up what comes after it, nor is the server blamed."""
    board = Board(running, "fuzz", every=SOON)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for number, (method, name) in enumerate(itertools.product(CALLS, ODD)):
            call_board(board, method, f"{method} {number}", [name, "None"], name)
        board.scalar("last", 1.0)
        assert board.close(LIMIT)
    said = [str(one.message) for one in told if one.category is RuntimeWarning]
    assert not [text for text in said if "visdom's server" in text or "left out" in text]
    assert "last" in panes(running, "fuzz")


@SEEDED
@given(server=odd(), environment=odd(), seconds=odd(), points=odd())
def test_a_board_is_made_or_refused(server, environment, seconds, points) -> None:
    """No thread is left behind."""
    for arguments, options in (
        ((server,), {}),
        ((NOBODY, environment), {}),
        ((NOBODY,), {"every": seconds}),
        ((NOBODY,), {"patience": seconds}),
        ((NOBODY,), {"points": points}),
    ):
        check(lambda a=arguments, o=options: Board(*a, **{"every": 600, **o}).close(0))


@pytest.mark.parametrize("name", ODD)
def test_a_server_refuses_or_does(
    running: Server, own_home: None, monkeypatch, capsys, name
) -> None:
    """Whatever it is given; nothing is started here."""
    value = make(name)
    check(running.client, value)
    check(running.client, events=value) if value is not True else None
    check(running.show, value)
    check(running.show, 300, value)
    check(running.client().read, value)
    check(course_board.find, value)
    check(Server, value, Path("a"), 10.0)
    check(Server, None, value, 10.0)
    check(Server, None, Path("a"), value)
    monkeypatch.setattr(Server, "restart", lambda self: None)
    check(course_board.start, value)
    check(course_board.start, save_every=value)
    check(course_board.start, page=value)
    check(course_board.try_start, value)
    check(course_board.escape, value)
    check(course_board.install, value)
    assert running.is_running


@pytest.mark.parametrize("name", ODD)
def test_where_no_server_runs_it_is_the_same(name, capsys) -> None:
    value = make(name)
    absent = NoServer("for this test")
    check(NoServer, value)
    check(absent.client, value)
    check(absent.client, events=value)
    check(absent.show, value)
    check(absent.show, 300, value)
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
    for name in ODD:
        check(tensorboard.start, make(name))
        check(logs.ask, make(name))
        check(logs.show, make(name))
    for what in ("data/runs", "data/nope", "", "data/runs?x=%ff", "../../etc", "a b", "ü"):
        check(logs.ask, what)
    assert logs.ask("data/runs") == []


def no_process(*_: object) -> None:
    """What stands for a process that ends at once."""
    raise tensorboard._child.ChildError("nothing is started here")
