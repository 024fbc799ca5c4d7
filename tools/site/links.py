"""Links of the repository become links of the site, and every link of the site is followed."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from tools.site.course import ROOT, Settings

FENCE = r"(?:^|(?<=\n))(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:\n(?P=fence)[^\n]*(?=\n|$)|$)"
SPAN = r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
TEXT = r"(?P<text>(?:`[^`\n]*`|\\.|[^\[\]\\`]|\[(?:`[^`\n]*`|[^\[\]`])*\])*)"
TARGET = r'(?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"(?P<title>[^"]*)")?'
LINK = rf"(?<!!)\[{TEXT}\]\({TARGET}\)"
PIECE = re.compile(rf"{FENCE}|{SPAN}|{LINK}", re.DOTALL)
CELL = "cell-id="


@dataclass(frozen=True)
class Links:
    """Translates the links of one file of the repository.

    Attributes:
        file: Its path in the repository, "docs/opening.md".
        pages: Page of the site for each file of the repository that has one, both relative to
            their roots: {"docs/opening.md": "docs/opening.html"}.
        settings: The address of the repository, for files that are not on the site.
        anchors: For a notebook: what its headings are called in JupyterLab, and the cell of each.
    """

    file: str
    pages: dict[str, str]
    settings: Settings
    anchors: dict[str, str] = field(default_factory=dict)

    def translated(self, markdown: str) -> str:
        """The text with its links, outside code, as the site needs them."""
        return PIECE.sub(self._piece, markdown)

    def _piece(self, match: re.Match[str]) -> str:
        target, text = match["target"], match["text"]
        if target is None or urlsplit(target).scheme:
            return match[0]
        address = self._address(target)
        if address is None:
            return text
        title = f' title="{escape(match["title"])}"' if match["title"] else ""
        return f'<a class="reference" href="{escape(address)}"{title}>{text}</a>'

    def _address(self, target: str) -> str | None:
        """Where a link leads on the site; None when it leads nowhere there."""
        path, _, anchor = target.partition("#")
        anchor = unquote(anchor)
        here = posixpath.dirname(self.file)
        file = posixpath.normpath(posixpath.join(here, unquote(path))) if path else self.file
        page = self.pages.get(file)
        if page is None:
            exists = (ROOT / file).exists()
            return (self.settings.source(file) or None) if exists else None
        if file == self.file:
            return f"#{self.anchors.get(anchor, anchor)}" if anchor else "#"
        return quote(posixpath.relpath(page, here or ".")) + (f"#{anchor}" if anchor else "")


@dataclass
class _Page(HTMLParser):
    """What one page of the site defines and asks for."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)  # followed when a reader clicks
    loaded: list[str] = field(default_factory=list)  # asked for by the page itself

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.update(given[name] for name in ("id", "name") if given.get(name))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in ("canonical",) and "href" in given:
            (self.links if given.get("rel") in RELATIONS else self.loaded).append(given["href"])
        self.loaded.extend(given[name] for name in ("src", "poster", "data") if given.get(name))


RELATIONS = ("index", "search", "next", "prev", "genindex", "copyright", "author", "top")


def faults(folder: Path) -> Iterator[str]:
    """What is wrong with the links of the pages below a folder, a sentence each."""
    pages = {path: _read(path) for path in sorted(folder.rglob("*.html"))}
    for path, page in pages.items():
        name = path.relative_to(folder).as_posix()
        for address in page.loaded:
            if urlsplit(address).scheme not in ("", "data") or address.startswith("//"):
                yield f"{name} loads {address} from elsewhere."
        for address in [*page.links, *page.loaded]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
            if not target.is_file():
                yield f"{name} links to {address}, which does not exist."
            elif parts.fragment and target.suffix == ".html":
                known = pages[target].ids if target in pages else set()
                if unquote(parts.fragment) not in known and parts.fragment not in known:
                    yield f"{name} links to {address}: the page has no such place."


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page
