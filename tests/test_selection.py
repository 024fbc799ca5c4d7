"""Which tests `make test CHAPTER=04` and `make test FAST=1` run (tests/selection.py)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import selection
from tools import notebooks

LOOPED: list = []
LOOPED.append(LOOPED)


def collected(*arguments: str) -> list[str]:
    """What pytest prints when it collects the whole suite with these arguments."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", *arguments]
    done = subprocess.run(
        command, cwd=notebooks.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout.splitlines()


def test_what_is_listed_as_slow_exists() -> None:
    """A test that was renamed would be run by `make test FAST=1` without anybody noticing."""
    modules = [path.read_text(encoding="utf-8") for path in selection.TESTS.rglob("test_*.py")]
    named = set(re.findall(r"^ *def (test_\w+)\(", "\n".join(modules), flags=re.MULTILINE))
    assert selection.SLOW_TESTS - named == set()
    assert [name for name in selection.SLOW if not (selection.TESTS / name).exists()] == []


@pytest.mark.parametrize(
    ("path", "name", "slow"),
    [
        (selection.TESTS / "end_to_end" / "test_server.py", "test_it", True),
        (selection.TESTS / "tools" / "test_index.py", "test_it", False),
        (selection.TESTS / "train" / "test_resume.py", "test_killed_and_resumed", True),
        (selection.TESTS / "data" / "test_fuzz.py", "test_it", True),
        (notebooks.FOLDER / "01_tensors.ipynb", "Cell 0", True),
    ],
)
def test_slow_is_what_starts_a_process(path: Path, name: str, slow: bool) -> None:
    item = SimpleNamespace(path=path, originalname=name, name=name)
    assert selection.is_slow(item) is slow


@pytest.mark.parametrize(
    ("parameters", "chapters"),
    [
        ({"path": Path("notebooks/04_training.ipynb")}, {"04"}),
        ({"exercise": SimpleNamespace(chapter="04"), "code": "return 1"}, {"04", "return 1"}),
        ({"chapter": SimpleNamespace(number="04")}, {"04"}),
        ({"pair": (SimpleNamespace(chapter="04"), 3)}, {"04"}),
        ({"number": "04"}, {"04"}),
        ({"x": 4}, set()),
        ({"x": LOOPED}, set()),
    ],
)
def test_parameters_name_chapters(parameters: dict, chapters: set[str]) -> None:
    item = SimpleNamespace(
        path=selection.TESTS / "test_x.py", callspec=SimpleNamespace(params=parameters)
    )
    assert selection.chapters_of(item) == chapters


def test_one_chapter_is_its_cells_its_exercises_and_its_rules() -> None:
    """Collected as `make test CHAPTER=00` does, without running anything."""
    found = collected("--chapter", "00")
    for part in ("notebooks/00_start_here.ipynb::", "test_declared.py::", "test_rules.py::"):
        assert any(part in line for line in found), part
    others = ("01_tensors", "row_shares", "test_fit.py", "test_selection.py")
    assert [line for line in found if any(other in line for other in others)] == []


def test_a_chapter_that_does_not_exist_is_refused() -> None:
    said = "\n".join(collected("--chapter", "99"))
    assert "there is no chapter '99'; there are: 00, 01" in said


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["test", "CHAPTER=04"], "pytest --chapter 04"),
        (["test", "FAST=1"], 'pytest -m "not slow" tests'),
        (["check", "ONLY=types"], "tools.check types"),
    ],
)
def test_make_passes_on_what_is_selected(given: list[str], passed: str) -> None:
    clean = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    command = ["make", "--dry-run", *given]
    shown = subprocess.check_output(command, cwd=notebooks.ROOT, text=True, env=clean)
    assert passed in " ".join(shown.split())


def test_every_test_has_a_time_limit(pytestconfig: pytest.Config) -> None:
    """A test that hangs fails in minutes, and says where it was."""
    if not pytestconfig.pluginmanager.hasplugin("timeout"):
        pytest.skip("pytest-timeout is not in this environment")
    assert float(pytestconfig.getini("timeout")) == 600
