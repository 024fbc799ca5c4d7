"""A board: what it takes, what the server shows then, and what happens without a server."""

import base64
import contextlib
import html
import io
import json
import math
import os
import random
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from helpers import board as course_board
from helpers.board import Board
from helpers.board import _logger as board
from helpers.board._server import Server
from helpers.board._store import Series, Store
from tests.waiting import LIMIT, until

ROOT = Path(__file__).resolve().parents[2]
SOON = 0.02  # seconds between two sendings
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux limits a running process")


@pytest.fixture(scope="module")
def patient(tmp_path_factory) -> Iterator[Server]:
    """A server that saves only when it is asked to."""
    alone = Server("own", tmp_path_factory.mktemp("home") / "own", 600.0)
    alone.restart()
    yield alone
    alone.stop()


@pytest.fixture
def own(patient: Server) -> Iterator[Server]:
    """A server to be ill-treated, without panes, in memory and on its disk."""
    if not patient.is_running:
        patient.restart()
    client = patient.client()
    client.close()
    client.save(["main"])  # else what an earlier test saved would be back after a restart
    assert stored(patient) == panes(patient) == {}
    yield patient
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(patient.pid).resume()


@pytest.fixture
def made(request, running: Server) -> Iterator[Board]:
    """A board on an environment of this test's own."""
    with Board(running, request.node.name, every=SOON) as one:
        yield one


def panes(server: Server, environment: str = "main") -> dict[str, dict]:
    """All panes of an environment, asked of the server with visdom's own client."""
    return json.loads(server.client(environment).get_window_data())


def stored(server: Server, environment: str = "main") -> dict[str, dict]:
    """The panes of an environment as they are on disk."""
    text = (server.folder / "environments" / f"{environment}.json").read_text()
    return json.loads(text)["jsons"]


def shown(one: Board, server: Server) -> dict[str, dict]:
    """What the server has after everything was sent."""
    assert one.flush(LIMIT)
    return panes(server, one.environment)


def curve(pane: dict, index: int = 0) -> tuple[list, list]:
    """Steps and values of one curve of a pane."""
    data = pane["content"]["data"][index]
    return data["x"], data["y"]


def values(server: Server, tag: str) -> list:
    """The values of a pane's first curve, as far as they have come."""
    pane = panes(server).get(tag)
    return curve(pane)[1] if pane else []


def picture(pane: dict) -> np.ndarray:
    """The pixels of an image's pane, (height, width, channels)."""
    kind, _, content = pane["content"]["src"].partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


NUMBERS = {
    "int": 3,
    "bool": True,
    "float": 0.1,
    "numpy": np.float32(0.5),
    "0-d array": np.array(1.5),
    "float32": torch.tensor(0.25),
    "one element": torch.tensor([[7.0]]),
    "bfloat16": torch.tensor(0.5, dtype=torch.bfloat16),
    "float16": torch.tensor(0.5, dtype=torch.float16),
    "float64": torch.tensor(1e300, dtype=torch.float64),
    "int64": torch.tensor(4),
    "bool tensor": torch.tensor(False),
    "with gradient": (2 * torch.ones(1, requires_grad=True)).sum(),
}


def test_it_takes_all_kinds_of_numbers(made: Board, running: Server) -> None:
    """The server has each as a plain number, at its step, also where that is a tensor."""
    for step, value in enumerate(NUMBERS.values()):
        made.scalar("kinds", value, torch.tensor(step) if step % 2 else step)
    steps, values = curve(shown(made, running)["kinds"])
    assert steps == list(range(len(NUMBERS)))
    assert dict(zip(NUMBERS, values)) == {
        name: float(getattr(one, "item", lambda one=one: one)()) for name, one in NUMBERS.items()
    }


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_tensor_may_be_changed_afterwards(made: Board, running: Server, device: str) -> None:
    """What counts is the value at the call."""
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU")
    value = torch.zeros((), device=device)
    for step in range(100):
        made.scalar("value", value, step)
        value += 1
    assert curve(shown(made, running)["value"])[1] == list(range(100))


def test_the_tag_names_pane_and_curve(made: Board, running: Server) -> None:
    """As `helpers.train` names them; without a step they are counted."""
    for tag in ("loss/train", "learning rate", "loss/validation", "a/b/c", "/odd/"):
        made.add_scalar(tag, 1.0)
        made.add_scalar(tag, 2.0)
    found = shown(made, running)
    names = {key: [one["name"] for one in pane["content"]["data"]] for key, pane in found.items()}
    assert names == {
        "loss": ["train", "validation"],
        "learning rate": ["learning rate"],
        "a/b": ["c"],
        "/odd/": ["/odd/"],
    }
    assert curve(found["loss"], 1) == ([0, 1], [1.0, 2.0])
    styles = [
        (one["line"]["color"], one["line"]["dash"]) for one in found["loss"]["content"]["data"]
    ]
    assert len({colour for colour, _ in styles}) == len({dash for _, dash in styles}) == 2


def test_nan_and_inf_are_gaps_that_are_counted(made: Board, running: Server) -> None:
    """In the attribute, and under the axis."""
    for value in (1.0, math.nan, torch.tensor(math.inf), 2.0, -math.inf):
        made.scalar("loss/train", value)
    made.scalar("other", 1.0, math.nan)
    found = shown(made, running)
    assert curve(found["loss"])[1] == [1.0, None, None, 2.0, None]
    assert made.gaps == {"loss/train": 3}
    assert "nan or inf: 3" in found["loss"]["content"]["layout"]["xaxis"]["title"]
    assert curve(found["other"]) == ([0], [1.0])


SCRIPT = "<script>alert(1)</script>\n"


def test_text_from_outside_is_escaped(made: Board, running: Server) -> None:
    """In texts, names of curves and labels; HTML is taken on demand alone."""
    made.text("plain", SCRIPT)
    made.text("trusted", "<b>bold</b>", html=True)
    made.scalar("loss/<script>", 1.0)
    made.confusion_matrix("table", [[1]], ["<script>"])
    found = shown(made, running)
    assert found["plain"]["content"] == "&lt;script&gt;alert(1)&lt;/script&gt;<br>"
    assert found["trusted"]["content"] == "<b>bold</b>"
    assert found["loss"]["content"]["data"][0]["name"] == "&lt;script&gt;"
    assert found["table"]["content"]["data"][0]["x"] == ["&lt;script&gt;"]


def test_text_is_replaced_or_appended(made: Board, running: Server) -> None:
    """The last thousand are kept."""
    made.text("one", "first")
    made.text("one", "second")
    for number in range(board.LINES + 1):
        made.text("many", number, append=True)
    found = shown(made, running)
    assert found["one"]["content"] == "second"
    assert found["many"]["content"] == "<br>".join(map(str, range(1, board.LINES + 1)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.uint8, torch.bool])
def test_an_image_keeps_its_pixels(made: Board, running: Server, dtype: torch.dtype) -> None:
    """Small ones are enlarged by a whole number; changing the tensor later changes nothing."""
    black_and_white = torch.tensor([[0, 1, 0], [1, 0, 0]])
    image = (black_and_white * (255 if dtype == torch.uint8 else 1)).to(dtype)
    made.image("image", image, caption="two by three")
    image.zero_()
    pane = shown(made, running)["image"]
    pixels = picture(pane)[::85, ::85]
    assert pixels.shape == (2, 3, 3)
    assert (pixels == 255 * black_and_white[..., None].numpy()).all()
    assert pane["content"]["caption"] == "two by three"


def test_a_long_caption_has_room(made: Board, running: Server) -> None:
    """A line more for what a pane of 300 pixels cannot take in one, none without a caption."""
    for tag, caption in {"none": None, "short": "a", "long": 60 * "a"}.items():
        made.image(tag, torch.zeros(1, 200, 300), caption=caption)
    found = shown(made, running)
    assert [found[tag]["height"] for tag in ("none", "short", "long")] == [200, 230, 250]


def test_images_are_a_grid(made: Board, running: Server) -> None:
    """Three of 100×80 pixels in two columns: a white line between, white where there is none."""
    images = [torch.full((3, 100, 80), shade) for shade in (0.0, 0.2, 0.4)]
    made.images("grid", images, columns=2)
    pixels = picture(shown(made, running)["grid"])
    assert pixels.shape == (201, 161, 3)
    found = [int(pixels[row, column, 0]) for row in (50, 150) for column in (40, 80, 120)]
    assert found == [0, 255, 51, 102, 255, 255]


def test_a_histogram_counts(made: Board, running: Server) -> None:
    """Bars stand over the middle of their bins; what is not finite is told."""
    values = torch.tensor([0.0, 1.0, 1.0, 4.0, math.nan, math.inf], dtype=torch.bfloat16)
    made.histogram("weights", values.reshape(2, 3), 7, bins=4)
    pane = shown(made, running)["weights"]["content"]
    assert curve({"content": pane}) == ([0.5, 1.5, 2.5, 3.5], [1, 2, 0, 1])
    assert pane["layout"]["xaxis"]["title"] == "value, step 7 (left out as nan or inf: 2)"


def test_a_confusion_matrix_has_true_classes_as_rows(made: Board, running: Server) -> None:
    """The first on top; wrong sizes are refused."""
    made.confusion_matrix("table", torch.tensor([[5, 1], [0, 4]]), ["cat", "dog"])
    pane = shown(made, running)["table"]["content"]
    assert pane["data"][0]["z"] == [[5, 1], [0, 4]]
    assert pane["data"][0]["y"] == ["cat", "dog"]
    assert pane["layout"]["yaxis"]["autorange"] == "reversed"
    with pytest.raises(ValueError, match="is square"):
        made.confusion_matrix("table", torch.ones(2, 3))
    with pytest.raises(ValueError, match="2 classes need 2 labels, not 1"):
        made.confusion_matrix("table", torch.ones(2, 2), ["cat"])


def test_a_figure_is_shown_and_left_open(made: Board, running: Server) -> None:
    """At its own size."""
    drawn, axes = plt.subplots(figsize=(3, 2), dpi=50)
    axes.plot([1, 2])
    try:
        made.figure("figure", drawn)
        assert picture(shown(made, running)["figure"]).shape[:2] == (100, 150)
        assert plt.fignum_exists(drawn.number)
    finally:
        plt.close(drawn)


OUT_OF_RANGE = {
    "normalised": (torch.tensor([[-0.4, 2.6]]), "from -0.4 to 2.6"),
    "floats of bytes": (torch.tensor([[0.0, 255.0]]), "from 0 to 255"),
    "infinite": (torch.tensor([[0.0, math.inf]]), "from 0 to inf"),
    "integers": (torch.tensor([[-1, 300]]), "from -1 to 300"),
}


def test_what_cannot_be_drawn_says_so_in_its_pane(made: Board, running: Server) -> None:
    """Training goes on, and the others are shown; as much as rounding may add is nothing."""
    for tag, (image, _) in OUT_OF_RANGE.items():
        made.image(tag, image)
    made.image("good", torch.tensor([[-1e-4, math.nan, 1.0001]]))
    found = shown(made, running)
    for tag, (_, words) in OUT_OF_RANGE.items():
        text = found[tag]["content"]
        assert text.startswith(f"This cannot be shown: colours run {words}; floats must lie")
    assert picture(found["good"])[0, ::85].tolist() == [[0, 0, 0], [0, 0, 0], [255, 255, 255]]


def test_a_short_curve_is_kept_whole() -> None:
    """Up to 0.8 of the limit."""
    series = Series(100)
    for step in range(79):
        series.add(step, step % 7)
    assert series.points() == [(step, step % 7) for step in range(79)]


@pytest.mark.parametrize("length", [101, 1_000, 12_345, 100_000])
def test_a_long_curve_keeps_what_is_telling(length: int) -> None:
    """Both ends, every record, spikes and gaps, in order, evenly spread and within the limit."""
    numbers = random.Random(length)
    series, limit = Series(200), 200
    spikes = {length // 3: 9.0, length // 2: -9.0, length // 5: math.nan}
    for step in range(length):
        series.add(step, spikes.get(step, numbers.random()))
        assert len(series._open) <= 64
    points = series.points()
    steps = [step for step, _ in points]
    assert len(points) <= limit
    assert steps == sorted(set(steps)) and steps[0] == 0 and steps[-1] == length - 1
    assert {(length // 3, 9.0), (length // 2, -9.0), (length // 5, None)} <= set(points)
    assert max(np.diff(steps)) <= length / 8


def test_a_spike_among_many_reaches_the_server(made: Board, running: Server) -> None:
    """More scalars than the buffer holds: the caller helps, and nothing is lost."""
    for step in range(100_000):
        made.scalar("loss/train", 100.0 if step == 54_321 else 1.0, step)
    steps, values = curve(shown(made, running)["loss"])
    assert len(steps) <= 1_000
    assert (54_321, 100.0) in zip(steps, values)
    assert (steps[0], steps[-1]) == (0, 99_999)


def test_the_buffer_stays_small_though_no_round_empties_it(running: Server, monkeypatch) -> None:
    """The thread may be waiting for the server meanwhile."""
    monkeypatch.setattr(board, "FULL", 100)
    with Board(running, "full", every=600) as one:
        for step in range(1_050):
            one.scalar("loss", step, step)
            assert len(one._sender.buffer) < 100
        assert curve(shown(one, running)["loss"])[1][-1] == 1_049


def test_several_threads_lose_nothing(made: Board, running: Server) -> None:
    """Four writers at once."""

    def write(name: int) -> None:
        for step in range(300):
            made.scalar(f"curves/{name}", step, step)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    pane = shown(made, running)["curves"]
    assert len(pane["content"]["data"]) == 4
    for index in range(4):
        assert curve(pane, index)[1] == list(range(300))


def test_two_boards_share_a_server(running: Server) -> None:
    """In one environment, and in two."""
    with (
        Board(running, "both", every=SOON) as first,
        Board(running, "both", every=SOON) as second,
        Board(running.url, "third/one", every=SOON) as third,
    ):
        first.scalar("a", 1.0)
        second.scalar("b", 2.0)
        third.scalar("a", 3.0)
    assert panes(running, "both").keys() == {"a", "b"}
    assert curve(panes(running, "third_one")["a"])[1] == [3.0]


def test_closing_sends_saves_and_ends(running: Server) -> None:
    """The thread is gone, the file is there, and a scalar afterwards is refused."""
    one = Board(running, "closed", every=600)
    one.scalar("a", 1.0)
    assert not one.flush()
    assert one.close(LIMIT)
    until(lambda: not one._sender._thread.is_alive())
    assert curve(stored(running, "closed")["a"])[1] == [1.0]
    assert one.close() and one.flush()
    for call in (lambda: one.scalar("a", 1.0), lambda: one.text("a", "b")):
        with pytest.raises(RuntimeError, match="this board is closed"):
            call()


def test_an_error_closes_it_too(running: Server) -> None:
    """The context manager sends what there was until then."""
    with pytest.raises(KeyError), Board(running, "failed", every=600) as one:
        one.scalar("a", 1.0)
        raise KeyError
    assert curve(panes(running, "failed")["a"])[1] == [1.0]


def test_a_board_that_is_deleted_sends_the_rest(running: Server, monkeypatch) -> None:
    """As when its cell runs again."""
    monkeypatch.setattr(board, "ENDING", LIMIT)
    one = Board(running, "deleted", every=600)
    one.scalar("a", 1.0)
    del one
    assert curve(panes(running, "deleted")["a"])[1] == [1.0]


def test_a_board_that_has_sent_all_ends_without_its_server(own: Server) -> None:
    """A learner stops the server first; nobody waits or is warned."""
    one = Board(own, every=600)
    thread = one._sender._thread
    one.scalar("a", 1.0)
    assert one.flush(LIMIT)
    until(one.flush)
    own.stop()
    with listening() as told:
        del one
    assert told == []
    until(lambda: not thread.is_alive())


def test_a_board_may_be_deleted_by_its_own_thread(running: Server) -> None:
    """As when the garbage collector runs there: the thread does not wait for itself."""
    one = Board(running, "cycle", every=600)
    one.scalar("a", 1.0)
    sender = one._sender
    sender.store.show(
        "b", lambda: sender.close_unattended(LIMIT) or {"data": [{"type": "text", "content": ""}]}
    )
    assert one.flush(LIMIT)
    until(lambda: not sender._thread.is_alive())
    assert panes(running, "cycle").keys() == {"a", "b"}


def script(server: Server, code: str) -> subprocess.CompletedProcess:
    """Run `code` in another Python, with a board on environment "script"."""
    text = (
        f"from helpers.board import Board, _logger\n_logger.ENDING = {LIMIT}\n"
        f"board = Board({server.url!r}, 'script')\n{code}"
    )
    return subprocess.run(
        [sys.executable, "-c", text],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


FORKS = """
import os, sys
board.scalar("a", 1.0)
child = os.fork()
if child == 0:
    try:
        board.scalar("a", 7.0)
    except RuntimeError as error:
        board.close()
        os.write(1, str(error).encode())
    sys.exit()
os.waitpid(child, 0)
board.scalar("a", 2.0)
"""


@POSIX
def test_the_end_of_python_sends_and_a_fork_does_not(running: Server) -> None:
    """Nobody closes this board; the child is told whose it is."""
    ended = script(running, FORKS)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("a board belongs to the process that made it")
    assert curve(panes(running, "script")["a"])[1] == [1.0, 2.0]


def test_a_proxy_is_not_for_loopback(running: Server, monkeypatch) -> None:
    """Nothing listens at this one."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Board(running, "proxy", every=SOON) as one:
        one.scalar("a", 1.0)
        assert one.flush(LIMIT)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """What boards warn of meanwhile; the garbage collector's warnings are not theirs."""
    told: list[str] = []

    def hear(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        if issubclass(category, RuntimeWarning):
            told.append(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = hear
        yield told


def fill(one: Board, start: int, end: int) -> list[str]:
    """Write steps `start` to `end`; return the warnings that came meanwhile."""
    with listening() as told:
        for step in range(start, end):
            one.scalar("loss/train", step, step)
    return told


def warned(one: Board, before: list[str] | None = None) -> str:
    """The one warning, once it comes; `before` are those that have come already."""
    with listening() as told:
        told += before or []
        until(lambda: one.scalar("beat", 1.0) or told)
        for _ in range(10):  # rounds that fail again
            time.sleep(2 * SOON)
            one.scalar("beat", 1.0)
    assert len(told) == 1 and "Training goes on" in told[0]
    return told[0]


@POSIX
def test_a_killed_server_gets_everything_when_it_is_back(own: Server) -> None:
    """It had saved nothing; one warning, and no other when it goes again."""
    with Board(own, every=SOON, points=2_000) as one:
        one.text("note", "before")
        fill(one, 0, 300)
        assert one.flush(LIMIT)
        for start in (300, 600):
            psutil.Process(own.pid).kill()
            if start == 300:
                warned(one)
            assert fill(one, start, start + 300) == []
            until(lambda: not own.is_running)
            own.restart()
            found = shown(one, own)
            assert curve(found["loss"])[1] == list(range(start + 300))
            assert found["note"]["content"] == "before"


@POSIX
@pytest.mark.filterwarnings("ignore:visdom's server does not take")
def test_a_restart_is_noticed_when_nothing_is_written(own: Server) -> None:
    """The connection that broke tells it."""
    with Board(own, every=SOON) as one:
        fill(one, 0, 10)
        assert one.flush(LIMIT)
        psutil.Process(own.pid).kill()
        until(lambda: not own.is_running)
        own.restart()
        assert "loss" not in stored(own)  # so that what comes, comes from the board
        until(lambda: values(own, "loss") == list(range(10)))


@POSIX
def test_a_stopped_server_stops_nobody(own: Server, monkeypatch) -> None:
    """All calls return while it cannot answer; the buffer stays small; then all is there."""
    monkeypatch.setattr(board, "FULL", 100)
    process = psutil.Process(own.pid)
    with Board(own, every=SOON, patience=1.0) as one:
        told = fill(one, 0, 100)
        assert one.flush(LIMIT)
        process.suspend()
        told += fill(one, 100, 700)
        warned(one, told)  # on a loaded machine it may have come already
        assert len(one._sender.buffer) < 100
        assert not one.flush()
        assert not one.flush(0.1)
        assert process.status() == psutil.STATUS_STOPPED
        process.resume()
        assert curve(shown(one, own)["loss"])[1] == list(range(700))
        assert fill(one, 700, 710) == []


def silent() -> tuple[str, Callable[[], None]]:
    """A server that takes connections and never answers."""
    mute = socket.create_server(("127.0.0.1", 0))
    return f"http://127.0.0.1:{mute.getsockname()[1]}", mute.close


def absent() -> tuple[str, Callable[[], None]]:
    """An address where nothing listens, nor can until it is closed."""
    deaf = socket.socket()
    deaf.bind(("127.0.0.1", 0))
    return f"http://127.0.0.1:{deaf.getsockname()[1]}", deaf.close


@pytest.mark.parametrize("kind", [silent, absent])
def test_no_answer_costs_one_warning(kind: Callable) -> None:
    """None more when it is closed, which takes no longer than it may."""
    address, end = kind()
    one = Board(address, every=SOON, patience=0.1)
    try:
        one.scalar("a", 1.0)
        warned(one)
        with listening() as told:
            assert not one.close(0.3)
        assert told == []
    finally:
        end()


def test_a_board_closed_too_soon_to_know_warns(running: Server) -> None:
    """What never arrived is told at the end at the latest."""
    address, end = absent()
    one = Board(address, every=600)
    one.scalar("a", 1.0)
    with pytest.warns(RuntimeWarning, match="Not all that the board shows has reached"):
        assert not one.close(0.3)
    end()


def test_a_wrong_path_is_named(running: Server) -> None:
    """An answer that is an error is no success."""
    one = Board(f"{running.url}x", every=SOON)
    one.scalar("a", 1.0)
    assert "404" in warned(one)
    one.close(0.1)


@LINUX
def test_a_full_disk_costs_one_warning(own: Server) -> None:
    """No file of the server may grow: it cannot save. The panes are there all the same."""
    process = psutil.Process(own.pid)
    before = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (10, before[1]))
    one = Board(own, every=SOON)
    one.scalar("a", 1.0)
    with listening() as told:
        assert not one.close(LIMIT)
    process.rlimit(psutil.RLIMIT_FSIZE, before)
    assert len(told) == 1 and "cannot save it (it answered 500" in told[0]
    assert curve(panes(own)["a"])[1] == [1.0]


def test_titles_are_as_they_are_named(made: Board, running: Server) -> None:
    """Panes are found by their tags, whatever is in them."""
    names = ["a b", "x<y", 'quote"', "ü/ß"]
    for name in names:
        made.text(name, "here")
    found = shown(made, running)
    assert {pane["title"] for pane in found.values()} == set(names) == found.keys()
    assert html.escape("x<y") not in found


def test_panes_come_in_the_order_in_which_a_run_names_them(running: Server) -> None:
    """Curves that wait in the buffer come before pictures that were shown after them."""
    with Board(running, "order", every=600) as one:
        for tag in ("loss/train", "learning rate", "loss/validation", "accuracy"):
            one.scalar(tag, 1.0)
        for tag in ("worst", "confusion"):
            one.text(tag, "here")
        one.scalar("loss/train", 2.0)
        found = shown(one, running)
        one.text("worst", "again")
        one.scalar("late", 1.0)
        found |= shown(one, running)
    order = sorted(found, key=lambda name: found[name]["i"])
    assert order == ["loss", "learning rate", "accuracy", "worst", "confusion", "late"]


def test_what_is_shown_waits_for_what_was_logged_before() -> None:
    """A round that has emptied the buffer does not send what comes afterwards."""
    kept = Store(20)
    kept.show("note", lambda: {})
    assert not kept.is_unchanged()
    assert kept.take() is None
    kept.place(kept.take_shown())
    assert kept.take() == ("note", {})
    assert kept.is_unchanged()


def test_after_a_restart_the_order_is_the_same() -> None:
    """Whatever changed last."""
    kept = Store(20)
    kept.add([("a", 1.0, 0), ("b", 1.0, 0), ("c", 1.0, 0)])
    while kept.take() is not None:
        pass
    kept.add([("c", 2.0, 1)])
    kept.mark_changed()
    assert [kept.take()[0] for _ in "abc"] == ["a", "b", "c"]


def test_a_curve_begins_anew_after_a_text_of_its_name() -> None:
    """What came last is shown; the other curves of the pane begin anew as well."""
    kept = Store(20)
    for value in (1.0, 2.0):
        kept.add([("loss/train", value, 0), ("loss/validation", value, 0), ("other", value, 0)])
        kept.show("loss", lambda: {})
        kept.place(kept.take_shown())
    kept.add([("loss/validation", 3.0, 1), ("loss/train", 4.0, 1), ("other", 5.0, 1)])
    sent = dict(iter(kept.take, None))
    found = {one["name"]: one["y"] for pane in sent.values() for one in pane["data"]}
    assert found == {"validation": [3.0], "train": [4.0], "other": [1.0, 2.0, 5.0]}


def test_the_package_names_it() -> None:
    """`from helpers import board; board.Board(...)`."""
    assert course_board.Board is Board
    assert Board.add_scalar is Board.scalar
