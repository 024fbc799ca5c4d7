"""What a learner calls: `ex.row_max.check(row_max)`, `.hint()`, `.solution()`, `.predict()`.

An attempt joins what is declared with the learner's progress: it grades, shows and records.
"""

from dataclasses import dataclass, field
from typing import Any

from helpers._notebook import show
from helpers.grading._question import Question
from helpers.grading.exercise import Exercise
from helpers.grading.grade import Report, State, grade
from helpers.grading.prediction import Prediction
from helpers.grading.progress import Event, LearnerProgress

# Names in the learner's file, which outlive the words on the screen.
_CHECKED: dict[State, Event] = {State.RIGHT: "right", State.WRONG: "wrong"}
_PREDICTED: dict[State, Event] = {
    State.RIGHT: "predicted-right",
    State.WRONG: "predicted-wrong",
}


@dataclass(slots=True, repr=False)
class ExerciseAttempt:
    """A learner's attempt at one exercise.

    Attributes:
        declaration: The exercise: title, prompt, cells, answers.
        progress: Where checks, hints and solutions are recorded.
        hints_given: How many hints have been shown.
    """

    declaration: Exercise
    progress: LearnerProgress
    hints_given: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """Name of the function or value that is asked for."""
        return self.declaration.name

    def __repr__(self) -> str:
        name = f"ex.{self.name}"
        return f"Exercise: {name}.check({self.name}), {name}.hint(), {name}.solution()"

    def grade(self, answer: Any) -> Report:
        """Say how an answer stands, without showing or recording anything.

        Args:
            answer: The learner's function or value; `...` is "not tried yet".
        """
        return grade(self.declaration, answer)

    def check(self, answer: Any) -> None:
        """Grade an answer, show the report, and record the result.

        Args:
            answer: The learner's function or value; `...` is "not tried yet".
        """
        report = self.grade(answer)
        if report.state in _CHECKED:
            self._record(_CHECKED[report.state])
        show(report)

    def hint(self) -> None:
        """Show the next hint; after the last one, say so."""
        hints = self.declaration.hints
        if self.hints_given == len(hints):
            text = f"there are no more. ex.{self.name}.solution() shows an answer."
            show(Report(State.HINT, text))
            return
        self.hints_given += 1
        self._record("hint")
        numbered = f"{self.hints_given} of {len(hints)}"
        show(Report(State.HINT, numbered, (("", hints[self.hints_given - 1]),)))

    def solution(self) -> None:
        """Show an answer and what makes it right."""
        self._record("solution")
        declared = self.declaration
        code = "\n" + declared.source(declared.model_answer)
        findings = (("Code", code), ("Why", declared.why))
        show(Report(State.SOLUTION, declared.title, findings))

    def _record(self, event: Event) -> None:
        """Keep an event of this exercise."""
        self.progress.record(self.declaration.chapter, self.name, event)


@dataclass(frozen=True, slots=True, repr=False)
class PredictionAttempt:
    """A learner's attempt at one prediction.

    Attributes:
        declaration: The prediction: question and choices.
        progress: Where the answer is recorded.
    """

    declaration: Prediction
    progress: LearnerProgress

    @property
    def name(self) -> str:
        """Name by which the notebook calls it."""
        return self.declaration.name

    def __repr__(self) -> str:
        return f"Prediction: ex.{self.name}.predict()"

    def predict(self, label: str | None = None) -> None:
        """Show the question, or commit to an answer and see whether it holds.

        Args:
            label: "a", "b", …; None shows the question, with a picker where there
                are widgets.
        """
        if label is None:
            Question(self.declaration, self.commit).show()
        else:
            show(self.commit(label))

    def commit(self, label: str) -> Report:
        """Record an answer and say why it is right or wrong.

        Args:
            label: "a", "b", … Anything else is not recorded; the report then lists
                the labels.
        """
        labelled = self.declaration.labelled
        choice = labelled.get(label.strip().lower()) if isinstance(label, str) else None
        if choice is None:
            listed = tuple((known, c.text) for known, c in labelled.items())
            title = f"{_shortly(label)} is no label here. Choose one of these, in quotes."
            return Report(State.NOT_TRIED, title, listed)
        state = State.RIGHT if choice.right else State.WRONG
        self.progress.record(self.declaration.chapter, self.name, _PREDICTED[state])
        return Report(state, choice.text, (("", choice.reason),))


def _shortly(label: Any) -> str:
    """A label as it would be typed; the type of what is too long or is no label at all."""
    if isinstance(label, str | int | float) and len(text := repr(label)) <= 40:
        return text
    return f"this {type(label).__name__}"
