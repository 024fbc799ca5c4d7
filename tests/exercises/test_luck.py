"""Answers that would be right by luck, where no case had a size of 1, tried on all exercises."""

from typing import Any

import numpy
import pytest
import torch

import exercises
from helpers.grading.grade import State, grade

EXERCISES = [e for number in exercises.numbers() for e in exercises.chapter(number).exercises]
FUNCTIONS = [e for e in EXERCISES if not e.asks_for_value]
# torch.func.hessian says so of its own code
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")
OF_FIXED_SIZE = {"seeded_draw", "fit_line", "nearest"}  # the last has two rows at least
OTHERWISE_EQUAL = {
    "read_digit",  # one image of 8×8
    "student_loss",  # a mean over any shape
    *("train_epoch", "validate", "OnlyDigit"),  # many samples, taken in parts
}
TENSORS = (torch.Tensor, numpy.ndarray)


def squeezed(value: Any) -> Any:
    """The value, with squeeze() called on each tensor in it."""
    if isinstance(value, TENSORS):
        return value.squeeze()
    if type(value) in (tuple, list):
        return type(value)(map(squeezed, value))
    return value


def has_dimensions(value: Any) -> bool:
    """Whether there is a tensor in it with a dimension that a case may make 1."""
    if isinstance(value, TENSORS):
        return value.ndim > 0
    return type(value) in (tuple, list) and any(map(has_dimensions, value))


def results(exercise: Any) -> list[Any]:
    """What the model answer gives for each case."""
    answer = exercise.run(exercise.model_answer)
    with exercise.context():
        return [answer(*exercise.case(index)) for index in range(exercise.case_count)]


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_a_result_without_its_dimensions_of_size_1_is_refused(exercise):
    if not any(map(has_dimensions, results(exercise))) or exercise.name in OF_FIXED_SIZE:
        pytest.skip("the result has no dimension that could be 1")
    answer = exercise.run(exercise.model_answer)
    report = grade(exercise, lambda *arguments: squeezed(answer(*arguments)))
    assert report.state is State.WRONG, str(report)


def has_rows(exercise: Any) -> bool:
    """Whether an argument is a tensor of two dimensions or more."""
    with exercise.context():
        cases = [exercise.case(index) for index in range(exercise.case_count)]
    return any(isinstance(one, TENSORS) and one.ndim > 1 for case in cases for one in case)


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_an_answer_that_takes_the_size_1_off_its_arguments_is_refused(exercise):
    if not has_rows(exercise) or exercise.name in OTHERWISE_EQUAL:
        pytest.skip("no argument has a dimension whose loss could be noticed")
    answer = exercise.run(exercise.model_answer)
    report = grade(exercise, lambda *arguments: answer(*map(squeezed, arguments)))
    assert report.state is State.WRONG, str(report)
