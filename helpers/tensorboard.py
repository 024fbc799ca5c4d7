"""TensorBoard's page for a folder of logs, in a process that ends with this one."""

from __future__ import annotations

import json
import secrets
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.request import ProxyHandler, build_opener

from helpers import _child, _jupyter, _pages

if TYPE_CHECKING:
    import subprocess

PATIENCE = 20.0  # seconds for an answer
STARTING_LIMIT = 90.0  # seconds; a start takes a few, on a loaded machine more
ENDING_LIMIT = 10.0  # seconds
PROGRAM = """
import json, os, sys
from tensorboard import program
board = program.TensorBoard()
board.configure(argv=["tensorboard", *json.loads(sys.stdin.readline())])
print(json.dumps(board.launch()), flush=True)
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what it logs from now on nobody reads
sys.stdin.read()
"""


class TensorBoardError(RuntimeError):
    """TensorBoard did not start; says why."""


def start(folder: str | Path) -> TensorBoard:
    """Return TensorBoard for the runs below `folder`, running.

    Raises FileNotFoundError and NotADirectoryError for what is no folder, TypeError for what
    can be none, and TensorBoardError.
    """
    _check(folder)
    path = f"/{secrets.token_urlsafe(24)}/"
    options = ["--logdir", str(folder), "--host", "127.0.0.1", "--port", "0"]
    options += ["--path_prefix", path.rstrip("/"), "--load_fast", "false"]
    with tempfile.TemporaryFile() as errors:
        try:
            process, address = _child.start(["-c", PROGRAM], options, STARTING_LIMIT, errors)
        except _child.ChildError as error:
            raise TensorBoardError(
                f"TensorBoard did not start ({_last_line(errors)}): try "
                "`tensorboard --logdir FOLDER` in a terminal."
            ) from error
    return TensorBoard(process, int(address.rstrip("/").split("/")[2].rpartition(":")[2]), path)


class TensorBoard:
    """TensorBoard on 127.0.0.1, at an address that holds a secret; `start` makes it.

    Attributes:
        port: Where it listens.
        path: Its path, which begins and ends with a slash.
    """

    def __init__(self, process: subprocess.Popen, port: int, path: str) -> None:
        """Stand for a process that listens."""
        self.port = port
        self.path = path
        self._process = process

    def __repr__(self) -> str:
        """The same every time: no port, no secret."""
        return f"<TensorBoard, {'running' if self._process.poll() is None else 'stopped'}>"

    def ask(self, what: str) -> object:
        """Return what it answers for `what`, such as "data/plugin/scalars/tags".

        Raises OSError where it does not answer, as urllib does.
        """
        opener = build_opener(ProxyHandler({}))  # a proxy is not for this machine
        with opener.open(f"http://127.0.0.1:{self.port}{self.path}{what}", timeout=PATIENCE) as got:
            return json.load(got)

    def show(self, height: int = 600) -> None:
        """Show the page under the cell, `height` pixels high, or say where it is."""
        through = _jupyter.through(self.port, self.path)
        _pages.show_port("TensorBoard", self.port, self.path, height, through)

    def stop(self) -> None:
        """End it."""
        _child.end(self._process, ENDING_LIMIT)


def _check(folder: str | Path) -> None:
    """Refuse what TensorBoard would show as an empty page."""
    if not isinstance(folder, str | Path):
        raise TypeError(f"{folder!r} is no folder: give the one that SummaryWriter writes to.")
    if Path(folder).is_file():
        raise NotADirectoryError(f"{folder} is a file: give the folder of the logs.")
    if not Path(folder).is_dir():
        raise FileNotFoundError(
            f"there is no folder {folder} here: give the one that SummaryWriter writes to, or "
            "make it first."
        )


def _last_line(errors: IO[bytes]) -> str:
    """What the process said last."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
