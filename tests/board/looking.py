"""What the tests of a board share: panes as the server has them, and warnings."""

import base64
import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.board import Board
from helpers.board._server import Server
from tests.waiting import LIMIT, until

ROOT = Path(__file__).resolve().parents[2]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
SOON = 0.02  # seconds between two sendings
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and modes")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux limits a running process")


def panes(server: Server, environment: str = "main") -> dict[str, dict]:
    """All panes of an environment, asked of the server with visdom's own client."""
    return json.loads(server.client(environment).get_window_data())


def stored(server: Server, environment: str = "main") -> dict[str, dict]:
    """The panes of an environment as they are on disk."""
    text = (server.folder / "environments" / f"{environment}.json").read_text()
    return json.loads(text)["jsons"]


def shown(one: Board, server: Server) -> dict[str, dict]:
    """What the server has after everything was sent."""
    assert one.flush(LIMIT)
    return panes(server, one.environment)


def curve(pane: dict, index: int = 0) -> tuple[list, list]:
    """Steps and values of one curve of a pane."""
    data = pane["content"]["data"][index]
    return data["x"], data["y"]


def values(server: Server, tag: str) -> list:
    """The values of a pane's first curve, as far as they have come."""
    pane = panes(server).get(tag)
    return curve(pane)[1] if pane else []


def picture(pane: dict) -> np.ndarray:
    """The pixels of an image's pane, (height, width, channels)."""
    kind, _, content = pane["content"]["src"].partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


def script(server: Server, code: str) -> subprocess.CompletedProcess:
    """Run `code` in another Python, with a board on environment "script"."""
    text = (
        f"from helpers.board import Board, _logger\n_logger.ENDING = {LIMIT}\n"
        f"board = Board({server.url!r}, 'script')\n{code}"
    )
    return subprocess.run(
        [sys.executable, "-c", text],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """What boards warn of meanwhile; the garbage collector's warnings are not theirs."""
    told: list[str] = []

    def hear(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        if issubclass(category, RuntimeWarning):
            told.append(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = hear
        yield told


def fill(one: Board, start: int, end: int) -> list[str]:
    """Write steps `start` to `end`; return the warnings that came meanwhile."""
    with listening() as told:
        for step in range(start, end):
            one.scalar("loss/train", step, step)
    return told


def warned(one: Board, before: list[str] | None = None) -> str:
    """The one warning, once it comes; `before` are those that have come already."""
    with listening() as told:
        told += before or []
        until(lambda: one.scalar("beat", 1.0) or told)
        for _ in range(10):  # rounds that fail again
            time.sleep(2 * SOON)
            one.scalar("beat", 1.0)
    assert len(told) == 1 and "Training goes on" in told[0]
    return told[0]


def silent() -> tuple[str, Callable[[], None]]:
    """A server that takes connections and never answers."""
    mute = socket.create_server(("127.0.0.1", 0))
    return f"http://127.0.0.1:{mute.getsockname()[1]}", mute.close


def absent() -> tuple[str, Callable[[], None]]:
    """An address where nothing listens, nor can until it is closed."""
    deaf = socket.socket()
    deaf.bind(("127.0.0.1", 0))
    return f"http://127.0.0.1:{deaf.getsockname()[1]}", deaf.close


def status(address: str, **headers: str) -> int:
    """The HTTP status of a GET."""
    try:
        request = urllib.request.Request(address, headers=headers)
        return DIRECT.open(request, timeout=LIMIT).status
    except urllib.error.HTTPError as error:
        return error.code
