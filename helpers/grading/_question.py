"""A prediction as it is shown: buttons where widgets live, the same box without them, text.

Both forms have the same box, letters and spacing, and their lines wrap in a narrow window.
"""

import html
from collections.abc import Callable
from typing import Any

from helpers._notebook import WIDGET_VIEW
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


def as_text(prediction: Prediction) -> str:
    """Return the question, its choices and how to commit, for a terminal."""
    lines = [f"Predict: {prediction.question}"]
    lines += [f"  {label}) {choice.text}" for label, choice in prediction.labelled.items()]
    return "\n".join([*lines, f"Commit: {_call(prediction)}"])


def as_html(prediction: Prediction) -> str:
    """Return the question as it looks before an answer, for pages without widgets."""
    labels = prediction.labelled
    choices = "".join(
        f'<div style="{CHOICE}">{html.escape(_line(prediction, label))}</div>' for label in labels
    )
    call = html.escape(_call(prediction))
    commit = f'<div style="margin-top: 0.4em">Commit: <code>{call}</code></div>'
    return f'<div style="{BOX}; {LINES}">{_asked(prediction)}{choices}{commit}</div>'


def bundle(prediction: Prediction, commit: Callable[[str], Report]) -> dict[str, Any]:
    """Return one output: text, HTML, and the view of a picker where there are widgets.

    Args:
        prediction: What is asked.
        commit: Takes the label of an answer, records it, and returns what to say.
    """
    shown: dict[str, Any] = {"text/plain": as_text(prediction), "text/html": as_html(prediction)}
    model = picker(prediction, commit)
    if model is not None:
        view = {"version_major": 2, "version_minor": 0, "model_id": model.model_id}
        shown[WIDGET_VIEW] = view
    return shown


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
