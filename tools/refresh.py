"""Execute the notebooks and store what they print: `python -m tools.refresh [--chapter 01]`.

A notebook that fails, or whose output tells where or when it was made, is refused: one
sentence names the cell, the exit status is 1, and the file stays as it was.
"""

import argparse
import copy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools import kernels, leaks, notebooks
from tools.normalise import keep_what_is_not_compared, normalise

CELL_SECONDS = 600  # a cell takes seconds; a loaded machine is slow


class RefusedError(Exception):
    """Why a notebook is not stored, in one sentence that names the cell."""


def sync_generated(notebook: NotebookNode, chapter: str, reset: bool = False) -> None:
    """Write the cells that are generated: the set-up cell, exercise prompts and starters.

    A starter cell that differs from the declared starter may hold someone's answer: it is
    replaced only with `reset`.

    Raises:
        RefusedError: When such a cell is there, and `reset` is False.
    """
    for cell in notebook.cells:
        if cell.metadata.get("setup"):
            cell.source = notebooks.setup_cell(chapter)
    with_exercise = [cell for cell in notebook.cells if "exercise" in cell.metadata]
    for cell in with_exercise:
        exercise = _exercise(notebook, cell, chapter)
        if cell.cell_type == "markdown":
            cell.source = exercise.prompt_cell().rstrip("\n")
        else:
            _sync_starter(notebook, cell, exercise.starter_cell().rstrip("\n"), reset)


def _exercise(notebook: NotebookNode, cell: NotebookNode, chapter: str) -> Any:
    sys.path.insert(0, str(notebooks.ROOT))
    try:
        import exercises
    finally:
        sys.path.remove(str(notebooks.ROOT))
    name = cell.metadata["exercise"]
    declared = exercises.chapter(chapter).exercises if chapter in exercises.numbers() else ()
    found = [exercise for exercise in declared if exercise.name == name]
    if not found:
        raise RefusedError(
            f"Chapter {chapter} declares no exercise {name!r}, which a cell's metadata names; "
            f"declare it in exercises/chapter_{chapter}/ or correct the cell."
        )
    return found[0]


def _sync_starter(notebook: NotebookNode, cell: NotebookNode, starter: str, reset: bool) -> None:
    if cell.source.rstrip("\n") != starter and cell.source.strip() and not reset:
        raise RefusedError(
            f"{notebooks.name_of(notebook, cell)} of exercise {cell.metadata['exercise']!r} "
            "holds an answer or an old starter; RESET=1 puts the declared starter back."
        )
    cell.source = starter


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run all cells in place, from the top, in a fresh kernel with one thread.

    Raises:
        RefusedError: When a cell fails, takes too long or ends the kernel.
    """
    for cell in notebooks.code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
        if not cell.source.strip():
            raise RefusedError(f"{notebooks.name_of(notebook, cell)} is empty; delete it.")
    with tempfile.TemporaryDirectory(prefix="course-home-", ignore_cleanup_errors=True) as home:
        try:
            client(notebook, folder).execute(
                env=kernels.environment(Path(home)), stderr=subprocess.DEVNULL
            )
        except CellExecutionError as error:
            told = f"{error.ename}: {error.evalue}".strip()
            raise RefusedError(f"{_stopped_at(notebook)} raises {told}") from error
        except CellTimeoutError as error:
            told = f"takes more than {CELL_SECONDS} seconds."
            raise RefusedError(f"{_stopped_at(notebook)} {told}") from error
        except DeadKernelError as error:
            raise RefusedError(f"{_stopped_at(notebook)} ends the kernel.") from error


def client(notebook: NotebookNode, folder: Path) -> NotebookClient:
    """nbclient, set up so that what it stores depends on nothing but the cells."""
    return NotebookClient(
        notebook,
        kernel_name=kernels.CURRENT_ENV_KERNEL_NAME,
        kernel_manager_class=kernels.CurrentKernelManager,
        resources={"metadata": {"path": str(folder)}},
        timeout=CELL_SECONDS,
        startup_timeout=CELL_SECONDS,
        # Where a machine stands still for longer than nbclient's 4 s, output would be lost.
        iopub_timeout=CELL_SECONDS,
        raise_on_iopub_timeout=True,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        skip_cells_with_tag="nbval-skip",
        shutdown_kernel="immediate",
    )


def _stopped_at(notebook: NotebookNode) -> str:
    """The name of the cell at which execution stopped: an unexpected error, or no result."""
    ran = [cell for cell in notebooks.code_cells(notebook) if cell.execution_count is not None]
    failed = [cell for cell in ran if _raised(cell) and not _may_raise(cell)]
    waiting = [
        cell
        for cell in notebooks.code_cells(notebook)
        if cell.execution_count is None and "nbval-skip" not in notebooks.tags(cell)
    ]
    return notebooks.name_of(notebook, (failed or waiting or ran)[0])


def _raised(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def _may_raise(cell: NotebookNode) -> bool:
    return "raises-exception" in notebooks.tags(cell)


def refuse_bad(notebook: NotebookNode) -> None:
    """Raise RefusedError for the first cell whose result must not be stored."""
    ran = 0
    for cell in notebooks.code_cells(notebook):
        name = notebooks.name_of(notebook, cell)
        ran += "nbval-skip" not in notebooks.tags(cell)
        if _may_raise(cell) and not _raised(cell):
            raise RefusedError(f"{name} is tagged raises-exception and raises nothing.")
        if (number := _out_of_order(cell, ran)) is not None:
            raise RefusedError(
                f"{name} ran out of order, as number {number} where {ran} was expected."
            )
        if leak := leaks.in_cell(cell):
            raise RefusedError(f"{name} prints {leak}, which must not be stored.")


def _out_of_order(cell: NotebookNode, place: int) -> int | None:
    """The number under which a cell ran, when that is not its place among those that ran.

    The kernel's own number is in the result: nbclient would number the cells anew.
    """
    numbers = [
        cell.execution_count,
        *(out.get("execution_count") for out in cell.outputs),
    ]
    return next((number for number in numbers if number not in (None, place)), None)


def refreshed(path: Path, reset: bool = False) -> NotebookNode:
    """The notebook as it would be stored, executed in its own folder.

    Raises:
        RefusedError: When it must not be stored.
    """
    old = notebooks.read(path)
    new = copy.deepcopy(old)
    sync_generated(new, notebooks.chapter_of(path), reset)
    execute(new, path.parent)
    try:
        normalise(new)
    except ValueError as error:
        raise RefusedError(f"The notebook cannot be stored: {error}.") from error
    keep_what_is_not_compared(old, new)
    refuse_bad(new)
    return new


def refresh(path: Path, reset: bool = False) -> bool:
    """Execute and store one notebook; returns whether its bytes changed."""
    return notebooks.write(refreshed(path, reset), path)


def main(arguments: list[str] | None = None, folder: Path = notebooks.FOLDER) -> int:
    """Refresh all notebooks or one chapter's; 1 when any was refused or none was found."""
    parser = argparse.ArgumentParser(prog="python -m tools.refresh", description=__doc__)
    parser.add_argument("--chapter", help="only this chapter, for example 01")
    parser.add_argument("--reset", action="store_true", help="put the starters back")
    options = parser.parse_args(arguments)
    files = notebooks.paths(options.chapter, folder)
    if not files:
        print(f"No notebook of chapter {options.chapter or 'any'} in notebooks/.")
        return 1
    refused = 0
    for path in files:
        try:
            told = "stored" if refresh(path, options.reset) else "unchanged"
        except RefusedError as error:
            refused += 1
            told = f"refused: {error}"
        print(f"{path.name}: {told}", flush=True)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
