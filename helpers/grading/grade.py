"""Grade an answer: call it, watch it, compare, and name what is wrong.

What is looked at, in this order: exceptions, changed inputs, type, shape, dtype, values,
gradient, shared memory, loops. The first that is wrong is reported.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from helpers.grading._outcome import (
    Outcome,
    Snapshot,
    compared_part,
    error_message,
    observe,
    same,
    snapshot,
    type_name,
)
from helpers.grading._report import Findings, Report, State, describe, explain
from helpers.grading._running import (
    count_steps,
    learners_warnings,
    standard_settings,
    without_warnings,
)
from helpers.grading.exercise import Exercise
from helpers.grading.modules import ModuleExercise, Unfit

__all__ = ["Report", "State", "grade"]

_HOLDS_NUMBERS = ("tensor", "array", "sequence", "mapping")
_AGAIN = "Restart the kernel and run the chapter's first cell, then this one."


def grade(exercise: Exercise, answer: Any) -> Report:
    """Say how an answer stands, without showing or remembering anything.

    The verdict depends on no setting of the notebook, and changes none.

    Args:
        exercise: The task.
        answer: The learner's function or value; `...` is "not tried yet".

    Raises:
        TypeError: When `exercise` is not an Exercise.
    """
    if not isinstance(exercise, Exercise):
        raise TypeError(f"exercise is an Exercise, not {type_name(exercise)}")
    if answer is ...:
        return _not_tried(exercise)
    notebooks_dtype = torch.get_default_dtype()
    try:
        with exercise.context(), standard_settings():
            if exercise.asks_for_value:
                return _grade_value(exercise, answer, notebooks_dtype)
            return _grade_function(exercise, answer)
    except Exception as error:  # nothing of the learner's: that is part of an outcome
        return _not_checked(exercise, error)


@without_warnings()
def _grade_value(exercise: Exercise, answer: Any, notebooks_dtype: torch.dtype) -> Report:
    """Grade a value."""
    expected = compared_part(exercise, exercise.run(exercise.model_answer))
    got = compared_part(exercise, answer)
    if same(got, expected, exercise.tolerance):
        return _right(exercise)
    findings = explain(got, expected, exercise.tolerance)
    if got.dtype != expected.dtype and got.dtype == _name(notebooks_dtype) != "float32":
        text = f"torch.set_default_dtype({notebooks_dtype}) is in force in this notebook"
        findings = (*findings, ("Note", text))
    mistakes = ((m, compared_part(exercise, exercise.run(m.code))) for m in exercise.mistakes)
    named = (mistake.says for mistake, value in mistakes if same(got, value))
    return _wrong(exercise, findings, next(named, ""))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _grade_function(exercise: Exercise, answer: Any) -> Report:
    """Grade a function with every case, the large one included."""
    if not callable(answer) or _is_made_module(exercise, answer):
        return _wrong(exercise, _no_function(exercise, answer))
    cases: list[Callable[[], tuple]]
    cases = [partial(exercise.case, index) for index in range(exercise.case_count)]
    for arguments in [*cases, exercise.large] if exercise.large else cases:
        report = _grade_call(exercise, answer, arguments)
        if report is not None:
            return report
    problem = _loop_problem(exercise, answer)
    return _wrong(exercise, problem) if problem else _right(exercise)


def _is_made_module(exercise: Exercise, answer: Any) -> bool:
    """Whether this is a module where what makes one was asked for."""
    return isinstance(exercise, ModuleExercise) and issubclass(type(answer), nn.Module)


def _no_function(exercise: Exercise, answer: Any) -> Findings:
    """Say that the function itself, or the class, was asked for."""
    name = exercise.name
    if not _is_made_module(exercise, answer):
        wanted = f"the function itself: ex.{name}.check({name})"
        return (("Got", describe(snapshot(answer))), ("Expected", wanted))
    wanted = f"{name} itself, without a call: ex.{name}.check({name})"
    if isinstance(exercise, ModuleExercise) and "class " in exercise.skeleton:
        wanted += "; give the class, not an instance"
    return (("Got", f"a module, {type_name(answer)}"), ("Expected", wanted))


def _grade_call(exercise: Exercise, answer: Callable, make: Callable[[], tuple]) -> Report | None:
    """Call the learner's function with the arguments of one case; None when all is well."""
    with without_warnings():
        expected = observe(exercise, exercise.run(exercise.model_answer), make())
        arguments = make()
    if expected.error is not None:
        return _not_checked(exercise, expected.error)
    before = tuple(map(snapshot, arguments))
    with learners_warnings():
        got = observe(exercise, answer, arguments)
    if not got.tried:
        return _not_tried(exercise)
    changed = () if got.error else _changed_problem(exercise, arguments, before)
    problem = changed or _problem(exercise, got, expected)
    if not problem:
        return None
    called = ("Called with", _call_text(exercise, before))
    if changed:
        return _wrong(exercise, (called, *changed))
    then = getattr(exercise, "then", "")
    if then and any(label == "Got" for label, _ in problem):
        problem = (("Then", then), *problem)
    return _wrong(exercise, (called, *problem), _likely_mistake(exercise, got, make))


def _call_text(exercise: Exercise, arguments: tuple[Snapshot, ...]) -> str:
    """The arguments in words; with their names where there are several."""
    texts = [describe(argument) for argument in arguments]
    if len(texts) > 1:
        texts = [f"{n} = {t}" for n, t in zip(exercise.parameters, texts, strict=True)]
    return ", ".join(texts)


def _problem(exercise: Exercise, got: Outcome, expected: Outcome) -> Findings:
    """Name the first thing that is wrong with what a call led to; () when all is well."""
    if got.error is not None:
        return _error_problem(got)
    if not same(got.value, expected.value, exercise.tolerance):
        return explain(got.value, expected.value, exercise.tolerance)
    return _gradient_problem(exercise, got, expected) or _memory_problem(exercise, got)


def _error_problem(outcome: Outcome) -> Findings:
    """Show an exception with the learner's own line."""
    assert outcome.error is not None
    kind = type(outcome.error)
    if issubclass(kind, KeyboardInterrupt):
        return (("Interrupted", "you stopped it while it ran; does a loop never end?"),)
    if issubclass(kind, Unfit):  # said by the exercise, of what came back
        return (("Problem", error_message(outcome.error)),)
    line = (("Your code", outcome.line),) if outcome.line else ()
    return (*line, ("Error", outcome.error_text))


def _changed_problem(exercise: Exercise, arguments: tuple, before: tuple) -> Findings:
    """Refuse a changed input where none is asked for."""
    if "in place" in exercise.asks:
        return ()
    pairs = list(zip(map(snapshot, arguments), before))
    held = [(after, old) for after, old in pairs if old.kind in _HOLDS_NUMBERS]
    changed = [old for after, old in held if not same(after, old, 0.0)]
    if changed:
        text = f"your function changed its input. {_how_to_copy(changed[0].kind)}"
    elif any(after.carries_gradient != old.carries_gradient for after, old in pairs):
        text = "your function changed whether its input carries a gradient"
    else:
        return ()
    return (("Problem", text),)


def _how_to_copy(kind: str) -> str:
    """Name the copy for a kind of input."""
    new, copy = {
        "sequence": ("a new list", "list(old)"),
        "mapping": ("a new dictionary", "dict(old)"),
        "array": ("a new array", "old.copy()"),
    }.get(kind, ("a new tensor", "old.clone()"))
    return f"Compute {new}; `new = old` is only a second name, `{copy}` is a copy"


def _memory_problem(exercise: Exercise, got: Outcome) -> Findings:
    """Refuse a view where a copy is asked for, and the reverse."""
    if "copy" in exercise.asks and got.shares_memory:
        text = "right values, but a view: writing to it would change the input"
    elif "view" in exercise.asks and not got.shares_memory:
        text = "right values, but a copy: a view of the input was asked for"
    else:
        return ()
    return (("Problem", text),)


def _gradient_problem(exercise: Exercise, got: Outcome, expected: Outcome) -> Findings:
    """Compare what flows back to the inputs that require a gradient."""
    if got.value.carries_gradient and not expected.value.carries_gradient:
        return (("Problem", "right values, but the result still carries the gradient"),)
    if expected.gradients and got.no_way_back:
        text = f"right values, but no gradient can flow back: {got.no_way_back}"
        return (("Problem", text),)
    if expected.gradients and not got.gradients:
        text = (
            "right values, but the result carries no gradient: .detach(), .data, "
            ".item(), .numpy(), torch.tensor() and no_grad() cut it off"
        )
        return (("Problem", text),)
    for name, right in expected.gradients.items():
        left = got.gradients[name]
        if not same(left, right, exercise.tolerance):
            return _wrong_gradient(name, left, right, exercise.tolerance)
    return ()


def _wrong_gradient(name: str, got: Snapshot, right: Snapshot, tolerance: float) -> Findings:
    """Say which argument's gradient is wrong, and how."""
    if right.kind != "tensor":
        text = f"right values, but a gradient flows to {name}, where none should"
        return (("Problem", text),)
    if got.kind != "tensor":
        text = f"right values, but no gradient flows to {name}"
        return (("Problem", text),)
    text = f"right values, but a wrong gradient for {name} (here of a weighted sum of your result)"
    return (("Problem", text), *explain(got, right, tolerance))


@without_warnings()  # what there was to say has been shown
def _loop_problem(exercise: Exercise, answer: Callable) -> Findings:
    """Refuse a loop where a vectorised answer is asked for."""
    if exercise.large is None:
        return ()
    for _ in range(3):  # a finaliser may run meanwhile, and is counted too; a loop is each time
        small = count_steps(answer, exercise.case(0))
        large = count_steps(answer, exercise.large())
        if not large.grew_since(small):
            break
    if large.grew_since(small):
        text = (
            "right values, but in a loop: a larger input makes Python do more steps. "
            "Ask PyTorch for all elements in one call"
        )
    elif large.made_list:
        text = "right values, but by way of a Python list; stay with tensors"
    else:
        return ()
    return (("Problem", text),)


@without_warnings()
def _likely_mistake(exercise: Exercise, got: Outcome, make: Callable[[], tuple]) -> str:
    """Find the known mistake that gives this very result or error."""
    if got.error is not None and issubclass(type(got.error), KeyboardInterrupt):
        return ""
    for mistake in exercise.mistakes:
        made = observe(exercise, exercise.run(mistake.code), make())
        if got.error_text == made.error_text and _same_outcome(got, made, exercise.tolerance):
            return mistake.says
    return ""


def _same_outcome(left: Outcome, right: Outcome, tolerance: float) -> bool:
    """Whether values agree, and all gradients or their absence."""
    if left.gradients.keys() != right.gradients.keys():
        return False
    pairs = [(left.value, right.value)]
    pairs += [(left.gradients[name], right.gradients[name]) for name in left.gradients]
    return all(same(one, other, tolerance) for one, other in pairs)


def _not_tried(exercise: Exercise) -> Report:
    """The state of an untouched starter."""
    return Report(State.NOT_TRIED, f"{exercise.name}. Replace `...` and run the cell.")


def _not_checked(exercise: Exercise, error: BaseException) -> Report:
    """The state of an answer that could not be judged, through no fault of its own."""
    what = f"{type_name(error)}: {error_message(error)}"
    text = f"the check itself failed, so nothing is said of your answer. {_AGAIN}"
    return Report(State.NOT_CHECKED, exercise.name, (("Problem", text), ("Error", what)))


def _right(exercise: Exercise) -> Report:
    """The state of a right answer, with the model answer to compare one's own with."""
    model = ("Model answer", "\n" + exercise.source(exercise.model_answer))
    return Report(State.RIGHT, exercise.name, (model, ("", exercise.why)))


def _wrong(exercise: Exercise, findings: Findings, mistake: str = "") -> Report:
    """The state of a wrong answer, with the likely slip where one is known."""
    if mistake:
        findings = (*findings, ("Likely slip", mistake))
    return Report(State.WRONG, exercise.name, findings)
