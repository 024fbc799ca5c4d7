"""Progress goes from a session that ends into a journal that stays: nothing lost, nothing twice."""

import base64
import json
import random
import subprocess
import sys
import types
import zlib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import exercises
from helpers.grading import transfer
from helpers.grading.progress import LearnerProgress

EVENTS = ("wrong", "right", "hint", "solution", "predicted-right", "predicted-wrong")


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "progress.jsonl").read_bytes().splitlines()]


def downloaded(folder: Path, to: Path) -> Path:
    to.mkdir(exist_ok=True)
    transfer.download(LearnerProgress(folder), to)
    return to / transfer.DOWNLOAD


def test_what_was_done_elsewhere_is_added_once(tmp_path: Path) -> None:
    colab, home = LearnerProgress(tmp_path / "colab"), LearnerProgress(tmp_path / "home")
    for event in ("wrong", "hint", "hint", "right"):
        colab.record("03", "mlp", event)
    home.record("03", "mlp", "hint")
    file = downloaded(tmp_path / "colab", tmp_path / "browser")
    told = transfer.take(file, home)
    assert told == f"Progress: 4 events taken from {file.name}, 0 were here already."
    again = transfer.take(file, home)
    assert again == f"Progress: 0 events taken from {file.name}, 4 were here already."
    tally = home.tallies()["03", "mlp"]
    assert (tally.best, tally.hints) == ("right", 3)
    ids = [entry["id"] for entry in lines(tmp_path / "home")]
    assert len(ids) == len(set(ids)) == 5


def test_a_second_session_is_added_to_the_first(tmp_path: Path) -> None:
    home = LearnerProgress(tmp_path / "home")
    for session in range(3):  # each begins with nothing, and the learner does the same in each
        LearnerProgress(tmp_path / f"{session}").record("01", "grid", "hint")
        transfer.take(downloaded(tmp_path / f"{session}", tmp_path / "browser"), home)
    assert home.tallies()["01", "grid"].hints == 3


def test_events_without_an_id_are_known_again(tmp_path: Path) -> None:
    """A journal of an older course, copied, went on in two places."""
    old = [{"version": 1, "chapter": "01", "name": "grid", "event": "hint"}] * 2
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        text = "".join(json.dumps(entry) + "\n" for entry in old)
        (tmp_path / name / "progress.jsonl").write_text(text, encoding="utf-8")
        LearnerProgress(tmp_path / name).record("01", "grid", "hint")
    for _ in range(2):
        transfer.take(tmp_path / "a" / "progress.jsonl", LearnerProgress(tmp_path / "b"))
        transfer.take(downloaded(tmp_path / "b", tmp_path / "out"), LearnerProgress(tmp_path / "a"))
    for name in ("a", "b"):
        assert LearnerProgress(tmp_path / name).tallies()["01", "grid"].hints == 4
        assert lines(tmp_path / name)[:2] == old, "a line that was written is never changed"


@pytest.mark.parametrize("seed", range(20))
def test_three_places_that_take_from_each_other_agree(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    names = ("a", "b", "c")
    written = 0
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "progress.jsonl").touch()
    for _ in range(30):
        one, other = draw.sample(names, 2)
        if draw.random() < 0.6:
            LearnerProgress(tmp_path / one).record(
                "01", f"e{draw.randrange(3)}", draw.choice(EVENTS)
            )
            written += 1
        else:
            file = downloaded(tmp_path / one, tmp_path / "out")
            transfer.take(file, LearnerProgress(tmp_path / other))
    for one in names:
        for other in names:
            file = downloaded(tmp_path / one, tmp_path / "out")
            transfer.take(file, LearnerProgress(tmp_path / other))
    found = [sorted(entry["id"] for entry in lines(tmp_path / name)) for name in names]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == len(set(found[0])) == written


def test_a_newer_version_s_events_are_taken_along(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    newer = {"version": 2, "badge": "early bird"}
    (tmp_path / "a" / "progress.jsonl").write_text(json.dumps(newer) + "\n", encoding="utf-8")
    transfer.take(downloaded(tmp_path / "a", tmp_path / "out"), LearnerProgress(tmp_path / "b"))
    (taken,) = lines(tmp_path / "b")
    assert taken.items() >= newer.items()


def test_the_notebook_carries_it(tmp_path: Path) -> None:
    learner = LearnerProgress(tmp_path / "colab")
    outputs = []
    for event in ("hint", "right"):
        learner.record("03", "mlp", event)
        shown = transfer.download(learner, tmp_path)._repr_mimebundle_()
        outputs.append(new_output("display_data", data=shown))
    cells = [new_code_cell("exercises.download_progress()", outputs=[out]) for out in outputs[::-1]]
    file = tmp_path / "03_nn_layers.ipynb"
    nbformat.write(new_notebook(cells=cells), file)
    home = LearnerProgress(tmp_path / "home")
    assert transfer.take(file, home).startswith("Progress: 2 events taken from 03_nn_layers.ipynb")
    assert home.tallies()["03", "mlp"].best == "right"


def test_the_cell_says_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "a & <b>"
    folder.mkdir()
    LearnerProgress(folder).record("03", "mlp", "right")
    carrier = transfer.download(LearnerProgress(folder), folder)
    assert repr(carrier).startswith(f"Your progress is in {folder / transfer.DOWNLOAD} (1 event)")
    markup = carrier._repr_mimebundle_()["text/html"]
    assert "a &amp; &lt;b&gt;" in markup and "<b>" not in markup


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("progress.csv", "learner,chapter\n", "holds no progress; exercises.download_progress()"),
        ("x.jsonl", "\x00\x01", "holds no progress"),
        ("x.ipynb", '{"cells": []}', "holds no progress; run exercises.download_progress"),
        ("x.ipynb", f'"{transfer.MARK}AAAA"', "holds no progress"),
    ],
)
def test_a_file_without_progress_is_refused(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(transfer.TransferError, match=told):
        transfer.take(file, LearnerProgress(tmp_path / "home"))
    assert not (tmp_path / "home").exists()


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    file = downloaded(tmp_path / "nothing", tmp_path / "out")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="cannot be written"):
        transfer.take(file, LearnerProgress(tmp_path / "file" / "below"))
    with pytest.raises(FileNotFoundError):
        transfer.take(tmp_path / "none.jsonl", LearnerProgress(tmp_path / "home"))


TAKE = """
import sys
from pathlib import Path
from helpers.grading import transfer
from helpers.grading.progress import LearnerProgress
print("ready", flush=True)
print(transfer.take(Path(sys.argv[1]), LearnerProgress(Path(sys.argv[2]))), flush=True)
"""


def test_killed_while_taking_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    there, home = tmp_path / "colab", tmp_path / "home"
    there.mkdir()
    entries = [
        {"version": 1, "chapter": "01", "name": f"e{n}", "event": "hint", "id": f"{n:016x}"}
        for n in range(20_000)
    ]
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    (there / "progress.jsonl").write_text(text, encoding="utf-8")
    LearnerProgress(home).record("01", "own", "right")
    for delay in (0.0, 0.1, 0.2, 0.3):
        command = [sys.executable, "-c", TAKE, str(there / "progress.jsonl"), str(home)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            child.stdout.readline()
            try:
                child.wait(timeout=delay)
            except subprocess.TimeoutExpired:
                child.kill()
        assert LearnerProgress(home).best()["01", "own"] == "right"
    transfer.take(there / "progress.jsonl", LearnerProgress(home))
    ids = [entry["id"] for entry in lines(home)]
    assert len(ids) == len(set(ids)) == 20_001


def test_in_colab_the_browser_downloads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[str] = []
    package, files = types.ModuleType("google.colab"), types.ModuleType("google.colab.files")
    files.download = given.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab.files", files)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    LearnerProgress().record("01", "grid", "right")
    exercises.download_progress()
    assert given == [str(tmp_path / transfer.DOWNLOAD)]
    assert "is in your browser's downloads (1 event)" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "other"))
    exercises.take_progress(transfer.DOWNLOAD)
    assert capsys.readouterr().out == (
        f"Progress: 1 event taken from {transfer.DOWNLOAD}, 0 were here already.\n"
    )


def test_kaggle_keeps_it_with_the_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "KAGGLE", tmp_path)
    LearnerProgress(tmp_path / "home").record("01", "grid", "right")
    transfer.download(LearnerProgress(tmp_path / "home"))
    assert (tmp_path / transfer.DOWNLOAD).exists()


def test_what_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    packed = zlib.compress(b"\n" * (transfer.MOST_BYTES + 1), 9)
    carried = transfer.MARK + base64.b64encode(packed).decode("ascii")
    file = tmp_path / "01_tensors.ipynb"
    file.write_text(json.dumps({"cells": [{"outputs": carried}]}))
    with pytest.raises(ValueError, match="holds no progress"):
        exercises.take_progress(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"away\.jsonl cannot be read .*; give the file"):
        exercises.take_progress(tmp_path / "away.jsonl")
