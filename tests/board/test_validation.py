"""What a board refuses, at the call and in one sentence; nothing else is lost by it."""

import itertools
import json
import math
import sys
import threading
import warnings
from collections.abc import Iterator
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.board import Board, _validation
from tests.waiting import until

NOBODY = "http://127.0.0.1:9"  # the port of the service "discard", which nobody runs


class Mute:
    """An object without a text."""

    def __repr__(self) -> str:
        """Fails."""
        raise OSError("no text")


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
        (10, "points=10 is too small; it must be at least 20"),
        (20.5, "points must be an integer, not 20.5"),
        ("x", "points must be an integer, not 'x'"),
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
    "pyplot": (lambda one: one.figure("a", plt), "the module matplotlib.pyplot is no Matplotlib"),
    "a huge figure": (lambda one: one.figure("a", Figure((900, 900))), "change figsize or dpi"),
    "bars without end": (lambda one: one.histogram("a", torch.ones(3), bins=50_000_000), "at most"),
    "bars beyond all": (lambda one: one.histogram("a", torch.ones(3), bins=10**5000), "too large"),
    "a bool of bars": (lambda one: one.histogram("a", torch.ones(3), bins=True), "not True"),
    "bars without data": (
        lambda one: one.histogram("a", torch.ones(3), bins=torch.ones((), device="meta")),
        "bins must be",
    ),
    "a large image": (
        lambda one: one.image("a", torch.zeros(1, 1, 1).expand(1, 10_000, 10_000)),
        "too large for a pane",
    ),
    "a long image": (lambda one: one.image("a", torch.zeros(2**16, 1)), "too large for a pane"),
    "many classes": (lambda one: one.confusion_matrix("a", torch.ones(2_000, 2_000)), "at most"),
    "no classes": (lambda one: one.confusion_matrix("a", torch.ones(0, 0)), "is square"),
    "labels": (lambda one: one.confusion_matrix("a", torch.ones(2, 2), 5), "labels are a list"),
    "endless labels": (
        lambda one: one.confusion_matrix("a", torch.ones(2, 2), itertools.count()),
        "2 classes need 2 labels, not over 2",
    ),
    "three labels": (
        lambda one: one.confusion_matrix("a", torch.ones(2, 2), "abc"),
        "2 classes need 2 labels, not 3",
    ),
    "equal labels": (
        lambda one: one.confusion_matrix("a", torch.ones(2, 2), [1, "1"]),
        "the label '1' names two classes",
    ),
    "meta": (lambda one: one.histogram("a", torch.ones(3, device="meta")), "'meta' has none"),
    "unequal lengths": (lambda one: one.histogram("a", [[1], [1, 2]]), "cannot be read as such"),
    "nested": (
        lambda one: one.histogram("a", torch.nested.nested_tensor([torch.ones(1)])),
        "it is nested",
    ),
    "append": (lambda one: one.text("a", "b", append=None), "append is True or False, not None"),
    "html": (lambda one: one.text("a", "b", html="yes"), "html is True or False, not 'yes'"),
    "long text": (lambda one: one.text("a", "b" * 1_000_001), "has 1,000,001 characters"),
    "no text": (lambda one: one.text("a", Mute()), "a text of type Mute cannot be shown"),
    "limit": (lambda one: one.flush(None), "limit is None; give a number of seconds, 0 or more"),
    "endless limit": (lambda one: one.close(math.inf), "limit is inf"),
    "huge step": (lambda one: one.scalar("a", 1.0, 10**400), "a step is beyond all floats"),
    "huge value": (lambda one: one.scalar("a", -(10**400)), "a scalar is beyond all floats"),
    "text of a number": (lambda one: one.scalar("a", "1.5"), "not str"),
    "bytes of a number": (lambda one: one.scalar("a", b"1"), "not bytes"),
    "file": (lambda one: one.scalar("a", sys.stdout), "a scalar is a number"),
    "array": (lambda one: one.scalar("a", np.ones(2)), r"this array has shape \(2,\)"),
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


ODD_TAGS = ["", "a\0", "two\nlines", "a\ud800", "x" * 1_001, "a\u2028b"]


@pytest.mark.parametrize("tag", ODD_TAGS, ids=range(len(ODD_TAGS)))
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_tag_can_be_printed(alone: Board, call, tag: str) -> None:
    """Visdom answers 500 to a lone surrogate, again and again."""
    with pytest.raises(ValueError, match="cannot name a pane: use 1 to 1,000 characters"):
        call(alone, tag)
    assert alone.flush()


class Name(str):
    """A kind of string of one's own."""


def test_a_tag_of_ones_own_kind_is_its_text(alone: Board) -> None:
    alone.scalar(Name("loss/train"), math.nan)
    alone.scalar("loss/train", math.nan)
    assert alone.gaps == {"loss/train": 2}


@pytest.mark.parametrize("name", [".", "..", "a\ud800", "a\u2029", Mute()])
def test_what_leads_to_another_page_is_no_environment(name: object) -> None:
    """A browser takes the last two steps of an address back."""
    with pytest.raises(ValueError, match=r"environment is .*; give a name such as 'main'"):
        Board(NOBODY, name)


@pytest.mark.parametrize(
    ("name", "known"), [("runs/1", "runs_1"), ("a b", "a b"), ("👩‍👩‍👧", "👩‍👩‍👧"), (".a", ".a")]
)
def test_an_environment_has_the_name_that_visdom_gives_it(name: str, known: str) -> None:
    assert _validation.environment(name) == known
    assert _validation.environment(Name(name)) == known
    assert type(_validation.environment(Name(name))) is str


@pytest.mark.parametrize(
    "address", ["http://a b", "http://ü", "http://a\n", "http://a\0", "x" * 10**5]
)
def test_an_address_has_no_odd_characters(address: str) -> None:
    with pytest.raises(ValueError, match="is no address of a server") as caught:
        Board(address)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("points", [19, 100_001, 10**5000, -(10**5000)], ids=range(4))
def test_a_curve_keeps_as_many_points_as_a_page_can_draw(points: int) -> None:
    with pytest.raises(ValueError, match="points"):
        Board(NOBODY, points=points)


KINDS = {
    "one tensor": ([torch.ones(2, 3)], (1, 2, 3)),
    "one array": ([np.ones((2, 3))], (1, 2, 3)),
    "tuple": ((torch.ones(3), torch.zeros(3)), (2, 3)),
    "tensor and array": ([torch.ones(3), np.ones(3, np.float32)], (2, 3)),
    "numbers": ([1, 2.5], (2,)),
    "sparse": (torch.eye(3).to_sparse(), (3, 3)),
    "csr": (torch.eye(3).to_sparse_csr(), (3, 3)),
    "quantised": (torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), (3,)),
    "learnable": (torch.nn.Parameter(torch.ones(3)), (3,)),
    "bfloat16": (torch.ones(3, dtype=torch.bfloat16), (3,)),
    "float8": (torch.ones(3).to(torch.float8_e4m3fn), (3,)),
    "uint16": (torch.ones(3).to(torch.uint16), (3,)),
    "bool": (torch.ones(3, dtype=torch.bool), (3,)),
    "long double": (np.ones(3, np.longdouble), (3,)),
    "one number": (3.0, ()),
}


@pytest.mark.filterwarnings("ignore")  # torch's own, of sparse and quantised tensors
@pytest.mark.parametrize(("value", "shape"), KINDS.values(), ids=KINDS)
def test_numbers_of_all_kinds_come_as_an_array(value: object, shape: tuple[int, ...]) -> None:
    """A copy, and one that JSON can hold."""
    copy = _validation.snapshot(value)
    assert tuple(copy.shape) == shape
    array = _validation.array(copy)
    assert json.loads(json.dumps(array.tolist())) == array.tolist()
    if hasattr(value, "fill_") and value.layout == torch.strided and value.dtype == torch.float32:
        before = array.copy()
        value.detach().fill_(7)
        assert (_validation.array(copy) == before).all()


NUMBERS = {
    "sparse": torch.ones(1).to_sparse(),
    "quantised": torch.quantize_per_tensor(torch.ones(1), 0.1, 0, torch.qint8),
    "float8": torch.ones(1).to(torch.float8_e4m3fn),
    "array of one": np.ones((1, 1)),
    "numpy": np.float16(1),
    "fraction": Fraction(1),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("value", NUMBERS.values(), ids=NUMBERS)
def test_a_number_of_any_kind_is_a_float(value: object) -> None:
    found = _validation.number(value)
    assert type(found) is float and found == pytest.approx(1, abs=0.05)


def test_what_is_short_stays_so() -> None:
    """In a sentence there is room for a line."""
    assert _validation.short("a\nb") == "'a\\nb'"
    assert _validation.short(10**5000) == "a value of type int"
    assert _validation.short(Mute()) == "a value of type Mute"
    assert len(_validation.short("x" * 1_000)) == 80


def test_a_limit_is_the_last_that_is_taken() -> None:
    assert _validation.integer(20, "n", 20, 30) == 20
    assert _validation.integer(np.int8(30), "n", 20, 30) == 30
    assert _validation.seconds(0, "s", least=0) == 0.0
    assert _validation.seconds(0.1, "s", least=0.1) == 0.1
    assert _validation.tag("x" * 1_000) == "x" * 1_000
    assert _validation.environment("€" * 66) == "€" * 66
    _validation.square_shape((1_000, 1_000))
    _validation.image_shape((1, 3, 4095, 4095))
    assert len(_validation.caption("x" * 2_000)) == 1_000


@pytest.mark.parametrize("labels", [torch.tensor([3, 4]), np.array(["3", "4"]), (3, 4), "34"])
def test_labels_of_any_kind_are_text(labels: object) -> None:
    assert _validation.class_labels(labels, 2) == ["3", "4"]
