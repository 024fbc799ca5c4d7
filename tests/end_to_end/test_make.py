"""`make` and tools/environment.py, tried on real virtual environments, offline."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.course_copy import PYTHON, Copy

ROOT = Path(__file__).resolve().parents[2]
NEEDS_MAKE = pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")


def make(*arguments: str, **extra: str) -> str:
    """What make prints in the root, untouched by a make that runs these tests."""
    own = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON"}
    clean = {name: value for name, value in os.environ.items() if name not in own}
    return subprocess.check_output(
        ["make", *arguments], cwd=ROOT, text=True, env={**clean, **extra}
    )


def kill_tree(process: subprocess.Popen) -> None:
    """End a process and what it started at once, as a power cut would."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], check=False)
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory) -> Iterator[Copy]:
    """A copy whose first installation was killed; what a second one said meanwhile."""
    copy = Copy(tmp_path_factory.mktemp("copy"))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    first = subprocess.Popen(**copy.command("course"), **quiet, start_new_session=True)
    try:
        while not copy.stamp() and first.poll() is None:
            time.sleep(0.02)
        psutil.Process(first.pid).suspend()  # else it may have finished before the second asks
        copy.second = copy.run("course")
    finally:
        kill_tree(first)
    yield copy


@pytest.fixture(scope="module")
def repaired(interrupted: Copy) -> Copy:
    """The same copy after the next run."""
    interrupted.half_done = interrupted.stamp()
    interrupted.repair = interrupted.run("course")
    return interrupted


def test_two_at_once_do_not_disturb_each_other(interrupted: Copy) -> None:
    """The second is told to wait, and leaves the first one's work alone."""
    assert interrupted.second.returncode == 1
    assert "Another command is preparing" in interrupted.second.stderr


def test_an_interrupted_run_is_repaired(repaired: Copy) -> None:
    """Half an environment is removed and made again."""
    assert repaired.half_done["state"] == "unfinished"
    assert repaired.repair.returncode == 0, repaired.repair.stderr
    assert "Removing an unfinished" in repaired.repair.stdout
    assert repaired.stamp()["state"] == "ready"


def test_helpers_are_installed(repaired: Copy, tmp_path) -> None:
    """The environment's Python finds them from another folder."""
    show = "import helpers; print('found')"
    command = [str(repaired.venv / PYTHON), "-I", "-c", show]
    assert subprocess.check_output(command, cwd=tmp_path, text=True) == "found\n"


def test_the_second_run_ends_at_once(repaired: Copy) -> None:
    """It says nothing, and touches nothing."""
    stamp = repaired.venv / "pytorch-course.json"
    before = stamp.stat().st_mtime_ns
    done = repaired.run("course")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stamp.stat().st_mtime_ns == before


def test_the_test_environment_serves_the_learner(repaired: Copy) -> None:
    """`make lab` after `make test` installs nothing, and `make test` is noticed."""
    assert "Installing requirements/test.txt" in repaired.run("test").stdout
    assert repaired.stamp()["kind"] == "test"
    assert repaired.run("course").stdout == ""


def test_a_changed_pin_is_installed(repaired: Copy) -> None:
    """New pins go into the environment that is there."""
    with (repaired.root / "requirements/test.txt").open("a") as pins:
        pins.write("# changed\n")
    done = repaired.run("test")
    assert "Installing requirements/test.txt" in done.stdout
    assert "Removing" not in done.stdout


def test_benchmarks_have_an_environment_of_their_own(repaired: Copy) -> None:
    """It holds both lists, whose pins agree, and leaves the learner's environment alone."""
    before = repaired.stamp()
    done = repaired.run("bench")
    assert done.returncode == 0, done.stderr
    assert "Installing requirements/test.txt requirements/bench.txt" in done.stdout
    stamp = repaired.root / ".venv-bench" / "pytorch-course.json"
    assert json.loads(stamp.read_text())["kind"] == "bench"
    assert repaired.stamp() == before
    assert repaired.run("bench").stdout == ""


def test_the_active_environment_is_served(repaired: Copy) -> None:
    """With --here the Python that runs the command is the one that is filled."""
    (repaired.venv / "pytorch-course.json").unlink()
    command = repaired.command("course", "--here")
    command["args"][0] = str(repaired.venv / PYTHON)
    done = subprocess.run(**command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert repaired.stamp()["kind"] == "course"


def test_an_environment_of_ones_own_is_left_alone(tmp_path) -> None:
    """A .venv that something else made is neither used nor removed."""
    copy = Copy(tmp_path)
    copy.venv.mkdir()
    (copy.venv / "precious.txt").write_text("mine")
    done = copy.run("course")
    assert done.returncode == 1
    assert "was not made by this course" in done.stderr
    assert (copy.venv / "precious.txt").read_text() == "mine"


def test_a_python_without_ensurepip_says_what_to_install(tmp_path) -> None:
    """Debian's python3 without python3-venv gets one sentence, and no half-made folder."""
    copy = Copy(tmp_path)
    (tmp_path / "without").mkdir()
    hide = "import sys; sys.modules['ensurepip'] = None"
    (tmp_path / "without" / "sitecustomize.py").write_text(hide)
    copy.environment["PYTHONPATH"] = str(tmp_path / "without")
    done = copy.run("course")
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in done.stderr
    assert not copy.venv.exists()


@NEEDS_MAKE
@pytest.mark.skipif(os.name == "nt", reason="the stand-in for an old Python is a script")
def test_make_passes_over_a_python_that_is_too_old(tmp_path) -> None:
    """Where python3 is old and python3.13 is there, and none before it, the latter is taken."""
    old = ("python3", "python3.15", "python3.14")
    for name, status in [*((name, 1) for name in old), ("python3.13", 0)]:
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    shown = make("--dry-run", "lab", PATH=path)
    assert "python3.13 tools/environment.py course" in shown


@NEEDS_MAKE
def test_make_alone_lists_every_command() -> None:
    """Each target that is meant for people has a line that says what it does."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split()
    meant = {target for target in targets if not target.endswith("-env")}
    listed = dict(re.findall(r"^  make ([a-z-]+) +(\S.+)$", make(), re.MULTILINE))
    assert listed.keys() == meant


@NEEDS_MAKE
def test_make_passes_on_what_it_is_given() -> None:
    """`make refresh CHAPTER=01 RESET=1` reaches the tool."""
    shown = make("--dry-run", "refresh", "CHAPTER=01", "RESET=1")
    assert "tools.refresh --chapter 01 --reset" in shown


@NEEDS_MAKE
def test_make_bench_runs_what_is_asked_for() -> None:
    """All benchmarks, or one; each with the Python of their own environment."""
    benchmarks = {path.stem for path in ROOT.glob("benchmarks/[a-z]*.py")}
    listed = re.search(r"for name in (.+); do", make("--dry-run", "bench"))[1].split()
    assert set(listed) == benchmarks
    one = make("--dry-run", "bench", "ONLY=training")
    assert "for name in training; do" in one
    assert ".venv-bench" in one
