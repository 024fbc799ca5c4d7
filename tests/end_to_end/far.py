"""A copy of the course on "another computer": this machine, behind an SSH server of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.end_to_end import ssh
from tests.end_to_end.server import ROOT
from tests.waiting import until

SERVED = ("notebooks", "exercises", "helpers", "data", "tools")
# In place of the download of 3 GB: an environment whose Python is the one of the tests.
ENVIRONMENT = """
import os, pathlib, sys
print("Installing", sys.argv[1], flush=True)
own = pathlib.Path(".venv/bin/python")
own.parent.mkdir(parents=True, exist_ok=True)
own.write_text('#!/bin/sh\\nexec "$COURSE_TEST_PYTHON" "$@"\\n')
own.chmod(0o755)
"""


def copy_course(folder: Path) -> Path:
    """Copy what is served into a folder, without an environment, and make one quickly."""
    skipped = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in SERVED:
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    for name in ("jupyter_config.py", "pyproject.toml"):
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "tools" / "environment.py").write_text(ENVIRONMENT)
    return folder


@dataclass
class Far:
    """The other computer.

    Attributes:
        course: Where the course lies there.
        variables: The environment of whoever logs in there.
        login: How to get in.
        wire: What connects it with this computer.
    """

    course: Path
    variables: dict[str, str]
    login: ssh.Login
    wire: ssh.Wire

    def server(self, action: str) -> dict[str, Any]:
        """Run `python -m tools.server` over there; what it says as JSON, if anything."""
        done = subprocess.run(
            [sys.executable, "-m", "tools.server", action],
            cwd=self.course,
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else {}

    def command(self, *flags: str, options: list[str] | None = None) -> list[str]:
        """The words that open the course there from here."""
        through = self.login.through(self.wire.near)
        words = [sys.executable, str(ROOT / "tools" / "remote.py"), self.login.target]
        return [*words, "--folder", str(self.course), *flags, "--", *(options or through)]

    def run(self, *flags: str, **settings: Any) -> subprocess.CompletedProcess:
        """Run a command from here that ends by itself."""
        words = self.command(*flags, options=settings.pop("options", None))
        kept = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
        return subprocess.run(words, **{**kept, **settings}, check=False)

    @contextmanager
    def opened(self, *flags: str) -> Iterator["Opened"]:
        """The course, opened from here with a tunnel."""
        process = subprocess.Popen(
            self.command("--no-browser", *flags),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        window = Opened(process, [])
        try:
            window.read("  http://")
            yield window
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            process.wait()
            process.stdout.close()


@dataclass
class Opened:
    """A window in which tools/remote.py runs.

    Attributes:
        process: It.
        lines: What was read of its words.
    """

    process: subprocess.Popen
    lines: list[str]

    def read(self, begins: str) -> str:
        """Read on to the line that begins so, after the time of day if there is one."""
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith(begins) or line[9:].startswith(begins):
                return line
        raise AssertionError("it ended:\n" + "".join(self.lines))

    @property
    def address(self) -> str:
        """The address that it printed."""
        return next(line.strip() for line in self.lines if line.startswith("  http://"))


@contextmanager
def computer(folder: Path) -> Iterator[Far]:
    """Another computer with the course on it, and no environment yet; its server is stopped."""
    home = folder / "home"
    keys = folder / "keys"
    for each in (home, keys):
        each.mkdir()
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "COURSE_HOME": str(home / "course"),
        "COURSE_WORKBOOK": str(home / "workbook"),
        "COURSE_TEST_PYTHON": sys.executable,
        **{
            f"JUPYTER_{name.upper()}_DIR": str(home / name)
            for name in ("config", "data", "runtime")
        },
    }
    course = copy_course(folder / "mon cours é")
    with ssh.daemon(keys, variables) as login, ssh.wire(login.port) as wire:
        far = Far(course, variables, login, wire)
        try:
            yield far
        finally:
            far.server("stop")
            until(lambda: far.server("status") == {"state": "none"})
