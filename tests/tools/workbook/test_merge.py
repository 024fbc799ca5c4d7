"""No answer is ever lost: random edits of both sides, chains of updates, and each case by itself."""

import copy
import random

import nbformat
import pytest
from nbformat import NotebookNode

from tests.tools.workbook.edits import Course, Learner, chapter, code, notebook, text
from tools.workbook import cells
from tools.workbook.merge import NOTE_KEY, merge

WHOLE = chapter()
PART = chapter(length=40)


def content(made: NotebookNode) -> list[tuple]:
    return [cells.content(cell) for cell in made.cells]


def own_text(made: NotebookNode) -> str:
    """All sources but the notes about the course's new versions."""
    return "\n".join(cell.source for cell in made.cells if NOTE_KEY not in cell.metadata)


def assert_sound(made: NotebookNode) -> None:
    """A valid notebook in which each id is there once, as written and as read again."""
    nbformat.validate(made)
    ids = [cell.id for cell in made.cells]
    assert len(set(ids)) == len(ids)
    again = cells.read(cells.to_bytes(made))
    assert cells.to_bytes(again) == cells.to_bytes(made)


def assert_merged(
    base: NotebookNode, mine: NotebookNode, theirs: NotebookNode, words: list[str]
) -> NotebookNode:
    """Merge, and demand all that must hold of every merge."""
    made, _ = merge(base, mine, theirs)
    assert_still_there(made, words)
    assert_new_is_there(base, theirs, made)
    assert_outputs_belong(mine, made)
    assert content(merge(theirs, made, theirs)[0]) == content(made)  # nothing new
    assert_still_there(merge(base, made, theirs)[0], words)  # the base was lost meanwhile
    return made


def assert_still_there(made: NotebookNode, words: list[str]) -> None:
    assert_sound(made)
    kept = own_text(made)
    assert [word for word in words if word not in kept] == []


def assert_new_is_there(base: NotebookNode, theirs: NotebookNode, made: NotebookNode) -> None:
    """What the course changed or added is a cell, or stands in a note."""
    before = {cell.id: cells.content(cell) for cell in base.cells}
    everything = "\n".join(cell.source for cell in made.cells)
    for cell in theirs.cells:
        if before.get(cell.id) != cells.content(cell):
            assert cell.source.rstrip() in everything


def assert_outputs_belong(mine: NotebookNode, made: NotebookNode) -> None:
    """Outputs are those of the very source that the learner ran."""
    for cell in made.cells:
        if cell.cell_type == "code" and cell.outputs:
            assert cell.outputs[0]["text"].rstrip() == f"ran {cell.source}".rstrip()


@pytest.mark.parametrize("seed", range(250))
def test_random_edits_of_both_sides_lose_nothing(seed):
    rng = random.Random(seed)
    start = WHOLE if seed % 10 == 0 else PART
    learner, course = Learner(rng), Course(rng)
    mine = learner.edit(start, rng.randrange(1, 25))
    theirs = course.edit(start, rng.randrange(1, 25))
    assert_merged(start, mine, theirs, learner.written)


@pytest.mark.parametrize("seed", range(40))
def test_chains_of_updates_lose_nothing(seed):
    rng = random.Random(1000 + seed)
    learner, course = Learner(rng), Course(rng)
    base, mine = PART, PART
    for _ in range(5):
        mine = learner.edit(mine, rng.randrange(8))
        theirs = course.edit(base, rng.randrange(8))
        # What a learner deletes after writing it is theirs to delete.
        mine = assert_merged(base, mine, theirs, learner.written)
        base = theirs


@pytest.mark.parametrize("seed", range(60))
def test_without_a_learners_edit_the_result_is_the_new_edition(seed):
    rng = random.Random(2000 + seed)
    theirs = Course(rng).edit(PART, rng.randrange(1, 40))
    made, _ = merge(PART, copy.deepcopy(PART), theirs)
    assert cells.to_bytes(made) == cells.to_bytes(theirs)


@pytest.mark.parametrize("seed", range(60))
def test_without_a_new_edition_the_result_is_the_learners(seed):
    rng = random.Random(3000 + seed)
    learner = Learner(rng)
    mine = learner.edit(PART, rng.randrange(1, 25))
    made, _ = merge(PART, mine, PART)
    assert content(made) == content(mine)
