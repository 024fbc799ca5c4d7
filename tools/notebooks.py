"""Reading, writing and judging the course's notebooks: what the other tools share."""

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

# nbformat's schema library would build a grammar for 1.2 s that no notebook needs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat  # noqa: E402
from nbformat import NotebookNode  # noqa: E402

from helpers import _atomic  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
SANITISER = ROOT / "tests" / "notebooks" / "sanitize.cfg"

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_KEYS = ("tags", "reason", "topics", "exercise", "setup", "jupyter", "index", "accelerator")
NOT_COMPARED = ("nbval-ignore-output", "nbval-skip")
TOLERANCE = re.compile(r"tol-(\d+(?:\.\d*)?(?:e-?\d+)?)")

SETUP = """\
import sys
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import torch

folders = [Path.cwd(), *Path.cwd().parents]
course = next((f for f in folders if (f / "exercises" / "chapter_00").is_dir()), None)
if course and str(course) not in sys.path:
    sys.path.insert(0, str(course))
if find_spec("helpers") is None or find_spec("helpers.grading") is None:
    raise ImportError(
        "The course is not here. On Colab or Kaggle upload instead the file "
        "dist/colab/{file}; elsewhere open the course "
        "with make lab, or choose the kernel .venv."
    )

import exercises
from helpers import data, explore, plot

torch.manual_seed(0)
ex = exercises.chapter("{chapter}")"""


@dataclass(frozen=True)
class Verdict:
    """How the suite treats a code cell: the kind, and the reason its author gave."""

    kind: str  # "compared", "tolerance" or "not compared"
    reason: str


def paths(chapter: str | None = None, folder: Path = FOLDER) -> list[Path]:
    """The notebooks of all chapters in order, or of one (`"01"`)."""
    return sorted(folder.glob(f"{chapter or '[0-9][0-9]'}_*.ipynb"))


def chapter_of(path: Path) -> str:
    """The two digits that a notebook's name begins with."""
    return path.name[:2]


def setup_cell(chapter: str) -> str:
    """The set-up cell of a chapter; only the chapter's number and file name differ."""
    name = next((path.name for path in paths(chapter)), f"{chapter}.ipynb")
    return SETUP.format(chapter=chapter, file=name)


def read(path: Path) -> NotebookNode:
    """A notebook from its file, in format 4."""
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def to_bytes(notebook: NotebookNode) -> bytes:
    """The one way to write a notebook: sorted keys, one space, a final newline.

    Raises:
        nbformat.ValidationError: For anything that is not a valid notebook.
    """
    nbformat.validate(notebook)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode("utf-8")


def write(notebook: NotebookNode, path: Path) -> bool:
    """Replace the file in one step, so that a crash leaves the old one.

    Returns whether the bytes changed; equal bytes are not written again.
    """
    content = to_bytes(notebook)
    if path.exists() and path.read_bytes() == content:
        return False
    _atomic.write_bytes(path, content)
    return True


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> list[str]:
    """A cell's tags; an empty list when it has none."""
    return cell.metadata.get("tags", [])


def name_of(notebook: NotebookNode, cell: NotebookNode) -> str:
    """How a message names a code cell: its place, and its first line of code."""
    place = [id(other) for other in code_cells(notebook)].index(id(cell)) + 1
    lines = [line for line in cell.source.splitlines() if line.strip()]
    return f"code cell {place} (`{lines[0].strip()[:60]}`)" if lines else f"code cell {place}"


def tolerance(cell: NotebookNode) -> float | None:
    """The numeric tolerance that a tag such as `tol-1e-3` grants; None without one.

    Raises:
        ValueError: For a tag that begins like one and is none.
    """
    for tag in tags(cell):
        if tag.startswith("tol-"):
            match = TOLERANCE.fullmatch(tag)
            if not match:
                raise ValueError(f"The tag {tag!r} is no tolerance; write it as tol-1e-3.")
            return float(match[1])
    return None


def classify(cell: NotebookNode) -> Verdict:
    """Whether a code cell's output is compared, and why not when it is not."""
    reason = str(cell.metadata.get("reason", "")).strip()
    if any(tag in NOT_COMPARED for tag in tags(cell)):
        return Verdict("not compared", reason)
    if tolerance(cell) is not None:
        return Verdict("tolerance", reason)
    return Verdict("compared", reason)


def give_ids(notebook: NotebookNode) -> None:
    """Give each cell without a usable id one that depends on its source only."""
    seen: set[str] = set()
    for cell in notebook.cells:
        identity = cell.get("id", "")
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", identity) or identity in seen:
            stem = hashlib.sha256(cell.source.encode("utf-8")).hexdigest()[:8]
            repeats = (f"{stem}-{number}" for number in range(2, 10_000))
            identity = stem if stem not in seen else next(i for i in repeats if i not in seen)
        cell["id"] = identity
        seen.add(identity)


def count(notebook: NotebookNode) -> dict[str, int]:
    """One row of the suite's table: how a chapter's cells are treated."""
    kinds = [classify(cell).kind for cell in code_cells(notebook)]
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return {
        "cells": len(kinds),
        "compared": kinds.count("compared"),
        "tolerance": kinds.count("tolerance"),
        "not compared": kinds.count("not compared"),
        "exercises": sum("exercise" in cell.metadata for cell in code_cells(notebook)),
        "figures": sum("image/png" in output.get("data", {}) for output in outputs),
    }


def share(row: dict[str, int]) -> float:
    """The part of a chapter's code cells whose output is compared, 0 to 1."""
    return (row["compared"] + row["tolerance"]) / row["cells"] if row["cells"] else 1.0


def table(files: list[Path]) -> list[str]:
    """The lines of the table that the suite prints, one a chapter."""
    rows = {path.stem: count(read(path)) for path in files}
    if not rows:
        return []
    width = max(len(stem) for stem in rows)
    heads = [*next(iter(rows.values())), "share"]
    lines = [" ".join([f"{'chapter':{width}}", *(f"{head:>12}" for head in heads)])]
    for stem, row in rows.items():
        numbers = [*(f"{value:>12}" for value in row.values()), f"{share(row):>12.0%}"]
        lines.append(" ".join([f"{stem:{width}}", *numbers]))
    return lines
