"""Progress as a table, one row a chapter, or of one chapter with what is next."""

import re
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

from helpers._palette import OKABE_ITO
from helpers.grading.progress import LearnerProgress, Tally

BAR_WIDTH = 10


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

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the table as HTML and as plain text."""
        return {"text/html": _html_table(self.rows), "text/plain": repr(self)}


def summary(progress: LearnerProgress, totals: dict[str, list[str]]) -> Summary:
    """Return a table with one row a chapter of `totals`, in its order.

    `totals`: chapter to the names of its exercises, without the predictions, which are
    counted as far as they were made. The same progress gives the same table: no dates.
    """
    tallies = progress.tallies()
    return Summary(tuple(_row(chapter, names, tallies) for chapter, names in totals.items()))


@dataclass(frozen=True)
class ChapterProgress:
    """How far one chapter is: what is right, and the exercise to go on with.

    Attributes:
        row: The counts.
        asked: How many predictions the chapter has.
        untried: Whether no exercise has been checked yet.
        next: Name and title of the first exercise that is not right; None where all are.
    """

    row: Row
    asked: int
    untried: bool
    next: tuple[str, str] | None

    def __repr__(self) -> str:
        return f"Exercises: {self._exercises()}\nPredictions: {self._predictions()}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the counts and what is next as HTML, with a bar, and as plain text."""
        lines = (
            f"<strong>Exercises</strong>: {_code(self._exercises())}",
            _html_bar(self.row),
            f"<strong>Predictions</strong>: {escape(self._predictions())}",
        )
        body = "".join(f'<div style="margin: 0.3em 0">{line}</div>' for line in lines)
        markup = f'<div style="line-height: 1.5; overflow-wrap: anywhere">{body}</div>'
        return {"text/html": markup, "text/plain": repr(self)}

    def _exercises(self) -> str:
        """Return the counts, and what to go on with."""
        if self.next is None:
            return f"{self.row.exercises_text}; the chapter is done"
        name, title = self.next
        where = f"`{name}` ({title})"
        if self.untried:
            return f"0 of {self.row.total} tried yet; begin with {where}"
        return f"{self.row.exercises_text}; next: {where}"

    def _predictions(self) -> str:
        """Return how many were made, and how many of those were right."""
        row = self.row
        if not row.predictions:
            return f"0 of {self.asked} made yet"
        return f"{row.predictions} of {self.asked} made, {row.predictions_right} right at once"


def chapter_progress(
    progress: LearnerProgress, chapter: str, titles: dict[str, str], predictions: list[str]
) -> ChapterProgress:
    """Return how far a learner is in one chapter.

    Args:
        progress: What was recorded.
        chapter: Its number, "01".
        titles: The title of each exercise by its name, in the order of the chapter.
        predictions: Names of its predictions.
    """
    tallies = progress.tallies()
    row = _row(chapter, [*titles], tallies)
    open_ones = [
        (name, title)
        for name, title in titles.items()
        if (chapter, name) not in tallies or tallies[chapter, name].state != "right"
    ]
    untried = not row.right and not row.wrong
    return ChapterProgress(row, len(predictions), untried, next(iter(open_ones), None))


def _code(text: str) -> str:
    """Return a text as HTML, with what stands between backticks as code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", escape(text))


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
    cell = 'style="text-align: left; padding: 0.3em 0.5em 0.3em 0; white-space: normal"'
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
    right, wrong = (100 * count / max(row.total, 1) for count in (row.right, row.wrong))
    label = escape(f"Chapter {row.chapter}: {row.exercises_text}", quote=True)
    blue, vermilion = OKABE_ITO["blue"], OKABE_ITO["vermilion"]
    stripes = f"repeating-linear-gradient(45deg, {vermilion} 0 3px, transparent 3px 6px)"
    return (
        f'<div role="img" aria-label="{label}" '
        'style="display: flex; width: clamp(3em, 12vw, 12em); '
        'height: 0.9em; border: 1px solid currentColor">'
        f'<div style="width: {right:.1f}%; background: {blue}"></div>'
        f'<div style="width: {wrong:.1f}%; background: {stripes}"></div></div>'
    )
