"""A prediction as it is shown: buttons where widgets live, the same box without them, text.

Both forms have the same box, letters and spacing, and their lines wrap in a narrow window.

A click changes the widget at once. The other forms are what a saved notebook keeps, so they are
brought up to date too, but not under the reader's fingers: JupyterLab draws a widget anew when its
output is updated, which takes the keyboard's focus from the button, and the new verdict from a
screen reader. An answered question is updated when the reader has moved on: when a cell is run, or
another question is answered.
"""

import html
from collections.abc import Callable
from typing import Any

from helpers._notebook import WIDGET_VIEW, show
from helpers._palette import OKABE_ITO
from helpers.grading._report import Report
from helpers.grading.prediction import Prediction

BOX = f"border-left: 5px solid {OKABE_ITO['orange']}; padding: 0.3em 0.9em; margin: 0.3em 0"
# The grey has 3 to 1 on white and more on black.
CHOICE = (
    "width: fit-content; max-width: 100%; box-sizing: border-box; margin: 0.4em 0 0; "
    "padding: 0.15em 0.7em; border: 1px solid #8A8A8A; border-radius: 4px; "
    "overflow-wrap: anywhere"
)
LINES = "line-height: 1.5"
QUESTION, BUTTON = "course-question", "course-choice"
# A widget has letters of its own, and its buttons cut what does not fit on one line.
LETTERS = (
    "font-family: var(--jp-content-font-family, inherit); "
    f"font-size: var(--jp-content-font-size1, 14px); {LINES}; "
    "color: var(--jp-content-font-color1, inherit)"
)
LAYOUT = {"width": "fit-content", "max_width": "100%", "height": "auto"}  # else 148 pixels
STYLE = f"""<style>
.{QUESTION} {{{BOX}}}
.{QUESTION} .widget-html, .{QUESTION} .widget-html-content {{{LETTERS}; height: auto; margin: 0}}
.{QUESTION} button.{BUTTON} {{{LETTERS}; {CHOICE}; height: auto; flex: none; text-align: left;
    white-space: normal; background: transparent; box-shadow: none}}
.{QUESTION} button.{BUTTON}:hover {{border-color: {OKABE_ITO["orange"]}}}
.{QUESTION} button.{BUTTON}:focus-visible {{outline: 2px solid currentColor; outline-offset: 1px}}
</style>"""


class Question:
    """A prediction as one output: text, HTML, and a picker where there are widgets.

    Attributes:
        prediction: What is asked.
        commit: Takes the label of an answer, records it, and returns what to say.
        answer: The label that was clicked last, and what was said; None before.
    """

    def __init__(self, prediction: Prediction, commit: Callable[[str], Report]) -> None:
        """Nothing is shown yet."""
        self.prediction = prediction
        self.commit = commit
        self.answer: tuple[str, Report] | None = None
        self._picker: Any = None
        self._handle: Any = None

    def __str__(self) -> str:
        return as_text(self.prediction, self.answer)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        page = as_html(self.prediction, self.answer)
        shown: dict[str, Any] = {"text/plain": str(self), "text/html": page}
        self._picker = self._picker or picker(self.prediction, self.click)
        if self._picker is not None:
            model_id = self._picker.model_id
            shown[WIDGET_VIEW] = {"version_major": 2, "version_minor": 0, "model_id": model_id}
        return shown

    def show(self) -> None:
        """Display the question, so that it can be updated; print it outside IPython."""
        self._handle = show(self, display_id=True)

    def click(self, label: str) -> Report:
        """Commit to an answer with the mouse or the keyboard."""
        report = self.commit(label)
        self.answer = label, report
        _update_answered(besides=self)
        if self._handle is not None and self not in _answered:
            _answered[self] = None
            _before_a_cell_is_run()
        return report

    def update(self) -> None:
        """Bring the displayed output up to date."""
        self._handle.update(self)


# Questions whose output does not show their answer yet; one kernel has one page of outputs.
_answered: dict[Question, None] = {}


def _update_answered(besides: Question | None = None) -> None:
    """Bring the outputs of answered questions up to date, but for the one in use."""
    for question in [*_answered]:
        if question is not besides:
            del _answered[question]
            question.update()


def _before_a_cell_is_run() -> None:
    """Have all answered questions updated when the next cell is run."""
    from IPython import get_ipython

    events = get_ipython().events

    def once(_: object) -> None:
        events.unregister("pre_run_cell", once)
        _update_answered()

    events.register("pre_run_cell", once)


def as_text(prediction: Prediction, answer: tuple[str, Report] | None = None) -> str:
    """Return the question, its choices, how to commit, and what was said of an answer."""
    chosen, said = ("", []) if answer is None else (answer[0], [str(answer[1])])
    lines = [f"Predict: {prediction.question}"]
    for label, choice in prediction.labelled.items():
        lines.append(f"{'●' if label == chosen else ' '} {label}) {choice.text}")
    return "\n".join([*lines, f"Commit: {_call(prediction)}", *said])


def as_html(prediction: Prediction, answer: tuple[str, Report] | None = None) -> str:
    """Return the question for pages without widgets: how it stands, and how to commit."""
    chosen, said = ("", "") if answer is None else (answer[0], answer[1]._repr_html_())
    choices = "".join(
        f'<div style="{CHOICE}">{html.escape(_line(prediction, label, label == chosen))}</div>'
        for label in prediction.labelled
    )
    call = html.escape(_call(prediction))
    commit = f'<div style="margin-top: 0.4em">Commit: <code>{call}</code></div>'
    return f'<div style="{BOX}; {LINES}">{_asked(prediction)}{choices}{commit}{said}</div>'


def picker(prediction: Prediction, commit: Callable[[str], Report]) -> Any | None:
    """Return a widget to choose with; None where ipywidgets is not installed.

    One button for each answer: a keyboard reaches them all with Tab. Of radio buttons it
    reaches one, since the arrows that lead to the others belong to JupyterLab.
    """
    try:
        import ipywidgets
    except ImportError:
        return None
    labels = prediction.labelled
    question = ipywidgets.HTML(STYLE + _asked(prediction))
    verdict = ipywidgets.HTML()
    buttons = {label: ipywidgets.Button(layout=LAYOUT) for label in labels}

    def mark(chosen: str | None) -> None:
        for label, button in buttons.items():
            button.description = _line(prediction, label, label == chosen)

    def answer(button: Any) -> None:
        chosen = next(label for label in buttons if buttons[label] is button)
        mark(chosen)
        verdict.value = commit(chosen)._repr_html_()

    mark(None)
    for button in buttons.values():
        button.add_class(BUTTON)
        button.on_click(answer)
    box = ipywidgets.VBox([question, *buttons.values(), verdict])
    box.add_class(QUESTION)
    return box


def _asked(prediction: Prediction) -> str:
    return f"<div><strong>Predict</strong>: {html.escape(prediction.question)}</div>"


def _line(prediction: Prediction, label: str, chosen: bool = False) -> str:
    """Return what stands on a choice: a circle, full once it is chosen, and the answer."""
    return f"{'●' if chosen else '○'} {label}) {prediction.labelled[label].text}"


def _call(prediction: Prediction) -> str:
    return f'ex.{prediction.name}.predict("a")'
