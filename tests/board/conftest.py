"""Servers and boards for the tests of this folder."""

import contextlib
from collections.abc import Callable, Iterator

import psutil
import pytest

from helpers import board as course_board
from helpers.board import Board, _assets, _server, try_start
from helpers.board._server import Server
from tests.board.looking import SOON, panes, stored


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Server]:
    """A visdom server for the tests of one module that neither stop it nor look for others."""
    shared = Server("looked at", tmp_path_factory.mktemp("home") / "looked at", 10.0)
    shared.restart()
    yield shared
    shared.stop()


@pytest.fixture(scope="module")
def patient(tmp_path_factory) -> Iterator[Server]:
    """A server that saves only when it is asked to."""
    alone = Server("own", tmp_path_factory.mktemp("home") / "own", 600.0)
    alone.restart()
    yield alone
    alone.stop()


@pytest.fixture
def own(patient: Server) -> Iterator[Server]:
    """A server to be ill-treated, without panes, in memory and on its disk."""
    if not patient.is_running:
        patient.restart()
    client = patient.client()
    client.close()
    client.save(["main"])  # else what an earlier test saved would be back after a restart
    assert stored(patient) == panes(patient) == {}
    yield patient
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(patient.pid).resume()


@pytest.fixture
def made(request, running: Server) -> Iterator[Board]:
    """A board on an environment of this test's own."""
    with Board(running, request.node.name, every=SOON) as one:
        yield one


@pytest.fixture
def own_home(tmp_path, monkeypatch) -> None:
    """Servers keep their folders here, and this test forgets those of the last one."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.setattr(_server, "_started", {})


@pytest.fixture
def started(own_home: None) -> Iterator[Callable[..., Server]]:
    """`start`, with everything stopped afterwards."""
    kept: list[Server] = []

    def start(*arguments, **settings) -> Server:
        kept.append(course_board.start(*arguments, **settings))
        return kept[-1]

    yield start
    for one in kept:
        one.stop()


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[object]:
    """A client of a server that runs without the files of its page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(_assets, "locations", lambda: (tmp_path_factory.mktemp("none"),))
        patch.setattr(_server, "_started", {})
        running = try_start()
        assert running.is_running and not running.has_page
        yield running.client("words")
        running.stop()
