"""Each section stands alone: what a section needs and does not make itself is found, and named."""

from pathlib import Path

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebooks, sections


@pytest.fixture(autouse=True)
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """No set-up cell here needs it, and it takes seconds."""
    monkeypatch.setattr(sections, "IMPORTED", ["tools.sections"])


def written(folder: Path, *sources: str, raises: str | None = None) -> Path:
    """A notebook of headings and code; with `raises`, its last cell raises that on purpose."""
    cells = [
        new_markdown_cell(source) if source.startswith("## ") else new_code_cell(source)
        for source in ("from math import pi", *sources)
    ]
    cells[0].metadata["setup"] = True
    if raises is not None:
        cells[-1].metadata["tags"] = ["raises-exception"]
        cells[-1].outputs = [new_output("error", ename=raises, evalue="", traceback=[])]
    path = folder / "98_trial.ipynb"
    notebooks.write(new_notebook(cells=cells), path)
    return path


ALONE = ("## First", "area = pi", "area", "## Second", "width = 2", "width * pi")


def test_sections_that_stand_alone_pass(tmp_path: Path) -> None:
    """With what the set-up cell makes; a cell that cannot run everywhere is left out."""
    path = written(tmp_path, *ALONE, "1 / 0")
    notebook = notebooks.read(path)
    notebook.cells[-1].metadata["tags"] = ["nbval-skip"]
    notebooks.write(notebook, path)
    assert [section.heading for section in sections.read(path)] == ["First", "Second"]
    assert sections.problems([path]) == []


FAILING = {
    "a name of another section": (
        ["area"],
        "code cell 4 (`area`) raises NameError: name 'area' is not defined",
    ),
    "the second time alone": (
        ["width = pi", "del pi"],
        "code cell 4 (`width = pi`), the second time, raises NameError",
    ),
    "a syntax error": (["def ("], "code cell 4 (`def (`) raises SyntaxError"),
    "the end of Python": (["import sys; sys.exit(0)"], "raises SystemExit"),
    "a dead process": (["import os; os._exit(0)"], "ends its process"),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_does_not_stand_alone_is_named(name: str, tmp_path: Path) -> None:
    """Section, cell and error, and that section alone."""
    cells, told = FAILING[name]
    (found,) = sections.problems([written(tmp_path, *ALONE[:3], "## Second", *cells)])
    assert found.startswith("98_trial, section 'Second': ") and told in found


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("1 / 0", None),
        ("1 / 1", "raises nothing, not ZeroDivisionError"),
        ("area / 0", "raises NameError: name 'area' is not defined, not ZeroDivisionError"),
    ],
)
def test_a_cell_raises_what_it_is_to_show(cell: str, told: str | None, tmp_path: Path) -> None:
    """A name that is missing would be taken for the error on purpose."""
    path = written(tmp_path, *ALONE[:3], "## Second", cell, raises="ZeroDivisionError")
    found = sections.problems([path])
    assert len(found) == (told is not None) and (told or "") in "".join(found)


CHANGE = """\
import decimal, os, sys, tempfile
import matplotlib.pyplot as plt
decimal.getcontext().prec = 3
os.environ["LEFT"] = "here"
sys.modules["left"] = sys
plt.figure()
open(os.path.join(os.environ["COURSE_HOME"], "left"), "w").close()
assert os.environ["COURSE_HOME"] in tempfile.mkdtemp()"""
LOOK = """\
import decimal, os, sys
import matplotlib.pyplot as plt
found = decimal.getcontext().prec, "LEFT" in os.environ, "left" in sys.modules
assert (*found, plt.get_fignums()) == (28, False, False, []), found
assert "left" not in os.listdir(os.environ["COURSE_HOME"])"""


def test_a_section_finds_no_traces_of_another(tmp_path: Path) -> None:
    """Neither in modules, nor in the environment, nor among figures or the learner's files."""
    assert sections.problems([written(tmp_path, "## First", CHANGE, "## Second", LOOK)]) == []


SLEEPS = """\
import os, pathlib, time
pathlib.Path({!r}).write_text(str(os.getpid()))
time.sleep(600)"""


def test_nothing_is_left_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not of a section that takes too long."""
    note = tmp_path / "pid"
    path = written(tmp_path, "## First", SLEEPS.format(str(note)))
    for limit in (3, 30, 300):  # on a loaded machine the cell may not be reached in three seconds
        monkeypatch.setattr(sections, "SECONDS", limit)
        assert f"takes more than {limit} seconds" in "".join(sections.problems([path]))
        if note.exists() and note.read_text():
            break
    assert not psutil.pid_exists(int(note.read_text()))


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each sentence, and 1 for what called it."""
    monkeypatch.setattr(notebooks, "paths", lambda _: [written(tmp_path, *ALONE)])
    assert sections.main([]) == 0
    assert capsys.readouterr().out == "Each section of 1 notebook stands alone.\n"
    monkeypatch.setattr(notebooks, "paths", lambda _: [written(tmp_path, *ALONE, "area")])
    assert sections.main([]) == 1
    assert "98_trial, section 'Second': code cell 6 (`area`) raises" in capsys.readouterr().out
