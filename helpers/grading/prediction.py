"""A prediction: the reader commits to an answer before the cell that reveals it."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers.grading.progress import Progress
from helpers.grading.report import Report, State, show

_WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers.

    Attributes:
        text: What it says.
        reason: Why it is right, or what misleads to it.
        right: Whether it is the right one.
    """

    text: str
    reason: str
    right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Prediction:
    """A question with several answers, one of them right.

    Attributes:
        chapter: Number of the chapter, "01".
        name: Name by which the notebook calls it.
        question: What is asked, in plain text.
        choices: The answers; they are labelled a, b, c … in this order.

    Raises:
        ValueError: When not exactly one choice is right.
    """

    chapter: str
    name: str
    question: str
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if sum(choice.right for choice in self.choices) != 1:
            raise ValueError(f"prediction {self.name} needs exactly one right choice")

    def __repr__(self) -> str:
        return f"Prediction: ex.{self.name}.predict()"

    @property
    def labelled(self) -> dict[str, Choice]:
        """The choices by label: "a", "b", …"""
        return {chr(ord("a") + i): choice for i, choice in enumerate(self.choices)}

    def predict(self, label: str | None = None) -> None:
        """Show the question, or commit to an answer and see whether it holds.

        Args:
            label: "a", "b", …; None shows the question, with a picker where there
                are widgets.
        """
        if label is None:
            show(_Question(self))
            return
        show(self.commit(label))

    def commit(self, label: str) -> Report:
        """Remember an answer and say why it is right or wrong.

        What is no label is not remembered; the report then lists the labels.
        """
        choice = self.labelled.get(str(label).strip().lower())
        if choice is None:
            listed = tuple((known, c.text) for known, c in self.labelled.items())
            title = f"{label!r} is no label here. Choose one of these, in quotes."
            return Report(State.NOT_TRIED, title, listed)
        state = State.RIGHT if choice.right else State.WRONG
        event = f"predicted-{state.value.lower()}"
        Progress().record(self.chapter, self.name, event)
        return Report(state, choice.text, (("", choice.reason),))


@dataclass(frozen=True, slots=True)
class _Question:
    """A prediction as it is displayed: picker, HTML or plain text."""

    prediction: Prediction

    def __str__(self) -> str:
        lines = [f"Predict: {self.prediction.question}"]
        for label, choice in self.prediction.labelled.items():
            lines.append(f"  {label}) {choice.text}")
        return "\n".join([*lines, f"Commit: {self._call}"])

    @property
    def _call(self) -> str:
        return f'ex.{self.prediction.name}.predict("a")'

    def _html(self) -> str:
        """The question for pages without widgets."""
        items = "".join(
            f"<div>{label}) <code>{html.escape(choice.text)}</code></div>"
            for label, choice in self.prediction.labelled.items()
        )
        return (
            '<div style="border-left: 5px solid #E69F00; padding: 0.3em 0.9em">'
            f"<strong>Predict</strong>: {html.escape(self.prediction.question)}{items}"
            f"<div>Commit: <code>{html.escape(self._call)}</code></div></div>"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": str(self), "text/html": self._html()}
        model = _picker(self.prediction)
        if model is not None:
            view = {"version_major": 2, "version_minor": 0, "model_id": model.model_id}
            bundle[_WIDGET] = view
        return bundle


def _picker(prediction: Prediction) -> Any | None:
    """A widget to choose with; None where ipywidgets is not installed.

    One button for each answer: a keyboard reaches them all with Tab. Of radio buttons it
    reaches one, since the arrows that lead to the others belong to JupyterLab.
    """
    try:
        import ipywidgets
    except ImportError:
        return None
    text = f"<strong>Predict</strong>: {html.escape(prediction.question)}"
    question = ipywidgets.HTML(f'<div style="line-height: 1.5">{text}</div>')
    verdict = ipywidgets.HTML()
    buttons = {
        label: ipywidgets.Button(layout={"width": "max-content"}) for label in prediction.labelled
    }

    def mark(chosen: str | None) -> None:
        for label, choice in prediction.labelled.items():
            circle = "●" if label == chosen else "○"
            buttons[label].description = f"{circle} {label}) {choice.text}"

    def answer(button: Any) -> None:
        chosen = next(label for label in buttons if buttons[label] is button)
        mark(chosen)
        report = prediction.commit(chosen)
        verdict.value = f'<div style="line-height: 1.5">{report._repr_html_()}</div>'

    mark(None)
    for button in buttons.values():
        button.on_click(answer)
    return ipywidgets.VBox([question, *buttons.values(), verdict])


def predictions_for(chapter: str) -> Callable[..., Prediction]:
    """A short way to declare a chapter's predictions: (name, question, *choices)."""

    def declare(name: str, question: str, *choices: Choice) -> Prediction:
        return Prediction(chapter=chapter, name=name, question=question, choices=choices)

    return declare
