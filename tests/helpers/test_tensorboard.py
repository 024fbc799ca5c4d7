"""TensorBoard's process: reads the logs, keeps its secret, ends with the one that started it."""

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from torch.utils.tensorboard import SummaryWriter

from helpers import tensorboard
from tests.waiting import LIMIT, has_ended, until

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="module")
def board(tmp_path_factory) -> Iterator[tensorboard.TensorBoard]:
    """TensorBoard for one run that logged one value."""
    folder = tmp_path_factory.mktemp("logs")
    with SummaryWriter(folder / "first") as writer:
        writer.add_scalar("loss/train", 0.5, 3)
    shown = tensorboard.start(folder)
    yield shown
    shown.stop()


def process_of(shown: tensorboard.TensorBoard) -> psutil.Process:
    """The process that listens at the port of `shown`."""
    held = {
        connection.laddr: process
        for process in psutil.Process().children(recursive=True)
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    return held["127.0.0.1", shown.port]


def test_it_answers_with_what_was_logged(board: tensorboard.TensorBoard) -> None:
    times = board.ask("data/plugin/scalars/scalars?run=first&tag=loss%2Ftrain")
    assert [(step, value) for _, step, value in times] == [(3, 0.5)]


def test_without_the_secret_there_is_nothing(board: tensorboard.TensorBoard) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        DIRECT.open(f"http://127.0.0.1:{board.port}/data/plugin/scalars/tags", timeout=LIMIT)


def test_the_secret_is_not_in_the_process_list(board: tensorboard.TensorBoard) -> None:
    secret = board.path.strip("/")
    assert len(secret) >= 32
    assert secret not in " ".join(process_of(board).cmdline())


def test_it_says_whether_it_runs_and_stops(tmp_path: Path) -> None:
    shown = tensorboard.start(tmp_path)
    process = process_of(shown)
    assert repr(shown) == "<TensorBoard, running>"
    for _ in range(2):
        shown.stop()
        assert repr(shown) == "<TensorBoard, stopped>"
    assert has_ended(process.pid)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_it_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    code = (
        "import sys; from helpers import tensorboard; "
        f"print(tensorboard.start({str(tmp_path)!r}).port, flush=True); sys.stdin.read()"
    )
    root = Path(tensorboard.__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as notebook:
        assert int(notebook.stdout.readline()) > 0
        (process,) = psutil.Process(notebook.pid).children()
        notebook.send_signal(signal.SIGKILL)
        until(lambda: has_ended(process.pid))


def test_one_that_cannot_start_says_why(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "tensorboard.py").write_text("raise ImportError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(
        tensorboard.TensorBoardError,
        match=r"did not start \(ImportError: broken\): try `tensorboard",
    ):
        tensorboard.start(tmp_path)


def test_one_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(tensorboard, "PROGRAM", "import time; time.sleep(600)")
    monkeypatch.setattr(tensorboard, "STARTING_LIMIT", 0.5)
    with pytest.raises(tensorboard.TensorBoardError, match="it said nothing"):
        tensorboard.start(tmp_path)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nope here: give"):
        tensorboard.start(tmp_path / "nope")
    with pytest.raises(NotADirectoryError, match="is a file: give"):
        tensorboard.start(str(tmp_path / "file"))
    with pytest.raises(TypeError, match="None is no folder: give"):
        tensorboard.start(None)


def test_without_a_notebook_its_address_is_printed(board, capsys) -> None:
    board.show()
    assert f"TensorBoard, at http://127.0.0.1:{board.port}{board.path}" in capsys.readouterr().out
