"""Visdom's page through Jupyter's own port: a frame, a tile, behind the login, below a prefix."""

import html
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import websocket
from jupyter_server.auth.security import set_password

from tests.end_to_end.server import running
from tests.end_to_end.visitor import Visitor

PASSWORD = "right horse"


@dataclass
class Jupyter:
    """A Jupyter server, someone who may use it, and the frame that a cell has shown."""

    insider: Visitor
    home: Path
    run: Callable[[str], list[dict]]
    shown: dict[str, str]

    @property
    def frame(self) -> str:
        """Where the frame points to."""
        return html.unescape(re.search(r'<iframe src="([^"]+)"', self.shown["text/html"])[1])

    @property
    def stranger(self) -> Visitor:
        """Someone who knows the address, and has no login."""
        return Visitor(self.insider.origin, self.insider.prefix)


SHOW = """
import sys
sys.modules["torch"] = None  # visdom's client imports it for seconds, for nothing here
from helpers import board
server = board.start()
server.show(height=300)
"""


@pytest.fixture(scope="module", params=["/", "/user/ann/"], ids=["password", "hub"])
def jupyter(request, tmp_path_factory) -> Iterator[Jupyter]:
    """One server at the root, with a password; one below a prefix, as JupyterHub has it."""
    home = tmp_path_factory.mktemp("home")
    prefix = request.param
    if prefix == "/":
        (home / "config").mkdir()
        set_password(PASSWORD, str(home / "config" / "jupyter_server_config.json"))
    settings = {"program": "jupyter_server", "COURSE_HOME": str(home / "course")}
    flags = ("--port=0", f"--ServerApp.base_url={prefix}")
    with running(home, *flags, **settings) as (address, token):
        insider = Visitor(address, prefix)
        if token is None:
            insider.log_in(PASSWORD)
        else:
            insider.headers["Authorization"] = f"token {token}"
        run = insider.start_kernel()
        (output,) = run(SHOW)
        yield Jupyter(insider, home, run, output["data"])


def test_a_frame_is_shown_that_names_no_machine(jupyter: Jupyter) -> None:
    """Its address begins with a slash: it is right at the end of any tunnel."""
    assert jupyter.shown["text/plain"] == "Visdom: environment main"
    assert jupyter.frame.startswith(f"{jupyter.insider.prefix}proxy/absolute/")
    assert "127.0.0.1" not in jupyter.shown["text/html"]
    assert 'height="300"' in jupyter.shown["text/html"]


def test_the_frame_shows_the_page(jupyter: Jupyter) -> None:
    """With all that it asks for, through the same port."""
    status, _, text = jupyter.insider.ask(jupyter.frame)
    assert status == 200 and "ACTIVE_ENV = 'main'" in text
    for path in re.findall(r"(?:src|href)=(/[^\s>]+)", text):
        assert path.startswith(jupyter.insider.prefix)
        assert jupyter.insider.ask(path)[0] == 200, path


def test_windows_arrive_in_the_frame(jupyter: Jupyter) -> None:
    """What the kernel sends comes through the websocket that the page opens."""
    base = jupyter.frame.removesuffix("/env/main")
    page = jupyter.insider.connect(f"{base}/socket")
    assert json.loads(page.recv())["command"] == "register"
    jupyter.run("server.client().text('seen', win='note')")
    while "seen" not in (received := page.recv()):
        assert json.loads(received)["command"] in ("layout_update", "env_update")
    page.close()


def test_without_a_login_there_is_nothing(jupyter: Jupyter) -> None:
    """The page leads to the login, a websocket is refused."""
    status, address, text = jupyter.stranger.ask(jupyter.frame)
    assert "/login" in address or status == 403
    assert "ACTIVE_ENV" not in text
    with pytest.raises(websocket.WebSocketException, match=r"403|/login"):
        jupyter.stranger.connect(jupyter.frame.replace("env/main", "socket"))


def test_a_foreign_page_gets_nothing_even_with_the_login(jupyter: Jupyter) -> None:
    """The browser sends the cookie along; the origin gives the page away."""
    foreign = "http://example.org"
    assert jupyter.insider.ask(jupyter.frame, Origin=foreign)[0] == 403
    with pytest.raises(websocket.WebSocketException):
        jupyter.insider.connect(jupyter.frame.replace("env/main", "socket"), foreign).recv()


def test_a_wrong_path_is_not_found(jupyter: Jupyter) -> None:
    """The secret is needed behind the login too."""
    assert jupyter.insider.ask(jupyter.frame.replace("/env/main", "x"))[0] == 404
    assert jupyter.insider.ask(jupyter.frame.rpartition("/env")[0].rpartition("/")[0])[0] == 404


def test_the_tile_leads_to_the_server(jupyter: Jupyter) -> None:
    """One that runs is opened at once; the launcher lists the tile."""
    listed = json.loads(
        jupyter.insider.ask(f"{jupyter.insider.prefix}server-proxy/servers-info")[2]
    )
    (tile,) = listed["server_processes"]
    assert tile["launcher_entry"]["title"] == "Visdom"
    assert "<svg" in jupyter.insider.ask(tile["launcher_entry"]["icon_url"])[2]
    _, address, text = jupyter.insider.ask(f"{jupyter.insider.prefix}visdom/")
    assert "ACTIVE_ENV" in text
    assert urllib.parse.urlsplit(address).path == jupyter.frame.removesuffix("env/main")


def command_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing of one that has ended since it was listed."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def test_the_tile_answers_to_jupyter_alone(jupyter: Jupyter) -> None:
    """Others on this computer find its port, and get nothing; nor do strangers."""
    jupyter.insider.ask(f"{jupyter.insider.prefix}visdom/")
    (note,) = (jupyter.home / "runtime").glob("jpserver-*.json")
    children = psutil.Process(json.loads(note.read_text())["pid"]).children(recursive=True)
    commands = [command_of(child) for child in children]
    (tile,) = [command for command in commands if "helpers.board.launcher" in command]
    assert jupyter.stranger.ask(f"http://127.0.0.1:{tile[-1]}/")[0] == 403
    assert "ACTIVE_ENV" not in jupyter.stranger.ask(f"{jupyter.insider.prefix}visdom/")[2]


def test_the_tile_lists_several_servers(jupyter: Jupyter) -> None:
    """One that a name is shared by, and that of one notebook."""
    jupyter.run("named = board.start('runs')")
    _, _, text = jupyter.insider.ask(f"{jupyter.insider.prefix}visdom/")
    links = dict(re.findall(r'<a href="([^"]+)">([^<]+)</a>', text))
    assert sorted(links.values()) == ["of one notebook", "runs"]
    for link in links:
        path = urllib.parse.urljoin(f"{jupyter.insider.prefix}visdom/", link)
        assert jupyter.insider.ask(path)[0] == 200
    jupyter.run("named.stop()")


def test_the_tile_starts_a_server_where_none_runs(jupyter: Jupyter) -> None:
    """The one that `start("shared")` then joins."""
    jupyter.run("server.stop()")
    assert "ACTIVE_ENV" in jupyter.insider.ask(f"{jupyter.insider.prefix}visdom/")[2]
    (output,) = jupyter.run("print(board.find('shared'))")
    assert output["text"] == "<visdom server 'shared', running>\n"
    jupyter.run("board.find('shared').stop(); server.restart()")
