"""An exercise: declared once, shown in a notebook, checked, hinted at and solved."""

import linecache
import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
import torch

from helpers.grading.grade import grade
from helpers.grading.progress import Progress
from helpers.grading.report import Report, State, show

_ASKS = {"view", "copy", "in place"}
_hints_given: dict[tuple[str, str], int] = {}


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

    def check(self, answer: Any) -> None:
        """Grade an answer, show the report, and remember the result.

        Args:
            answer: The learner's function or value; `...` is "not tried yet".
        """
        report = self.grade(answer)
        if report.state is not State.NOT_TRIED:
            Progress().record(self.chapter, self.name, report.state.value.lower())
        show(report)

    def grade(self, answer: Any) -> Report:
        """Say how an answer stands, without showing or remembering anything."""
        return grade(self, answer)

    def hint(self) -> None:
        """Show the next hint; after the last one, say so."""
        given = _hints_given.get((self.chapter, self.name), 0)
        if given == len(self.hints):
            text = f"there are no more. ex.{self.name}.solution() shows an answer."
            show(Report(State.HINT, text))
            return
        _hints_given[self.chapter, self.name] = given + 1
        Progress().record(self.chapter, self.name, "hint")
        numbered = f"{given + 1} of {len(self.hints)}"
        show(Report(State.HINT, numbered, (("", self.hints[given]),)))

    def solution(self) -> None:
        """Show an answer and what makes it right."""
        Progress().record(self.chapter, self.name, "solution")
        code = "\n" + self.source(self.model_answer)
        findings = (("Code", code), ("Why", self.why))
        show(Report(State.SOLUTION, self.title, findings))

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
