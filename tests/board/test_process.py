"""The server's process: who gets in, what it keeps to itself, when it saves."""

import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request

import psutil
import pytest
import websocket

from helpers.board import Board
from helpers.board import _server as server
from helpers.board._server import Server
from tests.board.looking import DIRECT, POSIX, status
from tests.waiting import LIMIT, until


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


def test_an_environment_nobody_opened_is_saved_whole(started) -> None:
    """Visdom's lazy loading writes `null` over it."""
    one = started("kept")
    one.client("old").text("first", win="note")
    for _ in range(2):
        one.stop()
        one.restart()
        one.client("new").save(["old", "new"])
    assert one.client("old").win_exists("note")


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


def test_colabs_proxy_may_rename_the_host(started, monkeypatch) -> None:
    """The secret is still needed; only the origin is not looked at."""
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    one = started()
    assert status(one.url, Origin="http://example.org") == 200
    assert status(one.url.removesuffix(one.base) + "/") == 404


@POSIX
def test_its_log_holds_no_secret(started) -> None:
    """After requests that fail: visdom and tornado write down what was asked for."""
    one = started("kept")
    secret = one.base.rpartition("/")[2]
    for path, body in (("events", b"{"), ("update", b"{}"), ("events", b'{"data": []}')):
        request = urllib.request.Request(f"{one.url}/{path}", data=body)
        with pytest.raises(urllib.error.HTTPError):
            DIRECT.open(request, timeout=LIMIT)
    log = one.folder / server.LOG
    text = log.read_text()
    assert "500" in text and "…/events" in text
    assert secret not in text
    assert log.stat().st_mode & 0o777 == 0o600


def test_an_error_of_its_client_holds_no_secret(started) -> None:
    """A notebook keeps what an error says."""
    one = started()
    with pytest.raises(OSError, match="answered 500") as caught:
        one.client()._handle_post(f"{one.url}/update", "{}")
    assert one.base.rpartition("/")[2] not in str(caught.value)


@POSIX
def test_a_name_that_no_page_can_show_is_refused_alone(started) -> None:
    """A lone surrogate in an environment's name would be an error on every page."""
    one = started()
    body = json.dumps({"eid": "\ud800", "win": "a", "data": [{"type": "text", "content": "x"}]})
    request = urllib.request.Request(f"{one.url}/events", data=body.encode())
    with pytest.raises(urllib.error.HTTPError, match="400"):
        DIRECT.open(request, timeout=LIMIT)
    assert status(one.url) == 200
    assert one.client().get_env_list() == ["main"]


def test_environments_of_any_name_are_kept_and_have_a_page(started, capsys) -> None:
    """A slash is an underscore, for the board and for the page alike."""
    one = started("kept")
    boards = {}
    for name in (".hidden", "..a", "a.json", "50%", "a+b", "ü€", "👩‍👩‍👧", "runs/1"):
        with Board(one, name, every=0.02) as boards[name]:
            boards[name].scalar("loss/train", 1.0)
    one.restart()
    known = {board.environment for board in boards.values()} | {"main"}
    assert set(one.client().get_env_list()) == known
    for name, board in boards.items():
        one.show(environment=name)
        with DIRECT.open(capsys.readouterr().out.split()[-1], timeout=LIMIT) as page:
            assert f"ACTIVE_ENV = '{board.environment}'" in page.read().decode()
        assert one.client(name).win_exists("loss")
    assert set(one.client().get_env_list()) == known


def test_two_environments_are_compared_on_a_page(started) -> None:
    """Visdom looks for them in the home of the user, and fails where it has none of its own."""
    one = started()
    for name in ("a", "b"):
        one.client(name).line([1.0], [0], win="loss")
    assert status(f"{one.url}/compare/a+b") == 200
