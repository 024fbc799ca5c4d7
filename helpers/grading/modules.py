"""Exercises about modules: what comes back is looked at before it is compared.

A module has no value that could be compared, and what a function does to a module is not
in its result. `ModuleExercise` therefore turns each result into plain tensors and numbers.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from helpers.grading.answers import dedented, named
from helpers.grading.exercise import Exercise

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

    def source(self, body: str) -> str:
        """Write a body as the whole function or class."""
        body = dedented(body)
        if self.skeleton and body == "...":
            return textwrap.dedent(self.skeleton).strip()
        return body if body.startswith("class ") else Exercise.source(self, body)


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

    Raises:
        TypeError: When it is no module.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"filled takes an nn.Module, not {named(module)}")
    with torch.no_grad():
        for parameter in module.parameters():
            count = parameter.numel()
            waves = torch.sin(torch.arange(1.0, count + 1)) / max(count, 2) ** 0.5
            parameter.copy_(waves.reshape(parameter.shape))
    return module


def shapes(parameters: Any) -> tuple[tuple[int, ...], ...]:
    """The shapes of several tensors, sorted.

    Raises:
        TypeError: When they are no tensors, or have no shape yet.
    """
    try:
        return tuple(sorted(tuple(parameter.shape) for parameter in parameters))
    except Exception:
        wanted = "several tensors with a shape, such as model.parameters()"
        raise TypeError(f"shapes takes {wanted}, not {named(parameters)}") from None


def shares_memory(left: Any, right: Any) -> bool:
    """Whether two values are tensors upon the same storage."""
    if not (issubclass(type(left), torch.Tensor) and issubclass(type(right), torch.Tensor)):
        return False
    try:
        address = left.untyped_storage().data_ptr()
        return address != 0 and address == right.untyped_storage().data_ptr()
    except Exception:  # a sparse tensor has no storage, and one on meta no address
        return False
