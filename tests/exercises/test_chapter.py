"""`exercises.chapter(...)`: attempts by name, and what is refused with a sentence."""

from unittest.mock import MagicMock

import pytest

import exercises
from helpers.grading.attempt import ExerciseAttempt, PredictionAttempt
from helpers.grading.progress import LearnerProgress
from tests.grading.declared import SUM, doubled


def test_a_name_gives_the_attempt_of_what_is_declared():
    chapter = exercises.Chapter("99", (doubled(),), (SUM,))
    assert isinstance(chapter.doubled, ExerciseAttempt)
    assert chapter.doubled.declaration is chapter.exercises[0]
    assert isinstance(chapter.sum, PredictionAttempt)
    assert chapter.sum.declaration is chapter.predictions[0] is SUM
    assert chapter.doubled is chapter.doubled, "hints are counted in it"
    assert {"doubled", "sum", "exercises", "number"} <= set(dir(chapter))


def test_a_chapter_shows_its_own_progress(tmp_path, capsys):
    chapter = exercises.Chapter("99", (doubled(),), (SUM,), LearnerProgress(tmp_path))
    chapter.show_progress()
    assert "0 of 1 tried yet; begin with `doubled`" in capsys.readouterr().out
    chapter.doubled.check(lambda values: values * 2)
    chapter.sum.predict("b")
    capsys.readouterr()
    chapter.show_progress()
    assert capsys.readouterr().out == (
        "Exercises: 1 of 1 right; the chapter is done\nPredictions: 1 of 1 made, 0 right at once\n"
    )


def test_two_learners_of_one_declaration_count_their_own_hints(capsys):
    first, second = exercises.chapter("01"), exercises.chapter("01")
    first.grid.hint()
    assert (first.grid.hints_given, second.grid.hints_given) == (1, 0)
    assert first.grid.declaration is second.grid.declaration


def test_an_unknown_name_is_answered_with_a_close_one():
    chapter = exercises.Chapter("99", (doubled(),), ())
    with pytest.raises(AttributeError, match="Did you mean 'doubled'"):
        _ = chapter.double


@pytest.mark.parametrize("number", ["7", 1, None, [1], "01\0", ...])
def test_an_unknown_chapter_is_answered_with_the_known_ones(number):
    with pytest.raises(ValueError, match=r"no exercises for chapter .*; there are: 00, 01"):
        exercises.chapter(number)


def test_an_exercise_cannot_be_replaced():
    chapter = exercises.chapter(exercises.numbers()[0])
    name = chapter.exercises[0].name
    with pytest.raises(AttributeError, match=rf"give your answer to ex\.{name}\.check"):
        setattr(chapter, name, MagicMock())


@pytest.mark.parametrize(
    "given",
    [
        (1, (), ()),
        ("99", None, ()),
        ("99", (SUM,), ()),
        ("99", (), (doubled(),)),
        ("99", (), (), 3),
    ],
)
def test_a_chapter_of_something_else_is_refused(given):
    with pytest.raises(TypeError, match=r"was expected, not|is a LearnerProgress, not"):
        exercises.Chapter(*given)
