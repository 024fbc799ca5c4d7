"""One file for each chapter that runs on Colab and Kaggle: `python -m tools.colab`.

Its first code cell carries the course's files that the chapter needs (`contents`), and the code
that unpacks them (`first_cell`). The rest is the learner's edition, cell by cell.
"""

import base64
import hashlib
import inspect
import textwrap
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell

from tools import edition, notebooks
from tools.colab import contents, first_cell

FOLDER = notebooks.ROOT / "dist" / "colab"
MARK = "course_bundle"
"""In the metadata of the cell that carries the files: it is not one of the chapter's own."""
LINE = 1000  # characters of a line of packed files: editors are slow with longer ones
LARGEST = 1_000_000  # bytes of a notebook: Colab, and a slow line, take more unwillingly
TITLE = '#@title The files of this chapter: run this cell first { display-mode: "form" }'
ABOUT = """\
# It holds those files of the course that this chapter needs, packed, and unpacks them beside the
# notebook. What Colab lacks for this chapter is installed; otherwise nothing is downloaded."""
# A cell that is long and not to be read: folded in Colab and Kaggle, and in JupyterLab.
FOLDED = {"cellView": "form", "_kg_hide-input": True, "jupyter": {"source_hidden": True}}


def write(chapter: str | None = None, folder: Path = FOLDER) -> list[Path]:
    """Write the notebooks of all chapters, or of one; return their paths.

    Raises:
        OSError: When a file cannot be written.
        ValueError: When a notebook would be larger than `LARGEST`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source in notebooks.paths(chapter):
        made = notebook(source)
        size = len(notebooks.to_bytes(made))
        if size > LARGEST:
            raise ValueError(f"{source.name} for Colab has {size:,} bytes, over {LARGEST:,}.")
        notebooks.write(made, folder / source.name)
        written.append(folder / source.name)
    return written


def notebook(source: Path) -> NotebookNode:
    """The chapter in `source` as one file that needs no other."""
    reference = notebooks.read(source)
    made = edition.learner(reference)
    place = next(n for n, cell in enumerate(made.cells) if cell.cell_type == "code")
    made.cells.insert(place, bundle_cell(notebooks.chapter_of(source), reference))
    made.metadata = from_dict({**notebooks.KERNEL, **_metadata(source.name, reference)})
    made.nbformat, made.nbformat_minor = 4, 5
    return made


def _metadata(name: str, reference: NotebookNode) -> dict[str, Any]:
    """What Colab reads: the name, and a GPU where the chapter's set-up cell asks for one."""
    colab: dict[str, Any] = {"name": name, "provenance": [], "toc_visible": True}
    # What "Hide generative AI features" in a notebook's settings writes.
    colab["generative_ai_disabled"] = True
    setup = next((cell for cell in reference.cells if cell.metadata.get("setup")), None)
    if setup is None or setup.metadata.get("accelerator") != "GPU":
        return {"colab": colab}
    return {"accelerator": "GPU", "colab": {**colab, "gpuType": "T4"}}


def bundle_cell(chapter: str, reference: NotebookNode) -> NotebookNode:
    """The cell that carries and unpacks the files of a chapter."""
    packed = contents.pack(contents.files(chapter, reference))
    digest = hashlib.sha256(packed).hexdigest()
    letters = textwrap.wrap(base64.b85encode(packed).decode("ascii"), LINE)
    function = inspect.getsource(first_cell.bring_course)
    needed = contents.packages(reference)
    name = first_cell.bring_course.__name__
    call = f'{name}(\n    "{chapter}",\n    "{digest}",\n    course_files,\n    {needed!r},\n)'
    files = "\n".join(['course_files = """', *letters, '"""'])
    source = "\n\n".join([f"{TITLE}\n{ABOUT}", files, f"\n{function}", call])
    cell = new_code_cell(f"{source}\ndel {name}, course_files")
    cell["id"] = f"course-files-{chapter}"
    cell.metadata = from_dict({MARK: True, **FOLDED})
    return cell
