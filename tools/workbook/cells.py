"""A learner's cells: read from whatever a program has saved, compared, and given their ids again.

Colab and some versions of VS Code write format 4.4, which has no ids; copying, splitting
and changing the type of a cell makes new ones.
"""

import copy
import difflib
import hashlib
import json
import re
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import nbformat
from nbformat import NotebookNode

IDENTITY = re.compile(r"[a-zA-Z0-9_-]{1,64}")
COURSE_KEYS = ("tags", "reason", "topics", "exercise", "setup", "index", "jupyter")
"""Metadata that the course alone writes."""
FOREIGN_KEYS = ("id", "outputId", "executionInfo", "colab", "colab_type", "base_uri")
"""Metadata that Colab leaves in a cell."""
ALIKE = 0.6
"""How much of two sources must be the same for one to be a changed form of the other."""
LONGEST_COMPARED = 4000  # characters; more would take seconds


class UnreadableError(ValueError):
    """Why a file is not a notebook, in a few words."""


def read(content: bytes) -> NotebookNode:
    """A learner's notebook in format 4.5; cells may lack ids, or share one ("" is none).

    What is damaged in a cell is mended; its source stays as it is.

    Raises:
        UnreadableError: When the file is not a notebook at all.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise UnreadableError(f"line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"it is not a text in JSON: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise UnreadableError("it holds no notebook")
    if "worksheets" in found:
        found = _upgraded(found)
    if not isinstance(found.get("cells"), list):
        raise UnreadableError("it has no cells")
    metadata = found.get("metadata")
    made = {
        "cells": [_mended(cell) for cell in found["cells"] if isinstance(cell, dict)],
        "metadata": metadata if isinstance(metadata, dict) else {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return nbformat.from_dict(made)


def _upgraded(found: dict) -> dict:
    """A notebook of format 3 in format 4."""
    try:
        return nbformat.convert(nbformat.from_dict(found), 4)
    except Exception as error:
        raise UnreadableError("it is a notebook of an old format, and damaged") from error


def _mended(cell: dict) -> dict:
    """A cell with all that format 4.5 demands, and nothing that it forbids."""
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    identity = cell.get("id", metadata.get("id"))
    kind = cell.get("cell_type")
    made: dict[str, Any] = {
        "id": identity if isinstance(identity, str) and IDENTITY.fullmatch(identity) else "",
        "cell_type": kind if kind in ("code", "markdown") else "raw",
        "source": _joined(cell.get("source", "")),
        "metadata": {key: value for key, value in metadata.items() if key not in FOREIGN_KEYS},
    }
    if made["cell_type"] == "code":
        count, outputs = cell.get("execution_count"), cell.get("outputs")
        made["execution_count"] = count if type(count) is int else None
        made["outputs"] = [_rejoined(each) for each in outputs] if type(outputs) is list else []
    elif isinstance(cell.get("attachments"), dict):
        made["attachments"] = cell["attachments"]
    return made


def _joined(source: Any) -> str:
    """A source as one text; a file may hold it as lines."""
    if isinstance(source, list):
        return "".join(map(_joined, source))
    return source if isinstance(source, str) else json.dumps(source)


def _rejoined(output: Any) -> Any:
    """An output with its texts in one piece."""
    if isinstance(output, dict):
        if isinstance(output.get("text"), list):
            output["text"] = _joined(output["text"])
        if isinstance(output.get("data"), dict):
            for kind, value in output["data"].items():
                if isinstance(value, list) and not kind.endswith("json"):
                    output["data"][kind] = _joined(value)
    return output


def to_bytes(notebook: NotebookNode) -> bytes:
    """A valid notebook as a file; outputs and metadata that no notebook may hold are left out."""
    if not _is_valid(notebook):
        notebook = copy.deepcopy(notebook)
        for cell in notebook.cells:
            _make_valid(cell)
        if not _is_valid(notebook):
            notebook.metadata = NotebookNode()
    # Half a character, as in "\ud800", is written as that escape, which JSON reads again.
    text = nbformat.v4.writes(notebook).rstrip("\n") + "\n"
    return text.encode("utf-8", "backslashreplace")


def _is_valid(node: NotebookNode, kind: str | None = None) -> bool:
    try:
        nbformat.validate(node, ref=kind, version=4, version_minor=5)
    except (nbformat.ValidationError, RecursionError):
        return False
    return True


def _make_valid(cell: NotebookNode) -> None:
    """Take out of a cell what keeps the whole notebook from being valid."""
    if cell.cell_type == "code":
        cell.outputs = [output for output in cell.outputs if _is_valid(output, "output")]
    kind = f"{cell.cell_type}_cell"
    if not _is_valid(cell, kind):
        cell.pop("attachments", None)
    if not _is_valid(cell, kind):
        cell.metadata = NotebookNode(
            {key: cell.metadata[key] for key in COURSE_KEYS if key in cell.metadata}
        )
    if not _is_valid(cell, kind):
        cell.metadata = NotebookNode()


def content(cell: NotebookNode) -> tuple:
    """What a person would call the same cell: type, text, pictures in it."""
    pictures = json.dumps(cell.get("attachments") or {}, sort_keys=True)
    return cell.cell_type, cell.source.rstrip(), pictures


def same(one: NotebookNode, other: NotebookNode) -> bool:
    """Whether two cells hold the same, whatever their outputs and metadata."""
    return content(one) == content(other)


def fingerprint(cell: NotebookNode) -> str:
    """A short name for a cell with its content."""
    text = json.dumps([cell.id, *content(cell)])
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def free(wanted: str, taken: Iterable[str]) -> str:
    """An id that is not taken: `wanted`, or that with a number."""
    taken = set(taken)
    number, identity = 1, wanted
    while identity in taken:
        number += 1
        identity = f"{wanted}-{number}"
    return identity


def identified(
    mine: list[NotebookNode], base: list[NotebookNode], also: set[str]
) -> list[NotebookNode]:
    """Copies of a learner's cells, each with an id of its own.

    Args:
        mine: The learner's cells.
        base: The cells that they were made from. What a cell is a changed form of gives it its id.
        also: Further ids of the course; the first of the learner's cells that has one keeps it.
    """
    found = _Match(mine, base).found
    ids = {place: base[other].id for place, other in found.items()}
    taken = {cell.id for cell in base}
    for place, cell in enumerate(mine):
        if place not in ids and cell.id and cell.id not in taken:
            ids[place] = cell.id
            taken.add(cell.id)
    taken |= also
    made = [copy.deepcopy(cell) for cell in mine]
    for place, cell in enumerate(made):
        if place not in ids:
            stem = hashlib.sha256(cell.source.encode("utf-8", "replace")).hexdigest()[:8]
            ids[place] = free(f"own-{stem}", taken)
            taken.add(ids[place])
        cell["id"] = ids[place]
    return made


class _Match:
    """Which of a learner's cells is which of the base: by id, exercise, source, likeness.

    Attributes:
        found: The index of the base's cell, by the index of the learner's.
        keeps_ids: Whether the program that saved the learner's cells keeps their ids.
    """

    def __init__(self, mine: list[NotebookNode], base: list[NotebookNode]) -> None:
        self.mine, self.base = mine, base
        self.found: dict[int, int] = {}
        self.used: set[int] = set()
        self._by(lambda cell: (cell.id, cell.cell_type) if cell.id else None)
        self._by(lambda cell: cell.id or None)
        self.keeps_ids = 2 * len(self.found) > len(mine)
        self._by(lambda cell: (*task, cell.cell_type) if (task := _task(cell)) else None)
        self._by(_task)
        self._in_order()
        self._by(_text)
        self._alike()

    def _by(self, key: Callable[[NotebookNode], Hashable | None]) -> None:
        """Match the first of a learner's cells with the first of the base of the same key."""
        waiting: dict[Hashable, list[int]] = {}
        for place, cell in enumerate(self.base):
            if place not in self.used and (name := key(cell)) is not None:
                waiting.setdefault(name, []).append(place)
        for place, cell in enumerate(self.mine):
            if place not in self.found and (places := waiting.get(key(cell))):
                self._pair(place, places.pop(0))

    def _in_order(self) -> None:
        """Match cells of the same text, such as three cells `x`, by their neighbours too."""
        if len(self.found) == len(self.mine) or len(self.used) == len(self.base):
            return
        mine, base = ([content(cell) for cell in side] for side in (self.mine, self.base))
        matcher = difflib.SequenceMatcher(None, mine, base, autojunk=False)
        for block in matcher.get_matching_blocks():
            for step in range(block.size):
                if self.mine[block.a + step].source.strip():
                    self._pair(block.a + step, block.b + step)

    def _alike(self) -> None:
        """Match what has lost its id, between two matched cells, where the texts are much alike.

        A new id says that a cell is the learner's own, unless a program gave all cells new ones.
        """
        lost = [k for k, cell in enumerate(self.mine) if not (cell.id and self.keeps_ids)]
        for place in [place for place in lost if place not in self.found]:
            low = max((self.found[p] for p in range(place) if p in self.found), default=-1)
            later = (self.found[p] for p in range(place, len(self.mine)) if p in self.found)
            high = min((other for other in later if other > low), default=len(self.base))
            between = [other for other in range(low + 1, high) if other not in self.used]
            rated = [(self._likeness(place, other), -other) for other in between]
            if rated and max(rated)[0] >= ALIKE:
                self._pair(place, -max(rated)[1])

    def _likeness(self, place: int, other: int) -> float:
        """How alike two sources are, 0 to 1; cells of different types are not."""
        one, two = self.mine[place], self.base[other]
        longest = max(len(one.source), len(two.source))
        if one.cell_type != two.cell_type or longest > LONGEST_COMPARED:
            return 0.0
        matcher = difflib.SequenceMatcher(None, one.source, two.source, autojunk=False)
        return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0

    def _pair(self, place: int, other: int) -> None:
        if place not in self.found and other not in self.used:
            self.found[place] = other
            self.used.add(other)


def _task(cell: NotebookNode) -> tuple | None:
    """The exercise that a cell sets or answers, or the part that it plays."""
    for key in ("exercise", "setup"):
        if isinstance(cell.metadata.get(key), str | bool):
            return key, cell.metadata[key]
    return None


def _text(cell: NotebookNode) -> Hashable | None:
    """The content of a cell that says something."""
    return content(cell) if cell.source.strip() else None
