"""A prediction as it is declared: a question, its answers, and the reason of each."""

from collections.abc import Callable
from dataclasses import dataclass


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


def predictions_for(chapter: str) -> Callable[..., Prediction]:
    """A short way to declare a chapter's predictions: (name, question, *choices)."""

    def declare(name: str, question: str, *choices: Choice) -> Prediction:
        return Prediction(chapter=chapter, name=name, question=question, choices=choices)

    return declare
