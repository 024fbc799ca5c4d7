"""The chapters for Colab: small, whole, and unpacked by a cell that nothing brings out of step."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tools import colab, notebooks
from tools.colab import contents
from tools.colab.__main__ import main

CHAPTERS = notebooks.paths()
NUMBER = "00"
LIMIT = 300  # seconds for what takes less than one
# The cell as a kernel runs it, with nothing to be found but Python itself: -S leaves out every
# installed package, and the course with them.
RUN = """
import json, os, signal, sys
source, job = open(sys.argv[1], encoding="utf-8").read(), json.loads(sys.argv[2])
sys.path[:0] = job.get("path", [])
for name in job.get("imported", []):
    __import__(name)
if "die_at" in job:
    steps = 0
    def count(event, arguments):
        global steps
        if event in ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.rmtree"):
            steps += 1
            if steps == job["die_at"]:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
cell = {}
for _ in range(job.get("times", 1)):
    exec(compile(source, "cell", "exec"), cell)
cell.pop("__builtins__")
if job.get("import"):
    import helpers
    print(helpers.__file__)
print(json.dumps([sorted(cell), [place for place in sys.path if "pytorch-course" in place]]))
"""


@dataclass(frozen=True)
class Done:
    """What a run of the cell printed, and the names and paths that it left."""

    status: int
    lines: list[str]
    errors: str

    @property
    def names(self) -> list[str]:
        return json.loads(self.lines[-1])[0]

    @property
    def places(self) -> list[str]:
        return json.loads(self.lines[-1])[1]


def run(source: str, folder: Path, cwd: Path | None = None, **job: object) -> Done:
    """Run the cell's text in a Python of its own, in an empty folder."""
    folder.mkdir(exist_ok=True)
    cell = folder.with_name(f"{folder.name}.py")
    cell.write_text(source, encoding="utf-8")
    temporary = folder.with_name(f"{folder.name}-temporary")
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", RUN, str(cell), json.dumps(job)],
        cwd=cwd or folder,
        env={**os.environ, "TMPDIR": str(temporary), "TEMP": str(temporary)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT,
    )
    return Done(done.returncode, done.stdout.splitlines(), done.stderr)


@pytest.fixture(scope="module")
def made() -> dict[str, NotebookNode]:
    return {notebooks.chapter_of(path): colab.notebook(path) for path in CHAPTERS}


@pytest.fixture(scope="module")
def cell(made: dict[str, NotebookNode]) -> str:
    return bundle(made[NUMBER]).source


def bundle(notebook: NotebookNode) -> NotebookNode:
    (found,) = [cell for cell in notebook.cells if cell.metadata.get(colab.MARK)]
    return found


def whole(folder: Path) -> bool:
    """Whether an unpacked folder holds what the chapter's archive does."""
    expected = contents.files(NUMBER, notebooks.read(notebooks.paths(NUMBER)[0]))
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return found.keys() == expected.keys() and all(
        path.read_bytes() == expected[name] for name, path in found.items()
    )


def unpacked(folder: Path) -> list[Path]:
    return sorted(folder.glob("pytorch-course-*"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_each_chapter_is_one_small_notebook(path: Path, made: dict[str, NotebookNode]) -> None:
    reference, notebook = notebooks.read(path), made[notebooks.chapter_of(path)]
    nbformat.validate(notebook)
    assert len(notebooks.to_bytes(notebook)) < colab.LARGEST
    first = notebooks.code_cells(notebook)[0]
    assert first is bundle(notebook) and first.source.startswith("#@title ")
    assert first.metadata["cellView"] == "form"
    assert max(map(len, first.source.splitlines())) <= colab.LINE
    assert "exercises.chapter(" in notebooks.code_cells(notebook)[1].source
    others = [cell for cell in notebook.cells if cell is not first]
    assert [(c.id, c.source) for c in others] == [(c.id, c.source) for c in reference.cells]
    assert not any(cell.outputs for cell in notebooks.code_cells(notebook))
    assert notebook.metadata["colab"]["name"] == path.name
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert "accelerator" not in notebook.metadata, "no chapter until now wants a GPU"


def test_a_chapter_gets_a_gpu_by_its_set_up_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = notebooks.read(notebooks.paths(NUMBER)[0])
    setup = next(cell for cell in reference.cells if cell.metadata.get("setup"))
    setup.metadata["accelerator"] = "GPU"
    notebooks.write(reference, tmp_path / "00_start_here.ipynb")
    wanted = colab.notebook(tmp_path / "00_start_here.ipynb").metadata
    assert (wanted["accelerator"], wanted["colab"]["gpuType"]) == ("GPU", "T4")
    assert "accelerator" in notebooks.CELL_KEYS, "make refresh would drop it"


def test_what_a_chapter_carries(made: dict[str, NotebookNode]) -> None:
    def carried(path: Path) -> set[str]:
        return set(contents.files(notebooks.chapter_of(path), notebooks.read(path)))

    start, layers, training, visdom = (
        carried(notebooks.paths(number)[0]) for number in ("00", "03", "04", "06")
    )
    assert {"exercises/chapter_00/predictions.py", "notebooks/scripts/count_ink.py"} <= start
    assert not any(name.startswith("exercises/chapter_01") for name in start)
    assert "helpers/board/__init__.py" not in layers
    assert "helpers/board/web/package-lock.json" in visdom
    assert "notebooks/scripts/digit_project/train_digits.py" in training
    assert all({"LICENSE", "data/SHA256SUMS", "data/wine.csv"} <= each for each in (start, visdom))
    assert not any(".pyc" in name or "/." in name for name in start | visdom)


def test_only_what_colab_lacks_is_installed() -> None:
    found = {
        notebooks.chapter_of(path): contents.packages(notebooks.read(path)) for path in CHAPTERS
    }
    assert found.pop("03") == {"torchinfo": "torchinfo==1.8.0"}
    assert found.pop("06") == {"visdom": "visdom==0.2.4"}
    assert not any(found.values())


def test_the_same_files_give_the_same_notebook(tmp_path: Path) -> None:
    path = notebooks.paths(NUMBER)[0]
    first, second = (notebooks.to_bytes(colab.notebook(path)) for _ in range(2))
    assert first == second


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "dist" / "colab"
    assert main(["--chapter", NUMBER, "--folder", str(folder)]) == 0
    path = folder / "00_start_here.ipynb"
    assert bundle(notebooks.read(path))["id"] == "course-files-00"
    assert f"kB  {path}\n" in capsys.readouterr().out
    assert main(["--chapter", "77"]) == 1
    assert capsys.readouterr().out.startswith("There is no chapter 77; there are: 00, 01")
    (tmp_path / "file").touch()
    assert main(["--chapter", NUMBER, "--folder", str(tmp_path / "file")]) == 1
    assert "file" in capsys.readouterr().out


def test_a_chapter_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colab, "LARGEST", 100_000)
    with pytest.raises(ValueError, match=r"00_start_here\.ipynb for Colab has \d{3},\d{3} bytes"):
        colab.write(NUMBER, tmp_path)
    assert not list(tmp_path.iterdir())


def test_unpacked_once_and_found_again(cell: str, tmp_path: Path) -> None:
    folder = tmp_path / "a ü b"
    first = run(cell, folder, times=2)
    assert first.status == 0, first.errors
    (place,) = unpacked(folder)
    assert whole(place)
    assert first.places == [str(place)] and first.names == [], "nothing is left but the path"
    assert first.lines[0] == f"Chapter 00 is ready: its files were unpacked into {place}."
    assert first.lines[2] == f"Chapter 00 is ready: its files are in {place}."
    assert len(first.lines) == 5, "two lines each time"
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*.py")}
    again = run(cell, folder)
    assert again.lines[0] == f"Chapter 00 is ready: its files are in {place}."
    assert before == {path: path.stat().st_mtime_ns for path in place.rglob("*.py")}
    assert [path.name for path in folder.iterdir()] == [place.name], "no part is left"


def test_in_another_working_folder_it_is_unpacked_there(cell: str, tmp_path: Path) -> None:
    run(cell, tmp_path / "a")
    other = run(cell, tmp_path / "b")
    assert [Path(place).parent for place in other.places] == [tmp_path / "b"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that none may write to")
def test_where_nothing_can_be_written_a_temporary_folder_is_used(cell: str, tmp_path: Path) -> None:
    done = run(cell, tmp_path / "a", cwd=Path("/proc"))
    assert done.status == 0, done.errors
    (place,) = map(Path, done.places)
    assert place.parent.parent == tmp_path / "a-temporary" and whole(place)
    assert done.lines[0] == (
        "Chapter 00 is ready: its files were unpacked, as /proc cannot be written to, "
        f"into {place}."
    )


def test_a_changed_file_is_brought_back(cell: str, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    run(cell, folder)
    (place,) = unpacked(folder)
    (place / "helpers" / "data" / "_files.py").write_text("raise SystemExit\n", encoding="utf-8")
    (place / "data" / "wine.csv").unlink()
    (place / "helpers" / "old.py").touch()
    done = run(cell, folder)
    assert "were unpacked into" in done.lines[0]
    assert unpacked(folder) == [place] and whole(place)


def test_an_older_course_is_replaced_and_never_mixed(cell: str, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    old = folder / "pytorch-course-00-0123456789ab"
    (old / "helpers").mkdir(parents=True)
    (old / "helpers" / "__init__.py").touch()
    other = folder / "pytorch-course-03-0123456789ab"
    other.mkdir()
    done = run(cell, folder, path=[str(old), str(other)], imported=["helpers"], **{"import": True})
    assert done.status == 0, done.errors
    (place,) = map(Path, done.places)
    assert unpacked(folder) == [place, other], "another chapter's folder stays, off the path"
    assert Path(done.lines[2]).is_relative_to(place), "what was imported is imported anew"


def test_a_package_of_the_same_name_does_not_get_in_the_way(cell: str, tmp_path: Path) -> None:
    theirs = tmp_path / "site"
    theirs.mkdir()
    (theirs / "helpers.py").touch()
    done = run(cell, tmp_path / "a", path=[str(theirs)], imported=["helpers"], **{"import": True})
    assert Path(done.lines[2]).is_relative_to(done.places[0])


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("with_old", [False, True], ids=["new", "replacing"])
def test_killed_at_any_step_nothing_is_half(cell: str, tmp_path: Path, with_old: bool) -> None:
    """Killed while it opens, makes, renames or removes anything: each name is a whole folder."""
    folder = tmp_path / "a"
    killed = 0
    for step in range(1, 260, 6):
        for path in unpacked(folder):
            shutil.rmtree(path)
        if with_old:
            (folder / "pytorch-course-00-0123456789ab" / "helpers").mkdir(parents=True)
        done = run(cell, folder, die_at=step)
        killed += done.status != 0
        named = [path for path in unpacked(folder) if path.name[-12:] != "0123456789ab"]
        assert all(map(whole, named)), f"half of it is left when killed at step {step}"
    assert killed > 20 and done.status == 0, "the steps were not reached, or not all"
    (place,) = unpacked(folder)
    assert whole(place), "an older folder is there still"


def test_two_kernels_at_once(cell: str, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    source = tmp_path / "cell.py"
    source.write_text(cell, encoding="utf-8")
    command = [sys.executable, "-I", "-S", "-c", RUN, str(source), "{}"]
    children = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) for _ in range(6)]
    outputs = [child.communicate(timeout=LIMIT)[0] for child in children]
    assert [child.returncode for child in children] == [0] * 6, outputs
    (place,) = folder.iterdir()
    assert whole(place)
    assert all(str(place).encode() in output for output in outputs)


DAMAGES = {
    "a letter lost": lambda text: text[:5000] + text[5001:],
    "the last letter lost": lambda text: re.sub(r'.\n"""', '\n"""', text, count=1),
    "a letter changed": lambda text: (
        text[:5000] + ("A" if text[5000] != "A" else "B") + text[5001:]
    ),
    "a line lost": lambda text: "\n".join(text.split("\n")[:9] + text.split("\n")[10:]),
    "a letter that is none": lambda text: text[:5000] + "é" + text[5001:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cell_says_one_sentence(cell: str, tmp_path: Path, damage: str) -> None:
    broken = DAMAGES[damage](cell)
    assert broken != cell
    done = run(broken, tmp_path / "a")
    assert done.status == 1 and not list((tmp_path / "a").iterdir())
    assert "This cell is damaged" in done.errors.splitlines()[-1]


def test_other_line_ends_and_blanks_are_no_damage(cell: str, tmp_path: Path) -> None:
    done = run(cell.replace("\n", " \r\n"), tmp_path / "a")
    assert done.status == 0, done.errors


def wheel(folder: Path) -> None:
    """A package that pip can install: one module."""
    name = "dist_info-1.0.dist-info"
    with zipfile.ZipFile(folder / "dist_info-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("brought.py", "")
        archive.writestr(
            f"{name}/METADATA", "Metadata-Version: 2.1\nName: dist-info\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{name}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}/RECORD", "")


INSTALL = """
import sys
sys.path[:0] = sys.argv[4:]
from tools.colab.first_cell import bring_course
import re
source = open(sys.argv[1], encoding="utf-8").read()
digest = re.search(r'"([0-9a-f]{64})"', source)[1]
letters = source.split('\"\"\"')[1]
bring_course("00", digest, letters, {sys.argv[2]: sys.argv[3]})
"""


@pytest.mark.parametrize("wanted", ["brought", "missing"])
def test_what_is_missing_is_installed_or_said(cell: str, tmp_path: Path, wanted: str) -> None:
    wheel(tmp_path)
    site, source = tmp_path / "site", tmp_path / "cell.py"
    site.mkdir()
    source.write_text(cell, encoding="utf-8")
    requirement = {"brought": "dist-info==1.0", "missing": "no-such-package==1.0"}[wanted]
    settings = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path),
        "PIP_TARGET": str(site),
        "PYTHONPATH": str(notebooks.ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", INSTALL, str(source), wanted, requirement, str(site)],
        cwd=tmp_path,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    said = {
        "brought": " brought was installed.",
        "missing": " missing was not installed (is there no internet?): its cells say what to do.",
    }[wanted]
    assert done.stdout.splitlines()[0].endswith(said)
    assert (site / "brought.py").exists() == (wanted == "brought")


SETUP = """
import sys, types
for name in ("torch", "matplotlib", "matplotlib.pyplot"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["matplotlib"].pyplot = sys.modules["matplotlib.pyplot"]
sys.path[:0] = sys.argv[2:]
exec(compile(sys.argv[1], "cell", "exec"), {})
"""


@pytest.mark.parametrize("theirs", [[], ["helpers"]], ids=["nothing", "another helpers"])
def test_a_reference_notebook_alone_says_which_file_to_take(
    tmp_path: Path, theirs: list[str]
) -> None:
    """Its set-up cell, in an empty folder; `pip install helpers` brings a package of that name."""
    (tmp_path / "site").mkdir()
    for name in theirs:
        (tmp_path / "site" / name).mkdir()
        (tmp_path / "site" / name / "__init__.py").touch()
    (tmp_path / "content").mkdir()
    cell = notebooks.setup_cell("03")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", SETUP, cell, str(tmp_path / "site")],
        cwd=tmp_path / "content",
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: The course is not here.")
    assert "dist/colab/03_nn_layers.ipynb" in last
