"""Each chapter with every solution filled in: all checks say so, and nothing fails."""

from pathlib import Path

import pytest
from nbformat import NotebookNode

import exercises
from tools import leaks, notebooks, refresh

FILES = notebooks.paths()


def solved(path: Path) -> NotebookNode:
    """A chapter as it is when its reader has done all exercises, executed."""
    notebook = notebooks.read(path)
    chapter = exercises.chapter(notebooks.chapter_of(path))
    answers = {exercise.name: exercise.solution_cell() for exercise in chapter.exercises}
    for cell in notebooks.code_cells(notebook):
        if "exercise" in cell.metadata:
            cell.source = answers[cell.metadata["exercise"]]
    refresh.execute(notebook, path.parent)
    return notebook


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_all_solutions_are_right(path: Path) -> None:
    wrong = {}
    for cell in notebooks.code_cells(solved(path)):
        if "exercise" in cell.metadata:
            texts = [text for output in cell.outputs for text in leaks.texts(output)]
            if not any(text.startswith("Right:") for text in texts):
                wrong[cell.metadata["exercise"]] = texts
    assert not wrong
