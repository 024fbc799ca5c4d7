"""The server's own process: settings come in on standard input, the address goes out.

It ends, after saving, when standard input ends (the kernel is gone, however it went) and
no other process has joined; or on SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

OWNER = "owner"
PREDECESSOR_LIMIT = 40  # seconds for a server that is ending to save: more than server.py gives


def main() -> None:
    """Read the settings, serve to the end, clean up."""
    parent = os.getppid()  # it is there: it waits for this process
    settings = json.loads(sys.stdin.readline())
    os.umask(0o077)  # what is written here is for this user alone
    sys.modules["torch"] = None  # visdom would import it: 700 MB for nothing
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    folder = Path(settings["folder"])
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / "writer.lock", timeout=PREDECESSOR_LIMIT):
            asyncio.run(serve(settings, folder, parent))
    except Timeout:
        sys.exit(f"another server writes to {folder}, and does not end")
    if settings["temporary"]:
        shutil.rmtree(folder, ignore_errors=True)


async def serve(settings: dict, folder: Path, parent: int) -> None:
    """Answer until nobody needs the server."""
    from tornado.httpserver import HTTPServer

    from helpers.board.application import Application

    sockets = bind(settings["port"])
    port = sockets[0].getsockname()[1]
    app = Application(settings, port)
    app.join(OWNER)
    server = HTTPServer(app, max_buffer_size=2**30)
    server.add_sockets(sockets)
    watch_owner(app)
    stop_on_signals(app)
    announce(folder, {"pid": os.getpid(), "port": port, "base": app.base_url})
    saving = asyncio.create_task(tend(app, parent, settings["save_every"]))
    await app.unused.wait()
    saving.cancel()
    server.stop()
    with contextlib.suppress(OSError):
        (folder / "server.json").unlink()
    app.changed = True
    save(app)


def bind(port: int) -> list:
    """Listen on 127.0.0.1, on `port` if it is free, else on one that the system chooses."""
    from tornado.netutil import bind_sockets

    try:
        return bind_sockets(port, "127.0.0.1")
    except OSError:
        return bind_sockets(0, "127.0.0.1")


def watch_owner(app) -> None:
    """Let the owner leave when standard input ends, and tell it who stays."""
    loop = asyncio.get_running_loop()

    def farewell() -> None:
        app.leave(OWNER)
        if app.users:
            with contextlib.suppress(OSError):
                os.write(1, b"in use\n")

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(farewell)

    threading.Thread(target=watch, daemon=True).start()


def stop_on_signals(app) -> None:
    """End, after saving, when the system asks for it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(app.unused.set))


def announce(folder: Path, address: dict) -> None:
    """Write the address for those who look for it by name, then tell the parent."""
    from helpers import _atomic

    line = json.dumps(address).encode()
    _atomic.write_bytes(folder / "server.json", line)
    os.write(1, line + b"\n")
    sys.stdout = sys.stderr  # visdom prints at times, and the parent may be gone


async def tend(app, parent: int, every: float) -> None:
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


def save(app) -> None:
    """Save what can be saved; the log says what could not."""
    try:
        app.save()
    except (OSError, ValueError) as error:
        logging.warning("not saved: %s", error)


if __name__ == "__main__":
    main()
