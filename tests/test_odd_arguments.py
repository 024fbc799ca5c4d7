"""What counts as an explanation of the course's (tests/odd_arguments.py)."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import odd_arguments
from tests.odd_arguments import ODD, check, is_ours, make

SAYING = """
def on_one_line():
    raise ValueError("count=3 is too large; give 2.")

def on_several_lines(*given):
    raise ValueError(
        f"count={given} is too large; "
        "give 2."
    )

def by_another(error=ValueError("count=3 is too large; give 2.")):
    raise error

def without_a_word():
    raise ValueError("no")

def by_accident():
    return [1, 2, 3].index("a value that is none of them")

def by_accident_in_a_raise(count="three"):
    raise ValueError(f"count={count:d} is too large; give 2.")

def by_accident_with_a_note():
    try:
        by_accident()
    except ValueError as error:
        error.add_note("The value is none of them; give one of them.")
        raise
"""
OURS = {"on_one_line", "on_several_lines", "by_another", "by_accident_with_a_note"}


@pytest.fixture
def saying(tmp_path: Path, monkeypatch) -> Callable[[str], Callable[[], object]]:
    """Functions of a module that counts as the course's."""
    path = tmp_path / "saying.py"
    path.write_text(SAYING, encoding="utf-8")
    monkeypatch.setattr(odd_arguments, "COURSE", (tmp_path,))
    spec = importlib.util.spec_from_file_location("saying", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda name: getattr(module, name)


@pytest.mark.parametrize(
    "name", [*sorted(OURS), "without_a_word", "by_accident", "by_accident_in_a_raise"]
)
def test_an_error_is_ours_where_a_raise_said_it(name: str, saying) -> None:
    with pytest.raises(ValueError) as raised:
        saying(name)()
    assert is_ours(raised.value) is (name in OURS)


def test_a_raise_elsewhere_is_not_ours() -> None:
    def elsewhere() -> None:
        raise ValueError("count=3 is too large; give 2.")

    with pytest.raises(ValueError):
        check(elsewhere)
    assert check(lambda: 3) == 3


def test_each_odd_value_can_be_made_again_and_again() -> None:
    for name in ODD:
        assert type(make(name)) is type(make(name)), name
