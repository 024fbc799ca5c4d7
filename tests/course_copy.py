"""A copy of the course that is installed in seconds, offline.

It asks for pip and setuptools only. Both come from wheels packed from the environment
that runs the tests.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["Makefile", "pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"]
TOOLS = ["environment.py", "build-constraints.txt"]
PYTHON = Path("Scripts/python.exe" if os.name == "nt" else "bin/python")


def pack_wheel(package: str, folder: Path) -> str:
    """Write an installed pure Python package as a wheel; returns its pin."""
    version = metadata.version(package)
    with zipfile.ZipFile(folder / f"{package}-{version}-py3-none-any.whl", "w") as wheel:
        for file in metadata.files(package) or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                wheel.write(file.locate(), file.as_posix())
    return f"{package}=={version}\n"


class Copy:
    """A copy of the course, small enough to be installed in seconds."""

    def __init__(self, folder: Path) -> None:
        """Lay out the files; `folder` may hold spaces and letters like é."""
        self.root = folder / "mon cours é"
        wheels = folder / "wheels"
        wheels.mkdir()
        for name in PARTS:
            self.take(name)
        for name in TOOLS:
            self.take(f"tools/{name}")
        self.take("helpers/__init__.py")
        pins = pack_wheel("pip", wheels) + pack_wheel("setuptools", wheels)
        for name in ("requirements.txt", "requirements/test.txt", "requirements/bench.txt"):
            (self.root / name).parent.mkdir(exist_ok=True)
            (self.root / name).write_text(pins)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PIP_")},
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": wheels.as_uri(),
        }
        self.venv = self.root / ".venv"

    def take(self, name: str) -> None:
        """Copy one file of the course to the same place here."""
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, self.root / name)

    def command(self, *arguments: str) -> dict:
        """What subprocess needs to run tools/environment.py here."""
        return {
            "args": [sys.executable, "tools/environment.py", *arguments],
            "cwd": self.root,
            "env": self.environment,
            "stdin": subprocess.DEVNULL,
            "text": True,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run tools/environment.py to its end."""
        return subprocess.run(**self.command(*arguments), capture_output=True, check=False)

    def stamp(self) -> dict:
        """What tools/environment.py has noted in the environment; empty if nothing."""
        path = self.venv / "pytorch-course.json"
        return json.loads(path.read_text()) if path.is_file() else {}
