"""The page behind "Visdom" in JupyterLab's launcher: it leads to the servers that run.

`jupyter_config.py` has jupyter-server-proxy start it when its tile is first clicked. It
answers to Jupyter alone, which sends a secret with each request; nobody else has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import html
import os
import secrets
import socket
import sys
from pathlib import Path

HEADER = "X-Visdom-Tile"
SECRET = "VISDOM_TILE_SECRET"
SHARED = "shared"
STYLE = "font: 1rem/1.6 system-ui, sans-serif; margin: 2rem; color-scheme: light dark"


def entry(root: Path) -> dict:
    """The tile, as jupyter-server-proxy's `servers` wants it; `root` is the checkout."""
    secret = secrets.token_urlsafe(24)
    return {
        "command": [sys.executable, "-P", "-m", "helpers.board.launcher", "{port}"],
        "environment": {
            "JPY_PARENT_PID": str(os.getpid()),  # as Jupyter sets it for kernels
            "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]),
            SECRET: secret,
        },
        "request_headers_override": {HEADER: secret},
        "timeout": 60.0,
        "new_browser_tab": False,
        "launcher_entry": {
            "title": "Visdom",
            "icon_path": str(Path(__file__).with_name("tile.svg")),
        },
    }


def main() -> None:
    """Serve on 127.0.0.1, at the port that the command line names, until Jupyter ends."""
    asyncio.run(serve(int(sys.argv[1]), os.environ.pop(SECRET)))


async def serve(port: int, secret: str) -> None:
    """Answer each request that carries the secret with the way to the servers."""
    from tornado.web import Application, HTTPError, RequestHandler

    class Way(RequestHandler):
        def prepare(self) -> None:
            if not hmac.compare_digest(self.request.headers.get(HEADER, ""), secret):
                raise HTTPError(403)

        def get(self) -> None:
            try:
                found = running() or started()
            except RuntimeError as error:  # one sentence that says what to run
                self.finish(page(html.escape(str(error))))
                return
            if len(found) == 1:
                self.redirect(next(iter(found.values())))
            else:
                self.finish(page(links(found)))

    Application([("/", Way)], log_function=lambda _: None).listen(port, "127.0.0.1")
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)


def running() -> dict[str, str]:
    """Name and address, relative to the tile's page, of each server behind this Jupyter."""
    from helpers import _jupyter
    from helpers.board import _server, _storage

    prefix, _, _ = _jupyter.base().partition("{port}")
    found: dict[str, str] = {}
    for path in sorted(_server.home().glob(f"*/{_storage.ADDRESS}")):
        address = _storage.find_address(path.parent)
        if address is None or not prefix or not address.base.startswith(prefix):
            continue
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", address.port), timeout=1).close()
            below = address.base.removeprefix(prefix)
            found[path.parent.name] = f"../{_jupyter.PROXY.partition('{')[0]}{below}/"
    return found


def started() -> dict[str, str]:
    """The shared server, now that it is started; raises what `start` raises."""
    from helpers.board import _server

    _server.start(SHARED)
    return running()


def links(found: dict[str, str]) -> str:
    """A list with a link to each of several servers."""
    from helpers.board._server import OWN

    items = [
        f'<li><a href="{html.escape(address)}">'
        f"{'of one notebook' if name.startswith(OWN) else html.escape(name)}</a></li>"
        for name, address in found.items()
    ]
    return f"<ul>{''.join(items)}</ul>"


def page(content: str) -> str:
    """A whole page around some HTML."""
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Visdom</title>'
    return f'{head}<body style="{STYLE}"><h1>Visdom</h1>{content}'


if __name__ == "__main__":
    main()
