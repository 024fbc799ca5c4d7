"""The server's own process: visdom's web application, safe to leave beside a training run.

Settings come in on standard input, the address goes out. The process ends, after saving, when
standard input ends (the kernel is gone, however it went) and no other process has joined; or
on SIGTERM. It answers under its secret base URL alone, and to no page from another origin.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

if __name__ == "__main__":
    sys.modules["torch"] = None  # type: ignore[assignment]  # visdom would import 700 MB of it

import visdom.server.app as upstream
from filelock import FileLock, Timeout
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets
from tornado.web import ErrorHandler, HTTPError, RequestHandler
from tornado.websocket import WebSocketHandler
from visdom.server.handlers import socket_handlers, web_handlers

from helpers.board import _storage

OWNER = "owner"
KEEP = "keep\n"  # the owner's last words where a folder must outlive its server
LEASE = "lease"
PREDECESSOR_LIMIT = 40  # seconds for a server that is ending to save: more than _server gives
PAGES = {"", "events", "update", "close", "save", "delete_env", "fork_env", "compare", "env"}
PAGES |= {"win_exists", "win_data", "win_hash", "env_state", "static", "user"}
PAGES |= {"socket", "socket_wrap", "vis_socket", "vis_socket_wrap"}
# A frame under a cell is narrow: there, without this, the bar lies over the panes. Visdom
# writes a picture's caption twice, above and below it.
STYLE = """
.navbar-form { display: flow-root; height: auto; }
.navbar-form .input-group { display: inline-table; width: auto; vertical-align: middle; }
.navbar-form .input-group .form-control { width: auto; }
.navbar-form .input-group-btn { width: auto; }
.content > .caption { display: none; }
.content .content-image { margin: 0 auto; }
"""


def main() -> None:
    """Read the settings, serve to the end, clean up."""
    parent = os.getppid()  # it is there: it waits for this process
    settings = json.loads(sys.stdin.readline())
    os.umask(0o077)  # what is written here is for this user alone
    log_without(settings["base"].rpartition("/")[2])
    folder = Path(settings["folder"])
    try:
        with FileLock(folder / _storage.LOCK, timeout=PREDECESSOR_LIMIT):
            kept = asyncio.run(serve(settings, folder, parent))
    except Timeout:
        sys.exit(f"another server writes to {folder}, and does not end")
    if settings["temporary"] and not kept:
        shutil.rmtree(folder, ignore_errors=True)


def log_without(secret: str) -> None:
    """Log to standard error; tornado would write the path of each failed request there."""

    class Formatter(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return super().format(record).replace(secret, "…")

    handler = logging.StreamHandler()
    handler.setFormatter(Formatter("%(asctime)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


async def serve(settings: dict, folder: Path, parent: int) -> bool:
    """Answer until nobody needs the server; return whether its folder must be kept."""
    sockets = bind(settings["port"])
    port = sockets[0].getsockname()[1]
    app = Application(settings, port)
    app.join(OWNER)
    server = HTTPServer(app, max_buffer_size=2**30)
    server.add_sockets(sockets)
    watch_owner(app)
    stop_on_signals(app)
    announce(folder, _storage.Address(os.getpid(), port, app.base_url), app.damaged)
    saving = asyncio.create_task(tend(app, parent, settings["save_every"]))
    await app.unused.wait()
    saving.cancel()
    server.stop()
    with contextlib.suppress(OSError):
        (folder / _storage.ADDRESS).unlink()
    app.changed = True
    save(app)
    return app.kept


def bind(port: int) -> list[socket.socket]:
    """Listen on 127.0.0.1, on `port` if it is free, else on one that the system chooses."""
    try:
        return bind_sockets(port, "127.0.0.1")
    except OSError:
        return bind_sockets(0, "127.0.0.1")


def watch_owner(app: Application) -> None:
    """Let the owner leave when standard input ends, and tell it who stays."""
    loop = asyncio.get_running_loop()

    def farewell(last_words: str) -> None:
        app.kept = last_words == KEEP
        app.leave(OWNER)
        if app.users:
            with contextlib.suppress(OSError):
                os.write(1, b"in use\n")

    def watch() -> None:
        last_words = sys.stdin.read()
        loop.call_soon_threadsafe(farewell, last_words)

    threading.Thread(target=watch, daemon=True).start()


def stop_on_signals(app: Application) -> None:
    """End, after saving, when the system asks for it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(app.unused.set))


def announce(folder: Path, address: _storage.Address, damaged: list[str]) -> None:
    """Write the address for those who look for it by name, then tell the parent."""
    _storage.announce(folder, address)
    os.write(1, json.dumps({**asdict(address), "damaged": damaged}).encode() + b"\n")
    sys.stdout = sys.stderr  # visdom prints at times, and the parent may be gone


async def tend(app: Application, parent: int, every: float) -> None:
    """Save every so many seconds, and notice that the parent is gone.

    A process that the kernel forked may keep standard input open after the kernel.
    """
    due = time.monotonic() + every
    while True:
        await asyncio.sleep(min(1.0, every))
        if os.getppid() != parent:
            app.leave(OWNER)
        if time.monotonic() >= due:
            save(app)
            due = time.monotonic() + every


def save(app: Application) -> None:
    """Save what can be saved; the log says what could not."""
    try:
        app.save()
    except (OSError, ValueError) as error:
        logging.warning("not saved: %s", error)


class Environments(dict[str, dict]):
    """Environments by name, without a name that no page can show: one would break them all."""

    def __setitem__(self, name: str, content: dict) -> None:
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise HTTPError(400, "no page can show the environment's name") from error
        super().__setitem__(name, content)


class Application(upstream.Application):
    """Visdom's application, which keeps its environments whole and counts who needs it.

    Attributes:
        users: Who needs the server; when the last one leaves, `unused` is set.
        changed: Whether an environment may have changed since all were saved.
        damaged: New names of files that could not be loaded.
        kept: Whether a folder that would go with the server must stay.
    """

    def __init__(self, settings: dict, port: int) -> None:
        """Load every environment of `settings`; the keys are those of `_server.Settings`."""
        for module in (upstream, socket_handlers, web_handlers):
            vars(module)["serialize_env"] = _storage.save
        # All environments are in memory; a listing of the folder has other files, too.
        web_handlers.gather_envs = lambda state, env_path=None: sorted(state)
        static = settings["static"]
        upstream.tornado_settings.update(
            static_path=static, template_path=static, autoreload=False, serve_traceback=False
        )
        self.any_origin = settings["any_origin"]
        self.users: set[object] = set()
        self.unused = asyncio.Event()
        self.changed = self.kept = False
        self.damaged: list[str] = []
        base = settings["base"].format(port=port)
        super().__init__(port, base, settings["environments"], eager_data_loading=True)

    def load_state(self) -> dict[str, dict]:
        """Read all environments at once: a lazy one would be saved as nothing."""
        state, self.damaged = _storage.load(Path(self.env_path))
        return Environments(state)

    def load_layouts(self) -> str:
        """Read how panes were arranged; what cannot be read is set aside."""
        try:
            return super().load_layouts()
        except (OSError, ValueError) as error:
            logging.warning("the arrangement of panes is not read: %s", error)
            for path in Path(self.env_path, "view").glob("*.json"):
                self.damaged.append(_storage.set_aside(path))
            return ""

    def load_user_settings(self) -> dict[str, str]:
        """The user's own style follows the course's; one that cannot be read is left out."""
        try:
            settings = super().load_user_settings()
        except (OSError, ValueError) as error:
            logging.warning("the user's style is not read: %s", error)
            settings = {"config_dir": "", "user_css": ""}
        return {**settings, "user_css": STYLE + settings["user_css"]}

    def save(self) -> None:
        """Write all environments, if one may have changed since the last time."""
        if self.changed or self.subs:
            _storage.save(self.state, list(self.state), self.env_path)
            self.changed = False  # not before: what a full disk refused is tried again

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """Refuse before any of visdom's own handlers sees the request."""
        status = self.refusal(request)
        if status:
            return self.get_handler_delegate(request, ErrorHandler, {"status_code": status})
        if request.path == f"{self.base_url}/{LEASE}":
            return self.get_handler_delegate(request, Lease, {"users": self})
        return super().find_handler(request, **kwargs)

    def log_request(self, handler: RequestHandler) -> None:
        """Note a change once its request has been handled.

        When the request begins to arrive is too early: what is saved before the rest has come
        lacks the change, and nothing would be left to save.
        """
        self.changed = self.changed or handler.request.method == "POST"
        super().log_request(handler)

    def refusal(self, request: HTTPServerRequest) -> int:
        """The HTTP status to refuse with, or 0."""
        origin = request.headers.get("Origin")
        if origin and not self.any_origin and urlsplit(origin).netloc != request.host:
            return 403
        base, _, rest = request.path.partition(self.base_url)
        page, _, after = rest.removeprefix("/").partition("/")
        inside = not base and (not rest or rest.startswith("/"))
        return 0 if inside and page in PAGES | {LEASE} and (page or not after) else 404

    def join(self, user: object) -> None:
        """Note that `user` needs the server."""
        self.users.add(user)

    def leave(self, user: object) -> None:
        """Note that `user` is gone."""
        self.users.discard(user)
        if not self.users:
            self.unused.set()


class Lease(WebSocketHandler):
    """A connection that is open for as long as another process needs the server."""

    def initialize(self, users: Application) -> None:
        """Take the application that counts its users."""
        self.users = users

    def open(self) -> None:
        """Count this user."""
        self.users.join(self)

    def on_message(self, message: str | bytes) -> None:
        """Nothing is said over a lease."""

    def on_close(self) -> None:
        """The process left, or died: the system closes its connections."""
        self.users.leave(self)


if __name__ == "__main__":
    main()
