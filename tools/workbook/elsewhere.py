"""What comes with answers from elsewhere, such as Colab: cells that only Colab needs, progress."""

import re
from pathlib import Path

from nbformat import NotebookNode

from helpers.grading import transfer
from helpers.grading.progress import LearnerProgress
from tools import colab
from tools.workbook import files

SAVING = re.compile(r"\s*exercises\.download_progress\(\)\s*")


def progress(file: Path) -> list[str]:
    """Take the progress that a file carries; a sentence, or none where a notebook has none.

    Raises:
        WorkbookError: When the file cannot be read, holds no progress though it is no notebook,
            or the learner's own cannot be written.
    """
    try:
        return [transfer.take(file, LearnerProgress())]
    except transfer.TransferError as error:
        if file.suffix == ".ipynb":
            return []
        raise files.WorkbookError(str(error)) from error
    except OSError as error:
        raise files.WorkbookError(f"The progress was not taken: {error}") from error


def own_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells of the chapter and of the learner: not those that only Colab needs."""

    def is_needed(cell: NotebookNode) -> bool:
        carries = cell.metadata.get(colab.MARK) or cell.source.startswith(colab.TITLE)
        return not carries and not SAVING.fullmatch(cell.source)

    return [cell for cell in notebook.cells if is_needed(cell)]
