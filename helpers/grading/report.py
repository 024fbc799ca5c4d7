"""What the learner is shown: a state, and what was found."""

import html
import re
from dataclasses import dataclass, field
from enum import Enum


class State(Enum):
    """How an answer stands; the value is what a reader sees."""

    NOT_TRIED = "Not tried yet"
    WRONG = "Wrong"
    RIGHT = "Right"
    HINT = "Hint"
    SOLUTION = "Solution"


# A hue for those who see it; the word says the same. They hold on light and dark pages.
_COLOURS = {
    State.NOT_TRIED: "#999999",
    State.WRONG: "#D55E00",
    State.RIGHT: "#009E73",
    State.HINT: "#56B4E9",
    State.SOLUTION: "#CC79A7",
}

# Findings under these labels are sentences; the others are values and code.
_PROSE = {"", "Difference", "Likely slip", "Problem", "Why"}


@dataclass(frozen=True)
class Report:
    """One answer to the learner: rich in a notebook, plain text elsewhere.

    Attributes:
        state: What kind of answer it is.
        title: One short sentence.
        findings: Pairs of a label ("Got") and what belongs to it; an empty label
            makes a paragraph.
    """

    state: State
    title: str
    findings: tuple[tuple[str, str], ...] = field(default=())

    def __str__(self) -> str:
        lines = [f"{self.state.value}: {self.title}"]
        for label, text in self.findings:
            indented = text.replace("\n", "\n    ")
            lines.append(f"  {label}: {indented}" if label else f"  {indented}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = "".join(_row(label, text) for label, text in self.findings)
        colour = _COLOURS[self.state]
        return (
            f'<div role="status" style="border-left: 5px solid {colour}; '
            'padding: 0.3em 0.9em; margin: 0.3em 0">'
            f"<strong>{self.state.value}</strong>: {_prose(self.title)}{rows}</div>"
        )


def show(output: object) -> None:
    """Display in a notebook, print elsewhere."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(output)
        return
    if get_ipython() is None:
        print(output)
    else:
        display(output)


def _row(label: str, text: str) -> str:
    """One finding as HTML; what has several lines keeps them, as code does."""
    if label in _PROSE:
        body = f'<span style="white-space: pre-wrap">{_prose(text)}</span>'
    else:
        style = "white-space: pre-wrap; font-family: monospace"
        body = f'<span style="{style}">{html.escape(text)}</span>'
    named = f"<strong>{html.escape(label)}</strong>: " if label else ""
    return f'<div style="margin-top: 0.3em">{named}{body}</div>'


def _prose(text: str) -> str:
    """A sentence as HTML, with what stands between backticks as code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", html.escape(text))
