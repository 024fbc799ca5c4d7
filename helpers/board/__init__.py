"""A visdom server of your own, and a board that a training run writes to.

`start()` gives this notebook a server, `start("name")` one that notebooks share, and
`show()` puts its page under the cell. Importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.board._assets import AssetsMissingError, install
    from helpers.board._fallback import NoServer, try_start
    from helpers.board._logger import Board
    from helpers.board._server import Server, ServerError, find, start
    from helpers.board._store import escape

__all__ = [
    "AssetsMissingError",
    "Board",
    "NoServer",
    "Server",
    "ServerError",
    "escape",
    "find",
    "install",
    "start",
    "try_start",
]

# The server's own process imports this package too, and has to stay small.
_MODULES = {
    "AssetsMissingError": "_assets",
    "Board": "_logger",
    "NoServer": "_fallback",
    "Server": "_server",
    "ServerError": "_server",
    "escape": "_store",
    "find": "_server",
    "install": "_assets",
    "start": "_server",
    "try_start": "_fallback",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, when it is asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
