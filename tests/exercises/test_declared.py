"""Each declared exercise proves its own check: right and wrong answers, starter, prose."""

import builtins
import dis
from pathlib import Path
from types import CodeType

import pytest

import exercises
from helpers.grading.attempt import PredictionAttempt
from helpers.grading.grade import State, grade
from helpers.grading.progress import LearnerProgress

CHAPTERS = [exercises.chapter(number) for number in exercises.numbers()]
EXERCISES = [exercise for chapter in CHAPTERS for exercise in chapter.exercises]
PREDICTIONS = [prediction for chapter in CHAPTERS for prediction in chapter.predictions]
RIGHT = [(e, code) for e in EXERCISES for code in (e.model_answer, *e.right_answers)]
WRONG = [(e, mistake) for e in EXERCISES for mistake in (*e.mistakes, *e.rejected_answers)]
NOTEBOOK_NAMES = {"torch", "nn", "F", "np", "math"}
LEAST = {"00": 3, "01": 12, "06": 5}
# Of declared answers; a learner who writes the same sees PyTorch's warning beside the report.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf"),
    pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True"),
]


def _name(value: object) -> str:
    return getattr(value, "name", "")


@pytest.mark.parametrize(("exercise", "code"), RIGHT, ids=_name)
def test_right_answers_pass(exercise, code):
    report = grade(exercise, exercise.run(code))
    assert report.state is State.RIGHT, str(report)


@pytest.mark.parametrize(("exercise", "mistake"), WRONG, ids=_name)
def test_wrong_answers_are_named(exercise, mistake):
    report = grade(exercise, exercise.run(mistake.code))
    assert report.state is State.WRONG, str(report)
    assert mistake.says in str(report)


@pytest.mark.parametrize("exercise", EXERCISES, ids=_name)
def test_mistakes_are_named_by_the_mistake_that_was_made(exercise):
    for mistake in exercise.mistakes:
        findings = dict(grade(exercise, exercise.run(mistake.code)).findings)
        assert findings["Likely slip"] == mistake.says


@pytest.mark.parametrize("exercise", EXERCISES, ids=_name)
def test_answers_use_the_names_that_a_notebook_has(exercise):
    known = {*NOTEBOOK_NAMES, *dir(builtins), exercise.name}
    codes = (exercise.model_answer, *exercise.right_answers)
    wrong = (*exercise.mistakes, *exercise.rejected_answers)
    codes += tuple(made.code for made in wrong if made.says != "NameError")
    for code in codes:
        used = _global_names(compile(exercise.source(code), exercise.name, "exec"))
        assert used <= known, exercise.source(code)


def _global_names(code: CodeType) -> set[str]:
    """The names that a piece of code takes from outside of its functions."""
    lines = dis.get_instructions(code)
    used = {line.argval for line in lines if line.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    own = {line.argval for line in dis.get_instructions(code) if line.opname == "STORE_NAME"}
    return used.union(*map(_global_names, inner)) - own - {"__name__", "__qualname__"}


@pytest.mark.parametrize("exercise", EXERCISES, ids=_name)
def test_an_untouched_starter_is_not_tried_yet(exercise):
    assert grade(exercise, exercise.run("...")).state is State.NOT_TRIED


@pytest.mark.parametrize("exercise", EXERCISES, ids=_name)
def test_is_declared_in_full(exercise):
    mistakes = (*exercise.mistakes, *exercise.rejected_answers)
    answers = {exercise.source(code) for code in (exercise.model_answer, *exercise.right_answers)}
    assert len({mistake.says for mistake in mistakes}) >= 3
    assert len(answers) >= 2
    assert 2 <= len(exercise.hints) <= 4
    assert exercise.why and exercise.title and exercise.prompt


@pytest.mark.parametrize("exercise", EXERCISES, ids=_name)
def test_cells_fit_the_page(exercise):
    for cell in (exercise.starter_cell(), exercise.solution_cell()):
        assert max(map(len, cell.splitlines())) <= 88
        compile(cell, exercise.name, "exec")


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=_name)
def test_predictions_answer_each_choice(prediction, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    attempt, states = PredictionAttempt(prediction, LearnerProgress()), []
    for label, choice in prediction.labelled.items():
        report = attempt.commit(label)
        assert choice.reason in str(report)
        states.append(report.state)
    assert states.count(State.RIGHT) == 1
    assert states.count(State.WRONG) == len(states) - 1 >= 1


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)
def test_chapters_have_enough_exercises_with_names_of_their_own(chapter):
    names = [item.name for item in (*chapter.exercises, *chapter.predictions)]
    assert len(set(names)) == len(names)
    assert len(chapter.exercises) >= LEAST.get(chapter.number, 10)
    assert all(item.chapter == chapter.number for item in chapter.exercises)
    assert all(item.chapter == chapter.number for item in chapter.predictions)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)
def test_no_module_of_a_chapter_is_forgotten(chapter):
    folder = Path(exercises.__file__).parent / f"chapter_{chapter.number}"
    modules = {path.stem for path in folder.glob("[!_]*.py")} - {"predictions"}
    names = {exercise.name.lower() for exercise in chapter.exercises}
    assert {name.replace("_", "") for name in modules} == {name.replace("_", "") for name in names}
