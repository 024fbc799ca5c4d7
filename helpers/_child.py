"""A Python process of the course: it reads its settings, answers once, and ends with this one.

Settings go over standard input, as a command line is for all to see. The process ends when
standard input does, which it does however the process that started it ends.
"""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO


class ChildError(RuntimeError):
    """The process ended, or said nothing of use in time; it is gone."""


def start(
    arguments: Sequence[str],
    settings: object,
    patience: float,
    errors: IO[bytes],
    variables: Mapping[str, str] | None = None,
) -> tuple[subprocess.Popen, object]:
    """Return the process `python` with these arguments, and its first line, which is JSON.

    It reads `settings` from its first line, as JSON too. `errors` takes its standard error,
    `variables` are its environment, if not this process's. Raises ChildError after `patience`
    seconds.
    """
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=variables,
        text=True,
        **_apart(),
    )
    assert process.stdin and process.stdout  # both are pipes
    alarm = threading.Timer(patience, process.kill)
    alarm.start()
    try:
        process.stdin.write(json.dumps(settings) + "\n")
        process.stdin.flush()
        return process, json.loads(process.stdout.readline())
    except BaseException as error:  # an interrupt, too, leaves no process behind
        process.kill()
        process.communicate()
        if not isinstance(error, OSError | ValueError):
            raise
        raise ChildError(f"process {process.pid} did not answer") from error
    finally:
        alarm.cancel()


def end(process: subprocess.Popen, limit: float, last_words: str = "") -> None:
    """Close its standard input, and wait until it has ended, or says a line: that it stays.

    It reads `last_words` before. It is killed after `limit` seconds. Called again, this does
    nothing.
    """
    assert process.stdin and process.stdout  # both are pipes
    if process.stdout.closed:
        return
    alarm = threading.Timer(limit, process.kill)
    alarm.start()
    with contextlib.suppress(OSError):
        process.stdin.write(last_words)
    with contextlib.suppress(OSError):
        process.stdin.close()
    if not process.stdout.readline():
        process.wait()
    process.stdout.close()
    alarm.cancel()


def _apart() -> dict:
    """Keep an interrupt that is meant for the kernel away from it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
