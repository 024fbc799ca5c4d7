"""`make remote`, tried through a real SSH server: opened, broken, opened again, stopped."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import websocket

from tests.end_to_end import far as other_computer
from tests.end_to_end import ssh
from tests.end_to_end.far import Far, Opened
from tests.end_to_end.required import IN_CI, go_without
from tests.end_to_end.test_ssh import NO_SSH
from tests.end_to_end.visitor import Visitor
from tests.waiting import has_ended, until
from tools import remote

PASSWORD = "right horse"
SESSION = "page"  # a page's own name, the same after it has connected again
COUNT = """
import pathlib, time
number = 0
while not pathlib.Path({stop!r}).exists():
    print(number, flush=True)
    number += 1
    time.sleep(0.02)
print("counted", number)
"""


@pytest.fixture(scope="module")
def far(tmp_path_factory) -> Iterator[Far]:
    """The other computer, where nobody has opened the course yet."""
    if not ssh.PROGRAMS:
        go_without(NO_SSH, required=IN_CI)
    with other_computer.computer(tmp_path_factory.mktemp("far")) as found:
        yield found


@pytest.fixture(scope="module")
def window(far: Far) -> Iterator[Opened]:
    """A window in which `make remote` runs."""
    with far.opened() as opened:
        yield opened


def visitor(opened: Opened) -> Visitor:
    """Whoever opens the address that the window shows, by its token if there is one."""
    parts = urllib.parse.urlsplit(opened.address)
    token = urllib.parse.parse_qs(parts.query).get("token")
    headers = {"Authorization": f"token {token[0]}"} if token else {}
    return Visitor(f"http://{parts.netloc}", "/", headers)


class Cell:
    """A cell that counts until it is told to stop, and the page that shows it."""

    def __init__(self, learner: Visitor, stop: Path) -> None:
        """Start a kernel for a notebook, or use the one that it has."""
        body = {"path": "04_training.ipynb", "type": "notebook", "name": "", "kernel": {}}
        body["kernel"] = {"name": "python3"}
        answer = learner.ask("/api/sessions", json.dumps(body).encode())
        self.learner = learner
        self.stop = stop
        self.kernel = json.loads(answer[2])["kernel"]["id"]
        self.message = uuid.uuid4().hex
        self.text = ""
        self.ended = {"execute_reply": False, "idle": False}

    def connect(self) -> websocket.WebSocket:
        """Connect the page, as it does by itself after a break."""
        return self.learner.connect(f"/api/kernels/{self.kernel}/channels?session_id={SESSION}")

    def start(self, page: websocket.WebSocket) -> None:
        """Run the cell."""
        header = {"msg_id": self.message, "msg_type": "execute_request", "version": "5.3"}
        header |= {"session": SESSION, "username": "test"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell"}
        content = {"code": COUNT.format(stop=str(self.stop))}
        page.send(json.dumps({**message, "content": content, "buffers": []}))

    def read(self, page: websocket.WebSocket, enough: Callable[[], object]) -> None:
        """Show what arrives, until it is enough."""
        while not enough():
            answer = json.loads(page.recv())
            if answer["parent_header"].get("msg_id") != self.message:
                continue
            if answer["msg_type"] == "stream":
                self.text += answer["content"]["text"]
            kind = answer["content"].get("execution_state", answer["msg_type"])
            self.ended |= {kind: True} if kind in self.ended else {}

    def is_whole(self) -> bool:
        """Whether each number was shown; one that was on the way at the break may come twice."""
        *numbers, _, total = self.text.split()
        return sorted(set(map(int, numbers))) == list(range(int(total)))


def test_the_environment_is_made_and_the_course_opens(window: Opened) -> None:
    """The learner sees what is done over there; the address opens JupyterLab."""
    assert "Installing course\n" in window.lines
    assert Visitor(window.address, "/").ask("/api/contents")[0] == 403
    status, address, _ = Visitor(window.address, "/").ask(window.address)
    assert status == 200 and "/lab" in address


def test_the_token_is_on_no_command_line_and_in_no_log(far: Far, window: Opened) -> None:
    """Nor may anybody else read a file about the server."""
    found = far.server("status")
    assert found["token"] in window.address
    lines = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
    assert any("tools/remote.py" in line for line in lines)
    assert not any(found["token"] in line for line in lines)
    log = Path(found["log"])
    assert found["token"] not in log.read_text()
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in log.parent.iterdir())


def test_a_second_window_finds_the_same_server(far: Far, window: Opened) -> None:
    """At another port of this computer: the first one is taken."""
    before = far.server("status")
    with far.opened() as second:
        assert far.server("start")["pid"] == before["pid"]
        assert second.address != window.address
        assert second.address.partition("?")[2] == window.address.partition("?")[2]
        assert visitor(second).ask("/api/contents")[0] == 200


def test_visdom_and_tensorboard_come_through_the_same_port(window: Opened, tmp_path) -> None:
    """Their frames name no port, so that the one tunnel is enough."""
    learner = visitor(window)
    run = learner.start_kernel()
    (shown,) = run("from helpers import board; board.start().show()")
    frame = re.search(r'<iframe src="([^"]+)"', shown["data"]["text/html"])[1]
    assert frame.startswith("/")
    assert "ACTIVE_ENV = 'main'" in learner.ask(frame)[2]
    code = f"from helpers import tensorboard; tensorboard.start({str(tmp_path)!r}).show()"
    (shown,) = run(code)
    frame = re.search(r'<iframe src="([^"]+)"', shown["data"]["text/html"])[1]
    assert frame.startswith("/")
    assert "<title>TensorBoard</title>" in learner.ask(frame)[2]


def test_a_cut_in_the_middle_of_a_cell_loses_nothing(far: Far, window: Opened, tmp_path) -> None:
    """Neither what was printed meanwhile nor the cell's end, which came while all was cut."""
    cell = Cell(visitor(window), tmp_path / "stop")
    page = cell.connect()
    cell.start(page)
    cell.read(page, lambda: "\n9\n" in cell.text)
    far.wire.cut()
    window.read("The connection is broken.")
    cell.stop.touch()
    until(lambda: not any(kernel["busy"] for kernel in far.server("status")["kernels"]))
    far.wire.mend()
    window.read("Connected again.")
    cell.read(cell.connect(), lambda: all(cell.ended.values()))
    assert cell.is_whole()


@pytest.mark.parametrize("ends", ["before", "after"])
def test_a_break_that_nobody_noticed_loses_nothing(far: Far, window, ends, tmp_path) -> None:
    """As of a laptop that was closed: the server went on sending into nowhere."""
    token = far.server("status")["token"]
    with ssh.wire(far.server("status")["port"]) as wire:
        learner = Visitor(f"http://127.0.0.1:{wire.near}", "/", {"Authorization": f"token {token}"})
        cell = Cell(learner, tmp_path / "stop")
        page = cell.connect()
        cell.start(page)
        cell.read(page, lambda: "\n9\n" in cell.text)
        wire.freeze()
        if ends == "before":
            cell.stop.touch()
            until(lambda: not any(kernel["busy"] for kernel in far.server("status")["kernels"]))
        again = cell.connect()
        shown = len(cell.text)
        cell.read(again, lambda: len(cell.text) > shown + 30 or cell.ended["idle"])
        cell.stop.touch()
        cell.read(again, lambda: all(cell.ended.values()))
    assert cell.is_whole()


def test_closing_the_terminal_leaves_the_kernel_running(far: Far, window, tmp_path) -> None:
    """Opened anew, the same page goes on where it was."""
    with far.opened() as second:
        cell = Cell(visitor(second), tmp_path / "stop")
        page = cell.connect()
        cell.start(page)
        cell.read(page, lambda: "\n9\n" in cell.text)
        local = urllib.parse.urlsplit(second.address).port
        os.killpg(second.process.pid, signal.SIGHUP)  # as a terminal does when it is closed
        second.process.wait()
        until(lambda: not ssh.listens(local))
    with far.opened() as third:
        assert urllib.parse.urlsplit(third.address).port == local
        cell.learner = visitor(third)
        cell.stop.touch()
        cell.read(cell.connect(), lambda: all(cell.ended.values()))
    assert cell.is_whole()


def test_ctrl_c_closes_the_tunnel_and_says_what_goes_on(far: Far, window: Opened) -> None:
    """The server stays; how to open and how to stop it is said."""
    with far.opened() as second:
        second.process.send_signal(signal.SIGINT)
        rest = second.process.stdout.read()
        assert second.process.wait() == 0
    assert "The server on" in rest and "goes on" in rest
    assert f'--folder "{far.course}" --stop --' in rest
    assert far.server("status")["state"] == "running"


def test_a_taken_port_means_the_next_one(far: Far, window: Opened) -> None:
    """ssh alone says so and goes on, and the learner lands in another server."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with far.opened("--port", str(port)) as opened:
            assert urllib.parse.urlsplit(opened.address).port != port
            assert visitor(opened).ask("/api/contents")[0] == 200


def test_stop_names_the_busy_notebook_and_ends_the_server(far: Far, window, tmp_path) -> None:
    """The open window says so too; stopping once more finds nothing."""
    before = far.server("status")
    cell = Cell(visitor(window), tmp_path / "stop")
    page = cell.connect()
    cell.start(page)
    cell.read(page, lambda: cell.text)
    done = far.run("--stop")
    assert done.returncode == 0, done.stderr
    assert "A cell is running in 04_training.ipynb." in done.stdout
    assert has_ended(before["pid"])
    rest = window.process.stdout.read()
    assert window.process.wait() == 1
    assert "does not run any more. The same command starts it again" in rest
    assert "No server of this course runs" in far.run("--stop").stdout


def test_a_password_is_asked_for_and_a_killed_server_is_not_taken_for_one(far: Far) -> None:
    """What kill -9 leaves behind is recognised; the new server has a password, and no token."""
    old = far.server("start")
    os.kill(old["pid"], signal.SIGKILL)
    until(lambda: far.server("status") == {"state": "none"})
    setting = {"cwd": far.course, "env": {**os.environ, **far.variables}, "text": True}
    words = [sys.executable, "-m", "tools.password"]
    subprocess.run(words, input=PASSWORD + "\n", check=True, **setting)
    with far.opened() as opened:
        opened.read("The page asks for the password")
        assert far.server("status")["pid"] != old["pid"]
        assert "token" not in opened.address
        with pytest.raises(AssertionError):
            visitor(opened).log_in("wrong horse")
        learner = visitor(opened)
        learner.log_in(PASSWORD)
        assert learner.ask("/api/contents")[0] == 200
        (printed,) = learner.start_kernel()("print(6 * 7)")
        assert printed["text"] == "42\n"
        assert "04_training" not in far.run("--stop").stdout
    subprocess.run([*words, "--remove"], check=True, **setting)


def refusal(done: subprocess.CompletedProcess) -> str:
    """The last line that was said."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_a_folder_without_the_course_is_named(far: Far, tmp_path) -> None:
    """With what to do; another folder's name is not the same as none."""
    flags = ("--folder", str(tmp_path / "none"))
    missing = refusal(far.run(*flags))
    assert f"There is no course in {tmp_path / 'none'}" in missing and "git clone" in missing
    assert f"{tmp_path} on" in refusal(far.run("--folder", str(tmp_path)))


def test_a_refused_login_is_named(far: Far, tmp_path) -> None:
    """A key that the server does not know."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    options = far.login.through(far.wire.near)
    options[options.index("-i") + 1] = str(key)
    assert "refused the login" in refusal(far.run(options=options))


def test_a_computer_that_is_not_there_is_named(far: Far, tmp_path) -> None:
    """No such name, no server at the port, another key than before, no ssh at all."""
    unknown = [sys.executable, far.command()[1], "nobody@nowhere.invalid"]
    done = subprocess.run(unknown, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert "The name nobody@nowhere.invalid is not known" in refusal(done)
    closed = far.login.through(ssh.free_port())
    assert "no ssh server answers" in refusal(far.run(options=closed))
    other = (tmp_path / "known_hosts").write_text(
        ""
    ) or f"UserKnownHostsFile={tmp_path}/known_hosts"
    options = [other if "KnownHosts" in each else each for each in far.login.through(far.wire.near)]
    assert "was not accepted" in refusal(far.run(options=options))
    assert "ssh was not found" in refusal(far.run(env={**os.environ, "PATH": str(tmp_path)}))


@pytest.mark.parametrize("host", ["-oProxyCommand=touch", "", "two words"])
def test_what_is_no_host_is_refused(host, monkeypatch) -> None:
    """It would be taken for an option, or for a command."""
    monkeypatch.setattr(shutil, "which", lambda name: name)
    with pytest.raises(remote.RemoteError, match="is no host"):
        remote.Ssh(host, [])
