"""`.ci/newest`: which Python it takes, what it says where there is none, and what it leaves behind.

Programs stand in for those of a machine: Pythons that only tell their version, a make that notes
what it was asked for. The Debian that is made is tried by CI itself, each time.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import psutil
import pytest

from tests.waiting import has_ended, until

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = [
    name.rpartition(" ")[2]
    for name in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    if name.startswith("Programming Language :: Python :: 3.")
]
OLDEST, BEFORE, NEWEST = PYTHONS[0], PYTHONS[-2], PYTHONS[-1]
MAKE = 'echo "$@" >>"$NOTES"; git status --short >>"$NOTES"; ls >>"$NOTES"; exit "${MADE:-0}"'
APT = "echo Ubuntu http://somewhere/ubuntu/; echo Debian http://mirror/debian/"
# What unshare and sudo are asked to run is run as it stands.
PASSES_ON = 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"'
NO_PACKAGE = "echo 'E: Couldn'\\''t find these debs' \"$@\"; exit 1"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("git") is None, reason="needs Linux, with git"
)


class Machine:
    """A small course in a repository, and a path with stand-ins before this machine's own."""

    def __init__(self, folder: Path) -> None:
        self.course = folder / "mon cours é"
        self.programs, self.temporary = folder / "programs", folder / "temporary"
        for each in (self.course / ".ci", self.programs, self.temporary):
            each.mkdir(parents=True)
        shutil.copy(ROOT / ".ci" / "newest", self.course / ".ci")
        shutil.copy(ROOT / "pyproject.toml", self.course)
        for name in ("committed", "changed", "removed"):
            (self.course / name).write_text("1")
        (self.course / ".gitignore").write_text("ignored\n")
        for command in ("init --quiet", "add --all", "-c user.name=a -c user.email=b commit -qm c"):
            subprocess.run(["git", *command.split()], cwd=self.course, check=True)
        self.notes = folder / "notes"
        self.notes.touch()
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(self.programs), "/usr/bin", "/bin"]),
            "HOME": str(folder),
            "PYENV_ROOT": str(folder / "pyenv"),
            "TMPDIR": str(self.temporary),
            "NOTES": str(self.notes),
        }
        self.has("python3", f"echo {OLDEST.partition('.')[2]}")
        for python in PYTHONS:
            self.has(f"python{python}", "exit 1")
        for name, does in {"make": MAKE, "apt-get": APT, "debootstrap": NO_PACKAGE}.items():
            self.has(name, does)
        for name in ("unshare", "sudo"):
            self.has(name, PASSES_ON)
        self.has("uv", "exit 2")

    def has(self, name: str, does: str) -> None:
        """Put a program on the path."""
        (self.programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (self.programs / name).chmod(0o755)

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start the script."""
        command = [str(self.course / ".ci" / "newest"), *arguments]
        return subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments: str) -> tuple[int, str]:
        """The script's exit status, and what it said; nothing is left behind."""
        script = self.start(*arguments)
        told = script.communicate()[1]
        assert list(self.temporary.iterdir()) == []
        return script.returncode, told


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with the oldest Python, and no other."""
    return Machine(tmp_path)


def test_a_python_on_the_path_tries_what_is_here_committed_or_not(machine: Machine) -> None:
    machine.has(f"python{NEWEST}", "exit 0")
    (machine.course / "changed").write_text("2")
    (machine.course / "removed").unlink()
    for name in ("ignored", "new ça"):
        (machine.course / name).write_text("1")
    status, told = machine.run()
    assert status == 0 and f"Python {NEWEST} is here" in told
    fast, *listed = machine.notes.read_text().splitlines()
    assert fast == f"test PYTHON=python{NEWEST} FAST=1"
    slow = next(line for line in listed if line.startswith("test "))
    assert slow.startswith(f"test PYTHON=python{NEWEST} ARGS=-m slow notebooks")
    files = ["changed", "committed", "new ça", "pyproject.toml"]
    assert sorted(listed[: listed.index(slow)]) == files  # and nothing that git status would show


def test_tests_that_are_named_are_run_alone_and_their_end_is_the_scripts(machine: Machine) -> None:
    machine.has(f"python{NEWEST}", "exit 0")
    machine.environment["MADE"] = "2"
    assert machine.run("tests/data", "-x")[0] == 2
    made = machine.notes.read_text().splitlines()[0]
    assert made == f"test PYTHON=python{NEWEST} ARGS=tests/data -x"


def test_a_python_of_pyenv_is_found(machine: Machine) -> None:
    folder = Path(machine.environment["PYENV_ROOT"], "versions", f"{NEWEST}.4", "bin")
    folder.mkdir(parents=True)
    machine.has("python", "exit 0")
    (machine.programs / "python").rename(folder / "python")
    assert machine.run()[0] == 0
    assert f"PYTHON={folder / 'python'} FAST=1" in machine.notes.read_text()


@pytest.mark.parametrize("minor", [0, 1])
def test_where_this_machine_has_the_newest_nothing_is_tried(machine: Machine, minor: int) -> None:
    """Nor where it has a newer one yet."""
    machine.has("python3", f"echo {int(NEWEST.partition('.')[2]) + minor}")
    status, told = machine.run()
    assert status == 0 and "nothing newer to try" in told
    assert machine.notes.read_text() == ""


def test_where_debian_lacks_it_the_reason_is_told_and_an_older_one_tried(machine: Machine) -> None:
    machine.has(f"python{BEFORE}", "exit 0")
    status, told = machine.run()
    assert status == 0
    assert "E: Couldn't find these debs" in told and f"no Debian with Python {NEWEST}" in told
    assert "http://mirror/debian/" in told  # Debian's, not the one above it
    assert f"trying Python {BEFORE} instead" in told
    assert f"test PYTHON=python{BEFORE} FAST=1" in machine.notes.read_text()


@pytest.mark.parametrize(
    ("program", "does", "reason"),
    [
        ("apt-get", "echo Ubuntu http://somewhere/ubuntu/", "packages are not Debian's"),
        ("unshare", "exit 1", "nothing can be mounted"),
        ("debootstrap", "exit 3", "debootstrap made no Debian"),
    ],
)
def test_where_there_is_none_it_says_why_and_ends_well(
    machine: Machine, program: str, does: str, reason: str
) -> None:
    machine.has(program, does)
    status, told = machine.run()
    assert status == 0
    assert reason in told and f"SKIPPED: no Python newer than this machine's {OLDEST}" in told
    assert machine.notes.read_text() == ""


def has_namespaces() -> bool:
    """Whether this user may make the namespaces that the script makes."""
    command = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "true"]
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True).returncode == 0
    return False


@pytest.mark.skipif(not has_namespaces(), reason="needs root, and namespaces")
def test_stopped_while_a_debian_is_made_nothing_is_left(machine: Machine) -> None:
    """No process, no mount, no folder; what is mounted there outlives it unharmed."""
    (machine.programs / "unshare").unlink()
    kept = machine.notes.with_name("kept")
    kept.mkdir()
    (kept / "file").touch()
    machine.environment["KEPT"] = str(kept)
    machine.has(
        "debootstrap",
        'for last in "$@"; do [ -d "$last" ] && root=$last; done; mkdir "$root/in"\n'
        'mount --bind "$KEPT" "$root/in" && ls "$root/in" >"$NOTES"; exec sleep 54321',
    )
    script = machine.start()
    until(lambda: machine.notes.read_text() == "file\n")
    assert str(machine.temporary) not in Path("/proc/mounts").read_text()
    begun = psutil.Process(script.pid).children(recursive=True)
    assert any("54321" in process.cmdline() for process in begun)
    script.send_signal(signal.SIGTERM)
    script.communicate()
    assert script.returncode == 143
    assert list(machine.temporary.iterdir()) == []
    assert (kept / "file").exists()
    for process in begun:
        until(lambda process=process: has_ended(process.pid))
