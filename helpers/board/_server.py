"""Start, find, show and stop a visdom server, which runs in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import select
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import helpers
from helpers import _child, _jupyter, _pages
from helpers._folders import user_folder
from helpers.board import _assets, _storage, _validation
from helpers.board._sender import Link, LinkError

if TYPE_CHECKING:
    from websocket import WebSocket

    from helpers.board._client import Client

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,39}")
OWN = "own-"  # folders of servers without a name; they go with the server
LOG = "server.log"
DAY = 86_400.0
SHORTEST_PAUSE = 0.1  # seconds between two savings, at least
TALLEST = 20_000  # pixels of a frame
# Seconds. A start takes one, after as many as a server that ends needs (_process.py).
STARTING_LIMIT = 90.0
ENDING_LIMIT = 30.0  # to save and end; a loaded disk is slow
ANSWER_LIMIT = 20.0  # for a server that runs to answer, be it while it saves

_started: dict[str | None, Server] = {}


class ServerError(RuntimeError):
    """The server did not start, or does not answer; says what to do."""


@dataclass(frozen=True)
class Settings:
    """What the process reads from standard input: a command line is for all to see.

    Attributes:
        static: Folder of the page's files.
        folder: The server's own folder: its address, its log, its lock.
        environments: Folder of the environments' files.
        base: Base URL with the secret; `{port}` stands for the port.
        port: The port that is wanted; 0 for any.
        temporary: Whether the folder goes when the server ends.
        any_origin: Whether pages from elsewhere may ask (where a proxy renames them).
        save_every: Seconds between two savings.
    """

    static: str
    folder: str
    environments: str
    base: str
    port: int = 0
    temporary: bool = False
    any_origin: bool = False
    save_every: float = 10.0


def start(name: str | None = None, *, save_every: float = 10.0, page: bool = True) -> Server:
    """Return a running server; called again, the same one.

    Without a name the server is this process's own, and what it holds goes with it. With
    a name it is kept for the next time, and shared by all processes that give that name.
    The server ends with the last process that uses it.

    Args:
        name: Up to 40 letters, digits, spaces, `_`, `.` or `-`.
        save_every: Seconds between two savings, at least 0.1.
        page: Whether the files of the page must be there; clients and boards do without.

    Raises:
        AssetsMissingError: The files of the page are not there.
        ServerError: It did not start, or does not answer.
        ValueError: An odd name, or `save_every` is not a number of seconds.
        TypeError: `page` is not a bool.
    """
    _check_name(name)
    save_every = _validation.seconds(save_every, "save_every", least=SHORTEST_PAUSE)
    page = _validation.flag(page, "page")
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
    _check_name("" if name is None else name)
    server = _started.get(name) or Server(name, home() / name, 10.0)
    if server.is_running or server._join():
        _started[name] = server
        return server
    return None


def home() -> Path:
    """Folder of all servers' folders: in $COURSE_HOME, else in the user's data folder."""
    try:
        return user_folder() / "visdom"
    except RuntimeError as error:  # of a home that nobody knows
        raise ServerError(
            f"There is no folder for visdom's server ({error}): set COURSE_HOME to one."
        ) from error


class Server:
    """A visdom server on 127.0.0.1, which this process started or joined.

    Attributes:
        name: The name it is shared by, or None.
        folder: Its folder: environments, log.
        port: Where it listens.
        base: Its base URL, a secret within.
        pid: Its process.
        needs_page: Whether it must not start without the files of its page.
        has_page: Whether it has them.
    """

    def __init__(self, name: str | None, folder: Path, save_every: float) -> None:
        """Describe a server; `restart` makes it run.

        Raises ValueError for an odd name or `save_every`, TypeError for an odd folder.
        """
        _check_name(name)
        if not isinstance(folder, str | Path):
            raise TypeError(f"{_validation.short(folder)} is no folder: give its path")
        self.name = name
        self.folder = Path(folder)
        self.port = 0
        self.base = ""
        self.pid = 0
        self.needs_page = self.has_page = True
        self._save_every = _validation.seconds(save_every, "save_every", least=SHORTEST_PAUSE)
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
        """Make it run again with all that it had saved, at the same address if possible.

        A server without a name that runs keeps what it has, too; after `stop` there is nothing.
        Raises AssetsMissingError and ServerError.
        """
        self._leave(last_words="keep\n")
        with _starting(self.folder):
            if self.name is None or not self._join():
                self._launch()

    def stop(self) -> None:
        """Leave it. It saves and ends, unless another process still uses it."""
        self._leave()

    def client(self, environment: str = "main", *, events: bool = False) -> Client:
        """Return visdom's own client, connected to this server.

        Args:
            environment: The environment that it writes to unless told otherwise.
            events: Whether it listens for clicks and keys in the page.

        Raises:
            ConnectionError: Nothing answers.
            ValueError: An odd name of an environment.
            TypeError: `events` is not a bool.
        """
        environment = _validation.environment(environment)
        events = _validation.flag(events, "events")
        from helpers.board._client import Client

        return Client(self.port, self.base, environment, events=events)

    def show(self, height: int = 600, environment: str = "main") -> None:
        """Show the page under the cell, or say where it is, or what it lacks.

        Args:
            height: Pixels of the frame.
            environment: The environment that the page begins with; it is made if it is new.

        Raises:
            ValueError: An odd height or name of an environment.
            TypeError: The height is not an integer.
        """
        height = _validation.integer(height, "height", 1, TALLEST)
        environment = _validation.environment(environment)
        words = f"Visdom: environment {environment}"
        if not self.has_page:
            _pages.say(words, _assets.MISSING)
            return
        page = f"env/{quote(environment, safe='')}"
        with contextlib.suppress(LinkError):
            # The page of an environment that is not there shows another for good.
            link = Link(lambda: self.url, ANSWER_LIMIT)
            link.post(page, {"eid": environment})
            link.close()
        path = f"{self.base}/{page}"
        _pages.show_port(words, self.port, path, height, path)

    def _leave(self, last_words: str = "") -> None:
        """End the lease, or the process, which hears `last_words`."""
        if self._lease is not None:
            self._lease.close()
        if self._process is not None:
            _child.end(self._process, ENDING_LIMIT, last_words)
        self._lease = self._process = None

    def _launch(self) -> None:
        """Start the process, and wait until it has said where it listens."""
        odd = _storage.clear_address(self.folder)
        settings = Settings(
            static=str(self._static()),
            folder=str(self.folder),
            environments=str(self.folder / "environments"),
            base=f"{_jupyter.base()}/{self._secret}",
            port=self.port,
            temporary=self.name is None,
            any_origin="COLAB_RELEASE_TAG" in os.environ,  # its proxy renames the host
            save_every=self._save_every,
        )
        self._process, answer = _launched(settings)
        self._note(_storage.Address.of(answer))
        damaged = [*([odd] if odd else []), *answer["damaged"]]
        if damaged:
            warnings.warn(
                f"visdom's server could not read all that was saved in {self.folder}: what is "
                f"damaged is there as {', '.join(damaged)}. The rest is loaded.",
                RuntimeWarning,
                stacklevel=4,
            )

    def _static(self) -> Path:
        """The folder of the page's files; visdom's own, which lacks most, if that will do."""
        try:
            found, self.has_page = _assets.find(), True
        except _assets.AssetsMissingError:
            if self.needs_page:
                raise
            found, self.has_page = _assets.upstream(), False
        return found

    def _join(self) -> bool:
        """Use the server that another process started under this name, if it runs."""
        from websocket import WebSocketException, WebSocketTimeoutException, create_connection

        address = _storage.find_address(self.folder)
        if address is None:
            return False
        lease = f"ws://127.0.0.1:{address.port}{address.base}/lease"
        try:
            self._lease = create_connection(
                lease, timeout=ANSWER_LIMIT, http_no_proxy=["127.0.0.1"]
            )
        except (TimeoutError, WebSocketTimeoutException) as error:
            if _storage.find_address(self.folder) is None:  # it has ended meanwhile
                return False
            raise ServerError(
                f"The server {self.name!r} runs, but does not answer: end process "
                f"{address.pid}, then start it again."
            ) from error
        except (OSError, ValueError, WebSocketException):
            return False
        self._note(address)
        return True

    def _note(self, address: _storage.Address) -> None:
        self.pid, self.port, self.base = address.pid, address.port, address.base


def _check_name(name: object) -> None:
    """Raise ValueError for what cannot name a server's folder; None names none."""
    if name is not None and not (isinstance(name, str) and NAME.fullmatch(name)):
        raise ValueError(
            f"{_validation.short(name)} cannot name a server: use up to 40 letters, digits, "
            "spaces, _ . or -"
        )


def _folder(name: str | None) -> Path:
    """The folder of a server; one of its own for a server without a name."""
    if name is not None:
        return home() / name
    for left in home().glob(f"{OWN}*"):  # by a server that was killed
        with contextlib.suppress(OSError):
            old = time.time() - left.stat().st_mtime > DAY
            if old and not (left / _storage.ADDRESS).exists():
                shutil.rmtree(left)
    return home() / (OWN + secrets.token_hex(8))


@contextlib.contextmanager
def _starting(folder: Path) -> Iterator[None]:
    """Let one process at a time start a server on `folder`, which other users cannot read."""
    from filelock import FileLock, Timeout

    try:
        _storage.make_private(folder)
        lock = FileLock(folder / "starting.lock", timeout=STARTING_LIMIT)
        lock.acquire()
    except Timeout as error:
        raise ServerError(
            f"another process has been starting a server on {folder} for {STARTING_LIMIT:.0f} "
            "seconds: end it, then try again."
        ) from error
    except (OSError, NotImplementedError) as error:
        raise ServerError(
            f"visdom's server cannot use the folder {folder} ({error}): set COURSE_HOME to a "
            "folder of yours on this computer's own disk."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _launched(settings: Settings) -> tuple[subprocess.Popen, dict]:
    """Return the process, and its first line. Raises ServerError."""
    log = Path(settings.folder, LOG)
    arguments = ["-P", "-m", "helpers.board._process"]
    try:
        _storage.make_private(Path(settings.environments))
        with os.fdopen(_storage.open_private(log), "ab") as file:
            process, answer = _child.start(
                arguments, asdict(settings), STARTING_LIMIT, file, _child_environment()
            )
            return process, dict(answer)  # type: ignore[call-overload]  # it is a dict
    except (_child.ChildError, OSError) as error:
        raise ServerError(f"visdom's server did not start ({error}); {log} says why.") from error


def _child_environment() -> dict[str, str]:
    """The child finds this package, prints UTF-8 and needs no second thread for sums."""
    root = str(Path(helpers.__file__).resolve().parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _is_open(lease: WebSocket) -> bool:
    """Whether the other side holds it: nothing is ever sent, so what comes is the end."""
    readable, _, _ = select.select([lease], [], [], 0)
    return not readable
