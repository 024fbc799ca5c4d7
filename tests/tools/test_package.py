"""The course as a package: `pip install .` brings data and exercises, and leaves nothing behind."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.course_copy import PYTHON

ROOT = Path(__file__).resolve().parents[2]
PARTS = ["pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT", ".gitignore"]
FOLDERS = ["data", "exercises", "helpers", "notebooks"]
USE = """
import exercises, helpers
from helpers import data, plot
from helpers.board import _assets
print(helpers.__file__)
print(len(exercises.chapter("01").exercises), tuple(data.digits().images.shape))
print(data.photograph().shape, len(data.sunspots().years), data.wine().columns[0])
print(plot.matrix(data.digits().images[0]) is not None)
print(_assets.LOCKED.joinpath("package-lock.json").is_file())
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """The course's files, as a download has them."""
    folder = tmp_path_factory.mktemp("source") / "mon cours é"
    folder.mkdir()
    for name in PARTS:
        shutil.copyfile(ROOT / name, folder / name)
    for name in FOLDERS:
        hide = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, folder / name, ignore=hide)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory) -> Path:
    """The package, built as pip builds it."""
    before = sorted(source.rglob("*"))
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", folder], cwd=source, check=True)
    assert sorted(source.rglob("*")) == before, "the build left something in the source tree"
    return next(folder.glob("*.whl"))


def test_an_installed_package_has_all_that_it_needs(wheel: Path, tmp_path) -> None:
    """In an empty folder, with the other packages of this environment on the path."""
    own = tmp_path / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", own], check=True)
    python = str(own / PYTHON)
    install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", python, *install], check=True)
    find = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.check_output([python, "-c", find], text=True).strip())
    others = {Path(path) for path in sys.path if path.endswith("site-packages")}
    others.add(Path(sysconfig.get_path("purelib")))
    (site / "others.pth").write_text("".join(f"{path}\n" for path in others), encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(
        [python, "-c", USE], cwd=empty, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    place, *rest = done.stdout.splitlines()
    assert Path(place).is_relative_to(site)
    assert rest[0].endswith("(1797, 8, 8)")
    assert not rest[0].startswith("0 ")
    assert rest[1:] == ["torch.Size([3, 427, 640]) 309 alcohol (% vol)", "True", "True"]
    assert list(empty.iterdir()) == []
