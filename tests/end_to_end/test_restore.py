"""`exercises.restore` in JupyterLab: the starter takes the place of the cell that asks for it."""

from playwright.sync_api import expect

from tests.end_to_end.lab import Lab

CHAPTER = "00_start_here.ipynb"


def test_a_starter_takes_the_place_of_the_cell_that_asks_for_it(lab: Lab):
    notebook = lab.notebook(CHAPTER)
    setup = next(k for k, cell in enumerate(notebook.cells) if cell["metadata"].get("setup"))
    code = [k for k, cell in enumerate(notebook.cells) if cell["cell_type"] == "code"]
    place = next(k for k in code if k > setup)
    notebook.run(setup)
    shown = notebook.run(place, "exercises.restore('pixel_count')")
    expect(shown).to_contain_text("The starter of ex.pixel_count takes the place of this cell")
    starter = next(
        cell["source"]
        for cell in notebook.cells
        if cell["metadata"].get("exercise") == "pixel_count" and cell["cell_type"] == "code"
    )
    assert notebook.cells[place]["source"] == starter
