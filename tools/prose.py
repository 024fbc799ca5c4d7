"""Prose that can be wrong without a test noticing: dead links, and chapters that do not exist.

    python -m tools.prose

Read are the Markdown files, the notebooks (their text, and for chapters their code too) and the
Python source that a learner or a teacher reads. Links to other sites are not followed: the check
needs no network.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import mistune

from tools import notebooks

ROOT = notebooks.ROOT
DOCUMENTS = ("*.md", "docs/**/*.md", "data/*.md", ".github/**/*.md")
SOURCES = ("exercises/**/*.py", "helpers/**/*.py", "tools/*.py", "notebooks/scripts/**/*.py")
HTML_LINK = re.compile(r"""<(?:a|img)\b[^>]*?\b(?:href|src)\s*=\s*["']([^"']+)["']""")
HTML_ANCHOR = re.compile(r"""\b(?:id|name)\s*=\s*["']([^"']+)["']""")
# A line may end inside a sentence, with the quotes of a literal or the mark of a comment.
GAP = r"""(?:[ \t]+|[ \t"']*\n[ \t"'#f]*)"""
NEXT = rf"(?:,|,?{GAP}(?:and|or|to)|[\u2013-]){GAP}?"  # "04, 05 and 06", "04 to 06", "04-06"
CHAPTERS = re.compile(rf"\bchapters?{GAP}(\d\d?(?:{NEXT}\d\d?)*)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A piece of prose: a whole file, or one cell of a notebook.

    Attributes:
        path: The file.
        where: How a message names the piece, `README.md` or `01_tensors.ipynb#cell-id=…`.
        content: The Markdown, or the Python source.
        is_markdown: Whether links are read from it.
    """

    path: Path
    where: str
    content: str
    is_markdown: bool = True


def texts(root: Path = ROOT) -> list[Text]:
    """All prose of the course below `root`."""
    found = [_whole(path, root) for path in _matching(root, DOCUMENTS)]
    for path in notebooks.paths(folder=root / "notebooks"):
        found += _cells(path, root)
    return found + [_whole(path, root) for path in _matching(root, SOURCES)]


def _matching(root: Path, patterns: tuple[str, ...]) -> list[Path]:
    return sorted({path for pattern in patterns for path in root.glob(pattern)})


def _whole(path: Path, root: Path) -> Text:
    content = path.read_text(encoding="utf-8")
    return Text(path, path.relative_to(root).as_posix(), content, path.suffix == ".md")


def _cells(path: Path, root: Path) -> Iterator[Text]:
    name = path.relative_to(root).as_posix()
    for cell in notebooks.read(path).cells:
        where = f"{name}#cell-id={cell.id}"
        yield Text(path, where, cell.source, cell.cell_type == "markdown")


def dead_links(found: list[Text], root: Path = ROOT) -> list[str]:
    """A sentence for each relative link that leads nowhere."""
    return [
        f"{text.where}: the link {link!r} leads nowhere: {reason}."
        for text in found
        if text.is_markdown
        for link in links(text.content)
        if (reason := _fault(text.path, link, root))
    ]


def missing_chapters(found: list[Text], existing: set[str]) -> list[str]:
    """A sentence for each mention of a chapter that has no notebook.

    Args:
        found: The prose.
        existing: Numbers of the chapters that exist, such as "01".
    """
    return [
        f"{text.where}: {' '.join(match[0].split())!r} names chapter {number}, which does not "
        'exist; write "a later chapter".'
        for text in found
        for match in CHAPTERS.finditer(text.content)
        for number in re.findall(r"\d+", match[1])
        if number not in existing
    ]


def links(markdown: str) -> list[str]:
    """The targets of all links and pictures in Markdown, those in HTML tags included."""
    tokens = mistune.create_markdown(renderer="ast", plugins=["table", "math"])(markdown)
    return list(_targets(tokens))


def _targets(tokens: Any) -> Iterator[str]:
    for token in _walk(tokens):
        if token["type"] in ("link", "image"):
            yield token["attrs"]["url"]
        elif token["type"] in ("inline_html", "block_html"):
            yield from HTML_LINK.findall(token["raw"])


def _walk(tokens: Any) -> Iterator[dict[str, Any]]:
    """Each token of a Markdown tree, parents before their children."""
    for token in tokens:
        yield token
        yield from _walk(token.get("children", ()))


def _fault(path: Path, link: str, root: Path) -> str:
    """Why a link leads nowhere; empty where it leads somewhere, or to another site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    target = path.parent / unquote(parts.path) if parts.path else path
    if not target.exists():
        return "there is no such file"
    if not target.resolve().is_relative_to(root.resolve()):
        return "it is outside the course"
    if parts.fragment and unquote(parts.fragment) not in _anchors(target):
        return "the file has no such heading or cell"
    return ""


@cache
def _anchors(path: Path) -> frozenset[str]:
    """What may follow `#` in a link to a file: its headings, cells and HTML ids."""
    if path.suffix == ".ipynb":
        return frozenset(_notebook_anchors(path))
    if path.suffix == ".md":
        return frozenset(_markdown_anchors(path.read_text(encoding="utf-8")))
    return frozenset()


def _notebook_anchors(path: Path) -> Iterator[str]:
    """Cells by their ids, and headings as JupyterLab names them: spaces become hyphens."""
    for cell in notebooks.read(path).cells:
        yield f"cell-id={cell.id}"
        if cell.cell_type == "markdown":
            yield from (heading.replace(" ", "-") for heading in headings(cell.source))


def _markdown_anchors(markdown: str) -> Iterator[str]:
    """Headings as GitHub names them, and ids that are set in HTML."""
    seen: dict[str, int] = {}
    for heading in headings(markdown):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        repeats = seen[slug] = seen.get(slug, -1) + 1
        yield f"{slug}-{repeats}" if repeats else slug
    yield from HTML_ANCHOR.findall(markdown)


def headings(markdown: str) -> list[str]:
    """The text of each heading, without marks for code, stress or links."""
    tokens = mistune.create_markdown(renderer="ast")(markdown)
    return [_plain(token) for token in _walk(tokens) if token["type"] == "heading"]


def _plain(token: dict[str, Any]) -> str:
    return "".join(
        each["raw"] for each in _walk(token.get("children", ())) if "raw" in each
    ).strip()


def main() -> int:
    """Print a line for each fault; 1 when there is any."""
    found = texts()
    existing = {notebooks.chapter_of(path) for path in notebooks.paths()}
    faults = dead_links(found) + missing_chapters(found, existing)
    print("\n".join(faults) or f"{len(found)} texts: every link leads somewhere.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
