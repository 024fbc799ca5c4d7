"""Proof that the suite can fail: stored output is changed by a character, and nbval refuses it.

One pytest run executes three small notebooks: as stored, with every cell's output changed,
and with a kernel that dies.
"""

import base64
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import notebooks, refresh
from tools.normalise import normalise

Mutation = Callable[[NotebookNode], None]


def _png() -> str:
    """The smallest picture there is: one black pixel, as base64."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode("ascii")


ALTERNATIVE = "Figure: a line from 0 to 3."
FIGURE = f"display({{'image/png': {_png()!r}, 'text/plain': {ALTERNATIVE!r}}}, raw=True)"
SCORES = "print('accuracy 0.9731 after 20 steps')"


def _replace(old: str, new: str) -> Mutation:
    def mutate(cell: NotebookNode) -> None:
        output = cell.outputs[0]
        owner, key = (output.data, "text/plain") if "data" in output else (output, "text")
        assert old in owner[key], f"{old!r} is not in the stored output {owner[key]!r}"
        owner[key] = owner[key].replace(old, new)

    return mutate


def _drop(cell: NotebookNode) -> None:
    del cell.outputs[0]


def _add(cell: NotebookNode) -> None:
    cell.outputs.append(new_output("stream", name="stdout", text="one more\n"))


def _drop_png(cell: NotebookNode) -> None:
    del cell.outputs[0].data["image/png"]


def _add_png(cell: NotebookNode) -> None:
    cell.outputs[0].data["image/png"] = _png()


def _error(key: str, value: str) -> Mutation:
    def mutate(cell: NotebookNode) -> None:
        cell.outputs[0][key] = value

    return mutate


def _no_error(cell: NotebookNode) -> None:
    cell.source = "pass"
    cell.outputs = []


def _never_run(cell: NotebookNode) -> None:
    cell.execution_count = None
    cell.outputs = []


def _swap(cell: NotebookNode) -> None:
    cell.outputs.reverse()


def _other_stream(cell: NotebookNode) -> None:
    cell.outputs[0].name = "stderr"


def _shown_not_returned(cell: NotebookNode) -> None:
    cell.outputs[0] = new_output("display_data", cell.outputs[0].data)


# name: (source, tags, what is done to the stored cell, whether nbval must refuse it)
CASES = {
    "one character": (
        "print('three tensors')",
        [],
        _replace("tensors", "tensorz"),
        True,
    ),
    "one letter's case": ("'Right: ok'", [], _replace("Right", "right"), True),
    "one number's last digit": (SCORES, [], _replace("0.9731", "0.9732"), True),
    "one integer": ("(3, 4)", [], _replace("(3, 4)", "(3, 5)"), True),
    "one dtype": ("'torch.float32'", [], _replace("float32", "float64"), True),
    "one blank": ("print('a b')", [], _replace("a b", "a  b"), True),
    "exception type": (
        "1 / 0",
        ["raises-exception"],
        _error("ename", "ValueError"),
        True,
    ),
    "exception message": (
        "1 / 0",
        ["raises-exception"],
        _error("evalue", "by zero"),
        True,
    ),
    "no exception any more": ("1 / 0", ["raises-exception"], _no_error, True),
    "output dropped": ("print('gone')", [], _drop, True),
    "one of two dropped": ("display(1)\ndisplay(2)", [], _drop, True),
    "output added": ("print('alone')", [], _add, True),
    "output added to none": ("x = 1", [], _add, True),
    "order of outputs": ("print('first')\ndisplay('second')", [], _swap, True),
    "display for result": ("'a value'", [], _shown_not_returned, True),
    "stderr for stdout": ("print('words')", [], _other_stream, True),
    "picture dropped": (FIGURE, [], _drop_png, True),
    "picture added": ("'Figure: none.'", [], _add_png, True),
    "text alternative": (FIGURE, [], _replace("0 to 3", "0 to 4"), True),
    "never run": ("print('never')", [], _never_run, True),
    "never run, and silent": ("y = 1", [], _never_run, True),
    "within tolerance": (SCORES, ["tol-1e-3"], _replace("0.9731", "0.9725"), False),
    "beyond tolerance": (SCORES, ["tol-1e-3"], _replace("0.9731", "0.9700"), True),
    "integer with a tolerance": (SCORES, ["tol-1e-3"], _replace("20", "21"), True),
    "large integer with a tolerance": (
        "123456",
        ["tol-1e-3"],
        _replace("56", "57"),
        True,
    ),
    "word with a tolerance": (SCORES, ["tol-1e-3"], _replace("steps", "epochs"), True),
    "not compared": ("print('a')", ["nbval-ignore-output"], _replace("a", "b"), False),
}
# Cells that print the same in JupyterLab and here only if the suite runs them alike.
LIKE_JUPYTER = {
    "6 * 7": "42",
    "Out[1], _": "(42, 42)",
    "'hidden';": None,
    "In[1]": "'6 * 7'",
    "import os\nos.environ['OMP_NUM_THREADS'], os.environ['COLUMNS']": "('1', '80')",
    "'course-home-' in os.environ['COURSE_HOME']": "True",
    "os.listdir(os.environ['COURSE_HOME']) in ([], ['ipython'])": "True",
}
CELL_SECONDS = 600  # who waits for a dead kernel waits so long; the whole takes seconds
DEAD = ("print('alive')", "import os; os._exit(3)", "print('later')")


def _notebook(cells: list[tuple[str, list[str]]]) -> NotebookNode:
    made = [new_code_cell(source, metadata={"tags": tags}) for source, tags in cells]
    return new_notebook(cells=made)


def _run(folder: Path) -> dict[tuple[str, int], str]:
    """nbval with the course's plugin: (notebook, cell number) to the failure's text or ""."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-c", folder / "pytest.ini", "-q"]
    command += [
        "-p",
        "tests.notebooks.plugin",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    command += [
        "--nbval",
        "--nbval-current-env",
        f"--nbval-cell-timeout={CELL_SECONDS}",
        "--color=no",
    ]
    command += [
        f"--nbval-sanitize-with={notebooks.SANITISER}",
        f"--junitxml={report}",
        folder,
    ]
    done = subprocess.run(list(map(str, command)), cwd=notebooks.ROOT, capture_output=True)
    assert report.exists(), done.stdout.decode() + done.stderr.decode()
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failed = case.find("failure")
        text = "" if failed is None else f"{failed.get('message')}\n{failed.text}"
        name = case.get("classname", "").split(".")[0]
        found[name, int(case.get("name", "").split()[-1])] = text
    return found


def _like_jupyter() -> NotebookNode:
    """A notebook whose stored outputs were written by hand, as JupyterLab would."""
    notebook = _notebook([(source, []) for source in LIKE_JUPYTER])
    for number, (cell, text) in enumerate(
        zip(notebook.cells, LIKE_JUPYTER.values(), strict=True), 1
    ):
        cell.execution_count = number
        if text is not None:
            data = {"text/plain": text}
            cell.outputs = [new_output("execute_result", data, execution_count=number)]
    return normalise(notebook)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], str]:
    """What nbval says of each cell; the time for all is under `("seconds", 0)`."""
    folder = tmp_path_factory.mktemp("notebooks")
    stored = _notebook([(source, tags) for source, tags, _, _ in CASES.values()])
    refresh.execute(stored, folder)
    notebooks.write(normalise(stored), folder / "stored.ipynb")
    for cell, (_, _, mutate, _) in zip(stored.cells, CASES.values(), strict=True):
        mutate(cell)
    notebooks.write(stored, folder / "changed.ipynb")
    notebooks.write(_like_jupyter(), folder / "like.ipynb")
    dead = _notebook([(source, []) for source in DEAD])
    for number, cell in enumerate(dead.cells, 1):
        cell.execution_count = number
    dead.cells[0].outputs = [new_output("stream", name="stdout", text="alive\n")]
    notebooks.write(normalise(dead), folder / "dead.ipynb")
    start = monotonic()
    found = _run(folder)
    return {**found, ("seconds", 0): str(monotonic() - start)}


@pytest.mark.parametrize("number", range(len(CASES)), ids=list(CASES))
def test_unchanged_output_passes(outcome: dict[tuple[str, int], str], number: int) -> None:
    assert outcome["stored", number] == ""


@pytest.mark.parametrize("number", range(len(CASES)), ids=list(CASES))
def test_changed_output_is_refused(outcome: dict[tuple[str, int], str], number: int) -> None:
    _, _, _, refused = list(CASES.values())[number]
    text = outcome["changed", number]
    assert bool(text) is refused, text
    assert "plugin exception" not in text


@pytest.mark.parametrize("number", range(len(LIKE_JUPYTER)), ids=list(LIKE_JUPYTER))
def test_cells_run_as_in_jupyterlab(outcome: dict[tuple[str, int], str], number: int) -> None:
    assert outcome["like", number] == ""


def test_a_difference_is_shown_line_against_line(
    outcome: dict[tuple[str, int], str],
) -> None:
    text = outcome["changed", list(CASES).index("one character")]
    assert "-three tensorz" in text and "+three tensors" in text


def test_a_dead_kernel_is_named_and_nothing_waits(
    outcome: dict[tuple[str, int], str],
) -> None:
    assert outcome["dead", 0] == ""
    assert "The kernel died while this cell ran" in outcome["dead", 1]
    assert "the kernel died in an earlier cell" in outcome["dead", 2]
    assert float(outcome["seconds", 0]) < CELL_SECONDS
