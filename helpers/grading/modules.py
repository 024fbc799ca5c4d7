"""Exercises about modules: what comes back is looked at before it is compared.

A module has no value that could be compared, and what a function does to a module is not
in its result. `ModuleExercise` therefore turns each result into plain tensors and numbers.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from helpers.grading.exercise import Exercise
from helpers.grading.grade import grade
from helpers.grading.report import Report, State

Look = Callable[..., Any]


class Unfit(Exception):
    """What came back cannot be used; the message says what was wrong and what to do."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class ModuleExercise(Exercise):
    """An exercise whose answer makes a module, uses one or changes one.

    Attributes:
        look: Called with what the answer gave and the arguments it was called with;
            returns what is compared. It may raise `Unfit`.
        then: What `look` does, for a learner whose answer is wrong.
        skeleton: The starter, where a class is asked for (its `forward` returns `...`)
            or where `return ...` would mislead.
    """

    look: Look
    then: str = ""
    skeleton: str = ""

    def grade(self, answer: Any) -> Report:
        """Say how an answer stands, without showing or remembering anything."""
        if isinstance(answer, nn.Module):
            wanted = f"{self.name} itself, without a call: ex.{self.name}.check({self.name})"
            if "class " in self.skeleton:
                wanted += "; give the class, not an instance"
            findings = (("Got", f"a module, {type(answer).__name__}"), ("Expected", wanted))
            return Report(State.WRONG, self.name, findings)
        is_other = answer is ... or not callable(answer) or isinstance(answer, _Looked)
        with self.context():
            report = grade(self, answer if is_other else _Looked(answer, self.look))
        return report if report.state is not State.WRONG else self._told(report)

    def _told(self, report: Report) -> Report:
        """The same report, with what was done after the call, and `Unfit` as a problem."""
        told = dict(report.findings)
        unfit = told.get("Error", "").startswith("Unfit: ")
        findings = []
        for label, text in report.findings:
            if unfit and label == "Error":
                findings.append(("Problem", text.removeprefix("Unfit: ")))
            elif not (unfit and label == "Your code"):  # that line would be one of ours
                findings.append((label, text))
            if label == "Called with" and self.then and "Got" in told:
                findings.append(("Then", self.then))
        return replace(report, findings=tuple(findings))

    def run(self, body: str) -> Any:
        """Execute a body and give the function that it makes, looked at."""
        return _Looked(Exercise.run(self, body), self.look)

    def source(self, body: str) -> str:
        """Write a body as the whole function or class."""
        body = textwrap.dedent(body).strip()
        if self.skeleton and body == "...":
            return textwrap.dedent(self.skeleton).strip()
        return body if body.startswith("class ") else Exercise.source(self, body)


class _Looked:
    """A learner's function with a look at what it gives."""

    def __init__(self, function: Callable, look: Look) -> None:
        self._function, self._look = function, look

    def __call__(self, *arguments: Any) -> Any:
        result = self._function(*arguments)
        return ... if result is ... else self._look(result, *arguments)


def as_module(result: Any) -> nn.Module:
    """The result itself.

    Raises:
        Unfit: When it is no module.
    """
    if isinstance(result, nn.Module):
        return result
    raise Unfit(f"{type(result).__name__} came back; an nn.Module was asked for")


def filled(module: nn.Module) -> nn.Module:
    """Give all parameters values that depend on their shape alone, and return the module.

    Modules that hold the same parameters in another order then compute the same.
    """
    with torch.no_grad():
        for parameter in module.parameters():
            count = parameter.numel()
            waves = torch.sin(torch.arange(1.0, count + 1)) / max(count, 2) ** 0.5
            parameter.copy_(waves.reshape(parameter.shape))
    return module


def shapes(parameters: Any) -> tuple[tuple[int, ...], ...]:
    """The shapes of several tensors, sorted."""
    return tuple(sorted(tuple(parameter.shape) for parameter in parameters))
