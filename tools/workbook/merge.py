"""Three-way merge of a chapter, cell by cell.

`base` is the edition that a learner's chapter was made from, `mine` the learner's chapter,
`theirs` the new edition. What the learner wrote is never dropped: a cell that both changed
stays as the learner has it, and the new one is shown in a note below it.
"""

import copy
from bisect import bisect_left
from collections import Counter

import nbformat
from nbformat import NotebookNode

from tools.workbook import cells

NOTE_KEY = "course_note"
"""Metadata of a note: the id of the cell that it is about."""
NOTE = "**The course has a new version of the cell above.** Yours is kept. "
NOTE_CODE = NOTE + "Take over what you like, then delete this cell.\n\n"
NOTE_TEXT = NOTE + "Delete the one that you do not need.\n\n"


def merge(
    base: NotebookNode,
    mine: NotebookNode,
    theirs: NotebookNode,
    restore: bool = False,
    seen: frozenset[str] = frozenset(),
) -> tuple[NotebookNode, Counter[str]]:
    """Bring the learner's chapter up to date.

    Args:
        base: The edition that `mine` was made from.
        mine: The learner's chapter; its ids may be missing or double.
        theirs: The new edition.
        restore: Whether unchanged cells that `mine` lacks come back; otherwise the
            learner has deleted them, and they stay away.
        seen: Fingerprints of cells of older editions: what is as it was there, the learner
            has not changed.

    Returns:
        The merged notebook, and how many cells are "kept" (the learner's own or changed),
        "changed", "new", "removed" and "both" (changed on both sides).
    """
    return _Merge(base, mine, theirs, restore, seen).result()


class _Merge:
    """One merge: the cells of three notebooks, and what becomes of each."""

    def __init__(
        self,
        base: NotebookNode,
        mine: NotebookNode,
        theirs: NotebookNode,
        restore: bool,
        seen: frozenset[str],
    ) -> None:
        self.base = {cell.id: cell for cell in base.cells}
        self.theirs = {cell.id: cell for cell in theirs.cells}
        self.notebook = copy.deepcopy(theirs)
        self.notebook.metadata = _merged_metadata(base.metadata, mine.metadata, theirs.metadata)
        self.mine = cells.identified(mine.cells, base.cells, set(self.theirs))
        self.own = {cell.id: cell for cell in self.mine}
        self.restore, self.seen = restore, seen
        self.counts = Counter(
            removed=sum(
                cell.id in self.base and cell.id not in self.theirs and not self._stays(cell)
                for cell in self.mine
            )
        )

    def result(self) -> tuple[NotebookNode, Counter[str]]:
        """The merged notebook, and what was done."""
        backbone, floating = self._backbone()
        order = _anchored(backbone, floating, [cell.id for cell in self.mine])
        self.notebook.cells = [cell for identity in order for cell in self._merged(identity)]
        self.notebook.nbformat, self.notebook.nbformat_minor = 4, 5
        return self.notebook, self.counts

    def _backbone(self) -> tuple[list[str], set[str]]:
        """Ids in the order of the new edition, and those that keep the learner's place."""
        moved = _moved(list(self.base), [cell.id for cell in self.mine])
        floating = {
            cell.id
            for cell in self.mine
            if cell.id in moved or (cell.id not in self.theirs and self._stays(cell))
        }
        backbone = [
            identity
            for identity in self.theirs
            if identity not in floating and (identity in self.own or self._appears(identity))
        ]
        return backbone, floating

    def _stays(self, cell: NotebookNode) -> bool:
        """Whether a cell that the new edition lacks is the learner's, not a text of the course."""
        if cell.id in self.base:
            return not self._is_untouched(cell)
        return not self._is_stale_note(cell)

    def _is_untouched(self, cell: NotebookNode) -> bool:
        """Whether a cell of the course is as this or an older edition had it."""
        return cells.same(cell, self.base[cell.id]) or cells.fingerprint(cell) in self.seen

    def _is_stale_note(self, cell: NotebookNode) -> bool:
        """Whether a cell is an untouched note about a version that is no longer the newest."""
        about = cell.metadata.get(NOTE_KEY)
        if cell.cell_type != "markdown" or not isinstance(about, str):
            return False
        versions = [side[about] for side in (self.base, self.theirs) if about in side]
        written = [note(version).source for version in versions]
        return cell.source in written and not self._needs_note(about, cell)

    def _needs_note(self, about: str, shown: NotebookNode) -> bool:
        """Whether a note that is there still says what the learner's cell differs from."""
        new, own = self.theirs.get(about), self.own.get(about)
        if new is None or own is None or cells.same(own, new):
            return False
        return shown.source == note(new).source

    def _appears(self, identity: str) -> bool:
        """Whether a cell that the learner does not have comes in."""
        old = self.base.get(identity)
        return self.restore or old is None or not cells.same(old, self.theirs[identity])

    def _merged(self, identity: str) -> list[NotebookNode]:
        """What takes the place of an id: a cell, and a note where both sides changed it."""
        own, old, new = (side.get(identity) for side in (self.own, self.base, self.theirs))
        if own is None:
            assert new is not None
            self.counts["new"] += 1
            return [copy.deepcopy(new)]
        if new is None:
            self.counts["kept"] += 1
            return [own]
        old_metadata = old.metadata if old is not None else {}
        metadata = _merged_metadata(old_metadata, own.metadata, new.metadata)
        if cells.same(own, new):
            own.metadata = metadata
            own.source = new.source
            return [own]
        if old is not None and self._is_untouched(own):
            self.counts["changed"] += 1
            return [NotebookNode({**copy.deepcopy(new), "metadata": metadata})]
        self.counts["kept"] += 1
        own.metadata = metadata
        if old is not None and cells.same(old, new):
            return [own]
        return [own, *self._note(new)]

    def _note(self, new: NotebookNode) -> list[NotebookNode]:
        """A note that shows the new version, unless it is there already."""
        written = note(new)
        if any(cell.source == written.source for cell in self.mine):
            return []
        self.counts["both"] += 1
        taken = {*self.own, *self.theirs, *self.base}
        written["id"] = cells.free(f"{new.id[:56]}-new", taken)
        self.own[written.id] = written
        return [written]


def note(new: NotebookNode) -> NotebookNode:
    """A cell of text that shows the new version of a cell; code in it does not run."""
    if new.cell_type == "code":
        fence = "```"
        while fence in new.source:
            fence += "`"
        source = f"{NOTE_CODE}{fence}python\n{new.source.rstrip()}\n{fence}"
    else:
        source = NOTE_TEXT + new.source
    made: dict = {"cell_type": "markdown", "source": source, "metadata": {NOTE_KEY: new.id}}
    if new.get("attachments"):
        made["attachments"] = copy.deepcopy(new.attachments)
    return nbformat.from_dict(made)


def _merged_metadata(base: dict, mine: dict, theirs: dict) -> NotebookNode:
    """Each entry as the learner's program changed it, else as in the new edition."""
    merged = {}
    for key in (*theirs, *(key for key in mine if key not in theirs)):
        side = theirs if key in mine and key in base and mine[key] == base[key] else mine
        if key in cells.COURSE_KEYS or key not in mine:
            side = theirs
        if key in side:
            merged[key] = copy.deepcopy(side[key])
    return NotebookNode(merged)


def _moved(base: list[str], mine: list[str]) -> set[str]:
    """Ids that the learner moved: all but a longest run that is in the same order in both."""
    place = {identity: index for index, identity in enumerate(base)}
    shared = [identity for identity in mine if identity in place]
    ends: list[int] = []  # the place at which the best run of each length ends
    lengths = []
    for identity in shared:
        length = bisect_left(ends, place[identity])
        ends[length : length + 1] = [place[identity]]
        lengths.append(length)
    kept: set[str] = set()
    wanted, limit = len(ends) - 1, len(place)
    for identity, length in zip(reversed(shared), reversed(lengths)):
        if length == wanted and place[identity] < limit:
            kept.add(identity)
            wanted, limit = wanted - 1, place[identity]
    return set(shared) - kept


def _anchored(backbone: list[str], floating: set[str], mine: list[str]) -> list[str]:
    """The backbone with each floating id below the cell that the learner has above it."""
    place = set(backbone)
    first: list[str] = []
    below: dict[str, list[str]] = {identity: [] for identity in backbone}
    above = first
    for identity in mine:
        if identity in place:
            above = below[identity]
        elif identity in floating:
            above.append(identity)
    return first + [each for identity in backbone for each in (identity, *below[identity])]
