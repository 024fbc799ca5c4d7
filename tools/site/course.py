"""What the site is made of: which files of the repository become pages, and the settings."""

import os
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import exercises
from tools import notebooks

ROOT = notebooks.ROOT
HERE = Path(__file__).resolve().parent
FOLDER = ROOT / "dist" / "site"
COLAB = ROOT / "dist" / "colab"

# Pages that are known, in the order in which the sidebar lists them. A page of docs/ that is named
# nowhere is for contributors; one that is named and missing is left out.
FOR_READERS = ("opening", "installing", "updating", "server", "colab", "kaggle")
LOOKED_UP = ("topics", "glossary")
LAST = ("CHANGELOG.md", "licence.md", "citation.md", "data/README.md")
CHAPTER_ROW = re.compile(r"^\| *(\d\d) *\| *\[([^\]]+)\]\([^)]*\) *\| *(.+?) *\|$", re.MULTILINE)


@dataclass(frozen=True)
class Settings:
    """What is set from outside; each field is an environment variable.

    Attributes:
        repository: COURSE_REPOSITORY, the address of the repository on a site such as GitHub. From
            it come the links to source files and the Colab buttons; "" hides both.
        language: COURSE_LANGUAGE, a language as Sphinx names it: "en", "zh_TW".
    """

    repository: str = ""
    language: str = "en"

    @classmethod
    def from_environment(cls) -> "Settings":
        """The settings of this process."""
        repository = os.environ.get("COURSE_REPOSITORY", "").strip().rstrip("/")
        return cls(repository, os.environ.get("COURSE_LANGUAGE", "").strip() or "en")

    def source(self, path: str) -> str:
        """Where a file of the repository is read; "" when no address is set."""
        return f"{self.repository}/blob/HEAD/{path}" if self.repository else ""

    def colab(self, file: str) -> str:
        """Where Colab opens a chapter: the branch `colab` holds what `make colab` writes."""
        owner_and_name = self.repository.removeprefix("https://github.com/")
        if not self.repository or owner_and_name == self.repository:
            return ""
        return f"https://colab.research.google.com/github/{owner_and_name}/blob/colab/{file}"

    @cached_property
    def words(self) -> dict[str, str]:
        """The site's own words, by name; English where a translation lacks one."""
        words = _words("en")
        for name in (self.language.split("_")[0], self.language):
            words |= _words(name)
        return words


def _words(language: str) -> dict[str, str]:
    path = HERE / "words" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@dataclass(frozen=True)
class ChapterRow:
    """A chapter as the README's table lists it, with what it holds."""

    file: str
    number: str
    title: str
    purpose: str
    predictions: int
    exercises: int


def chapters() -> list[ChapterRow]:
    """All chapters in order; the README says what each is for."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = {number: (title, purpose) for number, title, purpose in CHAPTER_ROW.findall(readme)}
    return [_row(path, listed) for path in notebooks.paths()]


def _row(path: Path, listed: dict[str, tuple[str, str]]) -> ChapterRow:
    number = notebooks.chapter_of(path)
    plain = path.stem[3:].replace("_", " ").capitalize()
    title, purpose = listed.get(number, (plain, ""))
    if number in exercises.numbers():
        chapter = exercises.chapter(number)
        counts = (len(chapter.predictions), len(chapter.exercises))
    else:
        counts = (0, 0)
    return ChapterRow(path.name, number, title, purpose, *counts)


def documents() -> dict[str, list[str]]:
    """Pages made from Markdown files, by the part of the sidebar that lists them.

    A page is named by its file in the repository; licence.md and citation.md are made.
    """
    files = [path.relative_to(ROOT) for path in sorted((ROOT / "docs").rglob("*.md"))]
    found = {
        file.with_suffix("").as_posix().removeprefix("docs/"): file.as_posix() for file in files
    }
    parts = {
        "using": [found.pop(name) for name in FOR_READERS if name in found],
        "looking_up": [found.pop(name) for name in LOOKED_UP if name in found],
    }
    parts["contributing"] = [*found.values(), "CONTRIBUTING.md"]
    parts["about"] = list(LAST)
    return parts
