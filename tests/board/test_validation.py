"""What a board refuses, at the call and in one sentence; nothing else is lost by it."""

import math
import threading
import warnings
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.board import Board, _validation
from tests.waiting import until

NOBODY = "http://127.0.0.1:9"  # the port of the service "discard", which nobody runs


@pytest.fixture
def alone() -> Iterator[Board]:
    """A board without a server, which sends nothing before it is closed."""
    board = Board(NOBODY, every=600)
    yield board
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it could not send what a test has logged
        board.close(0)


@pytest.mark.parametrize(
    ("tag", "value", "words"),
    [
        ("a", torch.ones(3), r"this tensor has shape \(3,\)"),
        ("a", "text", "not str"),
        ("a", None, "not NoneType"),
        ("a", [1.0], "not list"),
        ("a", 1j, "give its abs"),
        ("a", np.complex64(1j), "give its abs"),
        ("a", torch.tensor(1j), "give its abs"),
        ("a", torch.tensor(1j, device="meta"), "'meta' has none"),
        ("a", torch.ones((), device="meta"), "'meta' has none"),
        (1, 1.0, "a tag is a string"),
    ],
)
def test_what_is_no_scalar_is_refused(alone: Board, tag, value, words: str) -> None:
    """What was logged before is still there."""
    for _ in range(10):
        alone.scalar("counted", math.nan)
    with pytest.raises((TypeError, ValueError), match=words):
        alone.scalar(tag, value, 0)
    assert alone.gaps == {"counted": 10}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_complex_number_is_refused_on_a_gpu_too(alone: Board) -> None:
    """Its dtype is known without a wait."""
    with pytest.raises(ValueError, match="give its abs"):
        alone.scalar("a", torch.tensor(1j, device="cuda"))


def test_what_a_device_does_not_give_leaves_gaps_alone() -> None:
    """A GPU that failed takes nothing with it; "meta" stands for it here."""
    lost = torch.ones((), device="meta")
    found = _validation.read([1.0, lost, None, torch.tensor(2.0), lost])
    assert [found[place] for place in (0, 2, 3)] == [1.0, None, 2.0]
    assert math.isnan(found[1]) and math.isnan(found[4])


@pytest.mark.parametrize(
    "address",
    ["localhost:8097", "", "ftp://host", "/path", "http://host:99999", "http://host:x", "http://["],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """With an example of one."""
    with pytest.raises(ValueError, match="is no address of a server: give one such as"):
        Board(address)


@pytest.mark.parametrize("server", [None, 8097, b"http://127.0.0.1:8097"])
def test_what_is_no_server_is_refused(server: object) -> None:
    """With both kinds of what would do."""
    with pytest.raises(TypeError, match="is no server: give what"):
        Board(server)


@pytest.mark.parametrize("name", [None, 5, "", "two\nlines", "nul\0", "x" * 201, "€" * 67])
def test_what_can_name_no_file_is_no_environment(name: object) -> None:
    """The server could not save it."""
    with pytest.raises(ValueError, match=r"environment is .*; give a name such as 'main'"):
        Board(NOBODY, name)


@pytest.mark.parametrize("seconds", ["x", None, 0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("setting", ["every", "patience"])
def test_what_is_no_time_to_wait_is_refused(setting: str, seconds: object) -> None:
    """Before a thread is started, which would die of it."""
    before = threading.active_count()
    with pytest.raises(ValueError, match=f"{setting} is {seconds!r}; give a number of seconds"):
        Board(NOBODY, **{setting: seconds})
    assert threading.active_count() == before


@pytest.mark.parametrize("every", [0.01, 1, np.float32(0.01), np.int64(1), Fraction(1, 100)])
def test_any_kind_of_number_is_a_time_to_wait(every: object) -> None:
    """The thread takes it: after two rounds it warns that nobody answers."""
    board = Board(NOBODY, every=every, patience=every)
    with pytest.warns(RuntimeWarning, match="visdom's server does not take"):
        board.scalar("a", 1.0)
        until(lambda: board._sender.notice is not None)
        board.scalar("a", 1.0)
    assert not board.close(0.1)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (10, "points=10 is too small; it is at least 20"),
        (20.5, "points is a whole number, not 20.5"),
        ("x", "points is a whole number, not 'x'"),
    ],
)
def test_a_curve_of_few_points_is_refused(points: object, words: str) -> None:
    """It could not keep what is telling."""
    with pytest.raises((TypeError, ValueError), match=words):
        Board(NOBODY, points=points)


@pytest.mark.parametrize("shape", [(8, 8, 3), (2, 8, 8), (0, 8), (8,), (1, 1, 1, 8, 8)])
def test_what_is_no_image_is_refused(alone: Board, shape: tuple[int, ...]) -> None:
    """Channels last, odd numbers of channels, nothing at all."""
    with pytest.raises(ValueError, match="is no batch of images"):
        alone.image("image", torch.zeros(shape))


ODD = {
    "no columns": (
        lambda one: one.images("a", torch.ones(2, 8, 8), columns=0),
        "columns=0 is too small",
    ),
    "columns": (lambda one: one.images("a", torch.ones(2, 8, 8), columns=1.5), "not 1.5"),
    "less than none": (
        lambda one: one.histogram("a", torch.ones(3), bins=-1),
        "bins=-1 is too small",
    ),
    "bins": (lambda one: one.histogram("a", torch.ones(3), bins="x"), "not 'x'"),
    "step": (lambda one: one.histogram("a", torch.ones(3), "x"), "not str"),
    "no figure": (lambda one: one.figure("a", None), "NoneType is no Matplotlib figure"),
    "axes": (lambda one: one.figure("a", Axes(Figure(), (0, 0, 1, 1))), "Axes is no Matplotlib"),
    "sizes": (
        lambda one: one.images("a", [torch.ones(8, 8), torch.ones(4, 4)]),
        r"have shapes \(8, 8\) and \(4, 4\)",
    ),
    "arrays": (
        lambda one: one.images("a", [np.ones((8, 8)), np.ones(4)]),
        r"have shapes \(8, 8\) and \(4,\)",
    ),
    "complex image": (lambda one: one.image("a", torch.ones(8, 8) * 1j), "give the abs"),
    "complex array": (lambda one: one.histogram("a", np.ones(3) * 1j), "give the abs"),
    "words": (lambda one: one.histogram("a", ["b"]), "a pane shows real numbers"),
    "nothing": (lambda one: one.histogram("a", None), "a pane shows real numbers"),
}


@pytest.mark.parametrize(("call", "words"), ODD.values(), ids=ODD)
def test_what_no_pane_can_show_is_refused(alone: Board, call, words: str) -> None:
    """Nothing of it is kept to be sent."""
    with pytest.raises((TypeError, ValueError), match=words):
        call(alone)
    assert alone.flush()


CALLS = {
    "text": lambda one, tag: one.text(tag, "here"),
    "appended": lambda one, tag: one.text(tag, "here", append=True),
    "image": lambda one, tag: one.image(tag, torch.ones(8, 8)),
    "histogram": lambda one, tag: one.histogram(tag, torch.ones(3)),
    "confusion": lambda one, tag: one.confusion_matrix(tag, torch.ones(2, 2)),
    "figure": lambda one, tag: one.figure(tag, Figure((1, 1))),
    "scalar": lambda one, tag: one.scalar(tag, 1.0),
}


@pytest.mark.parametrize("tag", [5, None, ["a"]])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_tag_is_a_string(alone: Board, call, tag: object) -> None:
    """Whatever is shown under it."""
    with pytest.raises(TypeError, match="a tag is a string such as 'loss/train'"):
        call(alone, tag)
    assert alone.flush()
