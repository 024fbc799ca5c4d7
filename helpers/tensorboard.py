"""TensorBoard's page for a folder of logs, in a process that ends with this one."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from helpers.visdom import frame, jupyter

PATIENCE = 20.0  # seconds for an answer
# The secret comes over standard input: a command line is for all to see.
PROGRAM = """
import json, sys
from tensorboard import program
board = program.TensorBoard()
board.configure(argv=["tensorboard", *json.loads(sys.stdin.readline())])
print(json.dumps(board.launch()), flush=True)
sys.stdin.read()
"""


class TensorBoardError(RuntimeError):
    """TensorBoard did not start; says why."""


class TensorBoard:
    """TensorBoard on 127.0.0.1, at an address that holds a secret.

    Attributes:
        port: Where it listens.
        path: Its path, which begins and ends with a slash.
    """

    def __init__(self, folder: str | Path) -> None:
        """Show the runs below `folder`. Raises TensorBoardError."""
        self.path = f"/{secrets.token_urlsafe(24)}/"
        options = ["--logdir", str(folder), "--host", "127.0.0.1", "--port", "0"]
        options += ["--path_prefix", self.path.rstrip("/"), "--load_fast", "false"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=os.name != "nt",  # an interrupt of the kernel is not meant for it
        )
        self._process.stdin.write(json.dumps(options) + "\n")
        self._process.stdin.flush()
        try:
            address = json.loads(self._process.stdout.readline())
        except ValueError as error:
            self.stop()
            raise TensorBoardError(
                "TensorBoard did not start: try `tensorboard --logdir FOLDER` in a terminal."
            ) from error
        self.port = int(address.rstrip("/").split("/")[2].rpartition(":")[2])

    def __repr__(self) -> str:
        """The same every time: no port, no secret."""
        return f"<TensorBoard, {'running' if self._process.poll() is None else 'stopped'}>"

    def ask(self, what: str) -> object:
        """Return what it answers for `what`, such as "data/plugin/scalars/tags"."""
        opener = build_opener(ProxyHandler({}))  # a proxy is not for this machine
        with opener.open(f"http://127.0.0.1:{self.port}{self.path}{what}", timeout=PATIENCE) as got:
            return json.load(got)

    def show(self, height: int = 600) -> None:
        """Show the page under the cell, `height` pixels high, or say where it is."""
        through = jupyter.through(self.port, self.path)
        frame.show_port("TensorBoard", self.port, self.path, height, through)

    def stop(self) -> None:
        """End it."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def start(folder: str | Path) -> TensorBoard:
    """Return TensorBoard for the runs below `folder`. Raises TensorBoardError."""
    return TensorBoard(folder)
