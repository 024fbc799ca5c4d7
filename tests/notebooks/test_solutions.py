"""Each chapter with every solution filled in: all checks say so, and nothing fails."""

import shutil
from pathlib import Path

import pytest

import exercises
from tools import leaks, notebooks, refresh
from tools.workbook import solutions

FILES = notebooks.paths()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder in a copy of the course, with the scripts, as `make solutions` makes it."""
    course = tmp_path_factory.mktemp("course")
    for name in ("exercises", "helpers", "data", "notebooks/scripts"):
        shutil.copytree(notebooks.ROOT / name, course / name)
    made = course / "dist" / "solutions"
    shutil.copytree(notebooks.FOLDER / "scripts", made / "scripts")
    return made


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_all_solutions_are_right(path: Path, folder: Path) -> None:
    notebook = solutions.solved(path)
    refresh.execute(notebook, folder)
    wrong = {}
    for cell in notebooks.code_cells(notebook):
        if "exercise" in cell.metadata:
            texts = [text for output in cell.outputs for text in leaks.texts(output)]
            if not any(text.startswith("Right:") for text in texts):
                wrong[cell.metadata["exercise"]] = texts
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_teacher_reads_why_it_is_right(path: Path) -> None:
    notebook = solutions.solved(path)
    notebooks.to_bytes(notebook)  # raises where it is not valid
    chapter = exercises.chapter(notebooks.chapter_of(path))
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    for exercise in chapter.exercises:
        assert any(text.startswith(f"**Why:** {exercise.why}") for text in texts)
    for prediction in chapter.predictions:
        (right,) = (choice for choice in prediction.choices if choice.right)
        assert any(text.startswith("**Right:") and text.endswith(right.reason) for text in texts)


def test_they_are_written_beside_the_scripts_that_they_run(tmp_path: Path) -> None:
    written = solutions.write(tmp_path)
    assert [path.name for path in written] == [path.name for path in FILES]
    assert (tmp_path / "scripts" / "count_ink.py").exists()
    assert solutions.write(tmp_path) == written
