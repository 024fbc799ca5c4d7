"""What a learner calls: it grades, shows and records, and holds the count of hints."""

import json
from collections.abc import Iterator

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from helpers._notebook import WIDGET_VIEW
from helpers.grading import _question
from helpers.grading._question import BOX, BUTTON, CHOICE, QUESTION, Question, as_html, picker
from helpers.grading.attempt import PredictionAttempt
from helpers.grading.grade import State
from helpers.grading.prediction import Choice, Prediction
from helpers.grading.progress import LearnerProgress
from tests.grading.declared import attempt, doubled, prediction


def events() -> list[tuple[str, str, str]]:
    """What is in the learner's file: chapter, name and event of each line."""
    path = LearnerProgress().folder / "progress.jsonl"
    if not path.exists():
        return []
    lines = map(json.loads, path.read_text("ascii").splitlines())
    return [(line["chapter"], line["name"], line["event"]) for line in lines]


def shown(asked: PredictionAttempt) -> dict:
    """What a page is given of a question before an answer."""
    return Question(asked.declaration, asked.commit)._repr_mimebundle_()


class TestExercise:
    def test_a_name_alone_gives_nothing_away(self):
        tried = attempt(doubled())
        shown = f"{tried!r} {tried.hint!r} {tried.declaration!r} {prediction()!r}"
        assert "ex.doubled.hint()" in shown
        assert "values * 2" not in shown and "right" not in shown

    def test_hints_come_one_at_a_time(self, capsys):
        tried = attempt(doubled())
        for expected in ("1 of 2", "2 of 2", "there are no more", "there are no more"):
            tried.hint()
            assert expected in capsys.readouterr().out
        assert events() == [("99", "doubled", "hint")] * 2

    def test_hints_of_one_attempt_are_none_of_another(self, capsys):
        exercise = doubled()
        attempt(exercise).hint()
        attempt(exercise).hint()
        assert capsys.readouterr().out == "Hint: 1 of 2\n  Multiply.\n" * 2

    def test_a_solution_explains_itself(self, capsys):
        attempt(doubled()).solution()
        shown = capsys.readouterr().out
        assert "def doubled(values):" in shown and "Every value counts twice." in shown
        assert shown.startswith("Solution: twice as much\n")
        assert events() == [("99", "doubled", "solution")]

    def test_check_shows_and_records(self, capsys):
        tried = attempt(doubled())
        for answer, said in (
            (lambda v: v, "Wrong: doubled\n"),
            (lambda v: v * 2, "Right: doubled\n"),
        ):
            tried.check(answer)
            assert capsys.readouterr().out.startswith(said)
        assert events() == [("99", "doubled", "wrong"), ("99", "doubled", "right")]

    def test_what_is_not_tried_is_not_recorded(self, capsys):
        attempt(doubled()).check(...)
        assert capsys.readouterr().out.startswith("Not tried yet: doubled")
        assert events() == []

    def test_what_could_not_be_checked_is_not_recorded(self, capsys):
        attempt(doubled(model_answer="values / nothing")).check(lambda v: v * 2)
        shown = capsys.readouterr().out
        assert shown.startswith("Not checked: doubled")
        assert "nothing is said of your answer" in shown and "NameError" in shown
        assert events() == []

    def test_grade_neither_shows_nor_records(self, capsys):
        assert attempt(doubled()).grade(lambda v: v * 2).state is State.RIGHT
        assert capsys.readouterr().out == "" and events() == []

    def test_the_words_on_the_screen_are_no_key_of_the_file(self, capsys, monkeypatch):
        monkeypatch.setattr(State.RIGHT, "_value_", "Correct")
        attempt(doubled()).check(lambda v: v * 2)
        assert capsys.readouterr().out.startswith("Correct: doubled")
        assert events() == [("99", "doubled", "right")]

    def test_a_check_without_a_home_says_so_once(self, capsys, monkeypatch):
        monkeypatch.setenv("COURSE_HOME", "~nosuchuser/progress")
        tried = attempt(doubled())
        for _ in range(2):
            tried.check(lambda v: v * 2)
        said = capsys.readouterr()
        assert said.out.count("Right: doubled") == 2
        assert said.err.count("COURSE_HOME") == said.err.count("\n") == 1
        assert LearnerProgress().best()["99", "doubled"] == "right", "in this session it counts"


class TestPrediction:
    def test_text_lists_the_choices(self, capsys):
        prediction().predict()
        shown = capsys.readouterr().out
        assert "Predict: What is 1 + 1?\n  a) 2\n  b) 3" in shown
        assert 'Commit: ex.sum.predict("a")' in shown
        assert events() == []

    @pytest.mark.parametrize(
        ("label", "shown", "event"),
        [
            ("B", "Wrong: 3\n  Count again.\n", "predicted-wrong"),
            (" a ", "Right: 2\n  Two it is.\n", "predicted-right"),
        ],
    )
    def test_committing_gives_the_reason(self, capsys, label, shown, event):
        prediction().predict(label)
        assert capsys.readouterr().out == shown
        assert events() == [("99", "sum", event)]

    @pytest.mark.parametrize("label", ["3", "c", 3, ""])
    def test_an_unknown_label_is_answered_with_the_known_ones(self, label, capsys):
        prediction().predict(label)
        told = f"{label!r} is no label here. Choose one of these, in quotes."
        assert capsys.readouterr().out == f"Not tried yet: {told}\n  a: 2\n  b: 3\n"
        assert events() == []

    @pytest.mark.parametrize("label", ["x" * 1000, [1], object()])
    def test_a_label_that_is_none_is_not_written_out(self, label, capsys):
        prediction().predict(label)
        told = f"this {type(label).__name__} is no label here."
        assert capsys.readouterr().out.startswith(f"Not tried yet: {told}")

    def test_exactly_one_choice_is_right(self):
        for right in (False, True):
            choices = (Choice("2", "x", right=right), Choice("3", "y", right=right))
            with pytest.raises(ValueError, match="exactly one right choice"):
                Prediction(chapter="99", name="sum", question="?", choices=choices)

    def test_the_page_is_escaped(self):
        choices = (Choice("<b>", "x", right=True), Choice("&", "y"))
        asked = Prediction(chapter="99", name="sum", question="<i>?", choices=choices)
        page = shown(prediction(asked))["text/html"]
        assert "&lt;b&gt;" in page and "&lt;i&gt;?" in page and "&amp;" in page
        assert "<b>" not in page and "<i>" not in page

    def test_the_picker_commits(self):
        asked = prediction()
        question, first, second, verdict = picker(asked.declaration, asked.commit).children
        assert [first.description, second.description] == ["○ a) 2", "○ b) 3"]
        second.click()
        assert "Count again." in verdict.value and "Wrong" in verdict.value
        first.click()
        assert "Two it is." in verdict.value and "Right" in verdict.value
        assert [first.description, second.description] == ["● a) 2", "○ b) 3"]
        assert "What is 1 + 1?" in question.value
        assert [event for *_, event in events()] == ["predicted-wrong", "predicted-right"]

    def test_the_page_and_the_picker_have_the_same_box_and_choices(self):
        asked = prediction()
        page, box = as_html(asked.declaration), picker(asked.declaration, asked.commit)
        question, first, second, _ = box.children
        assert QUESTION in box._dom_classes
        for style in (BOX, CHOICE):
            assert style in page and style in question.value
        for button in (first, second):
            assert BUTTON in button._dom_classes
            assert f">{button.description}</div>" in page

    def test_a_live_page_gets_the_picker(self):
        bundle = shown(prediction())
        assert set(bundle) == {"text/plain", "text/html", WIDGET_VIEW}
        assert bundle[WIDGET_VIEW]["version_major"] == 2


class Page:
    """The outputs of an IPython as a page keeps them, with the buttons in them."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.publisher = shell.display_pub = CapturingDisplayPublisher(parent=shell)
        self.pickers: list = []

    def picker(self, *arguments: object) -> object:
        self.pickers.append(picker(*arguments))
        return self.pickers[-1]

    @property
    def outputs(self) -> list[dict]:
        """The data of each output as it is after the updates."""
        kept: dict[str, dict] = {}
        for message in self.publisher.outputs:
            name = message["transient"]["display_id"]
            assert message["update"] == (name in kept)
            kept[name] = message["data"]
        return [*kept.values()]

    def click(self, question: int, choice: int) -> None:
        self.pickers[question].children[1 + choice].click()

    def run_a_cell(self) -> None:
        assert self.shell.run_cell("pass").success


@pytest.fixture
def page(monkeypatch) -> Iterator[Page]:
    """An IPython in this process."""
    try:
        page = Page(InteractiveShell.instance())
        monkeypatch.setattr(_question, "picker", page.picker)
        yield page
    finally:
        InteractiveShell.clear_instance()


class TestWhatASavedNotebookKeeps:
    def test_an_answer_and_what_was_said_of_it(self, page: Page):
        prediction().predict()
        (asked,) = page.outputs
        page.click(0, 1)
        page.run_a_cell()
        (answered,) = page.outputs
        assert answered["text/plain"] == (
            "Predict: What is 1 + 1?\n  a) 2\n● b) 3\n"
            'Commit: ex.sum.predict("a")\nWrong: 3\n  Count again.'
        )
        saved = answered["text/html"]
        assert "○ a) 2" in saved and "● b) 3" in saved and "Count again." in saved
        assert "●" not in asked["text/html"]
        assert answered[WIDGET_VIEW] == asked[WIDGET_VIEW], "the same picker"

    def test_the_last_answer_counts_and_is_written_once(self, page: Page):
        prediction().predict()
        for choice in (1, 0):
            page.click(0, choice)
        for _ in range(2):
            page.run_a_cell()
        assert "● a) 2" in page.outputs[0]["text/html"]
        assert "Count again." not in page.outputs[0]["text/html"]
        assert len(page.publisher.outputs) == 2
        page.click(0, 1)
        page.run_a_cell()
        assert "● b) 3" in page.outputs[0]["text/html"]

    def test_the_output_in_use_is_left_alone(self, page: Page):
        """An update would draw the button anew, which takes the focus from it."""
        for _ in range(2):
            prediction().predict()
        asked = page.outputs
        page.click(0, 0)
        page.click(0, 1)
        assert page.outputs == asked
        page.click(1, 0)
        assert "● b) 3" in page.outputs[0]["text/html"]
        assert page.outputs[1] == asked[1]
        page.run_a_cell()
        assert "● a) 2" in page.outputs[1]["text/html"]

    def test_an_answer_in_code_changes_no_output(self, page: Page):
        prediction().predict()
        asked = page.outputs
        prediction().commit("b")
        page.run_a_cell()
        assert page.outputs == asked
