"""The thread that sends: servers that are killed, stopped, silent; nothing is lost."""

import http.server
import json
import math
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from helpers.board import Board, _sender
from helpers.board import _logger as board
from helpers.board._server import Server
from tests.board.looking import (
    LINUX,
    POSIX,
    SOON,
    absent,
    curve,
    fill,
    listening,
    panes,
    script,
    shown,
    silent,
    stored,
    values,
    warned,
)
from tests.waiting import LIMIT, until

pytestmark = pytest.mark.timeout(2 * LIMIT)


def test_the_buffer_stays_small_though_no_round_empties_it(running: Server, monkeypatch) -> None:
    """The thread may be waiting for the server meanwhile."""
    monkeypatch.setattr(board, "FULL", 100)
    with Board(running, "full", every=600) as one:
        for step in range(1_050):
            one.scalar("loss", step, step)
            assert len(one._sender.buffer) < 100
        assert curve(shown(one, running)["loss"])[1][-1] == 1_049


def test_several_threads_lose_nothing(made: Board, running: Server) -> None:
    """Four writers at once."""

    def write(name: int) -> None:
        for step in range(300):
            made.scalar(f"curves/{name}", step, step)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    pane = shown(made, running)["curves"]
    assert len(pane["content"]["data"]) == 4
    for index in range(4):
        assert curve(pane, index)[1] == list(range(300))


def test_closing_sends_saves_and_ends(running: Server) -> None:
    """The thread is gone, the file is there, and a scalar afterwards is refused."""
    one = Board(running, "closed", every=600)
    one.scalar("a", 1.0)
    assert not one.flush()
    assert one.close(LIMIT)
    until(lambda: not one._sender._thread.is_alive())
    assert curve(stored(running, "closed")["a"])[1] == [1.0]
    assert one.close() and one.flush()
    for call in (lambda: one.scalar("a", 1.0), lambda: one.text("a", "b")):
        with pytest.raises(RuntimeError, match="this board is closed"):
            call()


def test_an_error_closes_it_too(running: Server) -> None:
    """The context manager sends what there was until then."""
    with pytest.raises(KeyError), Board(running, "failed", every=600) as one:
        one.scalar("a", 1.0)
        raise KeyError
    assert curve(panes(running, "failed")["a"])[1] == [1.0]


def test_a_board_that_is_deleted_sends_the_rest(running: Server, monkeypatch) -> None:
    """As when its cell runs again."""
    monkeypatch.setattr(board, "ENDING", LIMIT)
    one = Board(running, "deleted", every=600)
    one.scalar("a", 1.0)
    del one
    assert curve(panes(running, "deleted")["a"])[1] == [1.0]


def test_a_board_that_has_sent_all_ends_without_its_server(own: Server) -> None:
    """A learner stops the server first; nobody waits or is warned."""
    one = Board(own, every=600)
    thread = one._sender._thread
    one.scalar("a", 1.0)
    assert one.flush(LIMIT)
    until(one.flush)
    own.stop()
    with listening() as told:
        del one
    assert told == []
    until(lambda: not thread.is_alive())


def test_a_board_may_be_deleted_by_its_own_thread(running: Server) -> None:
    """As when the garbage collector runs there: the thread does not wait for itself."""
    one = Board(running, "cycle", every=600)
    one.scalar("a", 1.0)
    sender = one._sender
    sender.store.show(
        "b", lambda: sender.close_unattended(LIMIT) or {"data": [{"type": "text", "content": ""}]}
    )
    assert one.flush(LIMIT)
    until(lambda: not sender._thread.is_alive())
    assert panes(running, "cycle").keys() == {"a", "b"}


# Python 3.12 and newer warn of a fork beside threads: that is what is tried here.
FORKS = """
import os, sys, warnings
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
board.scalar("a", 1.0)
child = os.fork()
if child == 0:
    try:
        board.scalar("a", 7.0)
    except RuntimeError as error:
        board.close()
        os.write(1, str(error).encode())
    sys.exit()
os.waitpid(child, 0)
board.scalar("a", 2.0)
"""


@POSIX
def test_the_end_of_python_sends_and_a_fork_does_not(running: Server) -> None:
    """Nobody closes this board; the child is told whose it is."""
    ended = script(running, FORKS)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("a board belongs to the process that made it")
    assert curve(panes(running, "script")["a"])[1] == [1.0, 2.0]


def test_a_proxy_is_not_for_loopback(running: Server, monkeypatch) -> None:
    """Nothing listens at this one."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Board(running, "proxy", every=SOON) as one:
        one.scalar("a", 1.0)
        assert one.flush(LIMIT)


@POSIX
def test_a_killed_server_gets_everything_when_it_is_back(own: Server) -> None:
    """It had saved nothing; one warning, and no other when it goes again."""
    with Board(own, every=SOON, points=2_000) as one:
        one.text("note", "before")
        fill(one, 0, 300)
        assert one.flush(LIMIT)
        for start in (300, 600):
            psutil.Process(own.pid).kill()
            if start == 300:
                warned(one)
            assert fill(one, start, start + 300) == []
            until(lambda: not own.is_running)
            own.restart()
            found = shown(one, own)
            assert curve(found["loss"])[1] == list(range(start + 300))
            assert found["note"]["content"] == "before"


@POSIX
@pytest.mark.filterwarnings("ignore:visdom's server does not take")
def test_a_restart_is_noticed_when_nothing_is_written(own: Server) -> None:
    """The connection that broke tells it."""
    with Board(own, every=SOON) as one:
        fill(one, 0, 10)
        assert one.flush(LIMIT)
        psutil.Process(own.pid).kill()
        until(lambda: not own.is_running)
        own.restart()
        assert "loss" not in stored(own)  # so that what comes, comes from the board
        until(lambda: values(own, "loss") == list(range(10)))


@POSIX
def test_a_stopped_server_stops_nobody(own: Server, monkeypatch) -> None:
    """All calls return while it cannot answer; the buffer stays small; then all is there."""
    monkeypatch.setattr(board, "FULL", 100)
    process = psutil.Process(own.pid)
    with Board(own, every=SOON, patience=1.0) as one:
        told = fill(one, 0, 100)
        assert one.flush(LIMIT)
        process.suspend()
        told += fill(one, 100, 700)
        warned(one, told)  # on a loaded machine it may have come already
        assert len(one._sender.buffer) < 100
        assert not one.flush()
        assert not one.flush(0.1)
        assert process.status() == psutil.STATUS_STOPPED
        process.resume()
        assert curve(shown(one, own)["loss"])[1] == list(range(700))
        assert fill(one, 700, 710) == []


@pytest.mark.parametrize("kind", [silent, absent])
def test_no_answer_costs_one_warning(kind: Callable) -> None:
    """None more when it is closed, which takes no longer than it may."""
    address, end = kind()
    one = Board(address, every=SOON, patience=0.1)
    try:
        one.scalar("a", 1.0)
        warned(one)
        with listening() as told:
            assert not one.close(0.3)
        assert told == []
    finally:
        end()


def test_a_board_closed_too_soon_to_know_warns(running: Server) -> None:
    """What never arrived is told at the end at the latest."""
    address, end = absent()
    one = Board(address, every=600)
    one.scalar("a", 1.0)
    with pytest.warns(RuntimeWarning, match="Not all that the board shows has reached"):
        assert not one.close(0.3)
    end()


def test_a_wrong_path_is_named(running: Server) -> None:
    """An answer that is an error is no success."""
    one = Board(f"{running.url}x", every=SOON)
    one.scalar("a", 1.0)
    assert "404" in warned(one)
    one.close(0.1)


@LINUX
def test_a_full_disk_costs_one_warning(own: Server) -> None:
    """No file of the server may grow: it cannot save. The panes are there all the same."""
    process = psutil.Process(own.pid)
    before = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (10, before[1]))
    one = Board(own, every=SOON)
    one.scalar("a", 1.0)
    with listening() as told:
        assert not one.close(LIMIT)
    process.rlimit(psutil.RLIMIT_FSIZE, before)
    assert len(told) == 1 and "cannot save it (it answered 500" in told[0]
    assert curve(panes(own)["a"])[1] == [1.0]


BAD = {
    "an object": {"data": [{"type": "text", "content": object()}], "opts": {}},
    "nan": {"data": [{"type": "heatmap", "z": [[math.nan]]}], "layout": {}, "opts": {}},
    "what the server refuses": {"data": []},
}


@pytest.mark.parametrize("message", BAD.values(), ids=BAD)
def test_a_pane_that_cannot_be_sent_holds_up_no_other(own: Server, message: dict) -> None:
    """It is said once, with its name, and comes when it can be sent; the server is not blamed."""
    one = Board(own, every=SOON)
    one.text("before", "here")
    one._sender.store.show("the bad one", lambda: message)
    one.scalar("loss/train", 1.0)
    assert one.flush(LIMIT)
    assert panes(own).keys() == {"before", "loss"}
    with pytest.warns(RuntimeWarning) as told:
        one.text("after", "here")
    assert len(told) == 1
    assert "The pane 'the bad one' is left out, as it cannot be sent" in str(told[0].message)
    with listening() as more:
        own.restart()  # all is sent again, which is not said again
        one._sender.store.show("the bad one", lambda: message)
        assert shown(one, own).keys() == {"before", "loss", "after"}
        one.text("the bad one", "mended")
        assert shown(one, own)["the bad one"]["content"] == "mended"
        assert one.close(LIMIT)
    assert not [text for text in more if "left out" in text]


def test_a_pane_that_cannot_be_sent_is_said_at_the_end_at_the_latest(running: Server) -> None:
    one = Board(running, "bad at the end", every=600)
    one.scalar("loss/train", 1.0)
    one._sender.store.show("the bad one", lambda: {"data": [object()]})
    with pytest.warns(RuntimeWarning, match="The pane 'the bad one' is left out") as told:
        assert one.close(LIMIT)
    assert len(told) == 1
    assert panes(running, "bad at the end").keys() == {"loss"}


def test_a_message_beyond_what_a_server_takes_is_left_out(running: Server, monkeypatch) -> None:
    """The server would end the connection, as if it had gone."""
    monkeypatch.setattr(_sender, "LARGEST_MESSAGE", 10_000)
    one = Board(running, "large", every=SOON)
    one.text("long", "x" * 10_000)
    one.text("short", "x")
    with pytest.warns(RuntimeWarning, match="'long' is left out.*a server takes 10,000"):
        assert one.close(LIMIT)
    assert panes(running, "large").keys() == {"short"}


class Silent(http.server.ThreadingHTTPServer):
    """Takes all panes, but says nothing at "heavy", these times, until the client has gone.

    Attributes:
        asked: The panes that came, and what else was asked for.
    """

    def __init__(self, times: set[int]) -> None:
        """Listen on a free port, in a thread."""
        super().__init__(("127.0.0.1", 0), SilentHandler)
        self.times = times
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *arguments: object) -> None:
        """Stop."""
        self.shutdown()
        super().__exit__(*arguments)


class SilentHandler(http.server.BaseHTTPRequestHandler):
    """Answers for `Silent`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer, or not."""
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = self.server.asked
        asked.append(message.get("win", self.path))
        if asked[-1] == "heavy" and asked.count("heavy") in self.server.times:
            time.sleep(1.0)
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def test_a_pane_at_which_the_server_falls_silent_holds_up_no_other() -> None:
    """Twice, though it answers to all else: the pane is at fault, not the server."""
    with Silent({1, 2}) as server, listening() as told:
        one = Board(f"http://127.0.0.1:{server.server_port}", every=SOON, patience=0.3)
        one.text("heavy", "here")
        one.text("light", "here")
        assert one.close(LIMIT)
    # Whether the server answers at all is asked before anything is sent again.
    assert server.asked[:3] == ["heavy", "/env_state", "heavy"]
    assert "light" in server.asked[3:] and "heavy" not in server.asked[3:]
    assert any("'heavy' is left out" in text for text in told)


def test_a_server_that_is_slow_now_and_then_gets_everything() -> None:
    """A pane is not left out for two silences with an answer between them."""
    with Silent({1, 3}) as server, listening() as told:
        one = Board(f"http://127.0.0.1:{server.server_port}", every=SOON, patience=0.3)
        for text in ("first", "second"):
            one.text("heavy", text)
            assert one.flush(LIMIT)
        assert one.close(LIMIT)
    assert server.asked.count("heavy") >= 4
    assert told == []


def test_names_that_are_hard_to_write_are_panes(running: Server) -> None:
    """Slashes, dots, emoji, HTML, another script, and a name that is long."""
    names = [
        "..",
        ".",
        ".hidden",
        "a\\b",
        "👩‍👩‍👧",
        "<b>&amp;",
        "данные",
        "%2e%2e",
        "a" * 900,
        "null",
    ]
    with Board(running, "names", every=SOON) as one:
        for name in names:
            one.text(name, name)
            one.scalar(f"{name}/curve", 1.0)
            one.text(name, name)
        one.scalar("loss", 1.0)
    found = panes(running, "names")
    assert found.keys() == {*names, "loss"}
