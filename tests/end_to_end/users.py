"""Two ordinary users of this computer, made for a test and removed after it (root, Linux)."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.waiting import has_ended, until

PROGRAMS = ("useradd", "userdel", "unshare", "nsenter", "setpriv", "mount")
SHELL = "/bin/sh"


@dataclass(frozen=True)
class User:
    """Somebody with a home that others may look into, as on many computers.

    Attributes:
        name: Of the login.
        number: The user's number.
        home: Their folder.
        words: What runs a command as this user.
    """

    name: str
    number: int
    home: Path
    words: list[str]

    def run(self, *command: str, said: str = "", cwd: Path | None = None, **variables: str) -> Any:
        """Run a command as this user, and give what it did."""
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.home), "USER": self.name}
        clean |= {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **variables}
        return subprocess.run(
            [*self.words, "env", f"--chdir={cwd or self.home}", *command],
            input=said,
            env=clean,
            capture_output=True,
            text=True,
        )

    @property
    def processes(self) -> list[psutil.Process]:
        """What runs as this user."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.uids().real == self.number and not has_ended(process.pid):
                    found.append(process)
            except psutil.NoSuchProcess:
                continue
        return found


def missing() -> str:
    """Why no users can be made here; empty where they can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "only root can make users, and on Linux"
    gone = [name for name in PROGRAMS if not shutil.which(name)]
    return f"not found: {', '.join(gone)}" if gone else ""


@contextmanager
def two() -> Iterator[tuple[User, User, Path]]:
    """Two users, and a folder that everybody may read; their processes are ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="c-") as name, open_python(Path(name)) as words:
        base = Path(name)
        base.chmod(0o755)
        made: list[User] = []
        try:
            for letter in "ab":
                made.append(make(f"course{os.getpid()}{letter}", base, words))
            yield made[0], made[1], base
        finally:
            for user in made:
                for process in user.processes:
                    with suppress(psutil.NoSuchProcess):  # it ended with the one before
                        process.kill()
                        until(lambda pid=process.pid: has_ended(pid))
                subprocess.run(["userdel", "--force", user.name], check=True, capture_output=True)


def make(name: str, base: Path, words: list[str]) -> User:
    """Make a user with a home that others may list, which is how many systems make homes."""
    home = base / name[-1]  # short, as homes are: a socket's path must not be long
    subprocess.run(
        ["useradd", "--no-create-home", "--home-dir", str(home), "--shell", SHELL, name],
        check=True,
        capture_output=True,
    )
    home.mkdir(mode=0o755)
    shutil.chown(home, name, name)
    number = home.stat().st_uid
    change = ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups"]
    return User(name, number, home, [*words, *change, "--"])


@contextmanager
def open_python(base: Path) -> Iterator[list[str]]:
    """Words before a command that let it reach this Python, though it lies in root's home.

    Mounts of their own show just the folders that Python needs; root's home stays as it is.
    """
    needed = sorted({sys.prefix, sys.base_prefix})
    closed = {path: blocked for path in needed if (blocked := closed_folder(Path(path)))}
    if not closed:
        yield []
        return
    steps = []
    for number, path in enumerate(closed):
        stage = base / f"stage{number}"
        steps += [["mkdir", str(stage)], ["mount", "--bind", path, str(stage)]]
    for blocked in sorted(set(closed.values())):
        steps.append(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(blocked)])
    for number, path in enumerate(closed):
        steps += [["mkdir", "-p", path], ["mount", "--bind", str(base / f"stage{number}"), path]]
    program = (
        "import json, subprocess, sys\n"
        "for step in json.loads(sys.argv[1]): subprocess.run(step, check=True)\n"
        "print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        ["unshare", "--mount", sys.executable, "-I", "-c", program, json.dumps(steps)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "up\n", "this system lets nobody mount anything"
        try:
            yield ["nsenter", f"--target={holder.pid}", "--mount", "--"]
        finally:
            holder.stdin.close()
            holder.wait()
            for number in range(len(closed)):
                (base / f"stage{number}").rmdir()


def closed_folder(path: Path) -> Path | None:
    """The first folder above `path` that others cannot enter."""
    for folder in reversed([path, *path.parents]):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None
