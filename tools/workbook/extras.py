"""What a workbook holds beside its chapters: the scripts that chapters run, and AGENTS.md."""

from dataclasses import dataclass
from pathlib import Path

from helpers import _atomic
from tools import notebooks
from tools.workbook import chapters, files

TEMPLATE = Path(__file__).resolve().parent / "template"
SCRIPTS = "scripts"
NOT_EXTRA = (".ipynb", ".next", ".part")
"""Endings of what else is kept with the bases: chapters, and what a killed update left."""


@dataclass(frozen=True)
class Extra:
    """A file of the course that a workbook has too.

    Attributes:
        name: Its path in the workbook, "scripts/count_ink.py".
        workbook: The learner's folder.
        edition: Its content; None where the course no longer has it.
    """

    name: str
    workbook: Path
    edition: bytes | None

    @property
    def path(self) -> Path:
        """The learner's file."""
        return self.workbook / self.name

    @property
    def base(self) -> Path:
        """The course's file as the learner was given it."""
        return chapters.base_folder(self.workbook) / self.name

    def update(self) -> str:
        """Bring the file up to date; a sentence, or "" when there is nothing to say."""
        if self.edition is None:
            return self._leave()
        if self.path.is_dir():
            files.move_aside(self.path, self.workbook)
        files.finish(self.path, self.base)
        base, mine = _content(self.base), _content(self.path)
        if mine not in (None, base, self.edition):
            return self._beside(base) if base != self.edition else ""
        if mine != self.edition or base != self.edition:
            files.replace(self.path, self.edition, self.base, self.edition)
        return ""

    def _beside(self, base: bytes | None) -> str:
        """Put the new file beside the one that the learner changed."""
        assert self.edition is not None
        number = 1
        while True:
            ending = f"-{number}" if number > 1 else ""
            new = self.path.with_name(f"{self.path.stem}-new{ending}{self.path.suffix}")
            if not new.exists() or _content(new) in (base, self.edition):
                break
            number += 1
        _atomic.write_bytes(new, self.edition)
        self.base.parent.mkdir(parents=True, exist_ok=True)
        _atomic.write_bytes(self.base, self.edition)
        beside = new.relative_to(self.workbook).as_posix()
        return f"{self.name}, which you changed, is kept; the new one is {beside}."

    def _leave(self) -> str:
        """Remove a file that the course no longer has, unless the learner changed it."""
        if self.path.is_file() and _content(self.path) == _content(self.base):
            self.path.unlink()
        self.base.unlink(missing_ok=True)
        return ""


def found(workbook: Path) -> list[Extra]:
    """All such files: those that the course has, and those that it had."""
    known = {
        **_below(notebooks.FOLDER / SCRIPTS, f"{SCRIPTS}/"),
        **_below(TEMPLATE, ""),
    }
    base = chapters.base_folder(workbook)
    had = (p.relative_to(base).as_posix() for p in base.rglob("*") if p.is_file())
    gone = [name for name in had if name not in known and not name.endswith(NOT_EXTRA)]
    made = [Extra(name, workbook, path.read_bytes()) for name, path in known.items()]
    return made + [Extra(name, workbook, None) for name in sorted(gone)]


def _below(folder: Path, prefix: str) -> dict[str, Path]:
    """The files of a folder by the name that they get; not what Python leaves there."""
    return {
        prefix + path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _content(path: Path) -> bytes | None:
    """What a file holds; None where there is no file."""
    return path.read_bytes() if path.is_file() else None
