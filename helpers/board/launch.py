"""Start the server's process, and wait until it has said where it listens."""

from __future__ import annotations

import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import helpers
from helpers import _child

# Seconds; a start takes one, after as many as a server that ends needs (process.py).
PATIENCE = 90.0
LOG = "server.log"


class ServerError(RuntimeError):
    """The server did not start, or does not answer; says where its log is."""


@dataclass(frozen=True)
class Settings:
    """What the process is told, over standard input: a command line is for all to see.

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


def launch(settings: Settings) -> tuple[subprocess.Popen, dict]:
    """Return the process and its address: pid, port, base. Raises ServerError."""
    log = Path(settings.folder, LOG)
    Path(settings.environments).mkdir(mode=0o700, parents=True, exist_ok=True)
    arguments = ["-P", "-m", "helpers.board._process"]
    try:
        with log.open("ab") as file:
            return _child.start(arguments, asdict(settings), PATIENCE, file, _environment())
    except _child.ChildError as error:
        raise ServerError(f"visdom's server did not start; {log} says why.") from error


def _environment() -> dict[str, str]:
    """The child finds this package, prints UTF-8 and needs no second thread for sums."""
    root = str(Path(helpers.__file__).resolve().parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}
