"""`exercises.restore("row_shares")`: one starter again, for a learner who wants to begin anew."""

import html
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from helpers._notebook import show
from helpers._validation import shown
from helpers.grading.attempt import ExerciseAttempt, PredictionAttempt


@dataclass(frozen=True)
class Starter:
    """A starter cell as it is shown: folded in a notebook, where it is in the cell already.

    Attributes:
        name: Of the exercise or prediction.
        source: The text of its cell.
        is_placed: Whether a notebook or prompt was asked to put it into the next input.
    """

    name: str
    source: str
    is_placed: bool

    def __str__(self) -> str:
        return f"{self._title}\n\n{self.source}"

    @property
    def _title(self) -> str:
        if self.is_placed:
            return f"The starter of ex.{self.name} takes the place of this cell, or is copied here:"
        return f"The starter of ex.{self.name}:"

    def _repr_html_(self) -> str:
        return (
            f"<details><summary>The starter of <code>ex.{html.escape(self.name)}</code> takes the "
            "place of this cell; where it does not, open this and copy it.</summary>"
            f"<pre>{html.escape(self.source)}</pre></details>"
        )


def restore(name: str | ExerciseAttempt | PredictionAttempt, chapter: str | None = None) -> None:
    """Give back one starter cell: it takes the place of the cell that calls this.

    Your own cell stays; delete it when you no longer need it. In JupyterLab, VS Code and Colab
    the starter takes the place of the cell with the call, at IPython's prompt it is the next
    input; it is shown in any case, so that it can be copied.

    Args:
        name: Of an exercise or prediction, "row_shares" or `ex.row_shares`.
        chapter: Its number, "01", where two chapters have that name; without it the chapter
            of the notebook, `ex`, counts.

    Raises:
        TypeError: When `name` is not a name.
        ValueError: When there is no such exercise, or several chapters have one of that name.
    """
    if isinstance(name, ExerciseAttempt | PredictionAttempt):
        chapter, name = name.declaration.chapter, name.name
    if not isinstance(name, str):
        raise TypeError(f"name is that of an exercise, in quotes, not {type(name).__name__}")
    wanted = name.strip().removeprefix("ex.")
    source = _source(wanted, _chapter_of(wanted, chapter))
    show(Starter(wanted, source, _place(source)))


def _chapter_of(name: str, chapter: str | None) -> str:
    """The number of the chapter that an exercise belongs to."""
    names = _names()
    if chapter is not None:
        if chapter not in names:
            known = ", ".join(names)
            raise ValueError(f"no exercises for chapter {shown(chapter)}; there are: {known}")
        names = {chapter: names[chapter]}
    found = [number for number in names if name in names[number]]
    here = getattr(_user_names().get("ex"), "number", None)
    if len(found) == 1 or here in found:
        return here if here in found else found[0]
    if found:
        raise ValueError(
            f"chapters {' and '.join(found)} have an exercise {name!r}; "
            f"say which: exercises.restore({name!r}, chapter={found[0]!r})"
        )
    close = get_close_matches(name, sorted(set().union(*names.values())), n=3)
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise ValueError(f"there is no exercise {shown(name)}.{hint}")


def _names() -> dict[str, set[str]]:
    """Names of exercises and predictions by chapter."""
    import exercises

    chapters = [exercises.chapter(number) for number in exercises.numbers()]
    return {
        each.number: {e.name for e in each.exercises} | {p.name for p in each.predictions}
        for each in chapters
    }


def _source(name: str, chapter: str) -> str:
    """The text of a starter cell, as the notebook has it."""
    import exercises

    attempt = getattr(exercises.chapter(chapter), name)
    if isinstance(attempt, ExerciseAttempt):
        return attempt.declaration.starter_cell().rstrip("\n")
    return f"ex.{name}.predict()"


def _shell() -> Any | None:
    """IPython's shell; None where there is none."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def _user_names() -> dict[str, Any]:
    """The names of the notebook that is running."""
    return getattr(_shell(), "user_ns", {})


def _place(source: str) -> bool:
    """Ask the notebook to put a text into this cell, or the prompt into the next input."""
    place = getattr(_shell(), "set_next_input", None)
    if place is None:
        return False
    place(source, replace=True)
    return True
