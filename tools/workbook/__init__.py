"""The learner's workbook: a folder of their own with the learner's edition of each chapter.

`prepare` makes it and brings it up to date, and never drops what the learner wrote.
"""

from pathlib import Path

from nbformat import NotebookNode

from tools.workbook import cells, chapters, extras, files
from tools.workbook.files import WorkbookError, folder

__all__ = ["WorkbookError", "folder", "fresh", "prepare", "take"]

BUNDLE_KEY = "course_bundle"
"""Metadata of a cell that brings the course to where it is not: no part of a chapter."""


def prepare(folder: Path | None = None) -> list[str]:
    """Make the workbook, or bring it up to date with the course.

    Args:
        folder: The workbook; None is `folder()`.

    Returns:
        Sentences for the learner; none where nothing was done.

    Raises:
        WorkbookError: When it cannot be made or updated.
    """
    workbook = files.folder() if folder is None else folder
    files.make(workbook)
    with files.turn(workbook), files.sentences():
        known = chapters.found(workbook)
        said = chapters.renamed(known, workbook) + chapters.removed(known, workbook)
        said += [chapter.update() for chapter in known]
        said += [extra.update() for extra in extras.found(workbook)]
    return [sentence for sentence in said if sentence]


def fresh(chapter: str, folder: Path | None = None) -> list[str]:
    """Begin a chapter anew; the learner's file is kept aside.

    Args:
        chapter: Two digits, "03".
        folder: The workbook; None is `folder()`.

    Returns:
        A sentence for the learner.

    Raises:
        WorkbookError: When there is no such chapter, or it cannot be written.
    """
    workbook = files.folder() if folder is None else folder
    files.make(workbook)
    one = _chapter(chapter, workbook)
    with files.turn(workbook), files.sentences():
        files.finish(one.path, one.base)
        kept = ""
        if one.path.is_file() and one.path.read_bytes() != one.edition:
            aside = files.set_aside(one.path, workbook)
            kept = f"; the file as it was is kept as {chapters.shown(aside)}"
        one.begin()
    return [f"{one.name} begins anew{kept}."]


def take(file: Path, folder: Path | None = None) -> list[str]:
    """Bring the answers of a notebook from elsewhere, such as Colab, into the workbook.

    Args:
        file: The notebook; which chapter it is, its cells say.
        folder: The workbook; None is `folder()`.

    Returns:
        Sentences for the learner.

    Raises:
        WorkbookError: When it cannot be read, or belongs to no chapter.
    """
    notebook = _read(file)
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get(BUNDLE_KEY)]
    workbook = files.folder() if folder is None else folder
    said = prepare(workbook)
    known = chapters.found(workbook)
    one = max(known, key=lambda chapter: chapter.share(notebook))
    if one.share(notebook) < chapters.SHARED:
        raise WorkbookError(f"{file} holds no chapter of this course; nothing was changed.")
    with files.turn(workbook), files.sentences():
        return [*said, one.take(notebook)]


def _read(file: Path) -> NotebookNode:
    """A notebook from wherever the learner has it."""
    try:
        return cells.read(file.expanduser().read_bytes())
    except OSError as error:
        raise WorkbookError(f"{file} cannot be read ({error.strerror or error}).") from error
    except RuntimeError as error:
        raise WorkbookError(f"{file} is in the home folder of an unknown user.") from error
    except cells.UnreadableError as error:
        raise WorkbookError(f"{file} cannot be read as a notebook ({error}).") from error


def _chapter(wanted: str, workbook: Path) -> chapters.Chapter:
    """The chapter of a number."""
    known = chapters.found(workbook)
    for chapter in known:
        if chapter.name[:2] == wanted.zfill(2):
            return chapter
    numbers = ", ".join(chapter.name[:2] for chapter in known)
    raise WorkbookError(f"There is no chapter {wanted!r}; there are: {numbers}.")
