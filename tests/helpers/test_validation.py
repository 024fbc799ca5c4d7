"""What more than one part of the course asks of its arguments."""

import numpy as np
import pytest
import torch

from helpers._validation import integer


@pytest.mark.parametrize("value", [3, np.int64(3), torch.tensor(3)])
def test_whole_numbers_of_every_kind_come_as_plain_ones(value: object) -> None:
    number = integer(value, "count", least=1)
    assert number == 3 and type(number) is int


@pytest.mark.parametrize("value", [True, False, np.True_, 3.0, np.float64(3), "3", None])
def test_other_kinds_are_named(value: object) -> None:
    with pytest.raises(TypeError, match="count must be an integer, not "):
        integer(value, "count", least=0)


def test_a_small_number_is_told_what_is_least() -> None:
    with pytest.raises(ValueError, match="count=-1,000 is too small; it must be at least 0"):
        integer(-1000, "count", least=0)
