"""The learner's progress: kept on their machine, exported on request.

Every event is a line of `progress.jsonl` in the learner's folder, and no line is ever
changed. What a newer version of the course writes there is kept, and ignored here.

One line is one write, forced to the disk before `record` returns. Writers take turns by
a lock file, and a writer that cannot get the lock still appends. No disk makes a check
fail: what went wrong is said in one sentence.
"""

import contextlib
import csv
import json
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from helpers import _atomic
from helpers._folders import mode, user_folder

Event = Literal["wrong", "right", "hint", "solution", "predicted-right", "predicted-wrong"]
"""What is recorded: names in a file, never the words on the screen."""

RANKS = ("hint", "solution", "predicted-wrong", "wrong", "predicted-right", "right")
"""Events from the least to the best."""

VERSION = 1
EXPORT_COLUMNS = ("learner", "chapter", "exercise", "state", "hints", "solution seen")
FILE_NAME = "progress.jsonl"
LOCK_SECONDS = 2.0
"""How long to wait for another program; its turn takes milliseconds."""


def default_folder() -> Path:
    """Return where progress is kept: the course's folder for this user.

    Raises:
        OSError: When there is none, since the user has no home folder.
    """
    try:
        return user_folder()
    except (RuntimeError, KeyError) as error:
        raise OSError(
            "there is no home folder to keep it in; the environment variable COURSE_HOME "
            "may name another folder"
        ) from error


@dataclass
class Tally:
    """What happened with one exercise: the best event, hints taken, solution seen.

    Of the commitments to a prediction the first counts, not the best.
    """

    best: str
    hints: int = 0
    solution_seen: bool = False

    @property
    def state(self) -> str:
        """Return "right", "wrong" or "not tried yet"."""
        word = self.best.removeprefix("predicted-")
        return word if word in ("right", "wrong") else "not tried yet"


class LearnerProgress:
    """The record of a learner's exercises.

    No disk makes a method raise, except `export`, which writes where the learner says.

    Args:
        folder: Where `progress.jsonl` is; None is `default_folder()`, asked each time.

    Raises:
        TypeError: When `folder` is not a path.
        ValueError: When it holds a NUL.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._chosen = None if folder is None else _path(folder, "folder")

    @property
    def folder(self) -> Path | None:
        """Where it is kept; None where there is no folder at all."""
        try:
            return self._chosen or default_folder()
        except OSError:
            return None

    def record(self, chapter: str, name: str, event: Event) -> None:
        """Keep `event` of exercise `name`; it is on the disk when this returns.

        What cannot be written counts in this session, is written with a later event if
        that succeeds, and is mentioned once in one sentence.

        Raises:
            TypeError: When `chapter` or `name` is not a str.
            ValueError: When `event` is not one of `Event`.
        """
        if not (isinstance(chapter, str) and isinstance(name, str)):
            given = f"{type(chapter).__name__} and {type(name).__name__}"
            raise TypeError(f"chapter and name of an exercise are str, not {given}")
        if not isinstance(event, str) or event not in get_args(Event):
            given = repr(event) if isinstance(event, str) else type(event).__name__
            raise ValueError(f"event is {given}; it must be one of {get_args(Event)}.")
        entry = {"version": VERSION, "chapter": chapter, "name": name, "event": event}
        entry["id"] = secrets.token_hex(8)  # so that taking progress along counts nothing twice
        journal = self._journal()
        problem = journal.append(entry)
        if problem:
            journal.say_once(f"Your progress is kept only while this notebook runs: {problem}.")

    def tallies(self) -> dict[tuple[str, str], Tally]:
        """Return what happened with each exercise, by (chapter, name)."""
        journal = self._journal()
        reading = journal.read()
        if reading.problem:
            journal.say_once(f"About your progress: {reading.problem}.")
        tallies: dict[tuple[str, str], Tally] = {}
        for entry in reading.entries:
            chapter, name, event = (entry.get(key) for key in ("chapter", "name", "event"))
            if not (isinstance(chapter, str) and isinstance(name, str) and event in RANKS):
                continue  # a newer version's
            tally = tallies.setdefault((chapter, name), Tally(event))
            tally.best = _better(tally.best, event)
            tally.hints += event == "hint"
            tally.solution_seen |= event == "solution"
        return tallies

    def best(self) -> dict[tuple[str, str], str]:
        """Return what counts by (chapter, name): the best event, or the first prediction."""
        return {key: tally.best for key, tally in self.tallies().items()}

    def export(
        self,
        path: str | Path,
        learner: str = "",
        totals: dict[str, list[str]] | None = None,
    ) -> Path:
        """Write a table for a teacher, and return its path.

        CSV in UTF-8 (with the mark that spreadsheets look for), columns
        `EXPORT_COLUMNS`, a row for each exercise met so far; with `totals` (chapter to
        names) also those not met.

        Raises:
            TypeError: When `path` is not a path, or `learner` not a str.
            ValueError: When `path` does not end in .csv, or holds a NUL.
            OSError: When the file cannot be written.
        """
        path = _path(path, "path")
        if not isinstance(learner, str):
            raise TypeError(f"learner is a name (str), not {type(learner).__name__}")
        if path.suffix.lower() != ".csv":
            raise ValueError(f"{path} is no name for a table; end it in .csv.")
        tallies = self.tallies()
        for chapter, names in (totals or {}).items():
            for name in names:
                tallies.setdefault((chapter, name), Tally(""))
        try:
            _write_table(path, learner, tallies)
        except OSError as error:
            error.add_note(f"The table of your progress was not written to {path}.")
            raise
        return path

    def _journal(self) -> "Journal":
        """The journal in the folder of now; without one, a journal in memory alone."""
        folder = self.folder
        return _journal_at(None if folder is None else folder / FILE_NAME)


def _path(value: str | Path, name: str) -> Path:
    """Return a path that the file system can be asked for.

    Raises:
        TypeError: When `value` is not a path.
        ValueError: When it holds a NUL.
    """
    if not isinstance(value, str | Path):
        raise TypeError(f"{name} is the path of a file or folder, not {type(value).__name__}")
    if "\0" in str(value):
        raise ValueError(f"{name}={str(value)!r} holds a NUL, which no path may")
    return Path(value)


def _write_table(path: Path, learner: str, tallies: dict[tuple[str, str], Tally]) -> None:
    """Write the table of `LearnerProgress.export`."""
    # Half a character in a name does not cost the teacher the table.
    with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(EXPORT_COLUMNS)
        for (chapter, name), tally in sorted(tallies.items()):
            seen = "yes" if tally.solution_seen else "no"
            row = [learner, chapter, name, tally.state, str(tally.hints), seen]
            writer.writerow([_inert(cell) for cell in row])


def _better(best: str, event: str) -> str:
    """Return what counts of two events in a row: the higher rank, the first prediction."""
    if best.startswith("predicted-") and event.startswith("predicted-"):
        return best  # who has seen the answer no longer predicts
    return max(best, event, key=RANKS.index)


def _inert(cell: str) -> str:
    """Return `cell` such that a spreadsheet takes it for text, never for a formula."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


class Reading(NamedTuple):
    """The good lines of a journal, in order, and a sentence when some were damaged."""

    entries: list[dict]
    problem: str = ""


class Journal:
    """JSON objects in a file, one a line, oldest first.

    Entries that could not be written are kept in memory: they are read like the others,
    and written with the next `append` that succeeds. Without a path all of them are.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.unwritten: list[dict] = []
        self._said: set[str] = set()

    def append(self, entry: dict) -> str:
        """Write `entry` safely to disk; return "" or one sentence that says why not."""
        self.unwritten.append(entry)
        if self.path is None:
            return _why_no_folder()
        text = "".join(json.dumps(waiting) + "\n" for waiting in self.unwritten)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _turn(self.path) as alone:
                _append_bytes(self.path, text.encode("ascii"), alone)
        except OSError as error:
            return f"{self.path} cannot be written ({error.strerror or error})"
        self.unwritten.clear()
        return ""

    def read(self) -> Reading:
        """Return all entries; set a damaged file aside, keeping every good line."""
        if self.path is None:
            return Reading(list(self.unwritten))
        try:
            if not mode(self.path):
                return Reading(list(self.unwritten))
            with _turn(self.path) as alone:
                entries, problem = _read_file(self.path, alone)
        except OSError as error:
            reason = f"{self.path} cannot be read ({error.strerror or error})"
            return Reading(list(self.unwritten), reason)
        return Reading(entries + self.unwritten, problem)

    def say_once(self, sentence: str) -> None:
        """Show `sentence`, unless it has been shown of this file: a full disk is said once."""
        if sentence in self._said:
            return
        self._said.add(sentence)
        # A closed stream must not stop the learner's cell.
        with contextlib.suppress(OSError, ValueError):
            print(sentence, file=sys.stderr)


@cache
def _journal_at(path: Path | None) -> Journal:
    """Return the one journal for `path`: it remembers what could not be written yet."""
    return Journal(path)


def _why_no_folder() -> str:
    """Say why there is no folder to write to."""
    try:
        return f"{default_folder()} is there only now"
    except OSError as error:
        return str(error)


def _read_file(path: Path, alone: bool) -> tuple[list[dict], str]:
    """Return the good entries, and a sentence when the file was damaged."""
    content = path.read_bytes()
    lines = content.split(b"\n")
    if not alone and not content.endswith(b"\n"):
        lines.pop()  # another program may be writing this line just now
    parsed = [(line, _entry(line)) for line in lines if line.strip()]
    entries = [entry for _, entry in parsed if entry is not None]
    damaged = len(parsed) - len(entries)
    if not damaged:
        return entries, ""
    if not alone:
        return entries, f"{path} has damaged lines"
    good = b"".join(line + b"\n" for line, entry in parsed if entry is not None)
    try:
        copy = _set_aside(path, content)
        _atomic.write_bytes(path.resolve(), good)  # what a link names: the link stays
    except OSError:  # a full disk: the damaged file stays as it is
        return entries, f"{path} has damaged lines"
    return entries, (
        f"{path} was damaged: a copy of it is in {copy}, and the "
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
