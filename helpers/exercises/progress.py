"""The learner's progress: kept on their machine, shown as a table, exported on request.

Every event is a line of `progress.jsonl` in the learner's folder, and no line is ever
changed. What a newer version of the course writes there is kept, and ignored here.
"""

from __future__ import annotations

import contextlib
import csv
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from helpers.places import user_folder

from .journal import Journal

Event = Literal["wrong", "right", "hint", "solution", "predicted-right", "predicted-wrong"]
RANKS = ("hint", "solution", "predicted-wrong", "wrong", "predicted-right", "right")
"""Events from the least to the best."""

VERSION = 1
BAR_WIDTH = 10
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


class Row(NamedTuple):
    """One chapter: exercises right, tried but not right, in all; and predictions."""

    chapter: str
    right: int
    wrong: int
    total: int
    predictions_right: int
    predictions: int

    @property
    def exercises_text(self) -> str:
        """Return how many exercises are right, and how many are tried."""
        tried = f", {self.wrong} tried" if self.wrong else ""
        return f"{self.right} of {self.total} right{tried}"

    @property
    def predictions_text(self) -> str:
        """Return how many of the predictions made were right."""
        if not self.predictions:
            return "none yet"
        return f"{self.predictions_right} of {self.predictions} right"


@dataclass(frozen=True)
class Summary:
    """Progress by chapter: a table with bars in a notebook, aligned text elsewhere."""

    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        return _plain_table(self.rows)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return the table as HTML and as plain text."""
        return {"text/html": _html_table(self.rows), "text/plain": repr(self)}


def summary(progress: Progress, totals: dict[str, list[str]]) -> Summary:
    """Return a table with one row a chapter of `totals`, in its order.

    `totals`: chapter to the names of its exercises, without the predictions, which are
    counted as far as they were made. The same progress gives the same table: no dates.
    """
    tallies = progress.tallies()
    return Summary(tuple(_row(chapter, names, tallies) for chapter, names in totals.items()))


def _row(chapter: str, names: list[str], tallies: dict[tuple[str, str], Tally]) -> Row:
    """Count one chapter; exercises that the course no longer has are left out."""
    states = [tallies[chapter, name].state for name in names if (chapter, name) in tallies]
    guesses = [
        tally.best
        for (of_chapter, name), tally in tallies.items()
        if of_chapter == chapter and name not in names and tally.best.startswith("predicted-")
    ]
    return Row(
        chapter,
        right=states.count("right"),
        wrong=states.count("wrong"),
        total=len(names),
        predictions_right=guesses.count("predicted-right"),
        predictions=len(guesses),
    )


def _plain_table(rows: tuple[Row, ...]) -> str:
    """Return the rows as aligned text, with bars such as `###.......`."""
    lines = [("Chapter", "Progress", "Exercises", "Predictions")]
    lines += [
        (row.chapter, _plain_bar(row), row.exercises_text, row.predictions_text) for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "\n".join(padded)


def _plain_bar(row: Row) -> str:
    """Return a bar that is full when all is right, and empty when nothing is."""
    filled = BAR_WIDTH * row.right // row.total if row.total else 0
    if row.right:
        filled = max(filled, 1)
    return "#" * filled + "." * (BAR_WIDTH - filled)


def _html_table(rows: tuple[Row, ...]) -> str:
    """Return the rows as an HTML table that a screen reader can walk through."""
    from html import escape

    cell = 'style="text-align: left; padding: 0.3em 1em 0.3em 0"'
    heads = "".join(
        f'<th scope="col" {cell}>{head}</th>'
        for head in ("Chapter", "Progress", "Exercises", "Predictions")
    )
    body = "".join(
        f'<tr><th scope="row" {cell}>{escape(row.chapter)}</th>'
        f"<td {cell}>{_html_bar(row)}</td>"
        f"<td {cell}>{row.exercises_text}</td>"
        f"<td {cell}>{row.predictions_text}</td></tr>"
        for row in rows
    )
    return (
        '<table style="color: inherit">'
        '<caption style="text-align: left">Your progress</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _html_bar(row: Row) -> str:
    """Return a bar: solid for right, striped for tried, a frame for the rest.

    Blue and vermilion of the Okabe-Ito palette stand out from white and from black
    alike; the frame has the colour of the page's text. The text beside says the same.
    """
    from html import escape

    right, wrong = (100 * count / max(row.total, 1) for count in (row.right, row.wrong))
    label = escape(f"Chapter {row.chapter}: {row.exercises_text}", quote=True)
    stripes = "repeating-linear-gradient(45deg, #D55E00 0 3px, transparent 3px 6px)"
    return (
        f'<div role="img" aria-label="{label}" style="display: flex; width: 12em; '
        'height: 0.9em; border: 1px solid currentColor">'
        f'<div style="width: {right:.1f}%; background: #0072B2"></div>'
        f'<div style="width: {wrong:.1f}%; background: {stripes}"></div></div>'
    )
