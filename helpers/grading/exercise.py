"""An exercise: declared once, shown in a notebook, checked, hinted at and solved."""

import functools
import linecache
import math
import re
import textwrap
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import numpy
import torch

from helpers.grading.answers import (
    Answer,
    Answers,
    KnownMistake,
    RejectedAnswer,
    declaring_chapter,
    dedented,
    edit,
    named,
)

__all__ = ["Exercise", "KnownMistake", "RejectedAnswer", "edit"]

_SIGNATURE = re.compile(r"[A-Za-z_]\w*(\([\w, ]*\))?")
_ASKS = {"view", "copy", "in place"}


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Exercise:
    """One task with its answers, right and wrong, which prove its check.

    The answers are plain functions (or classes) below it, each under a decorator:

        exercise = Exercise("doubled(values)", title=…, prompt=…, hints=…, cases=[…])

        @exercise.answer(why="Every value counts twice.")
        def doubled(values):
            return values * 2

        @exercise.right
        def _(values): ...

        @exercise.mistake("this is the square")
        def _(values): ...

    One that is short is given in a line, as a lambda or as an edit of the model answer:

        exercise.mistake("this is the square", lambda values: values**2)
        exercise.mistake("this is half of it", edit("values * 2", "values / 2"))

    Attributes:
        signature: "row_totals(table)" where a function is asked for, "grid" where a
            value is. The name in front is the exercise's name.
        title: A few words for the heading.
        prompt: The task, in Markdown.
        hints: From the idea to almost the code.
        shapes: Docstring of the starter: shapes and dtypes; "" for none.
        cases: Each makes the arguments of one call; () where a value is asked for.
        large: Makes arguments larger than the first case, where loops are refused.
        asks: What counts beside the values: "view", "copy" or "in place".
        tolerance: For floating-point values, as in `compare.same`.
        canonical: Where several results are right: maps a result (whatever it may be)
            and the arguments to what is compared.
        context: Makes the context in which cases are made and answers run, such as a
            folder that exists for so long.
        chapter: Number of the chapter, "01"; that of the module which declares it.

    Raises:
        TypeError: When a case is not a function.
        ValueError: When the signature is none, `asks` holds a word that is not known, the
            cases do not go with the signature, or no chapter is found.
    """

    signature: str = field(kw_only=False)
    title: str
    prompt: str
    hints: tuple[str, ...]
    shapes: str = ""
    cases: Sequence[Callable[[], tuple]] = ()
    large: Callable[[], tuple] | None = None
    asks: frozenset[str] = frozenset()
    tolerance: float = 1e-4
    canonical: Callable[..., Any] | None = None
    context: Callable[[], AbstractContextManager] = nullcontext
    chapter: str = ""
    _answers: Answers = field(init=False)

    def __post_init__(self) -> None:
        _check_texts(self)
        unknown = {named(w) for w in self.asks if not (isinstance(w, str) and w in _ASKS)}
        if unknown:
            known = ", ".join(sorted(_ASKS))
            raise ValueError(f"asks holds {', '.join(sorted(unknown))}; it may hold: {known}")
        if not isinstance(self.cases, list | tuple) or not all(map(callable, self.cases)):
            raise TypeError(f"{self.name}: cases is a list of functions, lambda: (argument, …)")
        if self.asks_for_value == bool(self.cases):
            wanted = "asks for a value and takes no" if self.cases else "asks for a function; give"
            raise ValueError(f"{self.signature} {wanted} cases")
        object.__setattr__(self, "chapter", self.chapter or declaring_chapter(self.name))
        object.__setattr__(self, "_answers", Answers(self.name, self.signature, self.parameters))

    def __repr__(self) -> str:
        name = f"ex.{self.name}"
        return f"Exercise: {name}.check({self.name}), {name}.hint(), {name}.solution()"

    @property
    def name(self) -> str:
        """Name of the function or value that is asked for."""
        return self.signature.split("(")[0]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments, in order; () where a value is asked for."""
        inside = self.signature.partition("(")[2].removesuffix(")")
        return tuple(name.strip() for name in inside.split(",")) if inside else ()

    @property
    def asks_for_value(self) -> bool:
        """Whether a value is asked for, and no function."""
        return "(" not in self.signature

    @property
    def case_count(self) -> int:
        """How many calls an answer is checked with."""
        return len(self.cases)

    def case(self, index: int) -> tuple:
        """Make the arguments of one call afresh.

        Raises:
            IndexError: When there is no such case.
            TypeError: When the case does not make a tuple of as many arguments as are asked for.
        """
        if not isinstance(index, int) or not 0 <= index < len(self.cases):
            count = len(self.cases)
            raise IndexError(f"{self.name} has {count} cases, from 0; none is {named(index)}")
        arguments = self.cases[index]()
        if not isinstance(arguments, tuple) or len(arguments) != len(self.parameters):
            wanted = ", ".join(self.parameters)
            made = type(arguments).__name__
            made += f" of {len(arguments)}" if isinstance(arguments, tuple) else ""
            raise TypeError(f"{self.name}: case {index} makes a {made}, not a tuple ({wanted},)")
        return arguments

    def answer(self, answer: Answer | None = None, *, why: str) -> Any:
        """Declare the model answer, with what makes it right.

        Args:
            answer: The text of a body; left out above a function or class.
            why: A sentence or two.

        Raises:
            TypeError: When what is given is not an answer; so in the methods below.
            ValueError: When there is one already, or its arguments are others than those of
                the signature.
        """
        return self._answers.declare("answer", answer, why)

    def right(self, answer: Answer) -> Any:
        """Declare another right answer; the check is proved on it.

        Args:
            answer: A function or class (as a decorator), a lambda, or an edit.
        """
        return self._answers.declare("right", answer, "")

    def mistake(self, says: str, answer: Answer | None = None) -> Any:
        """Declare a mistake: whoever gets the same result is given its message.

        Args:
            says: The message.
            answer: A lambda or an edit; left out above a function or class.
        """
        return self._answers.declare("mistake", answer, says)

    def rejected(self, says: str, answer: Answer | None = None) -> Any:
        """Declare a wrong answer that the general comparison must refuse by itself.

        Args:
            says: Words that the report must hold.
            answer: A lambda or an edit; left out above a function or class.
        """
        return self._answers.declare("rejected", answer, says)

    @property
    def model_answer(self) -> str:
        """Source of the answer that is shown: the body of a function, or a class."""
        return self._answers.model[0]

    @property
    def why(self) -> str:
        """What makes the model answer right, in a sentence or two."""
        return self._answers.model[1]

    @property
    def right_answers(self) -> tuple[str, ...]:
        """Sources of other right answers."""
        return tuple(code for code, _ in self._answers.of("right"))

    @property
    def mistakes(self) -> tuple[KnownMistake, ...]:
        """Typical mistakes with a typical result."""
        return tuple(KnownMistake(code, says) for code, says in self._answers.of("mistake"))

    @property
    def rejected_answers(self) -> tuple[RejectedAnswer, ...]:
        """Other wrong answers."""
        return tuple(RejectedAnswer(code, says) for code, says in self._answers.of("rejected"))

    def source(self, body: str) -> str:
        """Write a body as the whole function or assignment.

        Args:
            body: One expression, which is then returned or assigned, or statements.

        Raises:
            TypeError: When the body is not a text.
        """
        body = dedented(body)
        if _is_expression(body):
            body = f"return {body}"
        if self.asks_for_value:
            return re.sub(r"(?m)^return ", f"{self.name} = ", body)
        documented = f'"""{self.shapes}"""\n{body}' if self.shapes else body
        return f"def {self.signature}:\n{textwrap.indent(documented, '    ')}"

    def run(self, body: str) -> Any:
        """Execute a body and give the function or value that it makes.

        Raises:
            TypeError: When the body is not a text.
            Exception: What the body raises; a note says which exercise it belongs to.
        """
        source = self.source(body)
        file_name = f"<{self.chapter}.{self.name} {hash(source)}>"
        lines = source.splitlines(keepends=True)
        linecache.cache[file_name] = (len(source), None, lines, file_name)
        nn = torch.nn
        names = {"torch": torch, "nn": nn, "F": nn.functional, "np": numpy, "math": math}
        try:
            exec(_compiled(source, file_name), names)
            return names[self.name]
        except Exception as error:
            error.add_note(f"This is a declared answer of exercise {self.name}.")
            raise

    def prompt_cell(self) -> str:
        """The Markdown cell that sets the task."""
        return (
            f"### Exercise: {self.title}\n\n{textwrap.dedent(self.prompt).strip()}\n\n"
            f"*Stuck? `ex.{self.name}.hint()` in a new cell gives one hint at a time, "
            f"`ex.{self.name}.solution()` an answer and why it is right.*"
        )

    def starter_cell(self) -> str:
        """The code cell to be filled in."""
        return self.cell("...")

    def solution_cell(self) -> str:
        """The same cell with the model answer filled in."""
        return self.cell(self.model_answer)

    def cell(self, body: str) -> str:
        """A body followed by the call of the check."""
        gap = "\n" if self.asks_for_value else "\n\n\n"
        return f"{self.source(body)}{gap}ex.{self.name}.check({self.name})"


def _check_texts(exercise: Exercise) -> None:
    """Refuse what is not a text where one is asked for, and what is no signature."""
    signature = exercise.signature
    if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
        raise ValueError(
            "an exercise begins with its signature, such as 'row_totals(table)' where a function "
            f"is asked for, or 'grid' where a value is; not with {named(signature)}"
        )
    for part in ("title", "prompt", "shapes", "chapter"):
        if not isinstance(getattr(exercise, part), str):
            given = named(getattr(exercise, part))
            raise TypeError(f"{exercise.name}: {part} is a text, not {given}")
    for part in ("hints", "asks"):
        several = getattr(exercise, part)
        if not isinstance(several, tuple | list | set | frozenset):
            raise TypeError(f"{exercise.name}: {part} is several texts, not {named(several)}")


@functools.lru_cache(maxsize=512)
def _compiled(source: str, file_name: str) -> CodeType:
    """The code of an answer; a model answer is run again for each case."""
    return compile(source, file_name, "exec")


def _is_expression(body: str) -> bool:
    """Whether a body is one expression rather than statements."""
    try:
        compile(body, "<answer>", "eval")
    except SyntaxError:
        return False
    return True
