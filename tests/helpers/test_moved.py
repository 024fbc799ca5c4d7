"""Names that older notebooks import from `helpers`, and what an unknown name is told."""

import importlib

import pytest

import helpers


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("from helpers import data, exercises, plot", "write `import exercises` instead"),
        ("from helpers import visdom", "write `from helpers import board` instead"),
    ],
)
def test_an_old_import_says_what_to_write(line: str, said: str) -> None:
    with pytest.raises(ImportError, match=said):
        exec(line, {})


def test_any_other_name_is_unknown() -> None:
    assert not hasattr(helpers, "nothing_of_this_name")
    with pytest.raises(ImportError, match="cannot import name 'nothing_of_this_name'"):
        exec("from helpers import nothing_of_this_name", {})
    assert importlib.import_module("helpers.data") is helpers.data
