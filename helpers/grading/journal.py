"""An append-only file of JSON lines that a crash, or a second program, does not harm.

One line is one write, forced to the disk before `append` returns. Writers take turns by
a lock file, and a writer that cannot get the lock still appends. Nothing here raises
because of a disk: what went wrong is returned as one sentence.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from helpers import _atomic

LOCK_SECONDS = 2.0
"""How long to wait for another program; its turn takes milliseconds."""


class Reading(NamedTuple):
    """The good lines of a journal, in order, and a sentence when some were damaged."""

    entries: list[dict]
    problem: str = ""


class Journal:
    """JSON objects in a file, one a line, oldest first.

    Entries that could not be written are kept in memory: they are read like the others,
    and written with the next `append` that succeeds.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unwritten: list[dict] = []

    def append(self, entry: dict) -> str:
        """Write `entry` safely to disk; return "" or one sentence that says why not."""
        self._unwritten.append(entry)
        text = "".join(json.dumps(waiting) + "\n" for waiting in self._unwritten)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _turn(self.path) as alone:
                _append_bytes(self.path, text.encode("ascii"), alone)
        except OSError as error:
            return f"{self.path} cannot be written ({error.strerror or error})"
        self._unwritten.clear()
        return ""

    def read(self) -> Reading:
        """Return all entries; set a damaged file aside, keeping every good line."""
        try:
            if not self.path.exists():
                return Reading(list(self._unwritten))
            with _turn(self.path) as alone:
                entries, problem = self._read_file(alone)
        except OSError as error:
            reason = f"{self.path} cannot be read ({error.strerror or error})"
            return Reading(list(self._unwritten), reason)
        return Reading(entries + self._unwritten, problem)

    def _read_file(self, alone: bool) -> tuple[list[dict], str]:
        """Return the good entries, and a sentence when the file was damaged."""
        content = self.path.read_bytes()
        lines = content.split(b"\n")
        if not alone and not content.endswith(b"\n"):
            lines.pop()  # another program may be writing this line just now
        parsed = [(line, _entry(line)) for line in lines if line.strip()]
        entries = [entry for _, entry in parsed if entry is not None]
        damaged = len(parsed) - len(entries)
        if not damaged:
            return entries, ""
        if not alone:
            return entries, f"{self.path} has damaged lines"
        good = b"".join(line + b"\n" for line, entry in parsed if entry is not None)
        try:
            copy = _set_aside(self.path, content)
            _atomic.write_bytes(self.path, good)
        except OSError:  # a full disk: the damaged file stays as it is
            return entries, f"{self.path} has damaged lines"
        return entries, (
            f"{self.path} was damaged: a copy of it is in {copy}, and the "
            f"{len(entries)} lines of {len(parsed)} that can be read are kept"
        )


def _entry(line: bytes) -> dict | None:
    """Return the JSON object in `line`, or None when it holds none."""
    try:
        value = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):  # not UTF-8, not JSON, or absurdly nested
        return None
    return value if isinstance(value, dict) else None


@contextlib.contextmanager
def _turn(path: Path) -> Iterator[bool]:
    """Hold the journal's lock; give whether it was got (not in a read-only folder)."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_suffix(".lock"), timeout=LOCK_SECONDS)
    try:
        lock.acquire()
        alone = True
    except (Timeout, OSError, NotImplementedError):
        alone = False
    try:
        yield alone
    finally:
        lock.release()


def _append_bytes(path: Path, content: bytes, alone: bool) -> None:
    """Append `content` in one write and force it to the disk, or raise OSError.

    A file that a power cut left in the middle of a line gets that line ended first.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size:
            os.lseek(descriptor, -1, os.SEEK_END)
            if os.read(descriptor, 1) != b"\n":
                content = b"\n" + content
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
        except OSError:
            if alone:  # no part of a line stays behind on a full disk
                os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    """Write `content`; a disk that fills up takes a part first, then raises OSError."""
    while content:
        content = content[os.write(descriptor, content) :]


def _set_aside(path: Path, content: bytes) -> str:
    """Keep `content` in NAME-damaged-N beside `path`, and return that name."""
    number = 1
    while True:
        copy = path.with_name(f"{path.stem}-damaged-{number}{path.suffix}")
        if not copy.exists():
            _atomic.write_bytes(copy, content)
            return copy.name
        if copy.read_bytes() == content:  # an interrupted repair has been here
            return copy.name
        number += 1
