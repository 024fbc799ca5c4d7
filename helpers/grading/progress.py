"""The learner's progress: kept on their machine, exported on request.

Every event is a line of `progress.jsonl` in the learner's folder, and no line is ever
changed. What a newer version of the course writes there is kept, and ignored here.
"""

import contextlib
import csv
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from helpers.grading.journal import Journal
from helpers._folders import user_folder

Event = Literal["wrong", "right", "hint", "solution", "predicted-right", "predicted-wrong"]
RANKS = ("hint", "solution", "predicted-wrong", "wrong", "predicted-right", "right")
"""Events from the least to the best."""

VERSION = 1
EXPORT_COLUMNS = ("learner", "chapter", "exercise", "state", "hints", "solution seen")

_said: set[str] = set()  # sentences shown so far: a full disk is mentioned once


def default_folder() -> Path:
    """Return where progress is kept: the course's folder for this user."""
    return user_folder()


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


@cache
def _journal_at(path: Path) -> Journal:
    """Return the one journal for `path`: it remembers what could not be written yet."""
    return Journal(path)


class Progress:
    """The record of a learner's exercises, in `folder` (default: `default_folder()`).

    No disk makes a method raise, except `export`, which writes where the learner says.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()
        self._journal = _journal_at(self.folder / "progress.jsonl")

    def record(self, chapter: str, name: str, event: Event) -> None:
        """Keep `event` of exercise `name`; it is on the disk when this returns.

        What cannot be written counts in this session, is written with a later event if
        that succeeds, and is mentioned once in one sentence.
        Raises ValueError when `event` is not one of `Event`.
        """
        if event not in get_args(Event):
            raise ValueError(f"event is {event!r}; it must be one of {get_args(Event)}.")
        entry = {"version": VERSION, "chapter": chapter, "name": name, "event": event}
        problem = self._journal.append(entry)
        if problem:
            _say_once(f"Your progress is kept only while this notebook runs: {problem}.")

    def tallies(self) -> dict[tuple[str, str], Tally]:
        """Return what happened with each exercise, by (chapter, name)."""
        reading = self._journal.read()
        if reading.problem:
            _say_once(f"About your progress: {reading.problem}.")
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
        Raises ValueError when `path` does not end in .csv, OSError when it cannot be
        written.
        """
        path = Path(path)
        if path.suffix.lower() != ".csv":
            raise ValueError(f"{path} is no name for a table; end it in .csv.")
        tallies = self.tallies()
        for chapter, names in (totals or {}).items():
            for name in names:
                tallies.setdefault((chapter, name), Tally(""))
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(EXPORT_COLUMNS)
            for (chapter, name), tally in sorted(tallies.items()):
                seen = "yes" if tally.solution_seen else "no"
                row = [learner, chapter, name, tally.state, str(tally.hints), seen]
                writer.writerow([_inert(cell) for cell in row])
        return path


def _better(best: str, event: str) -> str:
    """Return what counts of two events in a row: the higher rank, the first prediction."""
    if best.startswith("predicted-") and event.startswith("predicted-"):
        return best  # who has seen the answer no longer predicts
    return max(best, event, key=RANKS.index)


def _inert(cell: str) -> str:
    """Return `cell` such that a spreadsheet takes it for text, never for a formula."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _say_once(sentence: str) -> None:
    """Show `sentence`, unless it has been shown in this session."""
    if sentence in _said:
        return
    _said.add(sentence)
    # A closed stream must not stop the learner's cell.
    with contextlib.suppress(OSError, ValueError):
        print(sentence, file=sys.stderr)
