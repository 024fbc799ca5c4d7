"""Small exercises for the tests of the engine; how they are declared is written here alone."""

from typing import Any

import torch

from helpers.grading.attempt import ExerciseAttempt, PredictionAttempt
from helpers.grading.exercise import Exercise, KnownMistake
from helpers.grading.grade import State, grade
from helpers.grading.modules import ModuleExercise
from helpers.grading.prediction import Choice, Prediction
from helpers.grading.progress import LearnerProgress

DOUBLED = {
    "chapter": "99",
    "signature": "doubled(values)",
    "title": "twice as much",
    "prompt": "Write `doubled(values)`.",
    "model_answer": "values * 2",
    "why": "Every value counts twice.",
    "hints": ("Multiply.", "values * …"),
    "right": ("values + values",),
    "mistakes": (KnownMistake("values**2", "this is the square"),),
    "cases": lambda: [(torch.tensor([1.0, 3.0, 5.0]),), (torch.tensor([[2.0, 4.0]]),)],
}
SUM = Prediction(
    chapter="99",
    name="sum",
    question="What is 1 + 1?",
    choices=(Choice("2", "Two it is.", right=True), Choice("3", "Count again.")),
)


def _exercise(kind: type[Exercise], parts: dict[str, Any]) -> Exercise:
    """An exercise from parts, where the answers are given as the text of a body."""
    cases = parts.pop("cases", list)
    answers = {name: parts.pop(name, ()) for name in ("right", "mistakes", "rejected")}
    model_answer, why = parts.pop("model_answer"), parts.pop("why")
    if callable(cases):
        each = [lambda index=index: cases()[index] for index in range(len(cases()))]
    else:
        each = cases  # each makes the arguments of one call
    exercise = kind(parts.pop("signature"), cases=each, **parts)
    exercise.answer(model_answer, why=why)
    for code in answers["right"]:
        exercise.right(code)
    for made in answers["mistakes"]:
        exercise.mistake(made.says, made.code)
    for refused in answers["rejected"]:
        exercise.rejected(refused.says, refused.code)
    return exercise


def doubled(**changes: Any) -> Exercise:
    """An exercise that asks for twice the values, with some of its parts changed."""
    return _exercise(Exercise, DOUBLED | changes)


def with_gradient(**changes: Any) -> Exercise:
    """The same, where the values require a gradient."""
    cases = {"cases": lambda: [(torch.tensor([1.0, 3.0], requires_grad=True),)]}
    return doubled(**cases | changes)


def value(**changes: Any) -> Exercise:
    """An exercise that asks for a value."""
    declared = {
        "chapter": "99",
        "signature": "answer",
        "title": "a value",
        "prompt": "Give `answer`.",
        "model_answer": "torch.tensor([1.0, 2.0])",
        "why": "So it is.",
        "hints": ("One.", "Two."),
        "right": (),
    }
    return _exercise(Exercise, declared | changes)


def looked_at(**parts: Any) -> ModuleExercise:
    """An exercise whose result is looked at before it is compared."""
    declared = {
        "chapter": "99",
        "why": "So it is.",
        "hints": ("One.", "Two."),
        "right": (),
    }
    return _exercise(ModuleExercise, declared | parts)


def attempt(exercise: Exercise) -> ExerciseAttempt:
    """A learner's attempt at an exercise, in the folder of `COURSE_HOME`."""
    return ExerciseAttempt(exercise, LearnerProgress())


def prediction(declared: Prediction = SUM) -> PredictionAttempt:
    """A learner's attempt at a prediction, in the folder of `COURSE_HOME`."""
    return PredictionAttempt(declared, LearnerProgress())


def told(exercise: Exercise, answer: object) -> str:
    """What a learner is told about a wrong answer."""
    report = grade(exercise, answer)
    assert report.state is State.WRONG, str(report)
    return str(report)


def is_right(exercise: Exercise, answer: object) -> bool:
    """Whether an answer is right; anything but right or wrong fails."""
    report = grade(exercise, answer)
    assert report.state in (State.RIGHT, State.WRONG), str(report)
    return report.state is State.RIGHT
