"""An exercise as it is declared: its task, cells, answers, and the cases of its check."""

import linecache
import math
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy
import torch

_ASKS = {"view", "copy", "in place"}


@dataclass(frozen=True, slots=True)
class KnownMistake:
    """A typical mistake that gives a typical result.

    Attributes:
        code: Code that makes it, written like a solution. A learner's result equal to
            the result of this code is taken for this mistake.
        says: The sentence that names it.
    """

    code: str
    says: str


@dataclass(frozen=True, slots=True)
class RejectedAnswer:
    """A wrong answer that the general comparison must refuse by itself.

    Attributes:
        code: The answer, written like a solution.
        says: Words that must stand in what the learner is told.
    """

    code: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Exercise:
    """One task with its check, hints, solution, and the proofs of its check.

    All code in it is written as one expression, which is then returned or assigned, or
    as statements.

    Attributes:
        chapter: Number of the chapter, "01".
        signature: "row_totals(table)" where a function is asked for, "grid" where a
            value is. The name in front is the exercise's name.
        title: A few words for the heading.
        prompt: The task, in Markdown.
        model_answer: The answer that is shown.
        why: What makes it right, in a sentence or two.
        hints: From the idea to almost the code.
        right: Other right answers; the check is proved on them.
        mistakes: Typical mistakes with a typical result.
        rejected: Other wrong answers.
        shapes: Docstring of the starter: shapes and dtypes; "" for none.
        cases: Makes the arguments of each call afresh; None where a value is asked for.
        large: Makes arguments larger than the first case, where loops are refused.
        asks: What counts beside the values: "view", "copy" or "in place".
        tolerance: For floating-point values, as in `compare.same`.
        canonical: Where several results are right: maps a result (whatever it may be)
            and the arguments to what is compared.
        context: Makes the context in which cases are made and answers run, such as a
            folder that exists for so long.

    Raises:
        ValueError: When `asks` holds a word that is not known.
    """

    chapter: str
    signature: str
    title: str
    prompt: str
    model_answer: str
    why: str
    hints: tuple[str, ...]
    right: tuple[str, ...]
    mistakes: tuple[KnownMistake, ...] = ()
    rejected: tuple[RejectedAnswer, ...] = ()
    shapes: str = ""
    cases: Callable[[], list[tuple]] | None = None
    large: Callable[[], tuple] | None = None
    asks: frozenset[str] = frozenset()
    tolerance: float = 1e-4
    canonical: Callable[..., Any] | None = None
    context: Callable[[], AbstractContextManager] = nullcontext

    def __post_init__(self) -> None:
        unknown = self.asks - _ASKS
        if unknown:
            known = ", ".join(sorted(_ASKS))
            raise ValueError(f"asks holds {sorted(unknown)}; it may hold: {known}")

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
        return self.cases is None

    @property
    def case_count(self) -> int:
        """How many calls an answer is checked with."""
        return 0 if self.cases is None else len(self.cases())

    def case(self, index: int) -> tuple:
        """Make the arguments of one call afresh."""
        if self.cases is None:
            raise IndexError(f"exercise {self.name} asks for a value; it has no cases")
        return self.cases()[index]

    def source(self, body: str) -> str:
        """Write a body as the whole function or assignment."""
        body = textwrap.dedent(body).strip()
        if _is_expression(body):
            body = f"return {body}" if self.cases else f"{self.name} = {body}"
        if self.cases is None:
            return body
        documented = f'"""{self.shapes}"""\n{body}' if self.shapes else body
        return f"def {self.signature}:\n{textwrap.indent(documented, '    ')}"

    def run(self, body: str) -> Any:
        """Execute a body and give the function or value that it makes."""
        source = self.source(body)
        file_name = f"<{self.chapter}.{self.name} {hash(source)}>"
        lines = source.splitlines(keepends=True)
        linecache.cache[file_name] = (len(source), None, lines, file_name)
        nn = torch.nn
        names = {"torch": torch, "nn": nn, "F": nn.functional, "np": numpy, "math": math}
        exec(compile(source, file_name, "exec"), names)
        return names[self.name]

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
        gap = "\n\n\n" if self.cases else "\n"
        return f"{self.source(body)}{gap}ex.{self.name}.check({self.name})"


def _is_expression(body: str) -> bool:
    """Whether a body is one expression rather than statements."""
    try:
        compile(body, "<answer>", "eval")
    except SyntaxError:
        return False
    return True
