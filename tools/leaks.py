"""What stored output must not tell: where, on which machine, by whom and when it was made."""

import getpass
import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tools import notebooks

# Names that many machines and users share, and that a text may well use.
COMMON = {
    "localhost",
    "root",
    "admin",
    "runner",
    "ubuntu",
    "debian",
    "jovyan",
    "vscode",
}
PATH = re.compile(
    r"(?<=from ')(?:/|[A-Za-z]:)"  # a module, shortened by %whos
    r"|(?<![\w.~/])/(?:home|Users|root|tmp|var|private|opt|usr|mnt|content)/[\w.]"
    r"|\b[A-Za-z]:\\+(?:Users|Windows|Program|hosted|a)\b"
)
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
TIME = re.compile(
    r"\b(?:19|20)\d\d-[01]\d-[0-3]\d\b"  # 2026-11-21
    r"|\b[0-2]?\d:[0-5]\d:[0-5]\d\b"  # 4:39:19
    rf"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d\d? )?(?:{MONTHS})\b"  # ctime, mail
    r"|\bper loop\b|\bWall time\b|\bCPU times\b"  # %timeit, %time
    r"|\b\d+(?:\.\d+)? ?(?:ns|µs|μs|us|ms)\b"  # 12.3 ms
    r"|\b\d+\.\d+ ?(?:s|sec|seconds)\b"  # 1.25 s
)


@cache
def of_this_machine() -> dict[str, str]:
    """What identifies this machine and its user: the text, and what it is."""
    places = {
        "the checkout's path": notebooks.ROOT,
        "the environment's path": Path(sys.prefix),
        "the temporary folder's path": Path(tempfile.gettempdir()),
        "the home folder's path": Path.home(),
    }
    long_enough = {n: p for n, p in places.items() if len(p.parts) > 1}
    found = {str(place): name for name, place in long_enough.items()}
    names = {"the host name": socket.gethostname(), "the user's name": _user()}
    distinctive = {n: t for n, t in names.items() if len(t) >= 5 and t.lower() not in COMMON}
    return {**found, **{text: name for name, text in distinctive.items()}}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return ""


def texts(output: NotebookNode) -> Iterator[str]:
    """Every text in an output, pictures' bytes left out."""
    yield from (
        output.get("text", ""),
        output.get("ename", ""),
        output.get("evalue", ""),
    )
    yield from output.get("traceback", [])
    for kind, value in output.get("data", {}).items():
        if kind not in ("image/png", "image/jpeg"):
            yield value if isinstance(value, str) else repr(value)


def find(text: str, times: bool = True) -> str | None:
    """What a text gives away, as words for a message; None when nothing."""
    for secret, name in of_this_machine().items():
        if re.search(rf"(?<![\w]){re.escape(secret)}(?!\w)", text):
            return f"{name} ({secret!r})"
    patterns: list[tuple[re.Pattern[str], str]] = [
        (PATH, "an absolute path"),
        (ADDRESS, "a memory address"),
    ]
    if times:
        patterns.append((TIME, "a time or a date"))
    for pattern, name in patterns:
        if match := pattern.search(text):
            around = text[max(0, match.start() - 10) : match.end() + 20]
            return f"{name} ({around.strip()!r})"
    return None


def in_cell(cell: NotebookNode) -> str | None:
    """What a code cell's outputs give away; where nothing is compared, times are allowed."""
    times = notebooks.classify(cell).kind != "not compared"
    found: Any = (find(text, times) for output in cell.outputs for text in texts(output))
    return next((leak for leak in found if leak), None)
