"""A copy of the course that is installed in seconds, offline.

It asks for pip, uv and setuptools only. They come from wheels packed from the environment
that runs the tests.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["Makefile", "pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"]
TOOLS = [
    *("tools/__init__.py", "tools/environment.py", "tools/build-constraints.txt"),
    *(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tools/installing/*.py")),
]
LISTS = ["", "visdom", "test", "bench"]
PYTHON = Path("Scripts/python.exe" if os.name == "nt" else "bin/python")


@functools.cache
def packed() -> tempfile.TemporaryDirectory:
    """A folder with the wheels, made once; it goes when Python ends."""
    folder = tempfile.TemporaryDirectory(prefix="course-wheels-")
    for package in ("pip", "setuptools", "uv"):
        pack_wheel(package, Path(folder.name))
    return folder


def pack_wheel(package: str, folder: Path) -> None:
    """Write an installed package as a wheel, its programs included."""
    found = metadata.distribution(package)
    tag = next(
        line.partition(": ")[2]
        for line in found.read_text("WHEEL").splitlines()
        if line.startswith("Tag: ")
    )
    stem = f"{package}-{found.version}"
    with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as wheel:
        for file in found.files or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                wheel.write(file.locate(), file.as_posix())
            elif package == "uv" and file.stem == "uv":
                wheel.write(file.locate(), f"{stem}.data/scripts/{file.name}")


def uv_program() -> Path:
    """Where the uv lies that came with this environment's package."""
    files = metadata.distribution("uv").files or []
    return next(Path(file.locate()).resolve() for file in files if file.stem == "uv")


def take_wheels(folder: Path) -> None:
    """Put the packed wheels into `folder`, linked where that can be: uv's has 40 MB."""
    folder.mkdir()
    for wheel in Path(packed().name).iterdir():
        try:
            os.link(wheel, folder / wheel.name)
        except OSError:
            shutil.copyfile(wheel, folder / wheel.name)


def pin(package: str) -> str:
    """The line that asks for the version that is installed here."""
    return f"{package}=={metadata.version(package)}\n"


class Copy:
    """A copy of the course, small enough to be installed in seconds."""

    def __init__(self, folder: Path) -> None:
        """Lay out the files; `folder` may hold spaces and letters like é."""
        self.root = folder / "mon cours é"
        wheels = folder / "wheels"
        take_wheels(wheels)
        for name in (*PARTS, *TOOLS, "helpers/__init__.py"):
            self.take(name)
        for name in LISTS:
            path = self.root / (f"requirements/{name}.txt" if name else "requirements.txt")
            path.parent.mkdir(exist_ok=True)
            path.write_text(pin("setuptools"))
        (self.root / "requirements" / "install.txt").write_text(pin("pip") + pin("uv"))
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))},
            "UV_CACHE_DIR": str(folder / "cache"),
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
