"""TensorBoard's page for a folder of logs, in a process that ends with this one."""

from __future__ import annotations

import json
import operator
import re
import secrets
import tempfile
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from helpers import _child, _jupyter, _pages

if TYPE_CHECKING:
    import subprocess

PATIENCE = 20.0  # seconds for an answer
STARTING_LIMIT = 90.0  # seconds; a start takes a few, on a loaded machine more
ENDING_LIMIT = 10.0  # seconds
TALLEST = 20_000  # pixels of a frame
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

    Args:
        folder: What a SummaryWriter writes to, or a folder above several of those.

    Raises:
        FileNotFoundError: There is no such folder.
        NotADirectoryError: It is a file.
        TypeError: It is not a path.
        ValueError: No folder can have that name.
        TensorBoardError: TensorBoard did not start; says why.
    """
    _check_folder(folder)
    path = f"/{secrets.token_urlsafe(24)}/"
    options = ["--logdir", str(folder), "--host", "127.0.0.1", "--port", "0"]
    options += ["--path_prefix", path.rstrip("/"), "--load_fast", "false"]
    with tempfile.TemporaryFile() as errors:
        try:
            process, address = _child.start(["-c", PROGRAM], options, STARTING_LIMIT, errors)
        except (_child.ChildError, OSError) as error:
            raise TensorBoardError(
                f"TensorBoard did not start ({_last_line(errors)}): try "
                "`tensorboard --logdir FOLDER` in a terminal."
            ) from error
    port = urlsplit(str(address)).port
    return TensorBoard(process, port or 0, path)


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
        """Return what it answers.

        Args:
            what: A path below its own, such as "data/plugin/scalars/tags".

        Returns:
            The answer, decoded from JSON.

        Raises:
            OSError: It does not answer, or with an error such as 404, as urllib raises it.
            TypeError: `what` is not a string.
            ValueError: `what` is not a path, or what is there is not JSON.
        """
        if not isinstance(what, str):
            raise TypeError(f'what is a path such as "data/runs", not {type(what).__name__}')
        if not re.fullmatch("[!-~]*", what):
            raise ValueError(f"{what[:80]!a} is no path: write odd characters as %20 and the like")
        opener = build_opener(ProxyHandler({}))  # a proxy is not for this machine
        address = f"http://127.0.0.1:{self.port}{self.path}{what}"
        try:
            with opener.open(address, timeout=PATIENCE) as answer:
                content = answer.read()
        except (OSError, HTTPException) as error:
            error.add_note(f"TensorBoard has no answer for {what[:80]!r}; it is {self!r}.")
            raise
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"what TensorBoard has at {what[:80]!r} is not JSON") from error

    def show(self, height: int = 600) -> None:
        """Show the page under the cell, `height` pixels high, or say where it is.

        Raises TypeError for a height that is not an integer, ValueError below 1 or over 20,000.
        """
        try:
            pixels = operator.index(height)
        except Exception as error:
            kind = type(height).__name__
            raise TypeError(f"height is an integer, in pixels, not {kind}") from error
        if not 1 <= pixels <= TALLEST:
            raise ValueError(f"height lies between 1 and {TALLEST:,} pixels; this is outside")
        proxied = _jupyter.proxied_path(self.port, self.path)
        _pages.show_port("TensorBoard", self.port, self.path, pixels, proxied)

    def stop(self) -> None:
        """End it."""
        _child.end(self._process, ENDING_LIMIT)


def _check_folder(folder: str | Path) -> None:
    """Refuse what TensorBoard would show as an empty page."""
    if not isinstance(folder, str | Path):
        kind = "None" if folder is None else f"a value of type {type(folder).__name__}"
        raise TypeError(f"{kind} is no folder: give the one that SummaryWriter writes to.")
    if "\0" in str(folder):
        raise ValueError(f"{str(folder)[:80]!r} names no folder: it holds a NUL character.")
    try:
        is_file, is_folder = Path(folder).is_file(), bool(str(folder)) and Path(folder).is_dir()
    except OSError:  # a name that no disk takes: too long
        is_file = is_folder = False
    if is_file:
        raise NotADirectoryError(f"{folder} is a file: give the folder of the logs.")
    if not is_folder:
        raise FileNotFoundError(
            f"there is no folder {folder} here: give the one that SummaryWriter writes to, or "
            "make it first."
        )


def _last_line(errors: IO[bytes]) -> str:
    """What the process said last."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
