"""Answers that would be right by luck, where no case had a size of 1, tried on all exercises."""

from typing import Any

import numpy
import pytest
import torch

import exercises
from helpers.grading.grade import State, grade

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


def functions(number: str) -> list[Any]:
    """The exercises of a chapter that ask for a function or a class."""
    return [each for each in exercises.chapter(number).exercises if not each.asks_for_value]


def results(exercise: Any) -> list[Any]:
    """What the model answer gives for each case."""
    answer = exercise.run(exercise.model_answer)
    with exercise.context():
        return [answer(*exercise.case(index)) for index in range(exercise.case_count)]


@pytest.mark.parametrize("number", exercises.numbers())
def test_a_result_without_its_dimensions_of_size_1_is_refused(number):
    for exercise in functions(number):
        if exercise.name in OF_FIXED_SIZE or not any(map(has_dimensions, results(exercise))):
            continue  # the result has no dimension that could be 1
        answer = exercise.run(exercise.model_answer)
        report = grade(exercise, lambda *arguments, answer=answer: squeezed(answer(*arguments)))
        assert report.state is State.WRONG, f"{exercise.name}: {report}"


def has_rows(exercise: Any) -> bool:
    """Whether an argument is a tensor of two dimensions or more."""
    with exercise.context():
        cases = [exercise.case(index) for index in range(exercise.case_count)]
    return any(isinstance(one, TENSORS) and one.ndim > 1 for case in cases for one in case)


@pytest.mark.parametrize("number", exercises.numbers())
def test_an_answer_that_takes_the_size_1_off_its_arguments_is_refused(number):
    for exercise in functions(number):
        if exercise.name in OTHERWISE_EQUAL or not has_rows(exercise):
            continue  # no argument has a dimension whose loss could be noticed
        answer = exercise.run(exercise.model_answer)
        report = grade(
            exercise, lambda *arguments, answer=answer: answer(*map(squeezed, arguments))
        )
        assert report.state is State.WRONG, f"{exercise.name}: {report}"
