"""Declared answers and their source: of a function, a class, a lambda, an edit or a text.

An answer is shown, and executed, as source and not as the object that the declaring module
holds: it then knows the names that a notebook has, and no others.
"""

import ast
import linecache
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownMistake:
    """A typical mistake that gives a typical result.

    Attributes:
        code: Source that makes it. A learner's result equal to the result of this code
            is taken for this mistake.
        says: The sentence that names it.
    """

    code: str
    says: str


@dataclass(frozen=True, slots=True)
class RejectedAnswer:
    """A wrong answer that the general comparison must refuse by itself.

    Attributes:
        code: Source of the answer.
        says: Words that the report must hold.
    """

    code: str
    says: str


def named(value: object) -> str:
    """What was given, in an error: a short text or number itself, of all else the type."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:60]}…")
    if (
        value is None
        or isinstance(value, float)
        or (isinstance(value, int) and -1e20 < value < 1e20)
    ):
        return repr(value)
    return type(value).__name__


def dedented(body: str) -> str:
    """A body without the indentation and the blank lines around it.

    Raises:
        TypeError: When it is not a text.
    """
    if not isinstance(body, str):
        raise TypeError(f"the body of an answer is a text, not {named(body)}")
    return textwrap.dedent(body).strip()


@dataclass(frozen=True, slots=True)
class Edit:
    """Another answer with a few words changed; `edit` makes one.

    Attributes:
        changes: The old text, the new text, and how often the old one occurs.
        of: The answer that is changed; None for the model answer.
    """

    changes: tuple[tuple[str, str, int], ...]
    of: Callable | None = None

    def edit(self, old: str, new: str, *, count: int = 1) -> "Edit":
        """The same, with one more change, made after the others."""
        return Edit((*self.changes, *edit(old, new, count=count).changes), self.of)

    def apply(self, source: str) -> str:
        """The changed source.

        Raises:
            TypeError: When the source is not a text.
            ValueError: When a text to be replaced does not occur as often as was said.
        """
        if not isinstance(source, str):
            raise TypeError(f"an edit changes the text of an answer, not {named(source)}")
        for old, new, count in self.changes:
            found = list(_occurrences(source, old))
            if len(found) != count:
                raise ValueError(
                    f"edit({old!r}, …): this text occurs {len(found)} times in the answer, not "
                    f"{count}; give a text that occurs once, or say how often: count=…"
                )
            for start, end, indent in reversed(found):
                source = source[:start] + _indented(new, indent) + source[end:]
                if not new:
                    source = _without_blank_line(source, start)
        return source


def _occurrences(source: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and the line's indentation of each occurrence of a text."""
    first = text.partition("\n")[0]
    for found in re.finditer(re.escape(first), source):
        line = source[source.rfind("\n", 0, found.start()) + 1 :]
        indent = line[: len(line) - len(line.lstrip(" "))]
        whole = _indented(text, indent)
        if source.startswith(whole, found.start()):
            yield found.start(), found.start() + len(whole), indent


def _indented(text: str, indent: str) -> str:
    """A text whose lines, the first one excepted, are indented."""
    first, *others = text.split("\n")
    return "\n".join([first, *(indent + line if line else line for line in others)])


def _without_blank_line(source: str, position: int) -> str:
    """The source without the line at a position, if nothing is left of it."""
    start = source.rfind("\n", 0, position) + 1
    end = source.find("\n", position) + 1 or len(source)
    return source if source[start:end].strip() else source[:start] + source[end:]


def edit(old: str, new: str, *, count: int = 1, of: Callable | None = None) -> Edit:
    """A small variation of another answer, as a change of its source.

    Args:
        old: Text of the answer's body. If it has several lines, the others are indented
            relative to the line in which it begins.
        new: What stands there instead, indented alike. A line of which nothing is left
            is removed.
        count: How often the old text occurs.
        of: The answer that is changed, as its function; None for the model answer.

    Raises:
        TypeError: When the texts are not str, or `of` is not a function or class.
        ValueError: When the old text is empty, or `count` is not at least 1.
    """
    if not isinstance(old, str) or not isinstance(new, str):
        raise TypeError(f"edit takes the old and the new text, not {named(old)} and {named(new)}")
    if not old.strip():
        raise ValueError(f"edit({old!r}, …): give a text of the answer, with at least one letter")
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"edit: count is an integer of at least 1, not {named(count)}")
    if not (of is None or callable(of)):
        raise TypeError(f"edit: of is the function or class of another answer, not {named(of)}")
    return Edit(((old, new, count),), of)


Answer = Callable | Edit | str


@dataclass(frozen=True, slots=True)
class Declared:
    """An answer where it was declared.

    Attributes:
        kind: "answer", "right", "mistake" or "rejected".
        answer: A function, a class, an edit, or the source of a body as text.
        says: Its message or explanation; "" for none.
        file_name: File of the declaration.
        line: Its first line there.
        names: The names of the module, for a file that is not on disk.
    """

    kind: str
    answer: Answer
    says: str
    file_name: str
    line: int
    names: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file_name}, line {self.line}"


def declaring_frame() -> FrameType:
    """The innermost frame outside this package."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__package__") == __package__ and frame.f_back:
        frame = frame.f_back
    return frame


def declaring_chapter(name: str) -> str:
    """The number of the chapter whose module is declaring something, such as "01".

    Raises:
        ValueError: When the module is in no folder of a chapter.
    """
    module = declaring_frame().f_globals.get("__name__", "")
    found = re.search(r"\bchapter_(\d\d)\b", module)
    if found is None:
        raise ValueError(
            f"{named(name)}: the module {module} is in no folder chapter_NN; give chapter="
        )
    return found[1]


class Answers:
    """The answers of one exercise as they are declared, and their sources.

    Args:
        name: Name of the function, class or value that is asked for.
        signature: The same with its arguments.
        parameters: Names of the arguments.
    """

    def __init__(self, name: str, signature: str, parameters: tuple[str, ...]) -> None:
        self._name, self._signature, self._parameters = name, signature, parameters
        self._declared: list[Declared] = []
        self._sources: list[str] = []  # of the same answers, as soon as they are asked for

    def declare(self, kind: str, answer: Answer | None, says: str) -> Any:
        """Note an answer and return it; without one, a decorator that does so.

        Args:
            kind: "answer", "right", "mistake" or "rejected".
            answer: A function, class, edit or text; None to decorate one.
            says: What is said of it.

        Raises:
            TypeError: When the answer or what is said of it is nothing of the kind.
            ValueError: When there are two model answers, or the arguments are others.
        """
        if not isinstance(says, str):
            raise TypeError(
                f'{self._name}: write exercise.{kind}("the message"), not {named(says)}'
            )
        if answer is None:
            return lambda given: self.declare(kind, given, says)
        if not (callable(answer) or isinstance(answer, Edit | str)):
            raise TypeError(
                f"{self._name}: {named(answer)} is not an answer; give a function or edit"
            )
        frame = declaring_frame()
        names = frame.f_globals
        declared = Declared(kind, answer, says, frame.f_code.co_filename, frame.f_lineno, names)
        self._check(declared)
        self._declared.append(declared)
        self._sources.clear()
        return answer

    def _check(self, declared: Declared) -> None:
        """Refuse a second model answer, and one with other arguments."""
        if declared.kind == "answer" and self._of("answer"):
            raise ValueError(
                f"{declared}: {self._name} has a model answer already, in "
                f"{self._of('answer')[0]}; put @exercise.right above the second one"
            )
        code = getattr(declared.answer, "__code__", None)
        if code and code.co_varnames[: code.co_argcount] != self._parameters:
            taken = ", ".join(code.co_varnames[: code.co_argcount])
            raise ValueError(
                f"{declared}: the answer takes ({taken}); the exercise asks for {self._signature}"
            )

    def _of(self, kind: str) -> list[Declared]:
        """The answers of one kind."""
        return [one for one in self._declared if one.kind == kind]

    @property
    def model(self) -> tuple[str, str]:
        """Source of the model answer, and why it is right.

        Raises:
            ValueError: When there is none, a source is not found, or an edit does not fit.
        """
        if not self._of("answer"):
            raise ValueError(
                f"{self._name} has no model answer; put @exercise.answer(why=…) above one"
            )
        return self.of("answer")[0]

    def of(self, kind: str) -> list[tuple[str, str]]:
        """Source of each answer of one kind, and what is said of it."""
        if not self._sources:
            self._sources = self._read()
        pairs = zip(self._declared, self._sources)
        return [(source, one.says) for one, source in pairs if one.kind == kind]

    def _read(self) -> list[str]:
        """The sources of all answers."""
        modules: dict[str, _Module] = {}
        found: dict[int, str] = {}
        for one in self._declared:
            if isinstance(one.answer, str):
                found[id(one)] = dedented(one.answer)
            elif not isinstance(one.answer, Edit):
                module = modules.get(one.file_name) or _Module(one)
                modules[one.file_name] = module
                found[id(one)] = module.source(one, self._name)
        for one in self._declared:
            if isinstance(one.answer, Edit):
                try:
                    found[id(one)] = one.answer.apply(found[id(self._edited(one.answer))])
                except ValueError as error:
                    raise ValueError(f"{one}: {error}") from None
        return [found[id(one)] for one in self._declared]

    def _edited(self, change: Edit) -> Declared:
        """The answer that an edit changes."""
        if change.of is None:
            found = self._of("answer")
        else:
            found = [one for one in self._declared if one.answer is change.of]
        if not found:
            which = "the model answer" if change.of is None else f"{change.of!r}"
            raise ValueError(f"an edit changes {which}, which is not declared")
        return found[0]


class _Module:
    """The source of a module that declares answers."""

    def __init__(self, declared: Declared) -> None:
        self._lines = linecache.getlines(declared.file_name, declared.names)
        self._by_line: dict[int, ast.AST] = {}
        for node in ast.walk(ast.parse("".join(self._lines))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self._by_line |= {decorator.lineno: node for decorator in node.decorator_list}
            elif isinstance(node, ast.Call):
                for argument in node.args:
                    if isinstance(argument, ast.Lambda):
                        self._by_line.setdefault(node.lineno, argument)

    def source(self, declared: Declared, name: str) -> str:
        """The source of the function, class or lambda that is declared at a line."""
        node = self._by_line.get(declared.line)
        if isinstance(node, ast.Lambda):
            body = self._expression(node.body)
            return f"(\n    {body}\n)" if "\n" in body else body
        if isinstance(node, ast.ClassDef):
            return re.sub(r"^class \w+", f"class {name}", self._dedented(node.lineno, node))
        if isinstance(node, ast.FunctionDef):
            first = self._end_of_header(node)
            if first >= node.body[0].lineno:
                raise ValueError(f"{declared}: write the body of the answer on lines of its own")
            return self._dedented(first + 1, node)
        raise ValueError(
            f"{declared}: no answer is found there; it must be a function, a class or a lambda. "
            "If the file has changed since it was imported, restart Python"
        )

    def _expression(self, node: ast.expr) -> str:
        """The text of an expression; offsets within a line count bytes."""
        lines = [line.encode() for line in self._lines[node.lineno - 1 : node.end_lineno]]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"".join(lines).decode()

    def _end_of_header(self, node: ast.FunctionDef) -> int:
        """The number of the line that ends with the colon of a function's first line."""
        number, last = node.lineno, node.body[0].lineno
        while number < last and not self._lines[number - 1].partition("#")[0].rstrip().endswith(
            ":"
        ):
            number += 1
        return number

    def _dedented(self, first: int, node: ast.FunctionDef | ast.ClassDef) -> str:
        """The lines from a number to the end of a definition, without their indentation."""
        return textwrap.dedent("".join(self._lines[first - 1 : node.end_lineno])).strip()
