"""The chapters of a workbook: the learner's edition of each, made and brought up to date."""

import contextlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from helpers import _atomic
from tools import edition, notebooks
from tools.workbook import cells, files
from tools.workbook.merge import merge

SEEN = "seen.txt"
"""Name of the file of fingerprints of all cells that a workbook was given."""
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

    def share(self, notebook: NotebookNode) -> float:
        """The part of this chapter's cells that a notebook has, 0 to 1."""
        theirs = cells.read(self.edition)
        return shared(notebook, theirs) if theirs.cells else 0.0

    def begin(self) -> None:
        """Write the edition as the learner's file."""
        self._write(self.edition)

    def _write(self, content: bytes) -> None:
        """Replace the learner's file, and remember which cells the course gave."""
        seen = self.seen()
        given = seen | {cells.fingerprint(cell) for cell in cells.read(self.edition).cells}
        if given != seen:
            path = self.workbook / files.HIDDEN / SEEN
            _atomic.write_bytes(path, "\n".join(sorted(given)).encode("ascii"))
        files.replace(self.path, content, self.base, self.edition)

    def seen(self) -> frozenset[str]:
        """Fingerprints of all cells that the course has given to this workbook."""
        with contextlib.suppress(FileNotFoundError):
            text = (self.workbook / files.HIDDEN / SEEN).read_text(
                encoding="ascii", errors="replace"
            )
            return frozenset(text.split())
        return frozenset()

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
        merged, counts = merge(old, notebook, cells.read(self.edition), restore, self.seen())
        return self._replace(cells.to_bytes(merged), cells.to_bytes(old), counts)

    def _replace(self, content: bytes, old: bytes, counts: Counter[str]) -> str:
        """Replace the learner's file, and keep it aside unless it is untouched: as `old`."""
        mine = self.path.read_bytes()
        aside = None
        if mine not in (content, old):
            aside = files.set_aside(self.path, self.workbook)
        self._write(content)
        return told(self.name, counts, aside) if mine != content else ""

    def follow(self, old: str) -> str:
        """Begin with what the learner wrote into the chapter under its `old` name."""
        path, base = self.workbook / old, base_folder(self.workbook) / old
        mine, begun = path.read_bytes(), cells.read(base.read_bytes())
        try:
            notebook = cells.read(mine)
        except cells.UnreadableError:
            self.begin()
        else:
            merged, _ = merge(begun, notebook, cells.read(self.edition), seen=self.seen())
            self._write(cells.to_bytes(merged))
            files.keep_times(path, self.path)
        kept = ""
        if mine != base.read_bytes():
            kept = f"; the file as it was is kept as {shown(files.set_aside(path, self.workbook))}"
        path.unlink()
        base.unlink()
        return f"{old} is called {self.name} now{kept}."

    def take(self, notebook: NotebookNode) -> str:
        """Bring what a learner wrote elsewhere into the learner's file."""
        theirs = cells.read(self.edition)
        taken, _ = merge(theirs, notebook, theirs, restore=True, seen=self.seen())
        for cell in notebooks.code_cells(taken):
            cell.outputs, cell.execution_count = [], None
        taken.metadata = theirs.metadata
        merged, counts = merge(theirs, cells.read(self.path.read_bytes()), taken, seen=self.seen())
        said = self._replace(cells.to_bytes(merged), self.edition, counts)
        return said or f"{self.name} holds all of it already."


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
    for path in notebooks.paths(folder=notebooks.FOLDER):
        content = cells.to_bytes(edition.learner(notebooks.read(path)))
        made.append(Chapter(path.name, workbook, content))
    return made


def renamed(known: list[Chapter], workbook: Path) -> list[str]:
    """Let the learner's files follow chapters that have a new name; a sentence for each."""
    said = []
    for chapter in known:
        if chapter.base.exists() or chapter.path.exists():
            continue
        theirs = cells.read(chapter.edition)
        for name in _departed(known, workbook):
            old = base_of(base_folder(workbook) / name)
            if old and (workbook / name).is_file() and shared(old, theirs) >= SHARED:
                said.append(chapter.follow(name))
                break
    return said


def removed(known: list[Chapter], workbook: Path) -> list[str]:
    """Remove untouched chapters that the course no longer has; the others are the learner's."""
    said = []
    for name in _departed(known, workbook):
        path, base = workbook / name, base_folder(workbook) / name
        if path.is_file() and path.read_bytes() == base.read_bytes():
            path.unlink()
        elif path.exists():
            said.append(f"{name} is no longer in the course; your file stays where it is.")
        base.unlink()
    return said


def _departed(known: list[Chapter], workbook: Path) -> list[str]:
    """Names of chapters that the workbook was given and that the course no longer has."""
    names = {chapter.name for chapter in known}
    return sorted({p.name for p in base_folder(workbook).glob("*.ipynb")} - names)


def shared(one: NotebookNode, other: NotebookNode) -> float:
    """The part of `other`'s cells that `one` has too: by id, or by text where it has no ids."""
    ids = {cell.id for cell in one.cells}
    texts = {cells.content(cell) for cell in one.cells}
    if not other.cells:
        return 1.0
    return sum(c.id in ids or cells.content(c) in texts for c in other.cells) / len(other.cells)


def told(name: str, counts: Counter[str], aside: Path | None) -> str:
    """What an update did to a chapter, in one sentence."""
    done = [(counts[kind], kind) for kind in ("changed", "new", "removed") if counts[kind]]
    cell_words = [number(count, f"{kind} cell") for count, kind in done[:1]]
    cell_words += [f"{count} {kind}" for count, kind in done[1:]]
    parts = [f"{name} is up to date" + (f" ({', '.join(cell_words)})" if done else "")]
    if counts["kept"]:
        below = f", {counts['both']} with the course's new version below" if counts["both"] else ""
        parts.append(f"{number(counts['kept'], 'cell')} of yours kept{below}")
    if aside:
        parts.append(f"the file as it was is {shown(aside)}")
    return "; ".join(parts) + "."


def shown(aside: Path) -> str:
    """How a sentence names what was set aside."""
    return f"{aside.parent.name}/{aside.name}"


def number(count: int, thing: str) -> str:
    """A count with its noun."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
