"""A visdom server of one's own: who gets in, when it ends, what it keeps. Real processes."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import pytest
from filelock import FileLock

from helpers import _pages
from helpers import board as course_board
from helpers.board import _process as process
from helpers.board import _server as server
from helpers.board import _storage as storage
from helpers.board._server import Server, ServerError
from tests.board.looking import DIRECT, POSIX, ROOT, status
from tests.waiting import LIMIT, has_ended, until

pytestmark = pytest.mark.usefixtures("own_home")


class Kernel:
    """Another Python process that starts a server, as a notebook's kernel does."""

    def __init__(self, code: str, home: Path) -> None:
        """Run `code` after the import; then wait for the end of standard input."""
        text = f"from helpers import board\n{code}\nimport sys; sys.stdin.read()"
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "COURSE_HOME": str(home)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=variables,
        )

    def says(self) -> list[str]:
        """The words of the next line that it prints."""
        return self.process.stdout.readline().split()

    def end(self) -> None:
        """Let it end by itself."""
        self.process.communicate()


def test_start_again_is_the_same_server(started) -> None:
    """A set-up cell can be run twice."""
    first = started()
    assert started() is first
    assert status(first.url) == 200
    assert repr(first) == "<visdom server 'of this process', running>"


def test_history_survives_a_restart(started) -> None:
    """Under a name; at the same address, so that an open page comes back."""
    one = started("kept")
    one.client("runs").text("first", win="note")
    address = one.url
    one.stop()
    assert repr(one) == "<visdom server 'kept', stopped>"
    one.restart()
    assert one.url == address
    assert "first" in one.client("runs").get_window_data("note")


@POSIX
def test_history_survives_a_kill(started) -> None:
    """What was saved meanwhile is there; `start` starts it again."""
    one = started(save_every=0.1)
    one.client().text("first", win="note")
    saved = one.folder / "environments" / "main.json"
    until(lambda: saved.exists() and "first" in saved.read_text())
    os.kill(one.pid, signal.SIGKILL)
    until(lambda: not one.is_running)
    assert started().client().win_exists("note")


@POSIX
def test_history_survives_a_shutdown(started) -> None:
    """What the system sends before it switches off is time enough to save."""
    one = started("kept")
    one.client().text("first", win="note")
    os.kill(one.pid, signal.SIGTERM)
    until(lambda: not one.is_running)
    assert started("kept").client().win_exists("note")


@POSIX
def test_a_server_without_a_name_leaves_nothing(started, tmp_path) -> None:
    """Its folder goes with it."""
    one = started()
    assert one.folder.is_dir()
    one.stop()
    assert list((tmp_path / "visdom").iterdir()) == []


@POSIX
@pytest.mark.parametrize(
    "burden", ["", "import os\nif not os.fork(): os.execlp('sleep', 'sleep', '60')"]
)
def test_it_ends_with_a_kernel_that_is_killed(burden: str, tmp_path) -> None:
    """No orphan, nothing left behind."""
    kernel = Kernel(f"print(board.start().pid, flush=True)\n{burden}", tmp_path)
    pid = int(kernel.says()[0])
    kernel.process.kill()
    kernel.process.wait()
    until(lambda: has_ended(pid))
    assert list((tmp_path / "visdom").iterdir()) == []


FORKS = """
import os, time
one = board.start()
child = os.fork()
if child == 0:
    time.sleep(600)
print(one.pid, child, flush=True)
"""


@POSIX
def test_it_ends_though_a_worker_lives_on(tmp_path) -> None:
    """A forked process holds the pipe open after the kernel is killed."""
    kernel = Kernel(FORKS, tmp_path)
    pid, worker = map(int, kernel.says())
    try:
        kernel.process.kill()
        kernel.process.wait()
        until(lambda: has_ended(pid))
        assert not has_ended(worker)
    finally:
        os.kill(worker, signal.SIGKILL)


SHOWS = "one = board.start({}); print(one.pid, one.url, flush=True)"


def test_two_kernels_have_two_servers(tmp_path) -> None:
    """Without a name nothing is shared."""
    kernels = [Kernel(SHOWS.format(""), tmp_path) for _ in range(2)]
    said = [kernel.says() for kernel in kernels]
    for kernel in kernels:
        kernel.end()
    assert said[0] != said[1] and said[0][0] != said[1][0]


def test_a_name_is_shared(tmp_path) -> None:
    """Started at the same moment it is one server; it ends with the last that uses it."""
    kernels = [Kernel(SHOWS.format("'shared'"), tmp_path) for _ in range(2)]
    said = [kernel.says() for kernel in kernels]
    assert said[0] == said[1]
    pid, url = int(said[0][0]), said[0][1]
    for kernel in kernels:
        assert status(url) == 200
        kernel.end()
    until(lambda: has_ended(pid))


@pytest.mark.parametrize("first", [0, 1])
def test_it_is_found_and_outlives_its_owner(started, tmp_path, first: int) -> None:
    """Who joined may stay when the owner goes, and the other way round."""
    owner = Kernel(SHOWS.format("'shared'"), tmp_path)
    pid, url = owner.says()
    joined = course_board.find("shared")
    assert joined is not None and joined.url == url
    leave = [owner.end, joined.stop]
    leave.pop(first)()
    assert status(url) == 200
    leave.pop()()
    until(lambda: has_ended(int(pid)))
    assert not joined.is_running


def test_nothing_is_found_where_nothing_runs(tmp_path) -> None:
    """Nor is anything made."""
    assert course_board.find("shared") is None
    assert list(tmp_path.iterdir()) == []


def test_the_next_waits_until_the_last_has_saved(started, tmp_path) -> None:
    """A kernel that is restarted finds what it had a moment ago."""
    folder = tmp_path / "visdom" / "kept"
    folder.mkdir(parents=True)
    saved = {"saved": {"jsons": {"late": {}}, "reload": {}}}
    with FileLock(folder / "writer.lock"):  # as a server holds it until it has ended
        starting = threading.Thread(target=started, args=["kept"])
        starting.start()
        until((folder / "environments").exists)
        started("begun later")  # is there, by when one that does not wait would be
        assert not (folder / "server.json").exists()
        storage.save(saved, ["saved"], folder / "environments")
    starting.join()
    assert started("kept").client("saved").win_exists("late")


def test_who_waits_for_another_waits_longer_than_that_may_take() -> None:
    """A server for the one before it, and whoever starts it for both."""
    assert server.ENDING_LIMIT < process.PREDECESSOR_LIMIT < server.STARTING_LIMIT


@POSIX
def test_a_server_that_hangs_is_named(started, tmp_path, monkeypatch) -> None:
    """No second one is started on the same files."""
    owner = Kernel(SHOWS.format("'shared'"), tmp_path)
    pid = int(owner.says()[0])
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(server, "ANSWER_LIMIT", 0.3)
    try:
        with pytest.raises(ServerError, match=f"end process {pid}"):
            started("shared")
    finally:
        os.kill(pid, signal.SIGCONT)
        owner.end()


@pytest.mark.parametrize("name", ["", "../up", ".hidden", "a/b", "x" * 41, 5, None])
def test_a_name_is_a_plain_word(name: object) -> None:
    """It becomes a folder, which nobody looks for elsewhere; without one, nothing is shared."""
    with pytest.raises(ValueError, match="cannot name a server"):
        course_board.find(name)
    if name is not None:
        with pytest.raises(ValueError, match="cannot name a server"):
            course_board.start(name)


def test_a_failure_to_start_says_where_to_look(started, monkeypatch) -> None:
    """The log is named, and no process is left."""
    monkeypatch.setattr(server._jupyter, "base", lambda: "/{nonsense}")
    with pytest.raises(ServerError, match=r"server\.log says why"):
        started()


def test_a_client_does_not_wait_for_ever(started, monkeypatch) -> None:
    """With no server it raises at once; a proxy in the environment is not asked."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    one = started()
    vis = one.client()
    one.stop()
    with pytest.raises(ConnectionError):
        vis.text("anyone?")


def test_text_from_outside_is_shown_not_run() -> None:
    """Every character that HTML reads is written out."""
    text = course_board.escape("<img src=x onerror=\"alert('x')\"> &")
    assert not set(text) & set("<>\"'")
    assert course_board.escape("a\nb") == "a<br>b"
    assert course_board.escape(3) == "3"


def test_what_is_stored_is_the_same_each_time(running: Server, monkeypatch) -> None:
    """Neither port nor secret where outputs are compared; a frame is only for readers."""
    monkeypatch.setenv(_pages.STORED, "1")
    markup = _pages._frame("Visdom", f"{running.base}/env/main", 300)
    shown = _pages.Page("Visdom: environment main", markup)
    assert shown._repr_mimebundle_() == {"text/plain": "Visdom: environment main"}


def test_without_a_notebook_the_address_is_printed(running: Server, capsys) -> None:
    """An address that leads to the page, and to this environment on it."""
    running.show(environment="two words")
    line = capsys.readouterr().out.strip()
    assert line.startswith("Visdom: environment two words, at http://127.0.0.1:")
    with DIRECT.open(line.rpartition(" ")[2], timeout=LIMIT) as page:
        assert "ACTIVE_ENV = 'two words'" in page.read().decode()


def test_what_is_shown_exists(running: Server) -> None:
    """The page of an environment that nobody has written to would show another for good."""
    running.show(environment="to come")
    assert "to come" in running.client("main").get_env_list()


def test_colab_is_asked_to_show_the_port(running: Server, monkeypatch) -> None:
    """Its own way; the signature is that of google.colab.output.serve_kernel_port_as_iframe."""
    asked: list[tuple] = []

    def serve(port, path="/", width="100%", height="400", cache_in_notebook=False) -> None:
        asked.append((port, path, height))

    output = types.ModuleType("google.colab.output")
    output.serve_kernel_port_as_iframe = serve
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    running.show(height=300)
    assert asked == [(running.port, f"{running.base}/env/main", "300")]


def test_a_restart_keeps_what_a_server_without_a_name_has(started) -> None:
    """Its folder goes when it is stopped, not before."""
    one = started()
    one.client("runs").text("first", win="note")
    folder = one.folder
    for _ in range(2):
        one.restart()
        assert one.folder == folder
        assert one.client("runs").win_exists("note")
    one.stop()
    assert not folder.exists()
    one.restart()
    assert one.client().get_env_list() == ["main"]


@POSIX
def test_a_port_that_another_program_has_now_is_no_server(started, monkeypatch) -> None:
    """A named server was killed, and something that says nothing listens at its port."""
    one = started("kept")
    one.client().text("first", win="note")
    one.client().save(["main"])
    left = (one.folder / "server.json").read_text()
    os.kill(one.pid, signal.SIGKILL)
    until(lambda: not one.is_running)
    assert (one.folder / "server.json").read_text() == left
    monkeypatch.setattr(server, "_started", {})
    with socket.create_server(("127.0.0.1", one.port)):
        begin = time.monotonic()
        assert course_board.find("kept") is None
        assert time.monotonic() - begin < server.ANSWER_LIMIT / 4
        again = started("kept")
        assert again.client().win_exists("note")


@pytest.mark.parametrize("text", ["[]", '{"pid": 1}', "[" * 100_000])
def test_an_address_of_another_form_is_set_aside_and_said(started, tmp_path, text: str) -> None:
    folder = tmp_path / "visdom" / "kept"
    folder.mkdir(parents=True)
    (folder / "server.json").write_text(text)
    (folder / "environments" / "x.json").mkdir(parents=True)
    assert course_board.find("kept") is None
    with pytest.warns(RuntimeWarning, match=r"damaged is there as server\.damaged, x\.damaged\."):
        assert started("kept").is_running
    assert (folder / "server.damaged").read_text() == text


@POSIX
def test_a_folder_that_was_open_is_closed_before_it_starts(started, tmp_path) -> None:
    folder = tmp_path / "visdom" / "kept"
    (folder / "environments").mkdir(parents=True)
    (folder / "server.log").write_text("")
    for path in (folder, folder / "environments"):
        path.chmod(0o755)
    (folder / "server.log").chmod(0o644)
    started("kept")
    modes = {path.name: path.stat().st_mode & 0o777 for path in [folder, *folder.iterdir()]}
    assert modes["kept"] == modes["environments"] == 0o700
    assert modes["server.log"] == modes["server.json"] == 0o600


@POSIX
def test_a_folder_of_another_user_is_refused(started, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    with pytest.raises(ServerError, match=r"belongs to another user.*set COURSE_HOME"):
        started("kept")


def test_no_folder_can_be_made_is_one_sentence(started, tmp_path, monkeypatch) -> None:
    """The place of its folder is taken by a file."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "file"))
    with pytest.raises(ServerError, match=r"cannot use the folder .*set COURSE_HOME"):
        started("kept")


@pytest.mark.parametrize(
    "seconds", [0, -1, 1e-9, 0.09, "x", None, float("nan"), float("inf"), True, 10**400]
)
def test_a_pause_that_is_none_is_refused(started, seconds: object) -> None:
    """One of no length uses a whole core, and one that is no number saves nothing."""
    with pytest.raises(ValueError, match=r"save_every is .*; give a number of seconds, 0\.1 or"):
        started(save_every=seconds)


ODD_CALLS = {
    "page": (lambda _: course_board.start(page="no"), "page is True or False, not 'no'"),
    "events": (lambda one: one.client(events=1), "events is True or False, not 1"),
    "environment": (lambda one: one.client(".."), r"environment is '\.\.'; give a name"),
    "shown": (lambda one: one.show(environment="a\nb"), "environment is .*; give a name"),
    "height": (lambda one: one.show(0), "height=0 is too small"),
    "large": (lambda one: one.show(10**6), "height=1000000 is too large"),
    "half": (lambda one: one.show(1.5), "height must be an integer, not 1.5"),
    "folder": (lambda _: Server(None, None, 10.0), "None is no folder"),
    "pane": (lambda one: one.client().read(None), "a pane's name is a string, not None"),
}


@pytest.mark.parametrize(("call", "words"), ODD_CALLS.values(), ids=ODD_CALLS)
def test_odd_arguments_are_refused_at_the_call(running: Server, call, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        call(running)
