"""A copy of the course to open: the real one is not written into, and holds no learner's work."""

import shutil
import subprocess
from pathlib import Path

from tests.end_to_end.server import ROOT

SERVED = ("notebooks", "exercises", "helpers", "data", "tools")
FILES = ("jupyter_config.py", ".gitignore", ".gitattributes")
AUTHOR = ("-c", "user.name=Course", "-c", "user.email=course@example.org")


def copy_course(folder: Path) -> Path:
    """Copy what is served into `folder`, which is made."""
    skipped = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in SERVED:
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    for name in FILES:
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def commit(folder: Path) -> None:
    """Make a repository of a copy, with all its files in a first commit."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, *AUTHOR, "commit", "--quiet", "--no-gpg-sign", "--message=The course")


def git(folder: Path, *words: str) -> str:
    """What git prints, whatever the settings of whoever runs the tests."""
    command = ["git", "-c", "core.autocrlf=false", "-c", "core.hooksPath=/dev/null", *words]
    return subprocess.check_output(command, cwd=folder, text=True)
