"""`exercises.restore` in JupyterLab: the starter takes the place of the cell that asks for it."""

from pathlib import Path

from playwright.sync_api import expect

from tests.end_to_end.lab import Lab


def test_a_starter_takes_the_place_of_the_cell_that_asks_for_it(lab: Lab, checkout: Path):
    assert (checkout / "notebooks" / "01_tensors.ipynb").exists()
    opened = lab.open("notebooks/01_tensors.ipynb")
    setup = next(k for k, c in enumerate(opened.cells) if c["metadata"].get("setup"))
    opened.run(setup)
    shown = opened.run(setup + 1, "exercises.restore('grid')")
    expect(shown).to_contain_text("The starter of ex.grid takes the place of this cell")
    assert opened.cells[setup + 1]["source"] == "grid = ...\nex.grid.check(grid)"
