"""Start the course's Jupyter server as `make lab` does, in a home of its own, and stop it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/\S*?(?:\?token=(\w+))?\s")
START_LIMIT = 180  # seconds; a start takes two or three on an idle machine
STOP_LIMIT = 120  # with a dozen kernels, on a loaded one


def start(
    home: Path,
    *flags: str,
    program: str = "jupyterlab",
    root: Path = ROOT,
    prefix: Sequence[str] = (),
    **extra: str,
) -> tuple[subprocess.Popen, Path]:
    """Start a server with the course's configuration and an empty home folder.

    Args:
        home: Takes the server's settings and its log.
        flags: More words for its command line.
        program: The module that is run.
        root: The checkout that is served.
        prefix: A command that runs the server, such as one that cuts its network.
        extra: More environment variables.

    Returns:
        The process and its log.
    """
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "COURSE"))}
    folders = {
        f"JUPYTER_{name.upper()}_DIR": str(home / name) for name in ("config", "data", "runtime")
    }
    if root == ROOT:  # where whoever runs the tests may have a workbook of their own
        folders["COURSE_WORKBOOK"] = str(home / "workbook")
    log = home / "server.log"
    command = [sys.executable, "-m", program, "--config=jupyter_config.py"]
    with log.open("w") as file:
        process = subprocess.Popen(
            [*prefix, *command, "--no-browser", *flags],
            cwd=root,
            env={**keep, **folders, "PYTHONIOENCODING": "utf-8", **extra},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    return process, log


def stop(process: subprocess.Popen) -> None:
    """Ask a server to stop, and see that it does.

    Seen once: everything was stopped and a worker thread of AnyIO never ended, as a
    reader ends with a second Ctrl+C. Then, and only when no kernel is left, it is killed.
    """
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        left = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(STOP_LIMIT)
        assert not left, f"the server left these behind: {left}"


def answers(address: str, prefix: Sequence[str]) -> bool:
    """Whether something listens there; asked from where the server is, maybe off the net."""
    url = urlsplit(address)
    ask = f"import socket; socket.create_connection(({url.hostname!r}, {url.port})).close()"
    done = subprocess.run([*prefix, sys.executable, "-c", ask], stderr=subprocess.DEVNULL)
    return done.returncode == 0


@contextmanager
def running(
    home: Path, *flags: str, prefix: Sequence[str] = (), **settings
) -> Iterator[tuple[str, str | None]]:
    """Address and token of a server that is stopped afterwards; settings as for `start`."""
    process, log = start(home, *flags, prefix=prefix, **settings)
    try:
        limit = time.monotonic() + START_LIMIT
        while not (
            (found := ADDRESS.search(text := log.read_text("utf-8")))
            and answers(found[1], prefix)  # it prints its address a moment before it listens
        ):
            assert process.poll() is None, f"the server ended:\n{text}"
            assert time.monotonic() < limit, f"no address was printed, or none answers:\n{text}"
            time.sleep(0.1)
        yield found[1], found[2]
    finally:
        stop(process)
