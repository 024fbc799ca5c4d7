"""Beginning an exercise anew, and an update of a chapter that is open in JupyterLab."""

import json
import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.end_to_end.lab import Lab, Notebook

CHAPTER = "00_start_here.ipynb"
EXERCISE = "pixel_count"


def place_of(notebook: Notebook, key: str, value: object) -> int:
    """The place of the code cell that has this in its metadata."""
    return next(
        place
        for place, cell in enumerate(notebook.cells)
        if cell["cell_type"] == "code" and cell["metadata"].get(key) == value
    )


def test_a_starter_takes_the_place_of_the_cell_that_asks_for_it(lab: Lab):
    notebook = lab.notebook(CHAPTER)
    notebook.run(place_of(notebook, "setup", True))
    starter = notebook.cells[place_of(notebook, "exercise", EXERCISE)]["source"]
    place = next(k for k, cell in enumerate(notebook.cells) if "cups = 1" in cell["source"])
    shown = notebook.run(place, f"exercises.restore('{EXERCISE}')")
    expect(shown).to_contain_text(f"The starter of ex.{EXERCISE} takes the place of this cell")
    assert notebook.cells[place]["source"] == starter


def test_an_update_of_an_open_chapter_is_not_overwritten_by_the_page(
    lab: Lab, checkout: Path, workbook: Path
):
    notebook = lab.notebook(CHAPTER)
    place = place_of(notebook, "exercise", EXERCISE)
    notebook.run(place, "my_answer = 1")
    notebook.act("await panel.context.save();")
    reference = checkout / "notebooks" / CHAPTER
    changed = json.loads(reference.read_text(encoding="utf-8"))
    changed["cells"][0]["source"] = "# A new title"
    reference.write_text(json.dumps(changed), encoding="utf-8")
    words = {name: value for name, value in os.environ.items() if name != "COURSE_WORKBOOK"}
    command = [sys.executable, "-m", "tools.workbook", "update"]
    done = subprocess.run(command, cwd=checkout, env=words, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 changed cell" in done.stdout
    notebook.act(
        "panel.content.widgets[place].model.sharedModel.setSource('my_answer = 2');"
        "panel.context.save();",
        place,
    )
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("has changed on disk")
    dialog.get_by_role("button", name="Revert").click()
    expect(lab.page.get_by_role("heading", name="A new title").first).to_be_visible()
    saved = json.loads((workbook / CHAPTER).read_text(encoding="utf-8"))["cells"]
    assert "my_answer = 1" in ["".join(cell["source"]) for cell in saved]
