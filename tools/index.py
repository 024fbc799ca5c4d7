"""The index from topic to section over all chapters: `python -m tools.index`.

Topics are declared where they are taught, as `topics` in the metadata of a heading's cell.
The index is written into chapter 00 (the cell with `index: true`) and into docs/topics.md.
"""

import re
import sys
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

Each number is a chapter and leads to the section that teaches the topic. JupyterLab goes to the
section itself, other programs may open the chapter at its top. Made by `make index` from the
headings of the chapters; do not edit it here."""


class NoIndexError(Exception):
    """Why the index cannot be written, in one sentence."""


@dataclass(frozen=True)
class Entry:
    """A topic, and the section that teaches it."""

    topic: str
    file: str
    section: str
    cell: str  # the id of the heading's cell

    def link(self, prefix: str) -> str:
        """A Markdown link to the section; `prefix` leads to the notebooks' folder.

        JupyterLab finds a cell by its id wherever it is; a heading in another notebook
        only when it is drawn already (seen with 4.6: the page stays at the top).
        """
        chapter = notebooks.chapter_of(Path(self.file))
        section = self.section.replace('"', "'")  # shown when the pointer rests on it
        return f'[{chapter}]({prefix}{self.file}#cell-id={self.cell} "{section}")'


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
    """The index in Markdown: a paragraph for each initial, each topic with its sections."""
    sections: dict[str, list[str]] = {}
    for entry in found:
        links = sections.setdefault(entry.topic, [])
        if (link := entry.link(prefix)) not in links:
            links.append(link)
    shown: list[str] = []
    for initial, topics in groupby(sections, key=_initial):
        items = (f"{_shown(topic)} {' '.join(sections[topic])}" for topic in topics)
        shown += ["", f"**{initial}** " + " · ".join(items)]
    return shown[1:]


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
