"""Which notebook opens: the one that was in front when JupyterLab was last used."""

import json
import logging
import os
from pathlib import Path

import pytest

from tools.lab import FIRST_CHAPTER, TALKATIVE, WORKSPACES, Address, last_notebook


def leave(workbook: Path, name: str, main: object, at: float = 1.0) -> Path:
    """Write a workspace as JupyterLab leaves it."""
    file = workbook / WORKSPACES / f"{name}.jupyterlab-workspace"
    file.parent.mkdir(parents=True, exist_ok=True)
    data = {"layout-restorer:data": {"main": main, "relativeSizes": [0.2, 0.8]}}
    file.write_text(json.dumps({"data": data, "metadata": {"id": name}}), "utf-8")
    os.utime(file, (at, at))
    return file


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A folder with some notebooks."""
    for name in (FIRST_CHAPTER, "01_a.ipynb", "été 2.ipynb"):
        (tmp_path / name).write_text("{}")
    return tmp_path


def test_the_first_time_chapter_00_opens(workbook: Path) -> None:
    """There is no workspace yet."""
    assert last_notebook(workbook) == FIRST_CHAPTER


def test_the_notebook_in_front_opens(workbook: Path) -> None:
    """Whatever else is open, and whatever its name."""
    dock = {"type": "tab-area", "widgets": ["notebook:01_a.ipynb", "notebook:été 2.ipynb"]}
    leave(workbook, "default", {"dock": dock, "current": "notebook:été 2.ipynb"})
    assert last_notebook(workbook) == "été 2.ipynb"


def test_a_notebook_that_is_edited_together_opens(workbook: Path) -> None:
    """The extension for that puts its name before the path."""
    leave(workbook, "default", {"current": "notebook:RTC:01_a.ipynb"})
    assert last_notebook(workbook) == "01_a.ipynb"


def test_the_newest_of_several_windows_counts(workbook: Path) -> None:
    """JupyterLab keeps a workspace for each."""
    leave(workbook, "default", {"current": "notebook:01_a.ipynb"}, at=2.0)
    leave(workbook, "auto-x", {"current": "notebook:été 2.ipynb"}, at=1.0)
    assert last_notebook(workbook) == "01_a.ipynb"


@pytest.mark.parametrize("front", ["terminal:1", "notebook:gone.ipynb", "", None])
def test_a_notebook_behind_opens_where_none_is_in_front(workbook: Path, front: str) -> None:
    """In a divided area too: the terminal, or a file that has gone, cannot be opened."""
    tabs = {"type": "tab-area", "widgets": ["terminal:1", "notebook:01_a.ipynb"]}
    dock = {"type": "split-area", "children": [{"type": "tab-area", "widgets": []}, tabs]}
    leave(workbook, "default", {"dock": dock, "current": front})
    assert last_notebook(workbook) == "01_a.ipynb"


@pytest.mark.parametrize("main", [None, {}, {"dock": None}, {"dock": {"widgets": ["launcher"]}}])
def test_nothing_open_is_chapter_00(workbook: Path, main: object) -> None:
    """All tabs were closed."""
    leave(workbook, "default", main)
    assert last_notebook(workbook) == FIRST_CHAPTER


def test_a_workspace_that_says_nothing_of_tabs_is_kept(workbook: Path) -> None:
    """As JupyterLab writes it before the first tab is open."""
    file = leave(workbook, "default", {})
    file.write_text('{"data": {}, "metadata": {"id": "default"}}')
    assert last_notebook(workbook) == FIRST_CHAPTER
    assert file.exists()


@pytest.mark.parametrize("text", ["", '{"data": {"layout-', "[]", '{"data": 3}', "\udcff"])
def test_half_a_workspace_is_forgotten(workbook: Path, text: str) -> None:
    """JupyterLab, killed while it wrote, could not read it either; an older one still counts."""
    leave(workbook, "auto-x", {"current": "notebook:01_a.ipynb"}, at=1.0)
    broken = leave(workbook, "default", {}, at=2.0)
    broken.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert last_notebook(workbook) == "01_a.ipynb"
    assert not broken.exists()


def said(level: int, text: str) -> logging.LogRecord:
    """What Jupyter writes into its log."""
    return logging.LogRecord("ServerApp", level, "", 0, text, (), None)


def test_the_address_is_said_once_with_a_password_too(capsys) -> None:
    """At the level INFO each line is a message of its own, and no other is of use."""
    address = Address()
    lines = [
        "Jupyter Server is running at:",
        "http://lab:9999/lab",
        "    http://127.0.0.1:9999/lab",
    ]
    assert not any(address.filter(said(logging.INFO, line)) for line in lines)
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "JupyterLab:    http://lab:9999/lab"
    assert len(told) == 2
    assert address.filter(said(logging.WARNING, "a warning"))


def test_whoever_asks_for_more_gets_it(capsys) -> None:
    """`--debug` and its like."""
    address = Address(is_quiet=False)
    assert address.filter(said(logging.INFO, "Use Control-C to stop this server"))
    assert not address.filter(said(logging.CRITICAL, "\n    http://127.0.0.1:1/lab?token=a\n"))
    assert "token=a" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("--debug", True),
        ("--log-level=INFO", True),
        ("--Application.log_level=10", True),
        ("--ServerApp.log_level=10", True),
        ("--no-browser", False),
        ("--notebook-dir=--debug", False),
    ],
)
def test_flags_that_ask_for_more(flag: str, expected: bool) -> None:
    """They are looked for on the command line."""
    assert bool(TALKATIVE.match(flag)) is expected
