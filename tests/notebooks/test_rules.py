"""The rules that every notebook keeps, read from the stored files; nothing is executed."""

import base64
import copy
import io
import re
import warnings
from pathlib import Path

import pytest
from nbformat import NotebookNode
from PIL import Image

import exercises
from tools import leaks, notebooks, refresh
from tools.normalise import normalise

FILES = notebooks.paths()
LOOSER = {"06": 0.80}  # its subject is a server: addresses, times, a live page
LEAST_COMPARED = 0.95
LEAST_EXERCISES = {"00": 3, "01": 12, "02": 10, "03": 10, "04": 10, "05": 10, "06": 5}
LINE, LINES = 88, 25
MEGABYTE = 1_000_000
LONGEST_HEADING = 40
TAGS = {*notebooks.NOT_COMPARED, "raises-exception", "reveal"}
SECTIONS = ("Where it bites", "If you read older notes", "Summary")
MARKERS = re.compile(r"#\s*(?:NBVAL_|PYTEST_VALIDATE_)")
REPR = re.compile(r"<Figure size .*>|<.* object at .*>")

each_notebook = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def _broken(notebook: NotebookNode, rule: object) -> list[str]:
    """The names of the code cells for which `rule(cell)` is true."""
    cells = notebooks.code_cells(notebook)
    return [notebooks.name_of(notebook, cell) for cell in cells if rule(cell)]


def test_every_chapter_is_there() -> None:
    """And has a least number of exercises."""
    assert [notebooks.chapter_of(path) for path in FILES] == list(LEAST_EXERCISES)


@each_notebook
def test_each_cell_is_compared_or_has_a_reason(path: Path) -> None:
    def lacks_reason(cell: NotebookNode) -> bool:
        verdict = notebooks.classify(cell)
        return verdict.kind != "compared" and len(verdict.reason.split()) < 3

    assert not _broken(notebooks.read(path), lacks_reason)


@each_notebook
def test_enough_cells_are_compared(path: Path) -> None:
    least = LOOSER.get(notebooks.chapter_of(path), LEAST_COMPARED)
    row = notebooks.count(notebooks.read(path))
    assert notebooks.share(row) >= least, row


@each_notebook
def test_tags_are_known_and_tolerances_small(path: Path) -> None:
    """A misspelt tag does nothing, and a marker in the source needs no reason."""

    def is_odd(cell: NotebookNode) -> bool:
        granted = notebooks.tolerance(cell)
        others = {tag for tag in notebooks.tags(cell) if not tag.startswith("tol-")}
        return bool(others - TAGS or (granted or 0) > 0.01 or MARKERS.search(cell.source))

    assert not _broken(notebooks.read(path), is_odd)


@each_notebook
def test_cells_ran_in_order_from_the_top(path: Path) -> None:
    notebook = notebooks.read(path)
    ran = [c for c in notebooks.code_cells(notebook) if "nbval-skip" not in notebooks.tags(c)]
    assert [cell.execution_count for cell in ran] == list(range(1, len(ran) + 1))


@each_notebook
def test_outputs_tell_nothing_of_machine_or_time(path: Path) -> None:
    notebook = notebooks.read(path)
    found = {
        notebooks.name_of(notebook, cell): leaks.in_cell(cell)
        for cell in notebooks.code_cells(notebook)
    }
    assert not {name: leak for name, leak in found.items() if leak}


@each_notebook
def test_code_is_short(path: Path) -> None:
    notebook = notebooks.read(path)
    sizes = {
        notebooks.name_of(notebook, cell): (
            len(cell.source.splitlines()),
            max((len(line) for line in cell.source.splitlines()), default=0),
        )
        for cell in notebooks.code_cells(notebook)
    }
    assert not {
        name: f"{lines} lines, the longest of {width} characters"
        for name, (lines, width) in sizes.items()
        if lines > LINES or width > LINE
    }


@each_notebook
def test_generated_cells_are_as_refresh_makes_them(path: Path) -> None:
    notebook = notebooks.read(path)
    fresh = copy.deepcopy(notebook)
    refresh.sync_generated(fresh, notebooks.chapter_of(path))
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in fresh.cells]
    setup = [cell for cell in notebook.cells if cell.metadata.get("setup")]
    assert len(setup) == 1, "a chapter has one set-up cell, with setup: true in its metadata"


@each_notebook
def test_the_file_is_as_refresh_writes_it(path: Path) -> None:
    """Metadata, ids, pictures and the bytes of the file are in the one normal form."""
    notebook = notebooks.read(path)
    with warnings.catch_warnings(action="error"):
        assert notebooks.to_bytes(normalise(notebook)) == path.read_bytes()
    assert path.stat().st_size < MEGABYTE


@each_notebook
def test_each_picture_has_a_text_that_says_what_it_shows(path: Path) -> None:
    def is_mute(cell: NotebookNode) -> bool:
        shown = [output.data for output in cell.outputs if "image/png" in output.get("data", {})]
        texts = [data.get("text/plain", "") for data in shown]
        return any(len(text) < 30 or REPR.fullmatch(text.strip()) for text in texts)

    assert not _broken(notebooks.read(path), is_mute)


@each_notebook
def test_a_chapter_has_its_parts(path: Path) -> None:
    cells = notebooks.read(path).cells
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^##+ (.+)$", text, flags=re.MULTILINE)
    missing = [part for part in SECTIONS if not any(part in heading for heading in headings)]
    assert not missing


@each_notebook
def test_headings_fit_the_sidebar(path: Path) -> None:
    """The table of contents of JupyterLab cuts what is longer."""
    cells = notebooks.read(path).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^##+ (.+)$", text, flags=re.MULTILINE)
    plain = [re.sub(r"[`*]", "", heading) for heading in headings]
    assert not [heading for heading in plain if len(heading) > LONGEST_HEADING]


@each_notebook
def test_a_chapter_ends_with_its_progress(path: Path) -> None:
    """After the summary, with nothing tried: the suite compares it with a fresh run."""
    cell = notebooks.read(path).cells[-1]
    assert cell.source == "ex.show_progress()"
    told = "\n".join(text for output in cell.outputs for text in leaks.texts(output))
    count = len(exercises.chapter(notebooks.chapter_of(path)).exercises)
    assert f"0 of {count} tried yet; begin with" in told


@each_notebook
def test_each_picture_says_how_large_it_is_shown(path: Path) -> None:
    """Its pixels are for a screen that has two or one and a half for each of the page."""
    cells = notebooks.code_cells(notebooks.read(path))
    outputs = [output for cell in cells for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    for output in pictures:
        shown = output.metadata["image/png"]
        with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as picture:
            assert 1.4 < picture.width / shown["width"] < 2.1, output.data["text/plain"][:60]


@each_notebook
def test_each_declared_exercise_is_asked(path: Path) -> None:
    """Each has a prompt and a starter, in the order of its declaration or not."""
    chapter = notebooks.chapter_of(path)
    names = [exercise.name for exercise in exercises.chapter(chapter).exercises]
    asked = [
        (cell.cell_type, cell.metadata["exercise"])
        for cell in notebooks.read(path).cells
        if "exercise" in cell.metadata
    ]
    wanted = [(kind, name) for name in names for kind in ("markdown", "code")]
    assert sorted(asked) == sorted(wanted)
    assert len(names) >= LEAST_EXERCISES[chapter]


@each_notebook
def test_each_prediction_is_asked_and_then_revealed(path: Path) -> None:
    """In the notebook's order: predict, reveal, predict, reveal…; each declared one once."""
    asked: list[str] = []
    open_question = ""
    for cell in notebooks.code_cells(notebooks.read(path)):
        if match := re.search(r"^ex\.(\w+)\.predict\(", cell.source, flags=re.MULTILINE):
            assert not open_question, f"no reveal cell answers {open_question!r}"
            open_question = match[1]
            asked.append(match[1])
        if "reveal" in notebooks.tags(cell):
            assert open_question, f"a reveal cell without a prediction: {cell.source[:60]!r}"
            open_question = ""
    assert not open_question, f"no reveal cell answers {open_question!r}"
    declared = exercises.chapter(notebooks.chapter_of(path)).predictions
    assert sorted(asked) == sorted(prediction.name for prediction in declared)


@each_notebook
def test_untouched_exercises_are_not_tried_and_never_wrong(path: Path) -> None:
    """What "Run all" shows who has answered nothing; the suite compares it with a fresh run."""

    def is_judged(cell: NotebookNode) -> bool:
        texts = [text for output in cell.outputs for text in leaks.texts(output)]
        tried = not any(text.startswith("Not tried yet:") for text in texts)
        failed = any(output.output_type == "error" for output in cell.outputs)
        return "exercise" in cell.metadata and (tried or failed)

    assert not _broken(notebooks.read(path), is_judged)
