"""What more than one part of the course asks of its arguments."""

from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import _validation
from helpers._validation import integer
from tests.odd_arguments import ODD, check


@pytest.mark.parametrize("value", [3, np.int64(3), torch.tensor(3)])
def test_integers_of_every_kind_come_as_plain_ones(value: object) -> None:
    number = integer(value, "count", least=1)
    assert number == 3 and type(number) is int


@pytest.mark.parametrize(
    "value", [True, np.True_, torch.tensor(True), 3.0, np.float64(3), "3", None, torch.ones(2)]
)
def test_other_kinds_are_named(value: object) -> None:
    with pytest.raises(TypeError, match="count must be an integer, not "):
        integer(value, "count", least=0)


def test_a_number_too_small_is_refused_with_the_least() -> None:
    with pytest.raises(ValueError, match="count=-1,000 is too small; it must be at least 0"):
        integer(-1000, "count", least=0)


def test_a_number_of_any_size_is_an_integer() -> None:
    assert integer(10**6000, "count") == 10**6000
    with pytest.raises(ValueError, match="count=an integer of 19,932 bits is too small"):
        integer(-(10**6000), "count", least=0)


@pytest.mark.parametrize("value", [True, np.False_])
def test_booleans_come_as_plain_ones(value: object) -> None:
    assert _validation.boolean(value, "shuffle") is bool(value)


@pytest.mark.parametrize("value", [0, "no", None, torch.tensor(True), []])
def test_what_only_counts_as_true_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="shuffle must be True or False, not "):
        _validation.boolean(value, "shuffle")


def test_paths_come_as_paths() -> None:
    for value in ("runs/a.pt", Path("runs/a.pt")):
        assert _validation.path(value, "path") == Path("runs/a.pt")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567, "1,234,567"),
        (False, "False"),
        ("a" * 90, "'" + "a" * 55 + "…aa'"),
        ([1, 2], "of type list"),
        (None, "None"),
        (torch.nn.Linear, "the class Linear"),
        (2.5, "2.5"),
    ],
)
def test_a_value_is_shown_on_one_short_line(value: object, shown: str) -> None:
    assert _validation.shown(value) == shown


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", ["integer", "boolean", "path", "device"])
def test_odd_values_are_refused_in_a_sentence(name: str) -> None:
    for make in ODD.values():
        check(getattr(_validation, name), make(), "value")
