"""Grade an answer: call it, watch it, compare, and name what is wrong.

What is looked at, in this order: exceptions, changed inputs, type, shape, dtype, values,
gradient, shared memory, loops. The first that is wrong is reported.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from helpers.grading import probe
from helpers.grading.compare import Frozen, describe, freeze, same
from helpers.grading.diagnose import Findings, explain
from helpers.grading.report import Report, State

if TYPE_CHECKING:
    from helpers.grading.exercise import Exercise


_HOLDS_NUMBERS = ("tensor", "array", "sequence", "mapping")


def grade(exercise: "Exercise", answer: Any) -> Report:
    """Say how an answer stands, without showing or remembering anything.

    Args:
        exercise: The task.
        answer: The learner's function or value; `...` is "not tried yet".
    """
    if answer is ...:
        return _not_tried(exercise)
    if exercise.asks_for_value:
        return _grade_value(exercise, answer)
    with torch.enable_grad():  # whatever the notebook has switched off
        return _grade_function(exercise, answer)


def _grade_function(exercise: "Exercise", answer: Any) -> Report:
    """Grade a function with every case."""
    if not callable(answer):
        name = exercise.name
        wanted = f"the function itself: ex.{name}.check({name})"
        got = ("Got", describe(freeze(answer)))
        return _wrong(exercise, (got, ("Expected", wanted)))
    for number in range(exercise.case_count):
        report = _grade_call(exercise, answer, number)
        if report is not None:
            return report
    problem = _loop_problem(exercise, answer)
    return _wrong(exercise, problem) if problem else _right(exercise)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What a call gave.

    Attributes:
        value: The result, or the first argument where it is to be changed in place.
        gradients: Gradients that flow back from the value, by the argument's name.
        error: Type and message of an exception, "" for none.
        broken: Why no gradient can flow back through the result, "" where it can.
    """

    value: Frozen
    gradients: dict[str, Frozen] = field(default_factory=dict)
    error: str = ""
    broken: str = ""


def _grade_value(exercise: "Exercise", answer: Any) -> Report:
    """Grade a value."""
    expected = _frozen(exercise, exercise.run(exercise.model_answer))
    got = _frozen(exercise, answer)
    if same(got, expected, exercise.tolerance):
        return _right(exercise)
    made = ((slip, _frozen(exercise, exercise.run(slip.code))) for slip in exercise.mistakes)
    named = (slip.says for slip, value in made if same(got, value))
    return _wrong(exercise, explain(got, expected, exercise.tolerance), next(named, ""))


def _grade_call(exercise: "Exercise", answer: Callable, number: int) -> Report | None:
    """Call the learner's function with one case; None when all is well."""
    expected = _measure(exercise, exercise.model_answer, number)
    untouched = tuple(freeze(argument) for argument in exercise.case(number))
    called = ("Called with", _call_text(exercise, untouched))
    arguments = exercise.case(number)
    outcome = probe.call(answer, arguments)
    if outcome.result is ...:
        return _not_tried(exercise)
    if outcome.error is not None:
        got = _Measured(freeze(None), error=outcome.error_text)
        problem = _error_problem(outcome)
    else:
        got = _measured(exercise, outcome.result, arguments)
        changed = _changed_problem(exercise, arguments, untouched)
        if changed:
            return _wrong(exercise, (called, *changed))
        problem = _value_problem(exercise, got, expected)
        problem = problem or _gradient_problem(exercise, got, expected)
        problem = problem or _memory_problem(exercise, outcome.result, arguments)
    if not problem:
        return None
    return _wrong(exercise, (called, *problem), _likely_slip(exercise, got, number))


def _call_text(exercise: "Exercise", arguments: tuple[Frozen, ...]) -> str:
    """The arguments in words; with their names where there are several."""
    texts = [describe(argument) for argument in arguments]
    if len(texts) > 1:
        texts = [f"{n} = {t}" for n, t in zip(exercise.parameters, texts, strict=True)]
    return ", ".join(texts)


def _measure(exercise: "Exercise", code: str, number: int) -> _Measured:
    """Run code of our own with one case."""
    arguments = exercise.case(number)
    outcome = probe.call(exercise.run(code), arguments)
    if outcome.error is not None:
        return _Measured(freeze(None), error=outcome.error_text)
    return _measured(exercise, outcome.result, arguments)


def _measured(exercise: "Exercise", result: Any, arguments: tuple) -> _Measured:
    """Take down what a call gave."""
    value = arguments[0] if "in place" in exercise.asks else result
    try:
        gradients, broken = _gradients(exercise, value, arguments), ""
    except RuntimeError as error:  # the graph is used up, or what it saved was changed
        gradients, broken = {}, str(error).split(". ")[0]
    return _Measured(_frozen(exercise, value, arguments), gradients, broken=broken)


def _frozen(exercise: "Exercise", value: Any, arguments: tuple = ()) -> Frozen:
    """Freeze what is compared of a value; one that cannot be converted stays as it is."""
    if exercise.canonical is not None:
        with contextlib.suppress(Exception):
            value = exercise.canonical(value, *arguments)
    return freeze(value)


def _gradients(exercise: "Exercise", result: Any, arguments: tuple) -> dict[str, Frozen]:
    """Gradients of a sum with weights of both signs; empty where none are carried."""
    named = zip(exercise.parameters, arguments, strict=True)
    wanting = (pair for pair in named if isinstance(pair[1], torch.Tensor))
    leaves = {name: tensor for name, tensor in wanting if tensor.requires_grad}
    if not leaves or type(result) is not torch.Tensor or not result.requires_grad:
        return {}
    weights = torch.linspace(0.5, 1.5, result.numel())
    weights[1::2] *= -1
    weights = weights.reshape(result.shape)
    found = torch.autograd.grad((result * weights).sum(), tuple(leaves.values()), allow_unused=True)
    return {name: freeze(gradient) for name, gradient in zip(leaves, found, strict=True)}


def _error_problem(outcome: probe.Outcome) -> Findings:
    """Show an exception with the learner's own line."""
    if isinstance(outcome.error, KeyboardInterrupt):
        return (("Interrupted", "you stopped it while it ran; does a loop never end?"),)
    place = (("Your code", outcome.place),) if outcome.place else ()
    return (*place, ("Error", outcome.error_text))


def _changed_problem(exercise: "Exercise", arguments: tuple, before: tuple) -> Findings:
    """Refuse a changed input where none is asked for."""
    if "in place" in exercise.asks:
        return ()
    pairs = list(zip(map(freeze, arguments), before))
    held = [(after, old) for after, old in pairs if old.kind in _HOLDS_NUMBERS]
    if not all(same(after, old, 0.0) for after, old in held):
        text = f"your function changed its input. {_how_to_copy(held)}"
    elif any(after.carries_gradient != old.carries_gradient for after, old in pairs):
        text = "your function changed whether its input carries a gradient"
    else:
        return ()
    return (("Problem", text),)


def _how_to_copy(held: list[tuple[Frozen, Frozen]]) -> str:
    """Name the copy for the kind of the first input that changed."""
    kind = next(old.kind for after, old in held if not same(after, old, 0.0))
    new, copy = {
        "sequence": ("a new list", "list(old)"),
        "mapping": ("a new dictionary", "dict(old)"),
        "array": ("a new array", "old.copy()"),
    }.get(kind, ("a new tensor", "old.clone()"))
    return f"Compute {new}; `new = old` is only a second name, `{copy}` is a copy"


def _value_problem(exercise: "Exercise", got: _Measured, expected: _Measured) -> Findings:
    """Compare type, shape, dtype and values."""
    if same(got.value, expected.value, exercise.tolerance):
        return ()
    return explain(got.value, expected.value, exercise.tolerance)


def _memory_problem(exercise: "Exercise", result: Any, arguments: tuple) -> Findings:
    """Refuse a view where a copy is asked for, and the reverse."""
    shared = any(probe.shares_memory(result, argument) for argument in arguments)
    if "copy" in exercise.asks and shared:
        text = "right values, but a view: writing to it would change the input"
    elif "view" in exercise.asks and not shared:
        text = "right values, but a copy: a view of the input was asked for"
    else:
        return ()
    return (("Problem", text),)


def _gradient_problem(exercise: "Exercise", got: _Measured, expected: _Measured) -> Findings:
    """Compare what flows back to the inputs that require a gradient."""
    if got.value.carries_gradient and not expected.value.carries_gradient:
        return (("Problem", "right values, but the result still carries the gradient"),)
    if expected.gradients and got.broken:
        text = f"right values, but no gradient can flow back: {got.broken}"
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


def _wrong_gradient(name: str, got: Frozen, right: Frozen, tolerance: float) -> Findings:
    """Say which argument's gradient is wrong, and how."""
    if right.kind != "tensor":
        text = f"right values, but a gradient flows to {name}, where none should"
        return (("Problem", text),)
    if got.kind != "tensor":
        text = f"right values, but no gradient flows to {name}"
        return (("Problem", text),)
    text = f"right values, but a wrong gradient for {name} (here of a weighted sum of your result)"
    return (("Problem", text), *explain(got, right, tolerance))


def _loop_problem(exercise: "Exercise", answer: Callable) -> Findings:
    """Refuse a loop where a vectorised answer is asked for."""
    if exercise.large is None:
        return ()
    small = probe.steps(answer, exercise.case(0))
    large = probe.steps(answer, exercise.large())
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


def _likely_slip(exercise: "Exercise", got: _Measured, number: int) -> str:
    """Find the typical mistake that gives this very result or error."""
    for slip in exercise.mistakes:
        made = _measure(exercise, slip.code, number)
        if got.error == made.error and _same_measured(got, made, exercise.tolerance):
            return slip.says
    return ""


def _same_measured(left: _Measured, right: _Measured, tolerance: float) -> bool:
    """Whether values agree, and all gradients or their absence."""
    if left.gradients.keys() != right.gradients.keys():
        return False
    pairs = [(left.value, right.value)]
    pairs += [(left.gradients[name], right.gradients[name]) for name in left.gradients]
    return all(same(one, other, tolerance) for one, other in pairs)


def _not_tried(exercise: "Exercise") -> Report:
    """The state of an untouched starter."""
    return Report(State.NOT_TRIED, f"{exercise.name}. Replace `...` and run the cell.")


def _right(exercise: "Exercise") -> Report:
    """The state of a right answer, with the model answer to compare one's own with."""
    model = ("Model answer", "\n" + exercise.source(exercise.model_answer))
    return Report(State.RIGHT, exercise.name, (model, ("", exercise.why)))


def _wrong(exercise: "Exercise", findings: Findings, slip: str = "") -> Report:
    """The state of a wrong answer, with the likely slip where one is known."""
    if slip:
        findings = (*findings, ("Likely slip", slip))
    return Report(State.WRONG, exercise.name, findings)
