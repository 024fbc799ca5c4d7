"""How an exercise is declared: what becomes of its answers, and what is refused."""

import textwrap
from dataclasses import FrozenInstanceError
from importlib import util
from itertools import count
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import given
from torch import nn

from helpers.grading.exercise import Exercise, edit
from helpers.grading.grade import State, grade
from helpers.grading.modules import ModuleExercise, as_module, filled, shapes, shares_memory
from helpers.grading.prediction import Choice, Prediction, prediction
from tests.odd_arguments import SEEDED, check, odd

_number = count()


def exercise(signature="doubled(values)", kind=Exercise, **parts):
    """A small exercise without answers."""
    asks_for_function = isinstance(signature, str) and "(" in signature
    cases = [lambda: (torch.tensor([1.0, 2.0]),)] if asks_for_function else []
    parts = {"title": "t", "prompt": "p", "hints": ("a", "b"), "chapter": "99", "cases": cases} | (
        parts
    )
    return kind(signature, **parts)


def module(folder: Path, text: str, package: str = "chapter_07") -> ModuleType:
    """A module with this text, as if it lay in the folder of a chapter."""
    path = folder / f"declared_{next(_number)}.py"
    path.write_text(textwrap.dedent(text))
    spec = util.spec_from_file_location(f"exercises.{package}.{path.stem}", path)
    made = util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


DOUBLED = exercise()


@DOUBLED.answer(why="Every value counts twice.")
def doubled(values):
    # a factor of two
    factor = 2  # and no more

    return values * factor


@DOUBLED.right
def added(values):
    return values + values


DOUBLED.right(lambda values: values.mul(2))
DOUBLED.right(
    lambda values: torch.stack([values, values]).sum(
        dim=0,
    )
)
DOUBLED.right(edit("values * factor", "factor * values"))


@DOUBLED.mistake("this is the square; the message is long")
def _(values):
    return values**2


DOUBLED.mistake("three times", edit("2  # and no more", "3"))
DOUBLED.mistake("nothing was added", edit("values + values", "values", of=added))
DOUBLED.rejected("instead of", lambda values: values)


class TestSources:
    def test_of_a_function_keep_their_comments(self):
        assert DOUBLED.model_answer == (
            "# a factor of two\nfactor = 2  # and no more\n\nreturn values * factor"
        )
        assert DOUBLED.why == "Every value counts twice."

    def test_of_functions_lambdas_and_edits_in_order(self):
        function, short, long, edited = DOUBLED.right_answers
        assert function == "return values + values"
        assert short == "values.mul(2)"
        assert long.startswith("(\n    torch.stack") and long.endswith(")\n)")
        assert edited.endswith("return factor * values")
        assert [made.says.split(";")[0] for made in DOUBLED.mistakes] == [
            "this is the square",
            "three times",
            "nothing was added",
        ]
        assert DOUBLED.mistakes[1].code.splitlines()[1] == "factor = 3"
        assert DOUBLED.mistakes[2].code == "return values"

    def test_are_executed_and_graded(self):
        for code in (DOUBLED.model_answer, *DOUBLED.right_answers):
            assert grade(DOUBLED, DOUBLED.run(code)).state is State.RIGHT
        for made in (*DOUBLED.mistakes, *DOUBLED.rejected_answers):
            assert made.says in str(grade(DOUBLED, DOUBLED.run(made.code)))

    def test_are_shown_with_the_signature_and_the_shapes(self):
        asked = exercise(shapes="values: (n,).")
        asked.answer("values * 2", why="So it is.")
        assert asked.solution_cell().splitlines()[:3] == [
            "def doubled(values):",
            '    """values: (n,)."""',
            "    return values * 2",
        ]

    def test_of_a_value(self):
        asked = exercise("grid")

        @asked.answer(why="So it is.")
        def grid():
            size = 3
            return torch.zeros(size)

        asked.right(lambda: torch.zeros(3))
        assert asked.solution_cell() == ("size = 3\ngrid = torch.zeros(size)\nex.grid.check(grid)")
        assert asked.source(asked.right_answers[0]) == "grid = torch.zeros(3)"
        assert asked.run(asked.model_answer).shape == (3,)

    def test_of_a_class_have_the_name_that_is_asked_for(self):
        asked = exercise("Twice(values)", ModuleExercise, look=lambda result, _: as_module(result))

        @asked.answer(why="So it is.")
        class Twice(nn.Module):
            def __init__(self, values):
                super().__init__()

        @asked.right
        class _(nn.Module):
            def __init__(self, values):
                super().__init__()
                self.values = values

        asked.mistake("nothing is kept", edit("super().__init__()", "pass"))
        assert asked.source(asked.model_answer).startswith("class Twice(nn.Module):\n    def")
        assert asked.source(asked.right_answers[0]).startswith("class Twice(nn.Module):\n")
        assert "        pass" in asked.mistakes[0].code
        assert asked.run(asked.right_answers[0]).__name__ == "Twice"

    def test_know_the_names_of_a_notebook_and_not_those_of_the_module(self):
        asked = exercise()

        @asked.answer(why="So it is.")
        def _(values):
            return DOUBLED, values

        assert "NameError" in str(grade(DOUBLED, asked.run(asked.model_answer)))

    def test_are_read_only_when_they_are_asked_for(self, tmp_path, monkeypatch):
        read = []
        monkeypatch.setattr("linecache.getlines", lambda *names: read.append(names) or [])
        asked = exercise()
        asked.answer(lambda values: values, why="So it is.")
        assert not read
        with pytest.raises(ValueError, match=r"no answer is found there; .* restart Python"):
            _ = asked.model_answer
        assert len(read) == 1


class TestEdits:
    SOURCE = "total = 0\nfor value in values:\n    total += value\nreturn total"

    @pytest.mark.parametrize(
        ("changed", "expected"),
        [
            (edit("+= value", "-= value"), SOURCE.replace("+=", "-=")),
            (edit("total = 0", ""), SOURCE.partition("\n")[2]),
            (edit(" += value", ""), SOURCE.replace(" += value", "")),
            (edit("total", "sum_", count=3), SOURCE.replace("total", "sum_")),
            (edit("= 0", "= 1").edit("return total", "return -total"), None),
            (
                edit("total += value", "value = abs(value)\ntotal += value"),
                SOURCE.replace("    total", "    value = abs(value)\n    total"),
            ),
            (edit("for value in values:\n    total += value", ""), "total = 0\nreturn total"),
        ],
    )
    def test_change_words_lines_and_blocks(self, changed, expected):
        expected = expected or "total = 1\nfor value in values:\n    total += value\nreturn -total"
        assert changed.apply(self.SOURCE) == expected

    @pytest.mark.parametrize(
        ("changed", "times"),
        [(edit("totals", "sum"), 0), (edit("total", "sum"), 3), (edit("0", "1", count=2), 1)],
    )
    def test_that_do_not_fit_are_refused(self, changed, times):
        with pytest.raises(ValueError, match=rf"occurs {times} times in the answer, not"):
            changed.apply(self.SOURCE)

    def test_that_do_not_fit_are_refused_with_file_and_line(self):
        asked = exercise()
        asked.answer("values * 2", why="So it is.")
        asked.mistake("three times", edit("values * 3", "values"))
        with pytest.raises(ValueError, match=r"test_answers\.py, line \d+: edit\('values \* 3'"):
            _ = asked.mistakes

    def test_of_something_else_are_refused(self):
        asked = exercise()
        asked.answer("values * 2", why="So it is.")
        asked.mistake("no", edit("a", "b", of=max))
        with pytest.raises(ValueError, match="an edit changes <built-in function max>, which is"):
            _ = asked.mistakes

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ((None, "a"), TypeError),
            (("a", 1), TypeError),
            (("", "a"), ValueError),
            ((" \n", "a"), ValueError),
        ],
    )
    def test_of_nothing_are_refused(self, arguments, error):
        with pytest.raises(error, match="edit"):
            edit(*arguments)

    @pytest.mark.parametrize("number", [0, -1, 1.5, None, "1"])
    def test_with_an_odd_count_are_refused(self, number):
        with pytest.raises(ValueError, match="count is an integer of at least 1"):
            edit("a", "b", count=number)

    def test_of_what_is_no_function_are_refused(self):
        with pytest.raises(TypeError, match="of is the function or class of another answer"):
            edit("a", "b", of="doubled")


class TestDeclarations:
    def test_take_the_chapter_from_their_module(self, tmp_path):
        declared = module(
            tmp_path,
            """
            from helpers.grading.exercise import Exercise
            from helpers.grading.modules import ModuleExercise
            from helpers.grading.prediction import Choice, prediction

            exercise = Exercise("one", title="t", prompt="p", hints=())
            other = ModuleExercise("one", title="t", prompt="p", hints=(), look=lambda result: 1)
            guess = prediction("sum", "1 + 1?", Choice("2", "Yes.", right=True), Choice("3", "No."))

            @exercise.answer(why="So it is.")
            def one():
                return 1
            """,
        )
        assert declared.exercise.chapter == declared.other.chapter == declared.guess.chapter == "07"
        assert declared.exercise.run(declared.exercise.model_answer) == 1

    def test_outside_a_chapter_say_so(self):
        with pytest.raises(
            ValueError, match=r"'doubled': the module .* is in no folder chapter_NN"
        ):
            exercise(chapter="")
        with pytest.raises(ValueError, match="is in no folder chapter_NN"):
            prediction("sum", "1 + 1?", Choice("2", "Yes.", right=True))

    def test_cannot_be_changed(self):
        with pytest.raises(FrozenInstanceError):
            DOUBLED.title = "another"
        with pytest.raises(FrozenInstanceError):
            DOUBLED.model_answer = "values * 3"

    @pytest.mark.parametrize("signature", ["", "doubled(", "1", "a b", "f(*x)", None, 3])
    def test_need_a_signature(self, signature):
        with pytest.raises(ValueError, match="begins with its signature"):
            exercise(signature, cases=[])

    @pytest.mark.parametrize(
        ("parts", "error", "message"),
        [
            ({"cases": []}, ValueError, "asks for a function; give cases"),
            ({"cases": [(1,)]}, TypeError, r"lambda: \(argument, …\)"),
            ({"asks": {"speed"}}, ValueError, "asks holds 'speed'; it may hold: copy"),
        ],
    )
    def test_refuse_what_does_not_fit(self, parts, error, message):
        with pytest.raises(error, match=message):
            exercise(**parts)

    def test_of_a_value_take_no_cases(self):
        with pytest.raises(ValueError, match="grid asks for a value and takes no cases"):
            exercise("grid", cases=[lambda: (1,)])

    @pytest.mark.parametrize("made", [1, (), (1, 2), [1]])
    def test_refuse_a_case_with_other_arguments(self, made):
        with pytest.raises(TypeError, match=r"case 0 makes a .*, not a tuple \(values,\)"):
            exercise(cases=[lambda: made]).case(0)

    def test_make_one_case_at_a_time(self):
        made = []
        asked = exercise(cases=[lambda: (made.append(0),), lambda: (made.append(1),)])
        assert asked.case_count == 2 and not made
        asked.case(1)
        assert made == [1]

    def test_without_a_model_answer_say_so(self):
        with pytest.raises(ValueError, match=r"doubled has no model answer; put @exercise\.answer"):
            _ = exercise().model_answer

    def test_with_two_model_answers_name_both(self):
        asked = exercise()
        asked.answer("values * 2", why="So it is.")
        with pytest.raises(ValueError, match=r"has a model answer already, in .*@exercise\.right"):
            asked.answer("values + values", why="So it is, too.")

    def test_refuse_an_answer_with_other_arguments(self):
        with pytest.raises(ValueError, match=r"takes \(value\); .* asks for doubled\(values\)"):
            exercise().right(lambda value: value)

    def test_refuse_a_mistake_without_a_message(self):
        with pytest.raises(TypeError, match=r'write exercise\.mistake\("the message"\)'):

            @exercise().mistake
            def _(values):
                return values

    @pytest.mark.parametrize("answer", [1, ..., ["values"], b"values"])
    def test_refuse_what_is_no_answer(self, answer):
        with pytest.raises(TypeError, match="is not an answer; give a function or edit"):
            exercise().right(answer)

    def test_refuse_a_body_beside_its_first_line(self, tmp_path):
        declared = module(
            tmp_path,
            """
            from helpers.grading.exercise import Exercise

            exercise = Exercise("one", title="t", prompt="p", hints=())

            @exercise.answer(why="So it is.")
            def one(): return 1
            """,
        )
        with pytest.raises(ValueError, match=r"line 6: write the body .* on lines of its own"):
            _ = declared.exercise.model_answer


PARTS = ("title", "prompt", "hints", "shapes", "cases", "asks", "chapter")


@pytest.mark.timeout(120)
@given(first=odd(), second=odd(), third=odd())
@SEEDED
def test_odd_parts_of_a_declaration_are_answered_with_a_sentence(first, second, third):
    asked = exercise()
    asked.answer("values * 2", why="So it is.")
    calls = (
        lambda: exercise(first),
        *(lambda part=part: exercise(**{part: first}) for part in PARTS),
        lambda: edit(first, second),
        lambda: edit("a", "b", count=first, of=second),
        lambda: edit("a", "b").edit(first, second).apply(third),
        lambda: edit("a", "b").apply(first),
        lambda: exercise().answer(first, why=second),
        lambda: asked.right(first),
        lambda: asked.mistake(first, second),
        lambda: asked.rejected(first, second),
        lambda: asked.case(first),
        lambda: asked.cell(first),
        lambda: Prediction(
            chapter=first, name="n", question="q", choices=(Choice("a", "b", True),)
        ),
        lambda: Prediction(chapter="99", name=first, question=second, choices=third),
        lambda: Prediction(chapter="99", name="n", question="q", choices=(first, second)),
        lambda: prediction(first, second, third),
        lambda: as_module(first),
        lambda: filled(first),
        lambda: shapes(first),
        lambda: shares_memory(first, second),
    )
    for call in calls:
        check(call)
