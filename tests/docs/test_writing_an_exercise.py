"""The examples of docs/writing-an-exercise.md are exercises that prove themselves."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from helpers.grading.grade import State, grade

PAGE = Path(__file__).resolve().parents[2] / "docs" / "writing-an-exercise.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
WHOLE = [block for block in BLOCKS if "exercise = " in block and "@exercise.answer" in block]
# What a block leaves to the one before it.
IMPORTS = """\
import torch
from torch import nn
from helpers.grading.exercise import Exercise, edit
"""


@pytest.fixture(params=range(len(WHOLE)), ids=["a function", "a value", "a module"])
def exercise(request, tmp_path: Path):
    """An example of the page, declared in a module of its own."""
    path = tmp_path / "example.py"
    path.write_text(IMPORTS + WHOLE[request.param], encoding="utf-8")
    name = "exercises.chapter_01.example"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        yield module.exercise
    finally:
        del sys.modules[name]


def test_right_answers_pass_and_wrong_ones_are_named(exercise) -> None:
    for code in (exercise.model_answer, *exercise.right_answers):
        assert grade(exercise, exercise.run(code)).state is State.RIGHT
    wrong = (*exercise.mistakes, *exercise.rejected_answers)
    assert wrong
    for mistake in wrong:
        report = grade(exercise, exercise.run(mistake.code))
        assert report.state is State.WRONG and mistake.says in str(report)


def test_the_starter_is_not_tried_yet(exercise) -> None:
    assert grade(exercise, exercise.run("...")).state is State.NOT_TRIED
