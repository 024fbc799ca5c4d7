"""The teacher's edition: each chapter with its solutions, written to `dist/solutions`.

Starter cells hold the model answer, with what makes it right and the typical mistakes below;
below each prediction stands its right choice.
"""

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import exercises
from helpers.grading.exercise import Exercise
from helpers.grading.prediction import Prediction
from tools import edition, notebooks
from tools.workbook.extras import SCRIPTS

FOLDER = notebooks.ROOT / "dist" / "solutions"
HEADING = (
    "**Solutions, for teachers.** Each exercise is filled in, each prediction has its right choice "
    "below it. `make solutions` wrote this file; what you change in it is overwritten next time."
)


def solved(path: Path) -> NotebookNode:
    """A chapter as it is when its reader has done all exercises; nothing has been run."""
    notebook = edition.learner(notebooks.read(path))
    chapter = exercises.chapter(notebooks.chapter_of(path))
    answers = {exercise.name: exercise for exercise in chapter.exercises}
    asked = {f"ex.{each.name}.predict()": each for each in chapter.predictions}
    made = [_text("solutions", HEADING)]
    for cell in notebook.cells:
        made.append(cell)
        if cell.cell_type != "code":
            continue
        if "exercise" in cell.metadata:
            exercise = answers[cell.metadata["exercise"]]
            cell.source = exercise.solution_cell().rstrip("\n")
            made.append(_text(f"{cell.id[:56]}-why", _about(exercise)))
        elif cell.source.strip() in asked:
            made.append(_text(f"{cell.id[:56]}-right", _right(asked[cell.source.strip()])))
    notebook.cells = made
    return notebook


def write(folder: Path = FOLDER, run: bool = False) -> list[Path]:
    """Write the solutions of all chapters, and the scripts that they run.

    Args:
        folder: Where to; one below the course, which the notebooks look for.
        run: Whether to run them and store what they print, which takes minutes.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(
        notebooks.FOLDER / SCRIPTS,
        folder / SCRIPTS,
        ignore=shutil.ignore_patterns("__pycache__"),
        dirs_exist_ok=True,
    )
    written = []
    for path in notebooks.paths(folder=notebooks.FOLDER):
        notebook = solved(path)
        if run:
            from tools import refresh  # needs the test environment

            refresh.execute(notebook, folder)
        notebooks.write(notebook, folder / path.name)
        written.append(folder / path.name)
    return written


def _about(exercise: Exercise) -> str:
    """What makes the model answer right, and what goes wrong."""
    says = dict.fromkeys(mistake.says for mistake in exercise.mistakes)
    mistakes = "".join(f"\n- {each}" for each in says)
    return f"**Why:** {exercise.why}" + (f"\n\nTypical mistakes:\n{mistakes}" if says else "")


def _right(prediction: Prediction) -> str:
    """The right choice of a prediction, with its reason."""
    label, choice = next((k, each) for k, each in prediction.labelled.items() if each.right)
    return f"**Right: {label})** {_code(choice.text)}\n\n{choice.reason}"


def _code(text: str) -> str:
    """A text in the letters of code, as choices are shown."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _text(identity: str, source: str) -> NotebookNode:
    return nbformat.from_dict(
        {"id": identity, "cell_type": "markdown", "source": source, "metadata": {}}
    )
