"""A prediction as it is declared: a question, its answers, and the reason of each."""

from dataclasses import dataclass

from helpers.grading.answers import declaring_chapter, named


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
        TypeError: When a part is not of its type.
        ValueError: When not exactly one choice is right.
    """

    chapter: str
    name: str
    question: str
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        for part in ("chapter", "name", "question"):
            if not isinstance(getattr(self, part), str):
                raise TypeError(
                    f"{part} of a prediction is a text, not {named(getattr(self, part))}"
                )
        choices = self.choices if isinstance(self.choices, tuple) else ()
        if not choices or not all(isinstance(choice, Choice) for choice in choices):
            raise TypeError(f"prediction {self.name}: each of its choices is a Choice")
        if sum(choice.right is True for choice in choices) != 1:
            raise ValueError(f"prediction {self.name} needs exactly one right choice")

    def __repr__(self) -> str:
        return f"Prediction: ex.{self.name}.predict()"

    @property
    def labelled(self) -> dict[str, Choice]:
        """The choices by label, which are "a", "b" and so on."""
        return {chr(ord("a") + i): choice for i, choice in enumerate(self.choices)}


def prediction(name: str, question: str, *choices: Choice) -> Prediction:
    """Declare a prediction of the chapter whose module calls this.

    Args:
        name: Name by which the notebook calls it.
        question: What is asked, in plain text.
        *choices: The answers, exactly one of them right.

    Raises:
        ValueError: When the module is in no folder of a chapter, or the choices do not fit.
    """
    return Prediction(
        chapter=declaring_chapter(name), name=name, question=question, choices=choices
    )
