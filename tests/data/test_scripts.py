"""Which program a chapter runs: the learner's own copy, else the course's."""

import shutil
from pathlib import Path

import pytest

from helpers import data
from helpers.data import _files
from tools import notebooks
from tools.colab import contents

COURSES = notebooks.FOLDER / "scripts"
NAMES = sorted(path.name for path in COURSES.iterdir() if not path.name.startswith(("_", ".")))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch) -> Path:
    """The working directory, as empty as a new folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_the_courses_where_the_learner_has_none(name: str):
    assert data.script(name) == COURSES / name


@pytest.mark.parametrize("name", NAMES)
def test_the_learners_own_comes_first(folder: Path, name: str):
    shutil.copytree(COURSES, folder / "scripts")
    assert data.script(name) == folder / "scripts" / name


def test_one_that_the_learner_has_deleted_is_the_courses(folder: Path):
    shutil.copytree(COURSES, folder / "scripts")
    (folder / "scripts" / "count_ink.py").unlink()
    assert data.script("count_ink.py") == COURSES / "count_ink.py"


def test_one_of_the_learners_own_making(folder: Path):
    (folder / "scripts").mkdir()
    (folder / "scripts" / "mine.py").write_text("print(1)")
    assert data.script("mine.py") == folder / "scripts" / "mine.py"


def test_what_python_and_editors_leave_is_no_script(folder: Path):
    for name in ("__pycache__", ".ipynb_checkpoints"):
        (folder / "scripts" / name).mkdir(parents=True)
        with pytest.raises(FileNotFoundError):
            data.script(name)


def test_a_file_called_scripts_is_no_folder(folder: Path):
    (folder / "scripts").write_text("")
    assert data.script("count_ink.py") == COURSES / "count_ink.py"


@pytest.mark.parametrize("name", ["count", "", "..", "../00_start_here.ipynb", "scripts"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str):
    with pytest.raises(FileNotFoundError) as raised:
        data.script(name)
    told = f"there is no script called {name!r}, only count_ink.py, digit_project."
    assert str(raised.value) == told


def test_a_name_is_a_text():
    with pytest.raises(TypeError, match=r"name must be a str such as .*, not \w*Path"):
        data.script(Path("count_ink.py"))


def test_an_installed_course_has_none(folder: Path, monkeypatch):
    monkeypatch.setattr(_files, "DATA_FOLDER", folder / "site-packages" / "files")
    with pytest.raises(FileNotFoundError, match="not in this installation; open the course with"):
        data.script("count_ink.py")


@pytest.mark.parametrize(("chapter", "name"), [("00", "count_ink.py"), ("04", "digit_project")])
def test_the_file_for_colab_has_it(folder: Path, monkeypatch, chapter: str, name: str):
    """The chapter calls for it by name, and it is found where the files are unpacked."""
    (path,) = notebooks.paths(chapter)
    notebook = notebooks.read(path)
    assert f'data.script("{name}")' in "\n".join(c.source for c in notebooks.code_cells(notebook))
    course = folder / "course"
    for file, content in contents.files(chapter, notebook).items():
        (course / file).parent.mkdir(parents=True, exist_ok=True)
        (course / file).write_bytes(content)
    monkeypatch.setattr(_files, "DATA_FOLDER", course / "data")
    found = data.script(name)
    assert found == course / "notebooks" / "scripts" / name
    kept = {path.name for path in found.rglob("*.py")}
    assert kept == {path.name for path in (COURSES / name).rglob("*.py")}
