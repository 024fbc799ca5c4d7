"""From Colab into the workbook: one file brings answers and progress, once."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output

from helpers.grading import transfer
from helpers.grading.progress import LearnerProgress
from tools import colab, notebooks, workbook

ANSWER = "def row_shares(table):\n    return table / table.sum(dim=1, keepdim=True)\n"


def from_colab(folder: Path, learner: LearnerProgress) -> Path:
    """What a learner downloads: their answer, the cell that saved progress, other ids."""
    made = colab.notebook(notebooks.paths("01")[0])
    starter = next(
        cell
        for cell in notebooks.code_cells(made)
        if cell.metadata.get("exercise") == "row_shares" and "def row_shares" in cell.source
    )
    starter.source = ANSWER
    shown = transfer.download(learner, folder)._repr_mimebundle_()
    outputs = [new_output("display_data", data=shown)]
    made.cells.append(new_code_cell("exercises.download_progress()", outputs=outputs))
    made.cells.append(new_code_cell("my_note = 1"))
    found = json.loads(nbformat.writes(made))
    for number, cell in enumerate(found["cells"]):  # Colab writes format 4.0, and ids of its own
        del cell["id"]
        cell["metadata"]["id"] = f"x{number}"
    found["nbformat_minor"] = 0
    file = folder / "Copy of 01_tensors.ipynb"
    file.write_text(json.dumps(found), encoding="utf-8")
    return file


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LearnerProgress:
    monkeypatch.setenv("COURSE_WORKBOOK", str(tmp_path / "workbook"))
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    return LearnerProgress()


def test_one_file_brings_answers_and_progress(tmp_path: Path, home: LearnerProgress) -> None:
    away = LearnerProgress(tmp_path / "away")
    for event in ("wrong", "hint", "right"):
        away.record("01", "row_shares", event)
    home.record("01", "row_shares", "hint")
    file = from_colab(tmp_path, away)
    *_, answers, progress = workbook.take(file)
    assert answers.startswith("01_tensors.ipynb is up to date (1 changed cell, 1 new")
    assert progress == f"Progress: 3 events taken from {file.name}, 0 were here already."
    mine = notebooks.read(tmp_path / "workbook" / "01_tensors.ipynb")
    sources = [cell.source for cell in mine.cells]
    assert ANSWER in sources and "my_note = 1" in sources
    assert not any(
        s.startswith(colab.TITLE) or s == "exercises.download_progress()" for s in sources
    )
    assert home.tallies()["01", "row_shares"].hints == 2
    *_, answers, progress = workbook.take(file)
    assert answers == "01_tensors.ipynb holds all of it already."
    assert progress == f"Progress: 0 events taken from {file.name}, 3 were here already."


def test_the_file_with_progress_alone_is_taken_too(tmp_path: Path, home: LearnerProgress) -> None:
    LearnerProgress(tmp_path / "away").record("03", "mlp", "right")
    transfer.download(LearnerProgress(tmp_path / "away"), tmp_path)
    assert workbook.take(tmp_path / transfer.DOWNLOAD) == [
        f"Progress: 1 event taken from {transfer.DOWNLOAD}, 0 were here already."
    ]
    assert home.best() == {("03", "mlp"): "right"}
    (tmp_path / "x.jsonl").write_text("nothing", encoding="utf-8")
    with pytest.raises(workbook.WorkbookError, match="holds no progress"):
        workbook.take(tmp_path / "x.jsonl")
    with pytest.raises(workbook.WorkbookError, match="progress was not taken"):
        workbook.take(tmp_path / "none.jsonl")
