"""Progress survives crashes, a second kernel, damage and newer versions."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from helpers.grading import progress as module
from helpers.grading.progress import Journal, LearnerProgress, Tally, default_folder

ROOT = Path(__file__).resolve().parents[2]

# Without the packages' own __init__, which imports torch: two seconds for each child.
CHILD_START = """
import sys, types
root = sys.argv[1]
for name in ("helpers", "helpers.grading"):
    package = types.ModuleType(name)
    package.__path__ = [root + "/" + name.replace(".", "/")]
    sys.modules[name] = package
from helpers.grading.progress import LearnerProgress
from pathlib import Path
progress = LearnerProgress(Path(sys.argv[2]))
"""

RECORD_FOR_EVER = (
    CHILD_START
    + """
start = int(sys.argv[3])
while True:
    progress.record("01", f"exercise_{start}", "right")
    sys.stdout.write(f"{start}\\n")
    sys.stdout.flush()
    start += 1
"""
)

RECORD_MANY = (
    CHILD_START
    + """
import helpers.grading.progress as module
module.LOCK_SECONDS = float(sys.argv[5])
sys.stdin.readline()
for number in range(int(sys.argv[4])):
    progress.record("01", f"{sys.argv[3]}_{number}", "right")
"""
)

FILL_THE_DISK = (
    CHILD_START
    + """
import resource
progress.record("00", "before", "right")
path = Path(sys.argv[2]) / "progress.jsonl"
size = path.stat().st_size
endless = resource.RLIM_INFINITY
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, endless))
for number in range(3):
    progress.record("01", f"exercise_{number}", "right")
print(len(progress.best()), path.stat().st_size - size)
resource.setrlimit(resource.RLIMIT_FSIZE, (endless, endless))
LearnerProgress(Path(sys.argv[2])).record("01", "after", "right")
"""
)


def child(code: str, *arguments: object, **options) -> subprocess.Popen:
    """Start a Python child that runs `code` with the root as its first argument."""
    command = [sys.executable, "-c", code, str(ROOT), *map(str, arguments)]
    return subprocess.Popen(command, text=True, **options)


# Events


def test_best_event_so_far(tmp_path: Path):
    progress = LearnerProgress(tmp_path / "new" / "folder")
    assert progress.best() == {}
    for event in ("hint", "wrong", "right", "wrong", "solution"):
        progress.record("01", "sum", event)
    progress.record("01", "reshape", "wrong")
    progress.record("01", "reshape", "hint")
    progress.record("00", "guess", "predicted-wrong")
    assert LearnerProgress(progress.folder).best() == {
        ("01", "sum"): "right",
        ("01", "reshape"): "wrong",
        ("00", "guess"): "predicted-wrong",
    }


@pytest.mark.parametrize("first", ["predicted-wrong", "predicted-right"])
def test_the_first_commitment_to_a_prediction_counts(tmp_path: Path, first: str):
    progress = LearnerProgress(tmp_path)
    for event in (first, "predicted-right", "predicted-wrong"):
        progress.record("00", "guess", event)
    assert progress.best() == {("00", "guess"): first}


def test_unknown_event_is_refused_by_name(tmp_path: Path):
    with pytest.raises(ValueError, match="event is 'rihgt'; it must be one of"):
        LearnerProgress(tmp_path).record("01", "sum", "rihgt")
    assert not list(tmp_path.iterdir())


def test_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    assert default_folder() == tmp_path == LearnerProgress().folder
    monkeypatch.delenv("COURSE_HOME")
    assert default_folder().name == "pytorch-course"


def test_one_line_an_event_and_nothing_about_when(tmp_path: Path):
    LearnerProgress(tmp_path).record("01", "façade", "right")
    line = (tmp_path / "progress.jsonl").read_bytes()
    expected = {"version": 1, "chapter": "01", "name": "façade", "event": "right"}
    event = json.loads(line)
    assert re.fullmatch("[0-9a-f]{16}", event.pop("id")), "at random: it says nothing about when"
    assert event == expected
    assert line.endswith(b"}\n") and line.isascii()


OLD = (
    b'{"version": 1, "chapter": "00", "name": "guess", "event": "predicted-wrong"}\n'
    b'{"version": 1, "chapter": "00", "name": "guess", "event": "predicted-right"}\n'
    b'{"version": 1, "chapter": "01", "name": "grid", "event": "wrong"}\n'
    b'{"version": 1, "chapter": "01", "name": "grid", "event": "hint"}\n'
    b'{"version": 1, "chapter": "01", "name": "grid", "event": "right"}\n'
    b'{"version": 1, "chapter": "02", "name": "slope", "event": "solution"}\n'
)


def test_a_file_written_before_still_counts(tmp_path: Path):
    (tmp_path / "progress.jsonl").write_bytes(OLD)
    progress = LearnerProgress(tmp_path)
    assert progress.tallies() == {
        ("00", "guess"): Tally("predicted-wrong"),
        ("01", "grid"): Tally("right", hints=1),
        ("02", "slope"): Tally("solution", solution_seen=True),
    }
    states = [tally.state for tally in progress.tallies().values()]
    assert states == ["wrong", "right", "not tried yet"]
    progress.record("02", "slope", "right")
    content = (tmp_path / "progress.jsonl").read_bytes()
    assert re.sub(rb', "id": "[0-9a-f]{16}"', b"", content) == OLD + (
        b'{"version": 1, "chapter": "02", "name": "slope", "event": "right"}\n'
    )


@pytest.mark.parametrize(
    "given", [(1, "sum", "right"), ("01", None, "right"), (["01"], "sum", "right")]
)
def test_names_are_text(tmp_path: Path, given):
    with pytest.raises(TypeError, match="chapter and name of an exercise are str, not"):
        LearnerProgress(tmp_path).record(*given)
    assert not list(tmp_path.iterdir())


def test_what_is_no_folder_is_refused(tmp_path: Path):
    with pytest.raises(TypeError, match="folder is the path of a file or folder, not int"):
        LearnerProgress(3)
    with pytest.raises(ValueError, match="holds a NUL"):
        LearnerProgress(str(tmp_path) + "\0")
    assert LearnerProgress(str(tmp_path)).folder == tmp_path


def test_the_folder_is_asked_for_each_time(tmp_path: Path, monkeypatch):
    progress = LearnerProgress()
    for name in ("one", "two"):
        monkeypatch.setenv("COURSE_HOME", str(tmp_path / name))
        progress.record("01", name, "right")
        assert progress.best() == {("01", name): "right"}


# Crashes and company


def test_kill_while_writing_loses_no_acknowledged_line(tmp_path: Path):
    acknowledged = 0
    chance = random.Random(0)
    for _ in range(15):
        process = child(RECORD_FOR_EVER, tmp_path, acknowledged, stdout=subprocess.PIPE)
        for _ in range(3):  # however slow the disk is
            process.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        process.kill()  # SIGKILL
        rest = process.stdout.read().splitlines()
        process.wait()
        acknowledged = int(rest[-1]) + 1 if rest else acknowledged + 3
        best = LearnerProgress(tmp_path).best()
        missing = [n for n in range(acknowledged) if ("01", f"exercise_{n}") not in best]
        assert not missing
    assert acknowledged >= 45, "the children were killed before they wrote"


def check_two_kernels(folder: Path, lock_seconds: float) -> None:
    """Let two children record 150 events each at once; assert that all are there."""
    writers = [
        child(RECORD_MANY, folder, name, 150, lock_seconds, stdin=subprocess.PIPE) for name in "ab"
    ]
    for writer in writers:  # both are up before either begins
        writer.stdin.write("go\n")
        writer.stdin.flush()
    while any(writer.poll() is None for writer in writers):
        LearnerProgress(folder).best()  # a reader in between harms nothing
    assert [writer.returncode for writer in writers] == [0, 0]
    expected = {("01", f"{name}_{number}") for name in "ab" for number in range(150)}
    assert set(LearnerProgress(folder).best()) == expected
    assert len((folder / "progress.jsonl").read_bytes().split()) == 300 * 10  # words


def test_two_kernels_at_once_lose_nothing(tmp_path: Path):
    check_two_kernels(tmp_path, lock_seconds=10)


@pytest.mark.skipif(os.name == "nt", reason="Windows appends safely only under the lock")
def test_two_kernels_lose_nothing_even_without_the_lock(tmp_path: Path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr("helpers.grading.progress.LOCK_SECONDS", 0)
    with FileLock(tmp_path / "progress.lock"):
        check_two_kernels(tmp_path, lock_seconds=0)


def test_a_line_cut_by_a_power_failure_costs_only_itself(tmp_path: Path, capsys):
    progress = LearnerProgress(tmp_path)
    progress.record("01", "before", "right")
    with (tmp_path / "progress.jsonl").open("ab") as file:
        file.write(b'{"version": 1, "chap')
    progress.record("01", "after", "right")
    assert set(progress.best()) == {("01", "before"), ("01", "after")}
    assert "progress-damaged-1.jsonl" in capsys.readouterr().err


# Damage


DAMAGE = {
    "not JSON": b"oops\n",
    "not UTF-8": b'{"chapter": "\xff\xfe"}\n',
    "zeros after a power cut": b"\0" * 100 + b"\n",
    "not an object": b'["01", "sum"]\n',
    "deep nesting": b"[" * 200_000 + b"\n",
    "no end of line": b'{"chapter": ',
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_file_is_set_aside_and_said_so(tmp_path: Path, capsys, damage: bytes):
    progress = LearnerProgress(tmp_path)
    progress.record("01", "sum", "right")
    path = tmp_path / "progress.jsonl"
    good = path.read_bytes()
    path.write_bytes(good + damage)
    assert progress.best() == {("01", "sum"): "right"}
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "was damaged: a copy of it is in" in said
    assert (tmp_path / "progress-damaged-1.jsonl").read_bytes() == good + damage
    assert path.read_bytes() == good
    progress.record("01", "mean", "right")
    assert len(progress.best()) == 2
    assert capsys.readouterr().err == "", "said again"


def test_second_damage_does_not_overwrite_the_first_copy(tmp_path: Path):
    path = tmp_path / "progress.jsonl"
    for number, damage in enumerate((b"first\n", b"second\n"), start=1):
        path.write_bytes(damage)
        LearnerProgress(tmp_path).best()
        assert (tmp_path / f"progress-damaged-{number}.jsonl").read_bytes() == damage


def test_newer_versions_lines_survive(tmp_path: Path, capsys):
    newer = (
        b'{"version": 2, "chapter": "01", "name": "sum", "event": "mastered", "x": 3}\n'
        b'{"version": 2, "badge": "early bird"}\n'
        b'{"version": 2, "chapter": "01", "name": "sum", "event": "hint", "level": 3}\n'
        b'{"version": 3, "chapter": ["01"], "name": {}, "event": []}\n'
    )
    path = tmp_path / "progress.jsonl"
    path.write_bytes(newer)
    progress = LearnerProgress(tmp_path)
    assert progress.best() == {("01", "sum"): "hint"}
    assert capsys.readouterr().err == ""
    path.write_bytes(newer + b"damage\n")
    progress.record("01", "sum", "right")
    assert progress.best() == {("01", "sum"): "right"}
    assert path.read_bytes().startswith(newer), "a repair dropped the newer lines"


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_stays_a_link(tmp_path: Path, capsys):
    real = tmp_path / "elsewhere" / "real.jsonl"
    real.parent.mkdir()
    real.write_bytes(OLD + b"damage\n")
    folder = tmp_path / "home"
    folder.mkdir()
    link = folder / "progress.jsonl"
    link.symlink_to(real)
    LearnerProgress(folder).record("02", "slope", "right")
    assert len(LearnerProgress(folder).best()) == 3
    assert link.is_symlink() and link.resolve() == real
    assert real.read_bytes().startswith(OLD) and b"damage" not in real.read_bytes()
    assert "was damaged" in capsys.readouterr().err


# Where nothing can be written


def no_home(monkeypatch) -> None:
    """A user without a home folder, as in a container; nothing else says where to write."""
    for name in ("COURSE_HOME", "HOME", "USERPROFILE", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)

    def raises(*_: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("helpers._folders.user_folder", raises)
    monkeypatch.setattr("helpers.grading.progress.user_folder", raises)


def test_without_a_home_progress_is_kept_while_it_runs(capsys, monkeypatch):
    module._journal_at.cache_clear()
    no_home(monkeypatch)
    for name in ("sum", "mean"):
        LearnerProgress().record("01", name, "right")
    assert LearnerProgress().folder is None
    assert LearnerProgress().best() == {("01", "sum"): "right", ("01", "mean"): "right"}
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "no home folder" in said and "COURSE_HOME" in said
    module._journal_at.cache_clear()


def test_an_unknown_user_in_course_home(capsys, monkeypatch):
    module._journal_at.cache_clear()
    monkeypatch.setenv("COURSE_HOME", "~nosuchuser/z")
    LearnerProgress().record("01", "sum", "right")
    assert LearnerProgress().best() == {("01", "sum"): "right"}
    assert "COURSE_HOME may name another folder" in " ".join(capsys.readouterr().err.split())
    module._journal_at.cache_clear()


def test_folder_that_cannot_be_made_gives_one_sentence(tmp_path: Path, capsys):
    (tmp_path / "file").write_text("a file where the folder should be")
    folder = tmp_path / "file" / "progress"
    for event in ("wrong", "right"):
        LearnerProgress(folder).record("01", "sum", event)  # as an exercise does: a new object
    said = capsys.readouterr().err
    assert said.startswith("Your progress is kept only while this notebook runs: ")
    assert said.count("\n") == 1
    assert LearnerProgress(folder).best() == {("01", "sum"): "right"}, "not even in this session"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes that refuse a folder")
def test_read_only_folder_gives_one_sentence_and_can_be_read(capsys):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        LearnerProgress(folder).record("01", "before", "right")
        for path in (folder, *folder.iterdir()):
            path.chmod(0o555 if path.is_dir() else 0o444)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # modes do not stop root
        try:
            for number in range(3):
                LearnerProgress(folder).record("01", f"exercise_{number}", "right")
            best = LearnerProgress(folder).best()
        finally:
            os.seteuid(user)
            folder.chmod(0o755)
    assert len(best) == 4
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Permission denied" in said


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of a file")
def test_full_disk_gives_one_sentence_and_loses_nothing(tmp_path: Path):
    process = child(FILL_THE_DISK, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    printed, said = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert said.count("\n") == 1 and "kept only while this notebook runs" in said
    assert printed.split() == ["4", "0"], "a part of a line stayed behind"
    names = {name for _, name in LearnerProgress(tmp_path).best()}
    assert names == {"before", "exercise_0", "exercise_1", "exercise_2", "after"}
    assert not list(tmp_path.glob("*damaged*"))


def test_closed_error_stream_is_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    with (tmp_path / "stream").open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
    progress = LearnerProgress(tmp_path / "file" / "progress")
    progress.record("01", "sum", "right")
    assert progress.best() == {("01", "sum"): "right"}


def test_lock_held_elsewhere_does_not_stop_a_record(tmp_path: Path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr("helpers.grading.progress.LOCK_SECONDS", 0.1)
    journal = Journal(tmp_path / "progress.jsonl")
    with FileLock(tmp_path / "progress.lock"):
        assert journal.append({"name": "sum"}) == ""
        with journal.path.open("ab") as file:
            file.write(b'{"half a line of the other pro')
        assert journal.read() == ([{"name": "sum"}], "")
    assert not list(tmp_path.glob("*damaged*"))


# The export


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_export_for_a_teacher(tmp_path: Path):
    progress = LearnerProgress(tmp_path)
    for event in ("hint", "hint", "wrong", "solution", "right"):
        progress.record("01", "sum", event)
    progress.record("00", "hello", "hint")
    path = progress.export(tmp_path / "marks.csv", "Zoë, B.", {"01": ["sum", "mean"]})
    columns = ["learner", "chapter", "exercise", "state", "hints", "solution seen"]
    assert path == tmp_path / "marks.csv"
    assert [list(row) for row in _rows(path)] == [columns] * 3
    assert [list(row.values()) for row in _rows(path)] == [
        ["Zoë, B.", "00", "hello", "not tried yet", "1", "no"],
        ["Zoë, B.", "01", "mean", "not tried yet", "0", "no"],
        ["Zoë, B.", "01", "sum", "right", "2", "yes"],
    ]


def test_export_holds_no_formula(tmp_path: Path):
    progress = LearnerProgress(tmp_path)
    progress.record("01", "sum", "right")
    path = progress.export(tmp_path / "marks.csv", "=HYPERLINK(1)")
    assert _rows(path)[0]["learner"] == "'=HYPERLINK(1)"


def test_export_does_not_overwrite_a_notebook(tmp_path: Path):
    notebook = tmp_path / "mine.ipynb"
    notebook.write_text("{}")
    with pytest.raises(ValueError, match=r"end it in \.csv"):
        LearnerProgress(tmp_path).export(notebook)
    assert notebook.read_text() == "{}"


def test_export_of_odd_arguments_is_refused_with_a_sentence(tmp_path: Path):
    progress = LearnerProgress(tmp_path)
    with pytest.raises(TypeError, match="path is the path of a file or folder, not NoneType"):
        progress.export(None)
    with pytest.raises(ValueError, match="holds a NUL"):
        progress.export("marks\0.csv")
    with pytest.raises(TypeError, match=r"learner is a name \(str\), not int"):
        progress.export(tmp_path / "marks.csv", 3)
    with pytest.raises(OSError) as caught:
        progress.export(tmp_path / "no such folder" / "marks.csv")
    assert "was not written to" in caught.value.__notes__[0]
    assert not list(tmp_path.iterdir())


def test_export_of_half_a_character(tmp_path: Path):
    progress = LearnerProgress(tmp_path)
    progress.record("01", "sum", "right")
    path = progress.export(tmp_path / "marks.csv", "Zo\ud800")
    assert _rows(path)[0]["learner"] == "Zo\\ud800"
