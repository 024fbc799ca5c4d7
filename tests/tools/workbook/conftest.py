"""A small course that publishes new editions, and a learner's workbook of it."""

import copy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.tools.workbook.edits import chapter
from tools import notebooks, workbook
from tools.workbook import cells


class Publisher:
    """A course whose chapters can be changed.

    Attributes:
        folder: Its notebooks.
        workbook: The learner's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "notebooks"
        self.workbook = folder / "mon cahier é"
        (self.folder / "scripts" / "project").mkdir(parents=True)
        (self.folder / "scripts" / "project" / "train.py").write_text("print(1)\n")
        for number, name in (("01", "01_tensors"), ("02", "02_autograd")):
            self.publish(name, chapter(number, 30))

    def publish(self, name: str, made: NotebookNode) -> None:
        """Write the reference edition of a chapter."""
        (self.folder / f"{name}.ipynb").write_bytes(cells.to_bytes(made))

    def reference(self, name: str = "01_tensors") -> NotebookNode:
        """A chapter as it was published."""
        return cells.read((self.folder / f"{name}.ipynb").read_bytes())

    def path(self, name: str = "01_tensors") -> Path:
        """The learner's file."""
        return self.workbook / f"{name}.ipynb"

    def mine(self, name: str = "01_tensors") -> NotebookNode:
        """The learner's chapter."""
        return cells.read(self.path(name).read_bytes())

    def save(self, made: NotebookNode, name: str = "01_tensors") -> None:
        """Save the learner's chapter."""
        self.path(name).write_text(nbformat.v4.writes(made), encoding="utf-8")

    def answer(self, words: str, name: str = "01_tensors") -> None:
        """Write an answer into the first starter, and save."""
        made = self.mine(name)
        starter(made).source = words
        self.save(made, name)

    def reword(self, name: str = "01_tensors", words: str = "New words.") -> None:
        """Publish an edition whose first cell says something else."""
        made = copy.deepcopy(self.reference(name))
        made.cells[0].source = words
        self.publish(name, made)

    def prepare(self) -> list[str]:
        """Bring the workbook up to date."""
        return workbook.prepare(self.workbook)

    def aside(self) -> list[str]:
        """Names of what was set aside."""
        return sorted(path.name for path in (self.workbook / "set-aside").glob("*"))

    def everything(self) -> dict[str, bytes]:
        """All files of the workbook but the lock."""
        found = (path for path in self.workbook.rglob("*") if path.is_file())
        return {
            path.relative_to(self.workbook).as_posix(): path.read_bytes()
            for path in found
            if path.name != "lock"
        }


def starter(made: NotebookNode) -> NotebookNode:
    """The first starter cell."""
    return next(c for c in made.cells if c.cell_type == "code" and "exercise" in c.metadata)


@pytest.fixture
def course(tmp_path, monkeypatch) -> Publisher:
    made = Publisher(tmp_path)
    monkeypatch.setattr(notebooks, "FOLDER", made.folder)
    return made
