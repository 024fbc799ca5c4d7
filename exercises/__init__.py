"""Exercises and predictions that check themselves, by chapter.

`ex = exercises.chapter("01")`, then for example `ex.row_totals.check(row_totals)`.
"""

import pkgutil
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from exercises._restore import restore
from helpers._notebook import show
from helpers._validation import shown
from helpers.grading._progress_table import summary
from helpers.grading.attempt import ExerciseAttempt, PredictionAttempt
from helpers.grading.exercise import Exercise
from helpers.grading.prediction import Prediction
from helpers.grading.progress import LearnerProgress

__all__ = ["Chapter", "chapter", "export_progress", "numbers", "restore", "show_progress"]


class Chapter:
    """The exercises and predictions of one chapter: `ex.NAME` is a learner's attempt at one.

    Attributes:
        number: "01".
        exercises: As they are declared, in the order of the chapter.
        predictions: As they are declared, in the order of the chapter.

    Raises:
        TypeError: When something is given that is not what its name says.
    """

    def __init__(
        self,
        number: str,
        exercises: tuple[Exercise, ...],
        predictions: tuple[Prediction, ...],
        progress: LearnerProgress | None = None,
    ) -> None:
        _demand("number", (number,), str)
        _demand("exercises", exercises, Exercise)
        _demand("predictions", predictions, Prediction)
        if not isinstance(progress, LearnerProgress | None):
            raise TypeError(f"progress is a LearnerProgress, not {type(progress).__name__}")
        self.number = number
        self.exercises = exercises
        self.predictions = predictions
        progress = progress or LearnerProgress()
        self._attempts: dict[str, ExerciseAttempt | PredictionAttempt] = {
            **{each.name: ExerciseAttempt(each, progress) for each in exercises},
            **{each.name: PredictionAttempt(each, progress) for each in predictions},
        }

    def __getattr__(self, name: str) -> ExerciseAttempt | PredictionAttempt:
        attempts = self.__dict__.get("_attempts", {})
        if name in attempts:
            return attempts[name]
        close = get_close_matches(name, attempts, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise AttributeError(f"chapter {self.number} has no exercise {name!r}.{hint}")

    def __setattr__(self, name: str, value: object) -> None:
        if name in self.__dict__.get("_attempts", {}):
            raise AttributeError(
                f"ex.{name} is the exercise itself and stays; "
                f"give your answer to ex.{name}.check(…)"
            )
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._attempts]


def _demand(name: str, values: tuple, kind: type) -> None:
    """Refuse, by its name, an argument whose values are not all of one kind."""
    if not isinstance(values, tuple) or not all(isinstance(each, kind) for each in values):
        raise TypeError(f"{name} of a chapter: {kind.__name__} was expected, not {_type(values)}")


def _type(values: object) -> str:
    """Names of the types of what was given."""
    kinds = {type(each).__name__ for each in values} if isinstance(values, tuple) else set()
    return " and ".join(sorted(kinds)) or type(values).__name__


def numbers() -> tuple[str, ...]:
    """Numbers of the chapters that have exercises, in order."""
    found = pkgutil.iter_modules(__path__, "")
    names = sorted(m.name for m in found if m.name.startswith("chapter_"))
    return tuple(name.removeprefix("chapter_") for name in names)


def chapter(number: str) -> Chapter:
    """The exercises of one chapter, for a learner who begins with the first hint.

    Args:
        number: Two digits, such as "01".

    Raises:
        ValueError: When the chapter does not exist or has no exercises.
    """
    if not isinstance(number, str) or number not in numbers():
        known = ", ".join(numbers())
        raise ValueError(f"no exercises for chapter {shown(number)}; there are: {known}")
    package = f"{__name__}.chapter_{number}"
    order = import_module(package).ORDER
    found = tuple(import_module(f"{package}.{name}").exercise for name in order)
    return Chapter(number, found, import_module(f"{package}.predictions").PREDICTIONS)


def show_progress() -> None:
    """Show what has been solved so far, one row for each chapter."""
    show(summary(LearnerProgress(), _totals()))


def export_progress(path: str | Path, learner: str = "") -> Path:
    """Write the progress as a CSV file for a teacher.

    Args:
        path: File to write.
        learner: Name to put into each row.

    Returns:
        The path of the file.

    Raises:
        TypeError: When an argument is not of its type.
        ValueError: When the file's name does not end in .csv.
        OSError: When the file cannot be written.
    """
    return LearnerProgress().export(path, learner, totals=_totals())


def _totals() -> dict[str, list[str]]:
    """Names of all exercises, by chapter."""
    chapters = [chapter(number) for number in numbers()]
    return {c.number: [e.name for e in c.exercises] for c in chapters}
