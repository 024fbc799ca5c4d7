"""The workbook behind a real server, below a prefix, with a course that is read-only."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers._notebook import WIDGET_VIEW
from tests.end_to_end.checkout import copy_course
from tests.end_to_end.required import IN_CI, go_without
from tests.end_to_end.server import running, start
from tests.end_to_end.visitor import Visitor
from tools import notebooks
from tools.saved_widgets import GONE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows knows no such permissions")

PREFIX = "/user/ada/"
NOBODY = 65534
NO_READER = "Neither another user nor a read-only mount can be had here, and root may write."
SECOND_USER = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
MOUNTED = ["unshare", "--mount", "sh", "-c", READ_ONLY]
# A Python that starts another, as Jupyter starts kernels: in /root another user may not.
PROBE = """
import subprocess, sys
sys.exit(subprocess.call([sys.executable, "-c", "import jupyterlab"]))"""
CHAPTERS = {path.name for path in notebooks.paths()}
SETUP = notebooks.setup_cell("01")


@dataclass
class Class:
    """A course that is installed once, and one learner of several.

    Attributes:
        course: The course, which the learner can only read.
        home: The learner's own folder.
        learner: The learner at their server, below a JupyterHub's prefix.
    """

    course: Path
    home: Path
    learner: Visitor

    @property
    def workbook(self) -> Path:
        """The learner's."""
        return self.home / "my workbook"

    def ask(self, path: str, data: dict | None = None, method: str | None = None) -> dict:
        """What the server answers below the prefix."""
        content = None if data is None else json.dumps(data).encode()
        status, _, text = self.learner.ask(f"{PREFIX}{path}", content, method)
        assert 200 <= status < 300, (status, path)
        return json.loads(text)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that another user of this computer can enter, unlike those of pytest as root."""
    folder = Path(tempfile.mkdtemp(prefix="course é "))
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def course(place: Path) -> Path:
    """The course, in which nothing can be written any more."""
    copy = copy_course(place / "installed")
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return copy


@pytest.fixture(scope="module")
def reader(course: Path) -> list[str]:
    """Words before a command that let it read the course only; none for who may not write.

    Root may write everywhere, so root becomes another user, or mounts the course read-only.
    """
    if os.geteuid() != 0:
        return []
    for words in (SECOND_USER, [*MOUNTED, str(course)]):
        done = subprocess.run([*words, sys.executable, "-c", PROBE], check=False)
        if done.returncode == 0:
            return words
    go_without(NO_READER, required=IN_CI)
    return []


@pytest.fixture(scope="module")
def lesson(place: Path, course: Path, reader: list[str]) -> Iterator[Class]:
    """A server of a learner's own, started as JupyterHub does."""
    home = place / "ada"
    home.mkdir(mode=0o700)
    if reader == SECOND_USER:
        os.chown(home, NOBODY, NOBODY)
    settings = {"COURSE_WORKBOOK": "~/my workbook", "COURSE_HOME": str(home / "course")}
    settings |= {"HOME": str(home), "root": course, "prefix": reader}
    flags = ("--port=0", f"--ServerApp.base_url={PREFIX}")
    with running(home, *flags, **settings) as (address, token):
        learner = Visitor(address, PREFIX)
        learner.headers["Authorization"] = f"token {token}"
        yield Class(course, home, learner)


def test_the_course_cannot_be_written(course: Path, reader: list[str]) -> None:
    """Else the other tests here would mean nothing."""
    for command in (["touch", str(course / "new")], ["touch", str(course / "notebooks" / "new")]):
        done = subprocess.run([*reader, *command], capture_output=True, check=False)
        assert done.returncode != 0


def test_the_learner_sees_their_workbook(lesson: Class) -> None:
    """Chapters and scripts; not the course's own parts, and nothing hidden."""
    listed = {entry["name"] for entry in lesson.ask("api/contents")["content"]}
    assert {*CHAPTERS, "scripts"} <= listed
    assert not listed & {"tools", "tests", "exercises", "helpers", "data", "jupyter_config.py"}
    assert [name for name in listed if name.startswith(".")] == []
    assert lesson.learner.ask(f"{PREFIX}api/contents/.course")[0] == 404


def test_only_the_learner_reads_their_workbook(lesson: Class) -> None:
    """Others who share the course see nothing of it."""
    assert stat.S_IMODE(lesson.workbook.stat().st_mode) & 0o077 == 0


def test_the_terminal_shows_where_the_workbook_and_the_page_are(lesson: Class) -> None:
    """In three lines: no file's address, no level or time of a log."""
    workbook, address, end = (lesson.home / "server.log").read_text("utf-8").splitlines()[:3]
    assert workbook == f"Your workbook: {lesson.workbook}"
    expected = f"{PREFIX}lab/tree/00_start_here.ipynb?token="
    assert re.fullmatch(rf"JupyterLab: +http://127\.0\.0\.1:\d+{re.escape(expected)}\w+", address)
    assert end.startswith("If no browser opens")


def test_the_first_page_opens_the_first_chapter(lesson: Class) -> None:
    """The bare address leads there, below the prefix."""
    status, address, _ = lesson.learner.ask(PREFIX)
    assert status == 200
    assert address.split("?")[0].endswith(f"{PREFIX}lab/tree/00_start_here.ipynb")


def test_a_chapter_finds_the_course(lesson: Class) -> None:
    """Its set-up cell, run in the workbook, which is in none of the course's folders."""
    run = lesson.learner.start_kernel("01_tensors.ipynb")
    assert run(SETUP) == []
    (output,) = run("import pathlib; print(pathlib.Path.cwd(), exercises.__file__, sep='\\n')")
    folder, file = output["text"].splitlines()
    assert Path(folder) == lesson.workbook
    assert Path(file).is_relative_to(lesson.course)
    (answered,) = run('print(ex.capital_t.commit("b").state)')
    assert "RIGHT" in answered["text"].upper()


def test_what_is_saved_is_tidied(lesson: Class) -> None:
    """By the hook, whatever the page sends; and only in the workbook."""
    before = notebooks.paths("01")[0].read_bytes()
    path = "api/contents/01_tensors.ipynb"
    model = lesson.ask(path)
    views = {WIDGET_VIEW: {"model_id": "1", "version_major": 2, "version_minor": 0}}
    slider = {**views, "text/plain": "IntSlider(value=1)"}
    cell = next(c for c in model["content"]["cells"] if c["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": slider}]
    lesson.ask(path, {**model, "content": model["content"]}, "PUT")
    saved = json.loads((lesson.workbook / "01_tensors.ipynb").read_text("utf-8"))
    shown = next(c["outputs"] for c in saved["cells"] if c["id"] == cell["id"])
    assert "".join(shown[0]["data"]["text/plain"]) == GONE
    assert (lesson.course / "notebooks" / "01_tensors.ipynb").read_bytes() == before


def test_a_workbook_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """The server does not start somewhere else instead."""
    (tmp_path / "file").write_text("in the way")
    process, log = start(tmp_path, "--port=0", COURSE_WORKBOOK=str(tmp_path / "file"))
    assert process.wait(180) == 1
    lines = log.read_text("utf-8").splitlines()
    assert len(lines) == 1 and lines[0].startswith("jupyter_config.py: ")
    assert str(tmp_path / "file") in lines[0]
