"""A visdom server of one's own: who gets in, when it ends, what it keeps. Real processes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import types
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import websocket
from filelock import FileLock

from helpers import _pages
from helpers import board as course_board
from helpers.board import _process as process
from helpers.board import _server as server
from helpers.board import _storage as storage
from helpers.board._server import Server, ServerError
from tests.waiting import LIMIT, has_ended, until

ROOT = Path(__file__).resolve().parents[2]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and modes")


def status(address: str, **headers: str) -> int:
    """The HTTP status of a GET."""
    try:
        request = urllib.request.Request(address, headers=headers)
        return DIRECT.open(request, timeout=LIMIT).status
    except urllib.error.HTTPError as error:
        return error.code


def knock(address: str, origin: str) -> int:
    """101 for a websocket that is opened, else the HTTP status."""
    try:
        opened = websocket.create_connection(
            address.replace("http", "ws", 1), origin=origin, timeout=LIMIT
        )
    except websocket.WebSocketBadStatusException as error:
        return error.status_code
    opened.close()
    return 101


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch) -> None:
    """Servers keep their folders here, and this test forgets those of the last one."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.setattr(server, "_started", {})


@pytest.fixture
def started() -> Iterator[Callable[..., Server]]:
    """`start`, with everything stopped afterwards."""
    kept: list[Server] = []

    def start(*arguments, **settings) -> Server:
        kept.append(course_board.start(*arguments, **settings))
        return kept[-1]

    yield start
    for one in kept:
        one.stop()


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


def test_it_is_light(running: Server) -> None:
    """Without torch: under 100 MB."""
    assert psutil.Process(running.pid).memory_info().rss < 100e6


def test_it_listens_to_this_machine_alone(running: Server) -> None:
    """One socket, on 127.0.0.1."""
    found = psutil.Process(running.pid).net_connections()
    listening = [at.laddr.ip for at in found if at.status == psutil.CONN_LISTEN]
    assert listening == ["127.0.0.1"]


def test_its_secret_is_in_no_command_line(running: Server) -> None:
    """Neither in the process list nor in the environment of the process."""
    secret = running.base.rpartition("/")[2]
    assert len(secret) >= 32
    lines = (one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"]))
    assert not [line for line in lines if secret in " ".join(line)]
    assert secret not in str(psutil.Process(running.pid).environ())


@POSIX
def test_its_files_are_for_this_user_alone(running: Server) -> None:
    """Folder 0700; the address, with the secret, 0600."""
    assert running.folder.stat().st_mode & 0o777 == 0o700
    assert (running.folder / "server.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("path", ["", "/", "/env/main", "/static/js/main.js", "/user/style.css"])
def test_its_pages_are_there(running: Server, path: str) -> None:
    """The template's own broken address, the user's style, among them."""
    assert status(running.url + path) == 200


def test_the_page_names_only_files_that_are_there(running: Server) -> None:
    """Each script and style that it asks for is answered."""
    with DIRECT.open(running.url, timeout=LIMIT) as page:
        text = page.read().decode()
    wanted = re.findall(r"(?:src|href)='?\"?(/[^\s>'\"]+)", text)
    assert len(wanted) > 15
    origin = running.url.removesuffix(running.base)
    assert {path: status(origin + path) for path in wanted} == dict.fromkeys(wanted, 200)


@pytest.mark.parametrize("wrong", ["/{}x", "/x{}", "/", "/env/main", "/{}/nonsense", "/{}//x"])
def test_a_wrong_path_is_not_found(running: Server, wrong: str) -> None:
    """404 for whatever is not a page below the secret."""
    origin = running.url.removesuffix(running.base)
    assert status(origin + wrong.format(running.base.removeprefix("/"))) == 404


@pytest.mark.parametrize("origin", ["http://example.org", "null", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(running: Server, origin: str) -> None:
    """A page from elsewhere neither reads, nor writes, nor opens a websocket."""
    assert status(running.url, Origin=origin) == 403
    assert knock(f"{running.url}/socket", origin) == 403
    assert knock(f"{running.url}/vis_socket", origin) == 403
    assert knock(f"{running.url}/lease", origin) == 403


def test_its_own_origin_is_let_in(running: Server) -> None:
    """The page itself."""
    own = running.url.removesuffix(running.base)
    assert status(running.url, Origin=own) == 200
    assert knock(f"{running.url}/socket", own) == 101


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


def test_an_environment_nobody_opened_is_saved_whole(started) -> None:
    """Visdom's lazy loading writes `null` over it."""
    one = started("kept")
    one.client("old").text("first", win="note")
    for _ in range(2):
        one.stop()
        one.restart()
        one.client("new").save(["old", "new"])
    assert one.client("old").win_exists("note")


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


def test_what_arrives_in_two_parts_is_saved(started) -> None:
    """What was saved between them lacks it, so that has to be done again."""
    one = started(save_every=0.1)
    note = {"type": "text", "content": "late"}
    body = json.dumps({"eid": "main", "win": "note", "data": [note]}).encode()
    head = f"POST {one.base}/events HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", one.port), timeout=LIMIT) as link:
        link.sendall(head.encode())
        time.sleep(1)  # several savings; one more or less changes nothing
        link.sendall(body)
        assert b" 200 " in link.recv(100)
    saved = one.folder / "environments" / "main.json"
    until(lambda: saved.exists() and "late" in saved.read_text())


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


def test_what_the_page_saves_is_written_whole_too(started) -> None:
    """A new file takes the old one's place, whoever asks for it."""
    one = started()
    vis = one.client("runs")
    vis.text("first", win="note")
    vis.save(["runs"])
    path = one.folder / "environments" / "runs.json"
    with path.open() as old:
        vis.text("second", win="note")
        vis.save(["runs"])
        assert "first" in old.read() and "second" in path.read_text()


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


SAVING = """
import sys
from pathlib import Path
from helpers.board import _storage
folder, size = Path(sys.argv[1]), 20_000_000
print("ready", flush=True)
for letter in "bcdefghijklmnopqrstuvwxyz" * 100:
    state = {"main": {"jsons": {"note": letter * size}, "reload": {}}}
    _storage.save(state, ["main"], folder)
"""


def test_a_kill_while_saving_leaves_a_whole_file(tmp_path) -> None:
    """The old one or the new one."""
    old = {"main": {"jsons": {"note": "a"}, "reload": {}}}
    storage.save(old, ["main"], tmp_path)
    for _ in range(3):
        variables = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SAVING, str(tmp_path)]
        saving = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE)
        until(lambda: list(tmp_path.glob("main.json.*.part")))
        saving.kill()
        saving.communicate()
        content = storage.load(tmp_path)[0]["main"]
        assert len(set(content["jsons"]["note"])) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["main.json"]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    """What could not be written whole is not put in its place."""
    storage.save({"main": {"jsons": {}, "reload": {}}}, ["main"], tmp_path)
    before = (tmp_path / "main.json").read_text()

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        storage.save({"main": {"jsons": {"a": {}}, "reload": {}}}, ["main"], tmp_path)
    assert (tmp_path / "main.json").read_text() == before


def test_one_that_cannot_be_saved_stops_none_of_the_others(tmp_path) -> None:
    """The first error is raised at the end."""
    state = {name: {"jsons": {}, "reload": {}} for name in ("a", "x" * 300, "nul\0", "z")}
    with pytest.raises(OSError):
        storage.save(state, list(state), tmp_path)
    assert {path.name for path in tmp_path.glob("*.json")} == {"a.json", "z.json"}


def test_an_end_that_cannot_save_all_is_an_end(started) -> None:
    """The rest is saved, and a folder that was to go goes."""
    one, named = started(), started("kept")
    for each, environment in ((one, "x" * 300), (named, "x" * 300), (named, "z")):
        each.client().text("first", win="note", env=environment)
    one.stop()
    assert not one.folder.exists()
    named.restart()
    assert named.client("z").win_exists("note")
    assert "not saved" in (named.folder / server.LOG).read_text()


@pytest.mark.parametrize("text", ['{"jsons": {"a"', "null", "[]", '{"jsons": {}}'])
def test_a_damaged_environment_is_set_aside(text: str, tmp_path) -> None:
    """The others are loaded, and the damaged one is still there to look at."""
    (tmp_path / "bad.json").write_text(text)
    (tmp_path / "good.json").write_text('{"jsons": {"a": {}}, "reload": {}}')
    assert storage.load(tmp_path)[0].keys() == {"good", "main"}
    assert (tmp_path / "bad.damaged").read_text() == text


def test_a_client_does_not_wait_for_ever(started, monkeypatch) -> None:
    """With no server it raises at once; a proxy in the environment is not asked."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    one = started()
    vis = one.client()
    one.stop()
    with pytest.raises(ConnectionError):
        vis.text("anyone?")


def test_clicks_reach_a_client_that_listens(started) -> None:
    """The way back, from the page to Python."""
    one = started()
    vis = one.client(events=True)
    vis.text("press", win="note")
    until(lambda: vis.socket_alive)  # visdom's client goes on without it after five seconds
    heard = threading.Event()
    vis.register_event_handler(lambda event: heard.set(), "note")
    page = websocket.create_connection(f"{one.url.replace('http', 'ws', 1)}/socket")
    event = {"eid": "main", "target": "note", "event_type": "KeyPress"}
    page.send(json.dumps({"cmd": "forward_to_vis", "data": event}))
    assert heard.wait(LIMIT)
    page.close()
    vis.use_socket = False


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


def test_colabs_proxy_may_rename_the_host(started, monkeypatch) -> None:
    """The secret is still needed; only the origin is not looked at."""
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    one = started()
    assert status(one.url, Origin="http://example.org") == 200
    assert status(one.url.removesuffix(one.base) + "/") == 404
