"""A board: what it takes, what the server shows then, and what happens without a server."""

import html
import math

import numpy as np
import pytest
import torch

from helpers import board as course_board
from helpers.board import Board
from helpers.board import _logger as board
from helpers.board._server import Server
from tests.board.looking import SOON, curve, panes, shown

pytestmark = pytest.mark.timeout(120)  # a store that never ends would hold it up

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


def test_a_spike_among_many_reaches_the_server(made: Board, running: Server) -> None:
    """More scalars than the buffer holds: the caller helps, and nothing is lost."""
    for step in range(100_000):
        made.scalar("loss/train", 100.0 if step == 54_321 else 1.0, step)
    steps, values = curve(shown(made, running)["loss"])
    assert len(steps) <= 1_000
    assert (54_321, 100.0) in zip(steps, values)
    assert (steps[0], steps[-1]) == (0, 99_999)


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


def test_the_package_names_it() -> None:
    """`from helpers import board; board.Board(...)`."""
    assert course_board.Board is Board
    assert Board.add_scalar is Board.scalar
