"""Random edits of a chapter by a learner and by the course, from a seed."""

import copy
import random

import nbformat
from nbformat import NotebookNode

from tools import edition, notebooks
from tools.workbook import cells


def chapter(number: str = "01", length: int | None = None) -> NotebookNode:
    """The learner's edition of a chapter, or its first cells."""
    made = edition.learner(notebooks.read(notebooks.paths(number)[0]))
    made.cells = made.cells[:length]
    return cells.read(cells.to_bytes(made))


def code(source: str, identity: str = "") -> NotebookNode:
    """A code cell."""
    return _cell(
        id=identity, cell_type="code", source=source, metadata={}, outputs=[], execution_count=None
    )


def text(source: str, identity: str = "") -> NotebookNode:
    """A cell of text."""
    return _cell(id=identity, cell_type="markdown", source=source, metadata={})


def notebook(*made: NotebookNode) -> NotebookNode:
    """A notebook of these cells."""
    return nbformat.from_dict(
        {
            "cells": [copy.deepcopy(cell) for cell in made],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def _cell(**parts) -> NotebookNode:
    return nbformat.from_dict(parts)


class Learner:
    """What a learner, and the program that they use, may do to a chapter.

    `written` holds every text that is theirs.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.written: list[str] = []

    def edit(self, made: NotebookNode, steps: int) -> NotebookNode:
        """A copy with some edits."""
        made = copy.deepcopy(made)
        deeds = [self.answer] * 4 + [self.own] * 3 + [self.run] * 2
        deeds += [self.reword, self.delete, self.move, self.split, self.retype, self.double]
        deeds += [self.join, self.save_elsewhere]
        for _ in range(steps):
            self.rng.choice(deeds)(made)
        return made

    def mark(self, cell: NotebookNode) -> None:
        """Write something into a cell that no one else writes."""
        word = f"my own words {self.rng.getrandbits(60):x}"
        self.written.append(word)
        cell.source += f"\n# {word}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None

    def place(self, made: NotebookNode) -> int:
        return self.rng.randrange(len(made.cells)) if made.cells else 0

    def cell(self, made: NotebookNode) -> NotebookNode:
        if not made.cells:
            made.cells.append(code("pass", f"{self.rng.getrandbits(32):08x}"))
        return self.rng.choice(made.cells)

    def answer(self, made: NotebookNode) -> None:
        starters = [c for c in made.cells if "exercise" in c.metadata and c.cell_type == "code"]
        self.mark(self.rng.choice(starters or [self.cell(made)]))

    def own(self, made: NotebookNode) -> None:
        cell = self.rng.choice([code, text])("", f"{self.rng.getrandbits(32):08x}")
        self.mark(cell)
        made.cells.insert(self.place(made), cell)

    def run(self, made: NotebookNode) -> None:
        cell = self.cell(made)
        if cell.cell_type == "code":
            cell.execution_count = 1
            output = {"output_type": "stream", "name": "stdout", "text": f"ran {cell.source}"}
            cell.outputs = [nbformat.from_dict(output)]

    def reword(self, made: NotebookNode) -> None:
        self.mark(self.cell(made))

    def delete(self, made: NotebookNode) -> None:
        gone = self.cell(made)
        if not any(word in gone.source for word in self.written):
            made.cells.remove(gone)

    def move(self, made: NotebookNode) -> None:
        cell = made.cells.pop(made.cells.index(self.cell(made)))
        made.cells.insert(self.place(made), cell)

    def split(self, made: NotebookNode) -> None:
        place = made.cells.index(self.cell(made))
        lines = made.cells[place].source.split("\n")
        if len(lines) > 1 and made.cells[place].cell_type == "code":
            middle = self.rng.randrange(1, len(lines))
            other = copy.deepcopy(made.cells[place])
            made.cells[place].source = "\n".join(lines[:middle])
            other.source = "\n".join(lines[middle:])
            other.id = self.rng.choice([other.id, f"{self.rng.getrandbits(32):08x}"])
            for half in (made.cells[place], other):
                half.outputs, half.execution_count = [], None
            made.cells.insert(place + 1, other)

    def join(self, made: NotebookNode) -> None:
        place = self.place(made)
        if place + 1 < len(made.cells):
            other = made.cells.pop(place + 1)
            made.cells[place].source += "\n" + other.source
            if made.cells[place].cell_type == "code":
                made.cells[place].outputs, made.cells[place].execution_count = [], None

    def retype(self, made: NotebookNode) -> None:
        place = made.cells.index(self.cell(made))
        old = made.cells[place]
        identity = self.rng.choice([old.id, f"{self.rng.getrandbits(32):08x}"])
        new = (text if old.cell_type == "code" else code)(old.source, identity)
        new.metadata = old.metadata
        made.cells[place] = new

    def double(self, made: NotebookNode) -> None:
        place = made.cells.index(self.cell(made))
        made.cells.insert(self.place(made), copy.deepcopy(made.cells[place]))

    def save_elsewhere(self, made: NotebookNode) -> None:
        """Save in a program that knows no ids, sometimes nor metadata."""
        forgets = self.rng.random() < 0.3
        for cell in made.cells:
            cell.id = ""
            if forgets:
                cell.metadata = nbformat.from_dict({})


class Course(Learner):
    """What a new edition may change; every cell keeps an id of its own, and none has run."""

    def edit(self, made: NotebookNode, steps: int) -> NotebookNode:
        """A copy with some edits."""
        made = copy.deepcopy(made)
        deeds = [self.answer, self.own, self.own, self.reword, self.reword, self.delete]
        deeds += [self.move, self.retag]
        for _ in range(steps):
            self.rng.choice(deeds)(made)
        return made

    def delete(self, made: NotebookNode) -> None:
        made.cells.remove(self.cell(made))

    def retag(self, made: NotebookNode) -> None:
        self.cell(made).metadata["tags"] = [f"tag-{self.rng.random()}"]
