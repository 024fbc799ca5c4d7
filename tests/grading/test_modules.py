"""Exercises whose answer is a module: what is looked at, and what a learner is told."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from helpers.grading.exercise import KnownMistake
from helpers.grading.grade import State, grade
from helpers.grading.modules import Unfit, as_module, filled, shapes, shares_memory
from tests.grading.declared import looked_at


def look(result: Any, size: int) -> Any:
    """What a module makes of ones, unless it has a bias."""
    module = as_module(result)
    output = module(torch.ones(2, size))
    if output is ...:
        return ...
    if getattr(module, "bias", None) is not None:
        raise Unfit("it has a bias; none was asked for")
    return filled(module)(torch.ones(2, size))


SKELETON = """
    class Double(nn.Module):
        def __init__(self, size):
            super().__init__()
            ...

        def forward(self, values):
            return ...
"""
PARTS = {
    "signature": "Double(size)",
    "title": "one weight",
    "prompt": "Make a linear layer without bias, with twice as many outputs.",
    "skeleton": SKELETON,
    "look": look,
    "then": "it was given ones",
    "cases": lambda: [(2,), (3,)],
    "model_answer": "nn.Linear(size, 2 * size, bias=False)",
    "why": "bias=False leaves it out.",
    "hints": ("a", "b"),
    "right": ("nn.Sequential(nn.Linear(size, 2 * size, bias=False))",),
}
EXERCISE = looked_at(**PARTS)


class OwnClass(nn.Module):
    """A right answer that is a class; it is never an instance of what we make."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2 * size, size))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values @ self.weight.T


def test_a_function_and_a_class_are_both_right_answers():
    assert grade(EXERCISE, lambda size: nn.Linear(size, 2 * size, bias=False)).state is State.RIGHT
    assert grade(EXERCISE, OwnClass).state is State.RIGHT


def test_the_class_skeleton_is_the_starter_and_not_tried_yet():
    starter = EXERCISE.starter_cell()
    assert starter.startswith("class Double(nn.Module):\n    def __init__")
    assert starter.endswith("\n\n\nex.Double.check(Double)")
    assert grade(EXERCISE, EXERCISE.run("...")).state is State.NOT_TRIED
    assert grade(EXERCISE, ...).state is State.NOT_TRIED


def test_what_is_no_module_is_named():
    findings = dict(grade(EXERCISE, lambda size: torch.ones(size)).findings)
    assert findings["Problem"] == "Tensor came back; an nn.Module was asked for"
    assert "Then" not in findings


def test_what_look_refuses_is_a_problem_and_no_error():
    report = grade(EXERCISE, lambda size: nn.Linear(size, 2 * size))
    assert report.state is State.WRONG
    assert dict(report.findings)["Problem"] == "it has a bias; none was asked for"
    assert "Unfit" not in str(report)


def test_a_wrong_output_is_told_with_what_was_done():
    report = grade(EXERCISE, lambda size: nn.Linear(size, size, bias=False))
    labels = [label for label, _ in report.findings]
    assert labels[:4] == ["Called with", "Then", "Got", "Expected"]
    assert "shape (2, 2) instead of (2, 4)" in str(report)


def test_an_error_in_the_learners_class_is_shown_with_its_line():
    class Hasty(nn.Module):
        def __init__(self, size: int) -> None:
            self.layer = nn.Linear(size, size)

    report = grade(EXERCISE, Hasty)
    assert "self.layer = nn.Linear(size, size)" in dict(report.findings)["Your code"]
    assert "cannot assign module" in str(report)


def test_the_module_itself_instead_of_what_makes_it_is_refused():
    report = grade(EXERCISE, nn.Linear(2, 4, bias=False))
    assert report.state is State.WRONG
    assert dict(report.findings)["Expected"].startswith("Double itself, without a call")


def test_an_exception_of_that_name_is_no_unfit():
    """It is the type that counts, and not how an error prints."""

    class Unfit(Exception):
        pass

    def raises(size: int) -> None:
        raise Unfit("mine")

    findings = dict(grade(EXERCISE, raises).findings)
    assert findings["Error"] == "Unfit: mine" and "Problem" not in findings
    assert findings["Your code"].endswith('raise Unfit("mine")')


def test_what_look_refuses_is_recognised_as_a_known_mistake():
    mistakes = (KnownMistake("nn.Linear(size, 2 * size)", "a bias"),)
    asked = looked_at(**PARTS | {"mistakes": mistakes})
    findings = dict(grade(asked, lambda size: nn.Linear(size, 2 * size, bias=True)).findings)
    assert findings["Likely slip"] == "a bias"


def test_memory_is_shared_by_views_alone():
    values = torch.ones(3)
    assert shares_memory(values, values[1:]) and not shares_memory(values, values.clone())
    assert not shares_memory(values, [1.0]) and not shares_memory(None, values)
    assert not shares_memory(values.to_sparse(), values)
    assert not shares_memory(torch.empty(0), torch.empty(0)), "nothing is in no storage"
    assert not shares_memory(values.to("meta"), values.to("meta"))


@pytest.mark.parametrize("turned", [False, True])
def test_filled_does_not_depend_on_the_order_of_the_parameters(turned):
    names = ["a", "b"][:: -1 if turned else 1]
    model = nn.ModuleDict({name: nn.Linear(2, 2 if name == "a" else 3) for name in names})
    filled(model)
    assert model["a"].weight[0, 0].item() == pytest.approx(math.sin(1) / 2)
    assert shapes(model.parameters()) == ((2,), (2, 2), (3,), (3, 2))
