"""`make refresh`: what it stores, what it refuses, and that it stores the same bytes twice."""

import base64
import gc
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import kernels, leaks, notebooks, refresh
from tools.normalise import bare_png, cell_metadata, is_ours, normalise, sanitise

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a notebook of (source, metadata) cells, as an author would have left it."""

    def made(*cells: tuple[str, dict] | str) -> Path:
        pairs = [(cell, {}) if isinstance(cell, str) else cell for cell in cells]
        code = [new_code_cell(source, metadata=metadata) for source, metadata in pairs]
        path = tmp_path / "98_trial.ipynb"
        notebooks.write(new_notebook(cells=[new_markdown_cell("# Trial"), *code]), path)
        return path

    return made


def _refused(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The sentence that refresh prints; asserts that the file stayed as it was."""
    before = path.read_bytes()
    assert refresh.main([], path.parent) == 1
    assert path.read_bytes() == before
    assert [child.name for child in path.parent.iterdir()] == [path.name]
    return capsys.readouterr().out


FIGURE = """\
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()"""
TIMED = (
    "%timeit -n 1 -r 1 sum(range(1000))",
    {"tags": ["nbval-ignore-output"], "reason": "time"},
)


def test_twice_gives_identical_bytes(make: Make) -> None:
    path = make("x = 1\nx", "Out[1] + _", "_;", FIGURE, TIMED, "object(), print")
    assert refresh.refresh(path) is True
    first = path.read_bytes()
    assert refresh.refresh(path) is False
    assert path.read_bytes() == first
    assert first.endswith(b"}\n") and b"\r" not in first


def test_what_is_stored(make: Make) -> None:
    private = {
        "collapsed": True,
        "execution": {"iopub.busy": "2026"},
        "tags": ["reveal"],
    }
    path = make(("6 * 7", private), "display(1)", "object()")
    refresh.refresh(path)
    notebook = notebooks.read(path)
    answer, shown, plain = notebooks.code_cells(notebook)
    assert [cell.execution_count for cell in (answer, shown, plain)] == [1, 2, 3]
    assert answer.outputs[0].data["text/plain"] == "42"
    assert answer.metadata == {"tags": ["reveal"], "jupyter": {"outputs_hidden": True}}
    assert plain.outputs[0].data["text/plain"] == "<object at 0x...>"
    assert notebook.metadata == notebooks.KERNEL


def test_a_time_is_kept_until_its_cell_says_something_else(make: Make) -> None:
    timed = "print({}, 12.5 * hash('') + __import__('time').perf_counter(), 'ms')"
    metadata = {"tags": ["nbval-ignore-output"], "reason": "a time"}
    path = make((timed.format("'a'"), metadata))
    refresh.refresh(path)
    notebook = notebooks.read(path)
    before = notebook.cells[1].outputs
    assert refresh.refreshed(path).cells[1].outputs == before
    notebook.cells[1].source = timed.format("'b'")
    notebooks.write(notebook, path)
    assert refresh.refreshed(path).cells[1].outputs[0].text.startswith("b ")


RAISES = {"tags": ["raises-exception"]}
LOOSE = {"tags": ["nbval-ignore-output"], "reason": "told by this machine"}
REFUSED = {
    "an exception": (("1 / 0", {}), "code cell 2 (`1 / 0`) raises ZeroDivisionError"),
    "an exception, not compared": (("1 / 0", LOOSE), "raises ZeroDivisionError"),
    "no exception where one is expected": (("1 / 1", RAISES), "raises nothing"),
    "names from a cell below": (("later", {}), "raises NameError"),
    "a syntax error": (("def (", {}), "raises SyntaxError"),
    "an empty cell": (("  ", {}), "code cell 2 is empty"),
    "a dead kernel": (("import os; os._exit(1)", {}), "ends the kernel"),
    "cells out of order": (("get_ipython().reset()", {}), "out of order"),
    "the working folder": (("import os; os.getcwd()", {}), "path"),
    "an undeclared exercise": (("1", {"exercise": "none_such"}), "'none_such'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str, make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cell, told = REFUSED[name]
    text = _refused(make("'before'", cell, "later = 1; later"), capsys)
    assert text.startswith("98_trial.ipynb: refused: ")
    assert told in text and text.count("\n") == 1


LEAKING = [
    ("import os, sys, time, datetime; os.getcwd()", {}, "path"),
    ("os.getcwd()", LOOSE, "path"),
    ("print(sys.executable)", {}, "path"),
    ("display({'text/html': os.getcwd(), 'text/plain': ''}, raw=True)", {}, "path"),
    ("raise OSError(os.getcwd())", RAISES, "path"),
    ("print(os.getcwd(), file=sys.stderr)", {}, "path"),
    ("print(datetime.date.today())", {}, "a time or a date"),
    ("time.strftime('%H:%M:%S')", {}, "a time or a date"),
    ("time.ctime()", {}, "a time or a date"),
    ("print('took 12.5 ms')", {}, "a time or a date"),
    ("print('took 12.5 ms')", LOOSE, None),
    ("hex(id(print))", {}, "a memory address"),
    ("hex(id(print))", LOOSE, "a memory address"),
    ("object()", {}, None),
]


def test_each_output_that_leaks_is_found(make: Make) -> None:
    path = make(*[(source, metadata) for source, metadata, _ in LEAKING])
    notebook = notebooks.read(path)
    refresh.execute(notebook, path.parent)
    cells = notebooks.code_cells(normalise(notebook))
    for cell, (source, _, told) in zip(cells, LEAKING, strict=True):
        found = leaks.in_cell(cell)
        assert found is None if told is None else told in (found or ""), source


def test_a_widget_needs_a_static_form(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    view = "{'application/vnd.jupyter.widget-view+json': {'model_id': 'a', 'version_major': 2}}"
    assert "widget" in _refused(make(f"display({view}, raw=True)"), capsys)
    both = make(f"display({{'text/plain': 'a slider at 3', **{view}}}, raw=True)")
    refresh.refresh(both)
    assert notebooks.read(both).cells[1].outputs[0].data == {"text/plain": "a slider at 3"}


def test_the_kernel_is_this_interpreter(make: Make) -> None:
    path = make(f"import sys; sys.executable == {sys.executable!r}", "import os; os.getcwd()")
    notebook = notebooks.read(path)
    refresh.execute(notebook, path.parent)
    _, same, folder = notebook.cells
    assert same.outputs[0].data["text/plain"] == "True"
    assert folder.outputs[0].data["text/plain"] == repr(str(path.parent))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such sockets in Python")
def test_a_kernel_takes_no_port_that_another_may_have_taken_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sockets lie in a folder that goes with it; ports are for where no path is short."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    with tempfile.TemporaryDirectory(prefix="k") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        manager = kernels.LocalKernelManager()
        manager.write_connection_file()
        assert manager.transport == "ipc" and manager.ip.startswith(short)
        assert list(Path(short).iterdir()) == [Path(manager.connection_file).parent]
        del manager
        gc.collect()
        assert list(Path(short).iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 25)))
    Path(tempfile.tempdir).mkdir()
    assert kernels.CurrentKernelManager().transport == "tcp"


def test_the_learners_own_progress_and_settings_are_left_alone(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_HOME", "the learner's")
    monkeypatch.setenv("MPLBACKEND", "agg")
    names = ("COURSE_HOME", "MPLBACKEND", "OMP_NUM_THREADS")
    path = make(f"import os; [os.environ[name] for name in {names}]")
    notebook = notebooks.read(path)
    refresh.execute(notebook, path.parent)
    text = notebook.cells[1].outputs[0].data["text/plain"]
    assert "learner" not in text and "inline" in text and "'1'" in text


def test_a_crash_while_writing_leaves_the_old_file(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make("1")
    before = path.read_bytes()

    def crash(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(OSError, match="no space left"):
        refresh.refresh(path)
    assert path.read_bytes() == before
    assert [child.name for child in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "text",
    [
        str(Path.home() / "notes"),
        tempfile.gettempdir() + "/x",
        "/home/somebody/course",
        "/Users/somebody/course",
        r"C:\Users\somebody\course",
        "module from '/op<...>numpy/__init__.py'",
        "2026-11-21",
        "Sat Nov 21",
        "Wall time: 3 s",
        "151 μs ± 0 ns per loop",
        "at 0x7f00aa11bb22",
    ],
)
def test_finds_leak(text: str) -> None:
    assert leaks.find(f"before {text} after")


@pytest.mark.parametrize(
    "text",
    [
        "tensor([[0., 1., 2.],\n        [3., 4., 5.]])",
        "x[0:10:2] has 5 of 1/2 and 3/4, and/or root/tmp/x",
        "from 1700 to 2008: 309 years",
        "https://example.org/home/page",
        "<object at 0x...>",
        "0xff is 255",
        "data/digits.csv, notebooks/01_tensors.ipynb",
        "Right: shape (3, 4), dtype torch.float32; at least 5 times faster: True",
    ],
)
def test_finds_no_leak(text: str) -> None:
    assert leaks.find(text) is None


def test_finds_host_and_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "kepler-77")
    monkeypatch.setattr(leaks, "_user", lambda: "johannes")
    leaks.of_this_machine.cache_clear()
    try:
        assert "the host name" in (leaks.find("runs on kepler-77.") or "")
        assert "the user's name" in (leaks.find("owner: johannes") or "")
        assert leaks.find("johannesburg") is None
    finally:
        leaks.of_this_machine.cache_clear()


SANITISED = [
    ("<Add object at 0x7f01ab23cd45>", "<Add object at 0x...>"),
    ("/tmp/ipykernel_41/1234.py:3: UserWarning: w", "cell:3: UserWarning: w"),
    (r"C:\T b\ipykernel_41\1234.py:3: UserWarning: w", "cell:3: UserWarning: w"),
    ("<ipython-input-3-ab12>:3: UserWarning: w", "cell:3: UserWarning: w"),
    ("/v/site-packages/torch/a.py:99: UserWarning: w", "torch/a.py: UserWarning: w"),
    ("(Triggered internally at /p/torch/x.cpp:213.)", "(Triggered internally)"),
    ("bad (1234.py, line 1)", "bad (cell, line 1)"),
    ("bad (<ipython-input-1-ab>, line 1)", "bad (cell, line 1)"),
    ("bad (/tmp/ipykernel_9/77.py, line 1)", "bad (cell, line 1)"),
]


@pytest.mark.parametrize(("text", "expected"), SANITISED)
def test_sanitises_once_and_for_all(text: str, expected: str) -> None:
    """What is stored is sanitised again when it is compared: that must change nothing."""
    assert sanitise(text) == expected
    assert sanitise(expected) == expected


def test_library_frames_leave_the_traceback(make: Make) -> None:
    path = make(("import json\njson.loads('[')", RAISES))
    refresh.refresh(path)
    frames = "".join(notebooks.read(path).cells[1].outputs[0].traceback)
    assert "loads" in frames and "JSONDecodeError" in frames
    assert "decoder.py" not in frames


@pytest.mark.parametrize(
    ("frame", "ours"),
    [
        ("\x1b[36mCell\x1b[39m \x1b[32mIn[4]\x1b[39m, line 1", True),
        ("ValueError: no", True),
        ("\x1b[36mFile \x1b[39m\x1b[32m~/lib/torch/x.py:4\x1b[39m, in f", False),
        ("File /usr/lib/python3.11/json/decoder.py:4, in f", False),
        ("/usr/lib/x.py in f(a)", False),
    ],
)
def test_ours(frame: str, ours: bool) -> None:
    assert is_ours(frame) is ours


def test_a_png_keeps_its_picture_and_loses_its_words() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    import io

    import matplotlib.image

    figure = pyplot.figure()
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Author": "somebody"})
    pyplot.close(figure)
    content = base64.b64decode(bare_png(base64.b64encode(file.getvalue()).decode()))
    assert b"somebody" not in content and b"Software" not in content
    before = matplotlib.image.imread(io.BytesIO(file.getvalue()))
    assert (matplotlib.image.imread(io.BytesIO(content)) == before).all()


def test_ids_are_kept_or_follow_from_the_source() -> None:
    notebook = new_notebook(cells=[new_code_cell("1") for _ in range(4)])
    for cell, identity in zip(notebook.cells, ("mine", "twice", "twice", "no!"), strict=True):
        cell["id"] = identity
    notebooks.give_ids(notebook)
    first = [cell.id for cell in notebook.cells]
    notebooks.give_ids(notebook)
    assert [cell.id for cell in notebook.cells] == first
    assert first[:2] == ["mine", "twice"] and len(set(first)) == 4


def test_only_known_metadata_is_kept() -> None:
    cell: NotebookNode = new_code_cell("1", metadata={"reason": "r", "tags": [], "trusted": True})
    assert cell_metadata(cell) == {"reason": "r"}
    cell.metadata = {"jupyter": {"outputs_hidden": True}}
    assert cell_metadata(cell) == {}


def test_normalised_outputs_are_stable() -> None:
    cell = new_code_cell("1", outputs=[new_output("stream", name="stdout", text="at 0x7f00aa>")])
    once = notebooks.to_bytes(normalise(new_notebook(cells=[cell])))
    assert notebooks.to_bytes(normalise(new_notebook(cells=[cell]))) == once


@pytest.mark.parametrize("tag", ["tol-", "tol-a", "tol-1e", "tol--1"])
def test_a_misspelt_tolerance_is_an_error(tag: str) -> None:
    with pytest.raises(ValueError, match="tol-1e-3"):
        notebooks.tolerance(new_code_cell("1", metadata={"tags": [tag]}))


def test_an_answer_is_never_overwritten_silently() -> None:
    exercises = pytest.importorskip("exercises")
    number = next(number for number in exercises.numbers() if exercises.chapter(number).exercises)
    exercise = exercises.chapter(number).exercises[0]
    metadata = {"exercise": exercise.name}
    prompt = new_markdown_cell("old words", metadata=metadata)
    answer = new_code_cell("my_answer = 1", metadata=metadata)
    notebook = new_notebook(cells=[prompt, answer])
    with pytest.raises(refresh.RefusedError, match="RESET=1"):
        refresh.sync_generated(notebook, number)
    assert answer.source == "my_answer = 1"
    refresh.sync_generated(notebook, number, reset=True)
    assert answer.source == exercise.starter_cell().rstrip("\n")
    assert prompt.source == exercise.prompt_cell().rstrip("\n")


def test_no_such_chapter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refresh.main(["--chapter", "97"], tmp_path) == 1
    assert "No notebook of chapter 97" in capsys.readouterr().out
