"""The learner's edition: every cell of the reference, and nothing that was run."""

import copy

import pytest

from tools import edition, notebooks

FILES = notebooks.paths()


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_it_has_the_cells_of_the_reference_and_no_output(path):
    reference = notebooks.read(path)
    kept = copy.deepcopy(reference)
    made = edition.learner(reference)
    assert reference == kept  # the caller's is not changed
    assert [(c.id, c.cell_type, c.source) for c in made.cells] == [
        (c.id, c.cell_type, c.source) for c in reference.cells
    ]
    for cell in notebooks.code_cells(made):
        assert cell.outputs == []
        assert cell.execution_count is None
    notebooks.to_bytes(made)  # raises where it is not valid


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_nothing_is_collapsed_and_other_metadata_stays(path):
    reference = notebooks.read(path)
    for old, new in zip(reference.cells, edition.learner(reference).cells):
        assert "jupyter" not in new.metadata
        assert {**new.metadata, "jupyter": 0} == {**old.metadata, "jupyter": 0}


def test_the_reference_holds_what_the_learners_edition_leaves_out():
    reference = [cell for path in FILES for cell in notebooks.code_cells(notebooks.read(path))]
    assert any(cell.outputs for cell in reference)
