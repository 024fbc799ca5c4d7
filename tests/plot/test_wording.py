"""Numbers, shapes and lists as words."""

import pytest
import torch

from helpers.plot._wording import (
    MOST_VALUES,
    dtype_name,
    element,
    enumeration,
    number,
    tuple_text,
    values,
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"), (-0.0, "0"), (1797.0, "1797"), (1797.4, "1800"), (0.12345, "0.123"),
        (-0.5, "-0.5"), (2e-5, "2.00e-05"), (123456789.0, "1.23e+08"), (0.9999, "1"),
        (float("nan"), "nan"), (float("inf"), "inf"), (99.96, "100"), (1e-9, "1.00e-09"),
        (190.2, "190"), (1900.2, "1900"), (19.02, "19"), (100.4, "100"), (1000.4, "1000"),
        (-190.2, "-190"), (10.04, "10"), (20.5, "20.5"), (0.1, "0.1"), (0.10049, "0.1"),
        (999999.0, "999999"), (1e6, "1.00e+06"), (-1e6, "-1.00e+06"), (999999.5, "1.00e+06"),
        (0.0001, "0.0001"), (0.000123, "0.000123"), (0.00009996, "0.0001"), (0.00009, "9.00e-05"),
        (float("-inf"), "-inf"), (1.005, "1"), (9.996, "10"), (0.5004, "0.5"), (300, "300"),
    ],
)  # fmt: skip
def test_numbers_have_3_significant_digits(value: float, words: str) -> None:
    assert number(value) == words


def test_the_dust_of_rounding_is_nothing() -> None:
    assert number(-3e-17, scale=1.0) == "0"
    assert number(0.9e-6, scale=1.0) == number(0.9e-6, scale=-1.0) == "0"
    assert number(1.1e-6, scale=1.0) == "1.10e-06"
    assert number(5.0, scale=1e7) == "0"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "True"), (7, "7"), (10**9, "1000000000"), (1.5, "1.5"), (190.2, "190"),
        (1 + 2j, "1+2j"), (1 - 2.5j, "1-2.5j"), (0j, "0+0j"),
    ],
)  # fmt: skip
def test_an_element_is_written_by_its_kind(value: object, words: str) -> None:
    assert element(value) == words


def test_shapes_and_dtypes_are_written_as_python_does() -> None:
    assert tuple_text(torch.Size([3])) == "(3,)" and tuple_text((2, 3)) == "(2, 3)"
    assert tuple_text(()) == "()"
    assert dtype_name(torch.ones(1, dtype=torch.bfloat16)) == "bfloat16"


def test_24_values_are_written_out_and_a_25th_is_counted() -> None:
    assert MOST_VALUES == 24
    assert values(torch.arange(24)) == " ".join(map(str, range(24)))
    assert values(torch.arange(25)) == " ".join(map(str, range(24))) + " … and 1 more"
    table = torch.arange(24).reshape(4, 6)
    assert values(table) == "; ".join(" ".join(map(str, row)) for row in table.tolist())
    assert values(torch.arange(30).reshape(5, 6)) == values(table) + " … and 6 more"


def test_values_of_any_shape_are_written_row_by_row() -> None:
    assert values(torch.tensor(2.5)) == "2.5"
    assert values(torch.empty(0)) == values(torch.empty(0, 3)) == ""
    assert values(torch.arange(4).reshape(2, 1, 2)) == "0 1; 2 3"
    assert values(torch.arange(6).reshape(2, 3), 3) == "0 1 2 … and 3 more"
    assert values(torch.arange(6).reshape(2, 3), 5) == "0 1 2 … and 3 more"
    assert values(torch.arange(6).reshape(2, 3), 2) == "0 1 … and 4 more"


def test_words_are_joined_as_a_sentence_does() -> None:
    assert enumeration([]) == ""
    assert enumeration(["a"]) == "a"
    assert enumeration(["a", "b"]) == "a and b"
    assert enumeration(["a", "b", "c"]) == "a, b and c"
