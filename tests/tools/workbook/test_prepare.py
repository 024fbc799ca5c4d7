"""The workbook is made, brought up to date, begun anew and filled from elsewhere."""

import copy
import errno
import json
import os
import re
import stat
from pathlib import Path

import nbformat
import pytest

from helpers import _atomic
from tests.tools.workbook.conftest import starter
from tests.tools.workbook.edits import code, notebook, text
from tools import notebooks, workbook
from tools.workbook import __main__ as command
from tools.workbook import cells, files

ANSWER = "grid = torch.arange(12.0).reshape(3, 4)\nex.grid.check(grid)"


def test_the_first_time_it_holds_the_learners_edition_scripts_and_a_word_to_assistants(course):
    assert course.prepare() == []
    assert course.path().read_bytes() == cells.to_bytes(course.reference())
    assert course.path("02_autograd").exists()
    assert (course.workbook / "scripts" / "project" / "train.py").read_text() == "print(1)\n"
    assert "ex.NAME.hint()" in (course.workbook / "AGENTS.md").read_text(encoding="utf-8")
    assert {p.name for p in course.workbook.iterdir() if not p.name.startswith(".")} == {
        *("01_tensors.ipynb", "02_autograd.ipynb", "scripts", "AGENTS.md")
    }


@pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
def test_nobody_else_reads_a_new_workbook(course):
    course.prepare()
    assert stat.S_IMODE(course.workbook.stat().st_mode) == 0o700


def test_a_second_time_changes_nothing(course):
    course.prepare()
    course.answer(ANSWER)
    before = course.everything()
    assert course.prepare() == []
    assert course.everything() == before


def test_an_update_keeps_the_answer_brings_the_text_and_says_so_once(course):
    course.prepare()
    course.answer(ANSWER)
    old = course.path().read_bytes()
    course.reword()
    said = course.prepare()
    (aside,) = course.aside()
    assert said == [
        "01_tensors.ipynb is up to date (1 changed cell); 1 cell of yours kept; "
        f"the file as it was is set-aside/{aside}."
    ]
    assert re.fullmatch(r"01_tensors-\d{4}-\d\d-\d\d\.ipynb", aside)
    assert (course.workbook / "set-aside" / aside).read_bytes() == old
    assert course.mine().cells[0].source == "New words."
    assert starter(course.mine()).source == ANSWER
    before = course.everything()
    assert course.prepare() == []
    assert course.everything() == before


def test_an_untouched_chapter_becomes_the_new_edition_and_nothing_is_set_aside(course):
    course.prepare()
    course.reword()
    assert course.prepare() == ["01_tensors.ipynb is up to date (1 changed cell)."]
    assert course.path().read_bytes() == cells.to_bytes(course.reference())
    assert course.aside() == []


def test_an_update_keeps_the_time_of_change(course):
    course.prepare()
    course.answer(ANSWER)
    os.utime(course.path(), ns=(10**18, 10**18))
    course.reword()
    course.prepare()
    assert course.mine().cells[0].source == "New words."
    assert course.path().stat().st_mtime_ns == 10**18


def test_a_starter_changed_on_both_sides_stays_and_the_new_one_is_shown_below(course):
    course.prepare()
    course.answer(ANSWER)
    new = course.reference()
    starter(new).source = "grid = ...  # float64\nex.grid.check(grid)"
    course.publish("01_tensors", new)
    (said,) = course.prepare()
    assert "1 cell of yours kept, 1 with the course's new version below" in said
    mine = course.mine()
    place = mine.cells.index(starter(mine))
    assert mine.cells[place].source == ANSWER
    below = mine.cells[place + 1]
    assert below.cell_type == "markdown"  # it must not run: the starter would undo the answer
    assert starter(new).source in below.source
    course.reword()
    course.prepare()
    assert sum("has a new version" in cell.source for cell in course.mine().cells) == 1


def test_the_learners_own_files_are_never_touched(course):
    course.prepare()
    for name in ("notes.txt", "my.ipynb", "scripts/mine.py", "set-aside/old.txt", "01.ipynb"):
        (course.workbook / name).parent.mkdir(exist_ok=True)
        (course.workbook / name).write_text("mine")
    course.reword()
    course.prepare()
    for name in ("notes.txt", "my.ipynb", "scripts/mine.py", "set-aside/old.txt", "01.ipynb"):
        assert (course.workbook / name).read_text() == "mine"


def test_a_script_that_the_learner_changed_is_kept_and_the_new_one_put_beside(course):
    course.prepare()
    mine = course.workbook / "scripts" / "project" / "train.py"
    mine.write_text("print('mine')\n")
    theirs = course.folder / "scripts" / "project" / "train.py"
    for content in ("print(2)\n", "print(3)\n"):
        theirs.write_text(content)
        assert course.prepare() == [
            "scripts/project/train.py, which you changed, is kept; "
            "the new one is scripts/project/train-new.py."
        ]
        assert course.prepare() == []
        assert mine.read_text() == "print('mine')\n"
        assert mine.with_name("train-new.py").read_text() == content
    mine.with_name("train-new.py").write_text("print('also mine')\n")
    theirs.write_text("print(4)\n")
    course.prepare()
    assert mine.with_name("train-new.py").read_text() == "print('also mine')\n"
    assert mine.with_name("train-new-2.py").read_text() == "print(4)\n"


def test_scripts_follow_the_course(course):
    course.prepare()
    theirs = course.folder / "scripts" / "project"
    (theirs / "train.py").write_text("print(2)\n")
    (theirs / "more.py").write_text("new\n")
    assert course.prepare() == []
    mine = course.workbook / "scripts" / "project"
    assert (mine / "train.py").read_text() == "print(2)\n"
    assert (mine / "more.py").read_text() == "new\n"
    (theirs / "train.py").unlink()
    (mine / "more.py").write_text("mine\n")
    (theirs / "more.py").unlink()
    course.prepare()
    assert not (mine / "train.py").exists()
    assert (mine / "more.py").read_text() == "mine\n"


def test_a_new_chapter_appears_and_a_deleted_file_begins_anew(course):
    course.prepare()
    course.publish("03_more", notebook(text("Three", "three")))
    course.path("02_autograd").unlink()
    course.prepare()
    assert course.mine("03_more").cells[0].source == "Three"
    assert course.path("02_autograd").exists()


def test_answers_follow_a_chapter_that_is_renamed(course):
    course.prepare()
    course.answer(ANSWER)
    (course.folder / "01_tensors.ipynb").rename(course.folder / "01_first.ipynb")
    course.reword("01_first")
    (said,) = course.prepare()
    assert said.startswith("01_tensors.ipynb is called 01_first.ipynb now; the file as it was is")
    assert starter(course.mine("01_first")).source == ANSWER
    assert course.mine("01_first").cells[0].source == "New words."
    assert not course.path().exists()
    assert len(course.aside()) == 1
    assert course.prepare() == []


def test_a_chapter_that_is_removed_leaves_the_learners_file(course):
    course.prepare()
    course.answer(ANSWER)
    for path in course.folder.glob("*.ipynb"):
        path.unlink()
    assert course.prepare() == [
        "01_tensors.ipynb is no longer in the course; your file stays where it is."
    ]
    assert starter(course.mine()).source == ANSWER
    assert not course.path("02_autograd").exists()  # nobody had written into it
    assert course.prepare() == []


def conflict(content: bytes) -> bytes:
    return b"<<<<<<< HEAD\n" + content + b"=======\n" + content + b">>>>>>> theirs\n"


@pytest.mark.parametrize(
    "damage",
    [
        conflict,
        lambda content: content[: len(content) // 2],
        lambda content: b"\xff\xfe" + content,
        lambda content: b"[1, 2]",
        lambda content: b'{"cells": 3}',
        lambda content: b"[" * 200_000,
        lambda content: b'{"worksheets": 3}',
        lambda content: b"null",
    ],
    ids=["conflict", "half", "utf-16", "list", "cells", "nested", "worksheets", "null"],
)
def test_what_is_no_notebook_is_kept_aside_and_the_chapter_begins_anew(course, damage):
    course.prepare()
    course.answer(ANSWER)
    broken = damage(course.path().read_bytes())
    course.path().write_bytes(broken)
    (said,) = course.prepare()
    (aside,) = course.aside()
    assert said.startswith("01_tensors.ipynb begins anew: it cannot be read as a notebook (")
    assert said.endswith(f") and is kept as set-aside/{aside}.")
    assert "\n" not in said
    assert (course.workbook / "set-aside" / aside).read_bytes() == broken
    assert course.path().read_bytes() == cells.to_bytes(course.reference())


def test_an_empty_file_and_a_folder_begin_anew(course):
    course.prepare()
    course.path().write_bytes(b" \n")
    course.path("02_autograd").unlink()
    course.path("02_autograd").mkdir()
    (course.path("02_autograd") / "mine.txt").write_text("mine")
    assert course.prepare() == [
        "01_tensors.ipynb begins anew: it was empty.",
        "02_autograd.ipynb was a folder, which is kept as set-aside/02_autograd.ipynb-1; "
        "it begins anew.",
    ]
    assert (course.workbook / "set-aside/02_autograd.ipynb-1/mine.txt").read_text() == "mine"


def test_a_chapter_without_cells_stays_without(course):
    course.prepare()
    course.save(notebook())
    course.reword()
    course.prepare()
    assert [cell.source for cell in course.mine().cells] == ["New words."]
    course.publish("01_tensors", notebook())
    course.prepare()
    assert course.mine().cells == []


@pytest.mark.parametrize("deep", [True, False])
def test_without_the_hidden_folder_answers_stay_and_new_cells_come(course, deep):
    course.prepare()
    course.answer(ANSWER)
    made = course.mine()
    gone = made.cells.pop(5)
    course.save(made)
    for path in (course.workbook / ".course" / "base").glob("*.ipynb" if deep else "01*"):
        path.unlink()
    course.prepare()
    assert starter(course.mine()).source == ANSWER
    assert gone.source in [cell.source for cell in course.mine().cells]
    assert course.prepare() == []


def test_a_learners_file_with_the_name_of_a_new_chapter_is_kept_aside(course):
    course.prepare()
    course.save(notebook(code("mine = 1", "mine")), "03_more")
    course.publish("03_more", notebook(text("Three", "three")))
    (said,) = course.prepare()
    (aside,) = course.aside()
    assert said == (
        f"03_more.ipynb is a new chapter; your file of that name is kept as set-aside/{aside}."
    )
    assert course.mine("03_more").cells[0].source == "Three"


def test_odd_cells_are_mended_and_their_text_is_kept(course):
    course.prepare()
    course.answer(ANSWER)
    found = json.loads(course.path().read_bytes())
    found["cells"] += [
        {"cell_type": "strange", "source": ["a\n", "b"], "metadata": None, "extra": 1},
        {"cell_type": "code", "source": "half = '\ud800'", "outputs": [{"output_type": "x"}, 3]},
        {"cell_type": "code", "source": {"odd": 1}, "metadata": {"tags": "no list"}, "id": "é"},
        {"cell_type": "markdown", "source": "![](attachment:x)", "attachments": {"x": 3}},
        "no cell",
    ]
    found["metadata"]["kernelspec"] = 3
    course.path().write_text(json.dumps(found))
    course.reword()
    course.prepare()
    mine = course.mine()
    nbformat.validate(mine)
    assert [cell.source for cell in mine.cells[-4:]] == [
        *("a\nb", "half = '\ud800'", '{"odd": 1}', "![](attachment:x)")
    ]
    assert starter(mine).source == ANSWER


def test_two_updates_at_once_take_turns(course, monkeypatch):
    course.prepare()
    monkeypatch.setattr(files, "LOCK_SECONDS", 0.01)
    with (
        files.turn(course.workbook),
        pytest.raises(workbook.WorkbookError, match="Another program has been updating"),
    ):
        course.prepare()
    course.prepare()


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.ENOSPC, "free some space"), (errno.EROFS, "you may write to")]
)
def test_a_disk_that_is_full_or_read_only_is_one_sentence_and_loses_nothing(
    course, monkeypatch, number, advice
):
    course.prepare()
    course.answer(ANSWER)
    course.reword()
    before = course.everything()

    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(_atomic.os, "fsync", fail)
    with pytest.raises(workbook.WorkbookError, match=advice) as caught:
        course.prepare()
    assert "\n" not in str(caught.value)
    assert str(caught.value).count(". ") == 0
    monkeypatch.undo()
    assert course.everything() == before


def test_a_read_only_workbook_that_is_up_to_date_can_be_opened(course, monkeypatch):
    course.prepare()
    monkeypatch.setattr(files, "replace", None)
    monkeypatch.setattr(files, "set_aside", None)
    assert course.prepare() == []


def test_a_workbook_that_is_a_file_or_lies_in_one(course, tmp_path):
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file" / "workbook"):
        with pytest.raises(workbook.WorkbookError, match="is a file; give the name of a new"):
            workbook.prepare(path)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_workbook_that_is_a_link(course, tmp_path):
    (tmp_path / "disk").mkdir()
    try:
        course.workbook.symlink_to(tmp_path / "disk")
    except OSError:
        pytest.skip("this system lets nobody make a link")
    course.prepare()
    assert (tmp_path / "disk" / "01_tensors.ipynb").exists()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(workbook.WorkbookError, match=r"is a link to .*nowhere, which is"):
        workbook.prepare(tmp_path / "dangling")


def test_a_chapter_that_is_a_link_stays_one(course, tmp_path):
    course.prepare()
    course.answer(ANSWER)
    course.path().rename(tmp_path / "elsewhere.ipynb")
    try:
        course.path().symlink_to(tmp_path / "elsewhere.ipynb")
    except OSError:
        pytest.skip("this system lets nobody make a link")
    course.reword()
    course.prepare()
    assert course.path().is_symlink()
    assert starter(course.mine()).source == ANSWER
    assert course.mine().cells[0].source == "New words."


def test_where_the_workbook_is(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_WORKBOOK", raising=False)
    assert workbook.folder() == notebooks.ROOT / "workbook"
    monkeypatch.setenv("COURSE_WORKBOOK", "  ")
    assert workbook.folder() == notebooks.ROOT / "workbook"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("COURSE_WORKBOOK", "~/class")
    assert workbook.folder() == tmp_path / "class"
    monkeypatch.setenv("COURSE_WORKBOOK", "~nosuchuser/class")
    with pytest.raises(workbook.WorkbookError, match="~nosuchuser/class names the home folder"):
        workbook.folder()
    for inside in (".", "notebooks", "tests/tools"):
        monkeypatch.setenv("COURSE_WORKBOOK", str(notebooks.ROOT / inside))
        with pytest.raises(workbook.WorkbookError, match="is a folder of the course itself"):
            workbook.folder()


def test_a_chapter_begins_anew_and_the_old_one_is_kept(course):
    course.prepare()
    course.answer(ANSWER)
    old = course.path().read_bytes()
    said = workbook.fresh("01", course.workbook)
    (aside,) = course.aside()
    assert said == [
        f"01_tensors.ipynb begins anew; the file as it was is kept as set-aside/{aside}."
    ]
    assert (course.workbook / "set-aside" / aside).read_bytes() == old
    assert course.path().read_bytes() == cells.to_bytes(course.reference())
    assert workbook.fresh("01", course.workbook) == ["01_tensors.ipynb begins anew."]
    course.answer("another answer")
    workbook.fresh("01", course.workbook)
    assert len(course.aside()) == 2
    with pytest.raises(workbook.WorkbookError, match=r"no chapter '99'; there are: 01, 02\."):
        workbook.fresh("99", course.workbook)


def answered_in_colab(course, file: Path) -> Path:
    """The learner's chapter, with one answer, as it is downloaded from Colab into `file`."""
    away = course.mine()
    starter(away).source = ANSWER
    file.write_text(json.dumps(from_colab(away, 4)))
    return file


def from_colab(made, minor: int) -> dict:
    """A notebook as Colab gives it back: a first cell of its own, and its metadata."""
    found = json.loads(cells.to_bytes(made))
    bundle = {"cell_type": "code", "source": "unpack()", "metadata": {"course_bundle": True}}
    bundle |= {"outputs": [], "execution_count": 1}
    found["cells"].insert(0, bundle)
    for place, cell in enumerate(found["cells"]):
        cell.pop("id", None)
        cell["metadata"] |= {"id": f"colab{place}", "outputId": "x"}
        if minor == 5:
            cell["id"] = f"fresh-{place}"
        if minor == 5:
            cell["source"] = "".join(cell["source"])
    found["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
    found["nbformat_minor"] = minor
    return found


@pytest.mark.parametrize("minor", [0, 4, 5])
def test_answers_from_colab_come_in(course, tmp_path, minor):
    course.prepare()
    away = course.mine()
    starter(away).source = ANSWER
    away.cells.insert(4, code("my_own = 1"))
    del away.cells[10]
    file = tmp_path / "01_tensors.ipynb"
    file.write_text(json.dumps(from_colab(away, minor)))
    course.answer("x = 1", "02_autograd")
    (said,) = workbook.take(file, course.workbook)
    assert said == "01_tensors.ipynb is up to date (1 changed cell, 1 new)."
    mine = course.mine()
    assert starter(mine).source == ANSWER
    sources = [cell.source for cell in mine.cells]
    assert "unpack()" not in sources
    assert sources[4] == "my_own = 1"
    assert len(sources) == len(course.reference().cells) + 1
    assert mine.metadata == course.reference().metadata
    assert starter(mine).metadata == starter(course.reference()).metadata
    before = course.everything()
    assert workbook.take(file, course.workbook) == ["01_tensors.ipynb holds all of it already."]
    assert course.everything() == before
    assert "x = 1" in [cell.source for cell in course.mine("02_autograd").cells]


def test_answers_from_colab_come_beside_other_answers(course, tmp_path):
    course.prepare()
    file = answered_in_colab(course, tmp_path / "Copy of my chapter (1).ipynb")
    course.answer("grid = my_first_answer")
    (said,) = workbook.take(file, course.workbook)
    assert "1 cell of yours kept, 1 with the course's new version below" in said
    assert starter(course.mine()).source == "grid = my_first_answer"
    assert any(ANSWER in cell.source for cell in course.mine().cells)


def test_what_cannot_be_taken_is_one_sentence(course, tmp_path):
    for name, content, words in (
        ("01_tensors.ipynb", None, "cannot be read"),
        ("01_tensors.ipynb", "<html>", "cannot be read as a notebook"),
        ("notes.ipynb", "{}", "cannot be read as a notebook"),
        ("01_mine.ipynb", cells.to_bytes(notebook(code("x", "x"))).decode(), "holds no chapter"),
    ):
        file = Path(tmp_path, name)
        if content is not None:
            file.write_text(content)
        with pytest.raises(workbook.WorkbookError, match=words):
            workbook.take(file, course.workbook)


def test_from_the_command_line(course, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_WORKBOOK", str(course.workbook))
    assert command.main(["update"]) == 0
    assert capsys.readouterr().out == f"{course.workbook} is up to date.\n"
    course.answer(ANSWER)
    assert command.main(["fresh", "01"]) == 0
    assert capsys.readouterr().out.startswith("01_tensors.ipynb begins anew; the file as it was")
    assert command.main(["fresh", "1"]) == 0
    assert capsys.readouterr().out == "01_tensors.ipynb begins anew.\n"
    assert command.main(["take", "~/no_such_file.ipynb"]) == 1
    assert "~/no_such_file.ipynb cannot be read (" in capsys.readouterr().err
    assert command.main(["fresh", ""]) == 1
    assert capsys.readouterr().err == "There is no chapter ''; there are: 01, 02.\n"


def test_a_copy_keeps_nothing_of_what_it_was_copied_from(course):
    course.prepare()
    made = course.mine()
    copied = copy.deepcopy(starter(made))
    copied.source = ANSWER
    made.cells.append(copied)
    course.save(made)
    course.reword()
    course.prepare()
    assert course.mine().cells[-1].source == ANSWER


def test_a_program_that_saves_the_old_text_over_an_update_does_not_make_it_the_learners(course):
    course.prepare()
    course.answer(ANSWER)
    open_in_a_browser = course.mine()
    course.reword()
    course.prepare()
    course.save(open_in_a_browser)
    course.reword(words="Newer words.")
    (said,) = course.prepare()
    assert said.startswith("01_tensors.ipynb is up to date (1 changed cell); 1 cell of yours kept;")
    assert course.mine().cells[0].source == "Newer words."
    assert starter(course.mine()).source == ANSWER


def test_an_old_notebook_from_colab_brings_no_old_text(course, tmp_path):
    course.prepare()
    file = answered_in_colab(course, tmp_path / "01_tensors.ipynb")
    words = course.reference().cells[0].source + " New words."
    course.reword(words=words)
    workbook.take(file, course.workbook)
    assert course.mine().cells[0].source == words
    assert starter(course.mine()).source == ANSWER


def test_answers_in_the_courses_own_notebooks_are_answers_too(course):
    begun = course.reference()
    answered = copy.deepcopy(begun)
    starter(answered).source = ANSWER
    course.publish("01_tensors", answered)
    course.prepare()
    course.publish("01_tensors", begun)  # git has put the starter back
    course.prepare()
    assert starter(course.mine()).source == ANSWER
    assert len(course.aside()) == 1


def test_a_notebook_of_the_course_with_conflicts_is_one_sentence(course):
    course.prepare()
    course.answer(ANSWER)
    before = course.everything()
    path = course.folder / "01_tensors.ipynb"
    path.write_bytes(conflict(path.read_bytes()))
    with pytest.raises(workbook.WorkbookError, match=r"a file of the course.*git checkout HEAD --"):
        course.prepare()
    assert course.everything() == before


def test_a_file_that_cannot_be_read_is_named(course, monkeypatch):
    course.prepare()

    def fail(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(workbook.WorkbookError, match=r"01_tensors.ipynb can be neither read nor"):
        course.prepare()
