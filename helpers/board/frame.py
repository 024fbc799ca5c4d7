"""Show the server's page, or say what it lacks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from helpers import _pages
from helpers.board import _assets as assets
from helpers.board.link import Link, LinkError

if TYPE_CHECKING:
    from helpers.board._server import Server

PATIENCE = 20.0  # seconds for the server to answer


def show(server: Server, height: int, environment: str) -> None:
    """Show the page of `environment`; see `Server.show`."""
    words = f"Visdom: environment {environment}"
    path = f"{server.base}/env/{quote(environment)}"
    if server.has_page:
        _make(server, environment)
        _pages.show_port(words, server.port, path, height, path)
    else:
        _pages.say(words, assets.MISSING)


def _make(server: Server, environment: str) -> None:
    """Let the environment exist: the page of one that does not shows another for good."""
    with contextlib.suppress(LinkError):
        link = Link(lambda: server.url, PATIENCE)
        link.post(f"env/{quote(environment)}", {"eid": environment})
        link.close()
