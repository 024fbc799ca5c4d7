"""Declared answers and their source: of a function, a class, a lambda, an edit or a text.

An answer is shown, and executed, as source and not as the object that the declaring module
holds: it then knows the names that a notebook has, and no others.
"""

import ast
import linecache
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
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
        return Edit((*self.changes, (old, new, count)), self.of)

    def apply(self, source: str) -> str:
        """The changed source.

        Raises:
            ValueError: When a text to be replaced does not occur as often as was said.
        """
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
    """
    return Edit(((old, new, count),), of)


Answer = Callable | Edit | str


@dataclass(frozen=True, slots=True)
class Declared:
    """An answer where it was declared.

    Attributes:
        answer: A function, a class, an edit, or the source of a body as text.
        says: Its message or explanation; "" for none.
        file_name: File of the declaration.
        line: Its first line there.
        names: The names of the module, for a file that is not on disk.
    """

    answer: Answer
    says: str
    file_name: str
    line: int
    names: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file_name}, line {self.line}"


def declared_here(answer: Answer, says: str = "") -> Declared:
    """An answer, with the place outside this package at which it is being declared."""
    frame = declaring_frame()
    return Declared(answer, says, frame.f_code.co_filename, frame.f_lineno, frame.f_globals)


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
        raise ValueError(f"{name}: the module {module} is in no folder chapter_NN; give chapter=")
    return found[1]


def sources(declared: Sequence[Declared], name: str) -> list[str]:
    """The source of each answer: the body of a function, or a whole class.

    Args:
        declared: Answers of one exercise, the model answer first.
        name: The name that a class gets.

    Raises:
        ValueError: When a source cannot be found, or an edit does not fit.
    """
    modules: dict[str, _Module] = {}
    found: dict[int, str] = {}
    for one in declared:
        if isinstance(one.answer, str):
            found[id(one)] = textwrap.dedent(one.answer).strip()
        elif not isinstance(one.answer, Edit):
            if one.file_name not in modules:
                modules[one.file_name] = _Module(one)
            found[id(one)] = modules[one.file_name].source(one, name)
    for one in declared:
        if isinstance(one.answer, Edit):
            edited = _edited(one.answer, declared)
            try:
                found[id(one)] = one.answer.apply(found[id(edited)])
            except ValueError as error:
                raise ValueError(f"{one}: {error}") from None
    return [found[id(one)] for one in declared]


def _edited(change: Edit, declared: Sequence[Declared]) -> Declared:
    """The answer that an edit changes."""
    if change.of is None:
        return declared[0]
    for one in declared:
        if one.answer is change.of:
            return one
    raise ValueError(f"edit(of={change.of!r}): this is no answer of the same exercise")


class _Module:
    """The source of a module that declares answers."""

    def __init__(self, declared: Declared) -> None:
        self._lines = linecache.getlines(declared.file_name, declared.names)
        self._text = "".join(self._lines)
        self._tree = ast.parse(self._text)

    def source(self, declared: Declared, name: str) -> str:
        """The source of the function, class or lambda that is declared at a line."""
        node = self._node_at(declared.line)
        if isinstance(node, ast.Lambda):
            body = ast.get_source_segment(self._text, node.body) or ""
            return f"(\n    {body}\n)" if "\n" in body else body
        if isinstance(node, ast.ClassDef):
            return re.sub(r"^class \w+", f"class {name}", self._dedented(node.lineno, node))
        if isinstance(node, ast.FunctionDef):
            first = self._end_of_header(node)
            if first >= node.body[0].lineno:
                raise ValueError(f"{declared}: write the body on lines of its own")
            return self._dedented(first + 1, node)
        raise ValueError(
            f"{declared}: no answer is found there. It must be a function, a class or one lambda; "
            "a file that was changed after its import must be imported anew: restart Python"
        )

    def _node_at(self, line: int) -> ast.AST | None:
        """What is decorated at a line, or the lambda of the call that begins there."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                if any(decorator.lineno == line for decorator in node.decorator_list):
                    return node
            elif isinstance(node, ast.Call) and node.lineno == line:
                given = (*node.args, *(keyword.value for keyword in node.keywords))
                lambdas = [argument for argument in given if isinstance(argument, ast.Lambda)]
                if lambdas:
                    return lambdas[0] if len(lambdas) == 1 else None
        return None

    def _end_of_header(self, node: ast.FunctionDef) -> int:
        """The number of the line that ends with the colon of a function's first line."""
        number = node.lineno
        while not self._lines[number - 1].partition("#")[0].rstrip().endswith(":"):
            number += 1
        return number

    def _dedented(self, first: int, node: ast.FunctionDef | ast.ClassDef) -> str:
        """The lines from a number to the end of a definition, without their indentation."""
        return textwrap.dedent("".join(self._lines[first - 1 : node.end_lineno])).strip()
