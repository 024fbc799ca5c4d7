"""The chapters of a workbook: the learner's edition of each, made and brought up to date."""

import contextlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tools import edition, notebooks
from tools.workbook import cells, files
from tools.workbook.merge import merge

SHARED = 0.5
"""Part of a chapter's ids that a file must have to count as that chapter."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of a workbook.

    Attributes:
        name: Of its file, "03_nn_layers.ipynb".
        workbook: The learner's folder.
        edition: What a learner who begins is given.
    """

    name: str
    workbook: Path
    edition: bytes

    @property
    def path(self) -> Path:
        """The learner's file."""
        return self.workbook / self.name

    @property
    def base(self) -> Path:
        """The edition that the learner's file was made from."""
        return base_folder(self.workbook) / self.name

    def begin(self) -> None:
        """Write the edition as the learner's file."""
        files.replace(self.path, self.edition, self.base, self.edition)

    def update(self) -> str:
        """Bring the learner's file up to date; a sentence, or "" when there is nothing to say."""
        files.finish(self.path, self.base)
        if self.path.is_dir():
            aside = files.move_aside(self.path, self.workbook)
            self.begin()
            return f"{self.name} was a folder, which is kept as {shown(aside)}; it begins anew."
        if not self.path.exists():
            self.begin()
            return ""
        mine = self.path.read_bytes()
        try:
            notebook = cells.read(mine)
        except cells.UnreadableError as error:
            return self._begin_anew(mine, str(error))
        old = base_of(self.base)
        if old is None:
            return self._adopt(notebook)
        if self.base.read_bytes() == self.edition:
            return ""
        return self._merge(old, notebook)

    def _begin_anew(self, mine: bytes, reason: str) -> str:
        """Replace a file that cannot be read; an empty one holds nothing to keep."""
        kept = "it was empty"
        if mine.strip():
            aside = files.set_aside(self.path, self.workbook)
            kept = f"it cannot be read as a notebook ({reason}) and is kept as {shown(aside)}"
        self.begin()
        return f"{self.name} begins anew: {kept}."

    def _adopt(self, notebook: NotebookNode) -> str:
        """Take a file whose base is not known: what differs is the learner's, what lacks is new."""
        theirs = cells.read(self.edition)
        if shared(notebook, theirs) >= SHARED:
            return self._merge(theirs, notebook, restore=True)
        aside = files.set_aside(self.path, self.workbook)
        self.begin()
        return f"{self.name} is a new chapter; your file of that name is kept as {shown(aside)}."

    def _merge(self, old: NotebookNode, notebook: NotebookNode, restore: bool = False) -> str:
        """Merge the new edition into the learner's file, and say what was done."""
        merged, counts = merge(old, notebook, cells.read(self.edition), restore)
        content = cells.to_bytes(merged)
        mine = self.path.read_bytes()
        aside = None
        if mine != content and mine != cells.to_bytes(old):
            aside = files.set_aside(self.path, self.workbook)
        files.replace(self.path, content, self.base, self.edition)
        return told(self.name, counts, aside) if mine != content else ""

    def take(self, notebook: NotebookNode) -> str:
        """Bring what a learner wrote elsewhere into the learner's file."""
        theirs = cells.read(self.edition)
        if shared(notebook, theirs) < SHARED:
            raise files.WorkbookError(f"It does not hold chapter {self.name[:2]} of this course.")
        taken, _ = merge(theirs, notebook, theirs, restore=True)
        for cell in notebooks.code_cells(taken):
            cell.outputs, cell.execution_count = [], None
        taken.metadata = theirs.metadata
        merged, counts = merge(theirs, cells.read(self.path.read_bytes()), taken)
        content = cells.to_bytes(merged)
        if content == self.path.read_bytes():
            return f"{self.name} holds all of it already."
        aside = files.set_aside(self.path, self.workbook)
        files.replace(self.path, content, self.base, self.edition)
        came = counts["changed"] + counts["new"] + counts["both"]
        beside = f", {counts['both']} of them beside an answer of yours" if counts["both"] else ""
        return (
            f"{self.name}: {number(came, 'cell')} came in{beside}; "
            f"the file as it was is kept as {shown(aside)}."
        )


def base_folder(workbook: Path) -> Path:
    """Where the editions are kept that a workbook's chapters were made from."""
    return workbook / files.HIDDEN / "base"


def base_of(path: Path) -> NotebookNode | None:
    """A base; None where there is none that can be read."""
    with contextlib.suppress(FileNotFoundError, cells.UnreadableError):
        return cells.read(path.read_bytes())
    return None


def found(workbook: Path) -> list[Chapter]:
    """All chapters of the course, in order."""
    made = []
    for path in notebooks.paths():
        content = cells.to_bytes(edition.learner(notebooks.read(path)))
        made.append(Chapter(path.name, workbook, content))
    return made


def shared(one: NotebookNode, other: NotebookNode) -> float:
    """The part of `other`'s cells that `one` has too: by id, or by text where it has no ids."""
    ids = {cell.id for cell in one.cells}
    texts = {cells.content(cell) for cell in one.cells}
    if not other.cells:
        return 1.0
    return sum(c.id in ids or cells.content(c) in texts for c in other.cells) / len(other.cells)


def told(name: str, counts: Counter[str], aside: Path | None) -> str:
    """What an update did to a chapter, in one sentence."""
    parts = [f"{counts[kind]} {kind}" for kind in ("new", "changed", "removed") if counts[kind]]
    what = f"cells {', '.join(parts)}" if parts else "brought up to date"
    if counts["both"]:
        what += f", {counts['both']} shown below yours, which you had changed"
    kept = f"; the file as it was is kept as {shown(aside)}" if aside else ""
    return f"{name}: {what}{kept}."


def shown(aside: Path) -> str:
    """How a sentence names what was set aside."""
    return f"{aside.parent.name}/{aside.name}"


def number(count: int, thing: str) -> str:
    """A count with its noun."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
