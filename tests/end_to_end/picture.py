"""Take the pictures of a chapter that the README shows: `python -m tests.end_to_end.picture`.

Needs Chromium. A copy of the course is opened in JupyterLab in its light theme; the chapter's own
cells are run, an answer is chosen, and a typical wrong answer is typed into an exercise.
"""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import Locator

import exercises
from tests.end_to_end.checkout import copy_course
from tests.end_to_end.chromium import browsing
from tests.end_to_end.lab import Lab, Notebook
from tests.end_to_end.server import ROOT, running

IMAGES = ROOT / "docs" / "images"
CHAPTER = "01_tensors.ipynb"
PREDICTION, EXERCISE = "summed_shape", "row_shares"
WRONG = """\
def row_shares(table):
    return table / table.sum(dim=0)


ex.row_shares.check(row_shares)"""
WIDTH, HEIGHT = 1060, 1170
LEFT, TOP, EXERCISE_HEIGHT = 46, 92, 450
NARROW = "() => jupyterapp.commands.execute('application:toggle-left-area')"


def place_of(notebook: Notebook, text: str) -> int:
    """The index of the first cell that holds `text`."""
    return next(i for i, cell in enumerate(notebook.cells) if text in cell["source"])


def run_section(notebook: Notebook, prediction: int) -> int:
    """Run the set-up cell and the section up to a prediction; the index of its heading."""
    cells = notebook.cells
    notebook.run(next(i for i, cell in enumerate(cells) if cell["metadata"].get("setup")))
    heading = max(i for i in range(prediction) if cells[i]["source"].startswith("## "))
    for place in range(heading, prediction + 1):
        if cells[place]["cell_type"] == "code":
            notebook.run(place)
    return heading


def choose(notebook: Notebook, prediction: int) -> None:
    """Click on the right answer of a prediction."""
    declared = next(p for p in exercises.chapter("01").predictions if p.name == PREDICTION)
    right = [choice.right for choice in declared.choices].index(True)
    notebook.show(prediction).locator(".jp-OutputArea").get_by_role("button").nth(right).click()


def save(lab: Lab, name: str, cell: Locator, **clip: float) -> None:
    """Write a screenshot, or the part of it that `clip` names, once the page is at rest."""
    cell.wait_for()
    lab.page.mouse.move(0, 0)
    lab.page.wait_for_timeout(2000)
    lab.page.screenshot(path=IMAGES / f"{name}.png", clip=clip or None)


def main() -> None:
    """Write `chapter.png` and `exercise.png` into docs/images/."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder) / "course", Path(folder) / "home"
        home.mkdir()
        copy_course(root)
        settings = {"root": root, "COURSE_HOME": str(home), "HOME": str(home)}
        flags = ("--port=0", "--LabApp.expose_app_in_browser=True")
        os.environ["PYTHONPATH"] = str(root)
        with browsing([], home) as browser, running(home, *flags, **settings) as where:
            assert browser is not None, "no Chromium or Chrome was found"
            take(Lab(browser, *where))


def take(lab: Lab) -> None:
    """Take both pictures in an open window."""
    lab.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    lab.notebook("00_start_here.ipynb")
    notebook = lab.open(CHAPTER)
    lab.page.evaluate(NARROW)
    prediction = place_of(notebook, f"ex.{PREDICTION}.predict")
    heading = run_section(notebook, prediction)
    choose(notebook, prediction)
    save(lab, "chapter", notebook.show(heading))
    exercise = place_of(notebook, f"ex.{EXERCISE}.check(")
    notebook.run(exercise, WRONG)
    area = {"x": LEFT, "y": TOP, "width": WIDTH - 2 * LEFT, "height": EXERCISE_HEIGHT}
    save(lab, "exercise", notebook.show(exercise - 1), **area)


if __name__ == "__main__":
    main()
