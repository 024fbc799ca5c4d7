"""No answer is ever lost: random edits of both sides, chains of updates, and single cases."""

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


BASE = notebook(
    text("# Title", "title"),
    code("import torch", "setup"),
    text("Sum the rows.", "prompt"),
    code("def total(x):\n    ...\n\n\nex.total.check(total)", "starter"),
    text("The end.", "end"),
)
BASE.cells[3].metadata["exercise"] = "total"
ANSWER = "def total(x):\n    return x.sum(1)\n\n\nex.total.check(total)"


def changed(**sources: str) -> NotebookNode:
    """The base with other sources."""
    made = copy.deepcopy(BASE)
    for cell in made.cells:
        cell.source = sources.get(cell.id, cell.source)
    return made


def inserted(made: NotebookNode, place: int, cell: NotebookNode) -> NotebookNode:
    made = copy.deepcopy(made)
    made.cells.insert(place, cell)
    return made


def without(made: NotebookNode, identity: str) -> NotebookNode:
    made = copy.deepcopy(made)
    made.cells = [cell for cell in made.cells if cell.id != identity]
    return made


def ids(made: NotebookNode) -> list[str]:
    return [cell.id for cell in made.cells]


def source(made: NotebookNode, identity: str) -> str:
    return next(cell.source for cell in made.cells if cell.id == identity)


def test_own_cells_stay_below_the_cell_that_they_were_below():
    mine = inserted(changed(starter=ANSWER), 4, text("My note", "note"))
    theirs = inserted(inserted(BASE, 4, text("New", "new")), 1, text("Intro", "intro"))
    made, counts = merge(BASE, mine, theirs)
    assert ids(made) == ["title", "intro", "setup", "prompt", "starter", "note", "new", "end"]
    assert counts == {"kept": 2, "new": 2, "removed": 0}


def test_an_own_cell_goes_with_a_cell_that_the_course_moves():
    mine = inserted(BASE, 3, text("My note", "note"))
    theirs = copy.deepcopy(BASE)
    theirs.cells.append(theirs.cells.pop(2))
    assert ids(merge(BASE, mine, theirs)[0]) == [
        *("title", "setup", "starter", "end", "prompt", "note")
    ]


def test_a_cell_that_the_learner_moved_stays_where_it_is_and_gets_the_new_text():
    mine = copy.deepcopy(BASE)
    mine.cells.insert(0, mine.cells.pop())
    made, _ = merge(BASE, mine, changed(end="The very end."))
    assert ids(made) == ["end", "title", "setup", "prompt", "starter"]
    assert source(made, "end") == "The very end."


def test_a_deleted_cell_stays_deleted_unless_the_course_changed_it():
    mine = without(without(BASE, "end"), "prompt")
    made, _ = merge(BASE, mine, changed(prompt="Sum the columns."))
    assert ids(made) == ["title", "setup", "prompt", "starter"]


def test_a_cell_that_the_course_removed_goes_unless_the_learner_changed_it():
    mine = changed(starter=ANSWER)
    made, counts = merge(BASE, mine, without(without(BASE, "starter"), "prompt"))
    assert ids(made) == ["title", "setup", "starter", "end"]
    assert source(made, "starter") == ANSWER
    assert counts["removed"] == 1


def test_a_note_is_replaced_by_the_next_one_and_goes_when_it_is_settled():
    first = changed(starter="def total(x): ...  # first")
    second = changed(starter="def total(x): ...  # second")
    made, _ = merge(BASE, changed(starter=ANSWER), first)
    assert ids(made) == ["title", "setup", "prompt", "starter", "starter-new", "end"]
    made, _ = merge(first, made, second)
    assert ids(made).count("starter") == 1
    notes = [cell.source for cell in made.cells if NOTE_KEY in cell.metadata]
    assert len(notes) == 1 and "# second" in notes[0]
    settled = copy.deepcopy(made)
    settled.cells[3].source = "def total(x): ...  # second"
    assert ids(merge(second, settled, changed(title="# New"))[0]) == ids(BASE)


def test_a_note_that_the_learner_wrote_into_stays():
    first, second = changed(starter="pass  # first"), changed(starter="pass  # second")
    made, _ = merge(BASE, changed(starter=ANSWER), first)
    made.cells[4].source += "\nMy thoughts on it."
    made, _ = merge(first, made, second)
    assert sum("My thoughts on it." in cell.source for cell in made.cells) == 1
    assert sum("# second" in cell.source for cell in made.cells) == 1


def test_an_answer_that_the_course_has_too_needs_no_note():
    made, _ = merge(BASE, changed(starter=ANSWER), changed(starter=ANSWER))
    assert cells.to_bytes(made) == cells.to_bytes(changed(starter=ANSWER))


def test_code_with_a_fence_in_it_is_shown_whole():
    theirs = changed(starter="doc = '```'\n# ```` too")
    made, _ = merge(BASE, changed(starter=ANSWER), theirs)
    assert source(made, "starter-new").count("`````") == 2


def test_an_answer_without_id_and_metadata_is_found_by_its_likeness():
    mine = changed(starter=ANSWER)
    for cell in mine.cells:
        cell.id, cell.metadata = "", nbformat.from_dict({})
    made, _ = merge(BASE, mine, changed(prompt="Sum the columns."))
    assert ids(made) == ids(BASE)
    assert source(made, "starter") == ANSWER
    assert made.cells[3].metadata == {"exercise": "total"}


def test_equal_cells_without_ids_are_told_apart_by_their_neighbours():
    base = notebook(
        *[
            code("x", f"x{place}") if place % 2 else text(f"t{place}", f"t{place}")
            for place in range(8)
        ]
    )
    mine = without(base, "x3")
    for cell in mine.cells:
        cell.id = ""
    theirs = copy.deepcopy(base)
    theirs.cells[5].source = "x  # new"
    assert [c.source for c in merge(base, mine, theirs)[0].cells] == [
        *("t0", "x", "t2", "t4", "x  # new", "t6", "x")
    ]


def test_halves_of_an_answer_are_both_kept():
    mine = inserted(
        changed(starter="def total(x):\n    return x.sum(1)"),
        4,
        code("ex.total.check(total)", "starter"),
    )
    made, _ = merge(BASE, mine, changed(starter="def total(x): ...", title="# New"))
    assert source(made, "starter") == "def total(x):\n    return x.sum(1)"
    assert "ex.total.check(total)" in [cell.source for cell in made.cells]


def test_an_answer_that_became_text_stays_text():
    mine = copy.deepcopy(BASE)
    mine.cells[3] = text(ANSWER, "fresh")
    mine.cells[3].metadata["exercise"] = "total"
    made, _ = merge(BASE, mine, changed(title="# New"))
    assert [(c.id, c.cell_type) for c in made.cells][3] == ("starter", "markdown")
    assert made.cells[3].source == ANSWER


def test_outputs_go_with_changed_code_alone():
    mine = copy.deepcopy(BASE)
    for cell in (mine.cells[1], mine.cells[3]):
        output = {"output_type": "stream", "name": "stdout", "text": "ran\n"}
        cell.outputs, cell.execution_count = [nbformat.from_dict(output)], 1
    made, _ = merge(BASE, mine, changed(setup="import torch  # new", title="# New"))
    assert made.cells[1].outputs == [] and made.cells[1].execution_count is None
    assert made.cells[3].outputs == mine.cells[3].outputs


def test_what_the_learners_program_wrote_into_metadata_stays():
    mine, theirs = copy.deepcopy(BASE), copy.deepcopy(BASE)
    mine.metadata["kernelspec"] = {"name": "mine"}
    mine.cells[3].metadata.update({"scrolled": True, "tags": ["mine"]})
    theirs.cells[3].metadata["tags"] = ["new"]
    made, _ = merge(BASE, mine, theirs)
    assert made.metadata == {"kernelspec": {"name": "mine"}}
    assert made.cells[3].metadata == {"exercise": "total", "scrolled": True, "tags": ["new"]}


def test_a_picture_pasted_into_a_text_is_the_learners():
    mine, theirs = copy.deepcopy(BASE), changed(prompt="Sum the columns.")
    mine.cells[2]["attachments"] = {"x.png": {"image/png": "AAAA"}}
    made, _ = merge(BASE, mine, theirs)
    assert made.cells[2].attachments == mine.cells[2].attachments
    assert "Sum the columns." in made.cells[3].source
