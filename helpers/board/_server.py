"""Start, find, show and stop a visdom server."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import select
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import _child, _jupyter
from helpers._folders import user_folder
from helpers.board import _assets as assets, launch
from helpers.board.launch import ServerError

if TYPE_CHECKING:
    import subprocess

    from websocket import WebSocket

    from helpers.board._client import Client

__all__ = ["Server", "ServerError", "find", "start"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,39}")
OWN = "own-"  # folders of servers without a name; they go with the server
DAY = 86_400.0
ENDING_LIMIT = 30.0  # seconds to save and end; a loaded disk is slow
ANSWER_LIMIT = 20.0  # seconds for a server that runs to answer, be it while it saves

_started: dict[str | None, Server] = {}


def start(name: str | None = None, *, save_every: float = 10.0, page: bool = True) -> Server:
    """Return a running server; called again, the same one.

    Without a name the server is this process's own, and what it holds goes with it. With
    a name it is kept for the next time, and shared by all processes that give that name.
    The server ends with the last process that uses it, and saves every `save_every`
    seconds. With `page=False` the files of the page may be missing: clients and boards do
    without. Raises AssetsMissingError, ServerError, and ValueError for an odd name.
    """
    if name is not None:
        _check(name)
    server = _started.get(name)
    if server is None:
        server = _started[name] = Server(name, _folder(name), save_every)
    if not server.is_running:
        server.needs_page = page
        server.restart()
    return server


def find(name: str) -> Server | None:
    """Return the running server of that name, joined; None if there is none.

    Raises ValueError for an odd name, and ServerError if it does not answer.
    """
    _check(name)
    server = _started.get(name) or Server(name, home() / name, 10.0)
    if server.is_running or server._join():
        _started[name] = server
        return server
    return None


def home() -> Path:
    """Folder of all servers' folders: in $COURSE_HOME, else in the user's data folder."""
    return user_folder() / "visdom"


class Server:
    """A visdom server on 127.0.0.1, which this process started or joined.

    Attributes:
        name: The name it is shared by, or None.
        folder: Its folder: environments, log.
        port: Where it listens.
        base: Its base URL, a secret within.
        needs_page: Whether it must not start without the files of its page.
        has_page: Whether it has them.
    """

    def __init__(self, name: str | None, folder: Path, save_every: float) -> None:
        """Describe a server; `restart` makes it run."""
        self.name = name
        self.folder = folder
        self.port = 0
        self.base = ""
        self.pid = 0
        self.needs_page = self.has_page = True
        self._save_every = save_every
        self._secret = secrets.token_urlsafe(24)
        self._process: subprocess.Popen | None = None
        self._lease: WebSocket | None = None

    def __repr__(self) -> str:
        """The same every time: no port, no secret."""
        state = "running" if self.is_running else "stopped"
        return f"<visdom server {self.name or 'of this process'!r}, {state}>"

    @property
    def url(self) -> str:
        """Its address on this machine, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}{self.base}"

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        if self._process is not None:
            return self._process.poll() is None
        return self._lease is not None and _is_open(self._lease)

    def restart(self) -> None:
        """Make it run again with all that it had saved, at the same address if possible."""
        from filelock import FileLock

        self.stop()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self.folder / "starting.lock", timeout=launch.PATIENCE):
            if self.name is None or not self._join():
                self._launch()

    def stop(self) -> None:
        """Leave it. It saves and ends, unless another process still uses it."""
        if self._lease is not None:
            self._lease.close()
        if self._process is not None:
            _child.end(self._process, ENDING_LIMIT)
        self._lease = self._process = None

    def client(self, environment: str = "main", *, events: bool = False) -> Client:
        """Return visdom's own client, connected to this server.

        With `events` it listens for clicks and keys in the page. Raises ConnectionError
        where nothing answers.
        """
        from helpers.board._client import Client

        return Client(self.port, self.base, environment, events=events)

    def show(self, height: int = 600, environment: str = "main") -> None:
        """Show the page under the cell, `height` pixels high, or say where it is."""
        from helpers.board.frame import show

        show(self, height, environment)

    def _launch(self) -> None:
        settings = launch.Settings(
            static=str(self._static()),
            folder=str(self.folder),
            environments=str(self.folder / "environments"),
            base=f"{_jupyter.base()}/{self._secret}",
            port=self.port,
            temporary=self.name is None,
            any_origin="COLAB_RELEASE_TAG" in os.environ,  # its proxy renames the host
            save_every=self._save_every,
        )
        self._process, address = launch.launch(settings)
        self._note(address)

    def _static(self) -> Path:
        """The folder of the page's files; visdom's own, which lacks most, if that will do."""
        try:
            found, self.has_page = assets.find(), True
        except assets.AssetsMissingError:
            if self.needs_page:
                raise
            found, self.has_page = assets.upstream(), False
        return found

    def _join(self) -> bool:
        """Use the server that another process started under this name, if it runs."""
        from websocket import (
            WebSocketException,
            WebSocketTimeoutException,
            create_connection,
        )

        try:
            address = json.loads((self.folder / "server.json").read_text("utf-8"))
            lease = f"ws://127.0.0.1:{address['port']}{address['base']}/lease"
            self._lease = create_connection(
                lease, timeout=ANSWER_LIMIT, http_no_proxy=["127.0.0.1"]
            )
        except (TimeoutError, WebSocketTimeoutException) as error:
            raise ServerError(
                f"The server {self.name!r} runs, but does not answer: end process "
                f"{address['pid']}, then start it again."
            ) from error
        except (OSError, ValueError, WebSocketException):
            return False
        self._note(address)
        return True

    def _note(self, address: dict) -> None:
        self.pid, self.port, self.base = (address[key] for key in ("pid", "port", "base"))


def _check(name: object) -> None:
    """Raise ValueError for what cannot name a server's folder."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot name a server: use up to 40 letters, digits, spaces, _ . or -"
        )


def _folder(name: str | None) -> Path:
    """The folder of a server; one of its own for a server without a name."""
    if name is not None:
        return home() / name
    for left in home().glob(f"{OWN}*"):  # by a server that was killed
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > DAY and not (left / "server.json").exists():
                shutil.rmtree(left)
    return home() / (OWN + secrets.token_hex(8))


def _is_open(lease: WebSocket) -> bool:
    """Whether the other side holds it: nothing is ever sent, so what comes is the end."""
    readable, _, _ = select.select([lease.sock], [], [], 0)
    return not readable
