"""Run a learner's function and watch what it does."""

import linecache
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_LIBRARIES = tuple(
    folder + os.sep
    for folder in (
        sysconfig.get_paths()["stdlib"],
        sysconfig.get_paths()["purelib"],
        str(Path(torch.__file__).parent),
        str(Path(__file__).absolute().parents[1]),  # helpers
        str(Path(__file__).absolute().parents[2] / "exercises"),
    )
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call led to.

    Attributes:
        result: What was returned; None after an error.
        error: The exception, or None.
        place: The learner's own line that raised, as "line 2: return x / y", or "".
    """

    result: Any = None
    error: BaseException | None = None
    place: str = ""

    @property
    def error_text(self) -> str:
        """Type and first line of the message, as Python would print them."""
        message = str(self.error).strip().split("\n")[0]
        name = type(self.error).__name__
        return f"{name}: {message}" if message else name


def call(function: Callable, arguments: tuple) -> Outcome:
    """Call a function; an exception, also an interrupt, becomes part of the outcome.

    The random state of PyTorch is seeded for the call and put back afterwards. Gradients
    are recorded, and the function cannot switch that off for what comes later.
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(0)
        try:
            return Outcome(result=function(*arguments))
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            return Outcome(error=error, place=_own_line(error))


@dataclass(frozen=True, slots=True)
class Steps:
    """How much Python a call ran: own instructions, calls of PyTorch, and whether
    the tensor was turned into a Python list on the way."""

    instructions: int
    torch_calls: int
    made_list: bool

    def grew_since(self, smaller: "Steps") -> bool:
        """Whether a larger input needed more Python, as a loop does."""
        return (
            self.instructions > 1.5 * smaller.instructions
            or self.torch_calls > 1.5 * smaller.torch_calls
        )


def steps(function: Callable, arguments: tuple) -> Steps:
    """Count what a call runs outside the libraries.

    Args:
        function: A function that has returned without error for like arguments.
        arguments: What to call it with.
    """
    instructions = 0

    def trace(frame: FrameType, event: str, _: Any) -> Callable | None:
        nonlocal instructions
        if frame.f_code.co_filename.startswith(_LIBRARIES):
            return None
        frame.f_trace_opcodes = True
        instructions += event == "opcode"
        return trace

    before = sys.gettrace()
    with _TorchCalls() as torch_calls:
        sys.settrace(trace)
        try:
            call(function, arguments)
        finally:
            sys.settrace(before)
    return Steps(instructions, torch_calls.count, torch_calls.made_list)


def shares_memory(left: Any, right: Any) -> bool:
    """Whether two values are tensors upon the same storage."""
    if not (isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor)):
        return False
    return left.untyped_storage().data_ptr() == right.untyped_storage().data_ptr()


class _TorchCalls(TorchFunctionMode):
    """Count the calls of PyTorch's functions and of tensor methods."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.made_list = False

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.count += 1
        self.made_list |= getattr(function, "__name__", "") == "tolist"
        return function(*args, **(kwargs or {}))


def _own_line(error: BaseException) -> str:
    """Find the last line of the learner's own code in a traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_LIBRARIES)]
    if not own:
        return ""
    last = own[-1]
    line = last.line or linecache.getline(last.filename, last.lineno or 0).strip()
    return f"line {last.lineno}: {line}"
