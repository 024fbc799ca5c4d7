"""The index from topic to section over all chapters: `python -m tools.index`.

Topics are declared where they are taught, as `topics` in the metadata of a heading's cell.
The index is written into chapter 00 (the cell with `index: true`) and into docs/topics.md.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from nbformat import NotebookNode

from tools import notebooks

PAGE = notebooks.ROOT / "docs" / "topics.md"
TITLE = "## Index of topics"
PAGE_HEAD = """\
# Index of topics

Each topic leads to the section that teaches it. Where several do, the numbers of their chapters
follow, each a link; a letter marks a further section of the same chapter. JupyterLab goes to the
section itself, other programs may open the chapter at its top. Made by `make index` from the
headings of the chapters; do not edit it here."""
TABLE_HEAD = ["| | topics |", "|:--|:--|"]


class NoIndexError(Exception):
    """Why the index cannot be written, in one sentence."""


@dataclass(frozen=True)
class Entry:
    """A topic, and the section that teaches it."""

    topic: str
    file: str
    section: str
    cell: str  # the id of the heading's cell

    def link(self, text: str, prefix: str) -> str:
        """A Markdown link to the section; `prefix` leads to the notebooks' folder.

        JupyterLab finds a cell by its id wherever it is; a heading in another notebook
        only when it is drawn already (seen with 4.6: the page stays at the top).
        """
        section = self.section.replace('"', "'")  # shown when the pointer rests on it
        return f'[{text}]({prefix}{self.file}#cell-id={self.cell} "{self.chapter}: {section}")'

    @property
    def chapter(self) -> str:
        """The number of its chapter."""
        return notebooks.chapter_of(Path(self.file))


def plain(heading: str) -> str:
    """A heading's text as a reader sees it, without marks for code, stress or links."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[`*]", "", text).strip()


def entries(files: list[Path]) -> list[Entry]:
    """All topics of all chapters, in alphabetical order.

    Raises:
        NoIndexError: When a cell names topics and has no heading to link to.
    """
    found = [entry for path in files for entry in _entries_of(path)]
    return sorted(found, key=lambda entry: (_order(entry.topic), entry.file))


def _order(topic: str) -> tuple[str, str]:
    """Letters first, whatever their case and the marks before them."""
    return re.sub(r"^[\W_]+", "", topic).casefold(), topic


def _entries_of(path: Path) -> Iterator[Entry]:
    for number, cell in enumerate(notebooks.read(path).cells, 1):
        topics = cell.metadata.get("topics", [])
        heading = re.search(r"^##+ (.+)$", cell.source, flags=re.MULTILINE)
        if topics and not heading:
            raise NoIndexError(f"{path.name}: cell {number} names topics and has no ## heading.")
        section = plain(heading[1]) if heading else ""
        for topic in topics:
            yield Entry(topic, path.name, section, cell.id)


def lines(found: list[Entry], prefix: str) -> list[str]:
    """The index in Markdown: a table with a row for each initial.

    A topic of one section is a link to it; others have a link for each of theirs.
    """
    sections: dict[str, list[Entry]] = {}
    for entry in found:
        entries_of_topic = sections.setdefault(entry.topic, [])
        if all((entry.file, entry.cell) != (other.file, other.cell) for other in entries_of_topic):
            entries_of_topic.append(entry)
    rows = [*TABLE_HEAD]
    for initial, topics in groupby(sections, key=_initial):
        items = [_item(topic, sections[topic], prefix) for topic in topics]
        rows.append(f"| **{initial}** | {' · '.join(items).replace('|', '&#124;')} |")
    return rows


def _item(topic: str, taught: list[Entry], prefix: str) -> str:
    """A topic with its links: itself the one, or several numbers of chapters after it."""
    if len(taught) == 1:
        return taught[0].link(_shown(topic), prefix)
    links, before = [], Counter[str]()
    for entry in taught:
        further = before[entry.chapter]
        text = f"{entry.chapter} {chr(ord('a') + further)}" if further else entry.chapter
        links.append(entry.link(text, prefix))
        before[entry.chapter] += 1
    return f"{_shown(topic)} ({', '.join(links)})"


def _initial(topic: str) -> str:
    """The letter under which a topic stands; what has none stands together."""
    letter = _order(topic)[0][:1]
    return letter.upper() if letter.isalpha() else "#"


def _shown(topic: str) -> str:
    """A topic that is code is set as code, unless it says so itself."""
    is_code = re.search(r"[_%(]|^\W|\w\.\w|\w_$", topic) and "`" not in topic
    return f"`{topic}`" if is_code else topic


def cell_source(found: list[Entry]) -> str:
    """The index cell of chapter 00, whose links start in its own folder."""
    return "\n".join([TITLE, "", *lines(found, "")])


def page(found: list[Entry]) -> str:
    """The whole of docs/topics.md, whose links start in its own folder."""
    return "\n".join([PAGE_HEAD, "", *lines(found, "../notebooks/"), ""])


def index_cell(notebook: NotebookNode) -> NotebookNode:
    """The one cell that holds the index.

    Raises:
        NoIndexError: When there is none, or two.
    """
    cells = [cell for cell in notebook.cells if cell.metadata.get("index")]
    if len(cells) != 1 or cells[0].cell_type != "markdown":
        raise NoIndexError("Chapter 00 needs one Markdown cell with `index: true` in its metadata.")
    return cells[0]


def main() -> int:
    """Write the index to both places; 1 and a sentence when it cannot be written."""
    try:
        found = entries(notebooks.paths())
        starts = notebooks.paths("00")
        if not starts:
            raise NoIndexError("There is no notebook of chapter 00 to hold the index.")
        notebook = notebooks.read(starts[0])
        index_cell(notebook).source = cell_source(found)
    except NoIndexError as error:
        print(error)
        return 1
    changed = notebooks.write(notebook, starts[0])
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_bytes(page(found).encode("utf-8"))
    print(f"{len(found)} topics; {starts[0].name} {'written' if changed else 'unchanged'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
