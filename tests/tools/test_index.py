"""The index of topics: made from the headings' metadata, and up to date in both copies."""

from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from tools import index, notebooks


@pytest.fixture
def chapters(tmp_path: Path) -> list[Path]:
    """Two chapters that share a topic."""
    made = {
        "01_one.ipynb": ("## `view` and strides", ["strides", "torch.view", "_t"]),
        "02_two.ipynb": ("text\n\n### Sums (and means), *slowly*", ["Axes", "strides"]),
    }
    for name, (heading, topics) in made.items():
        cells = [
            new_markdown_cell("# Title", id="title"),
            new_markdown_cell(heading, id=f"in-{name[:2]}", metadata={"topics": topics}),
        ]
        notebooks.write(new_notebook(cells=cells), tmp_path / name)
    return notebooks.paths(folder=tmp_path)


def test_a_row_for_each_initial_in_alphabetical_order(chapters: list[Path]) -> None:
    sums = '](n/02_two.ipynb#cell-id=in-02 "02: Sums (and means), slowly")'
    view = '](n/01_one.ipynb#cell-id=in-01 "01: view and strides")'
    assert index.lines(index.entries(chapters), "n/") == [
        *index.TABLE_HEAD,
        f"| **A** | [Axes{sums} |",
        f"| **S** | strides ([01{view}, [02{sums}) |",
        f"| **T** | [`_t`{view} · [`torch.view`{view} |",
    ]


def test_a_further_section_of_a_chapter_has_a_letter_and_a_bar_leaves_the_table_whole() -> None:
    found = [index.Entry("a | b", "01_one.ipynb", "S", f"c{n}") for n in (1, 2, 2)]
    [*_, row] = index.lines(found, "")
    first, second = (f'](01_one.ipynb#cell-id=c{n} "01: S")' for n in (1, 2))
    assert row == f"| **A** | a &#124; b ([01{first}, [01 b{second}) |"


def test_topics_need_a_heading(tmp_path: Path) -> None:
    cell = new_markdown_cell("no heading", metadata={"topics": ["a"]})
    path = tmp_path / "01_one.ipynb"
    notebooks.write(new_notebook(cells=[cell]), path)
    with pytest.raises(index.NoIndexError, match="cell 1 names topics"):
        index.entries([path])


def test_the_page_has_its_title_and_links_from_its_own_folder(chapters: list[Path]) -> None:
    text = index.page(index.entries(chapters))
    assert text.startswith("# Index of topics\n") and text.endswith(" |\n")
    assert '](../notebooks/01_one.ipynb#cell-id=in-01 "' in text


def test_the_index_needs_its_cell() -> None:
    with pytest.raises(index.NoIndexError, match="index: true"):
        index.index_cell(new_notebook(cells=[new_markdown_cell("text")]))


def test_chapter_00_holds_the_index_as_made_now() -> None:
    (start,) = notebooks.paths("00")
    made = index.cell_source(index.entries(notebooks.paths()))
    told = "run `make index`"
    assert index.index_cell(notebooks.read(start)).source == made, told


def test_the_page_holds_the_index_as_made_now() -> None:
    text = index.PAGE.read_text(encoding="utf-8")
    assert text == index.page(index.entries(notebooks.paths())), "run `make index`"


def test_each_link_leads_to_the_cell_of_its_heading() -> None:
    headings = {
        (path.name, cell.id, index.plain(line.lstrip("#")))
        for path in notebooks.paths()
        for cell in notebooks.read(path).cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("##")
    }
    entries = index.entries(notebooks.paths())
    assert {(entry.file, entry.cell, entry.section) for entry in entries} <= headings
