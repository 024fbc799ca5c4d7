"""How an answer is run: under standard settings, with its own warnings, watched for loops.

Exercises are written for PyTorch as it starts: float32, the CPU, gradients recorded. A check
says the same under any settings of the notebook, and leaves all of them as they were.
"""

import contextlib
import linecache
import os
import random
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy
import torch
from torch.overrides import TorchFunctionMode

COURSE = tuple(
    str(Path(__file__).absolute().parents[2] / folder) + os.sep
    for folder in ("helpers", "exercises")
)
"""Folders with the course's own code, each with a separator at its end."""

_LIBRARIES = (
    *(sysconfig.get_paths()[name] + os.sep for name in ("stdlib", "purelib", "platlib")),
    str(Path(torch.__file__).parent) + os.sep,
    *COURSE,
    "<frozen ",
)

_LEAST_RECURSION = 1000  # Python's own default

# Taken hold of here: an answer may replace them.
_default_device, _set_default_device = torch.get_default_device, torch.set_default_device
_set_default_dtype = torch.set_default_dtype
_set_autocast = torch.set_autocast_enabled
_set_grad_enabled = torch._C._set_grad_enabled
_seed_torch = torch.default_generator.manual_seed


def _print_options() -> dict[str, Any]:
    """How PyTorch prints tensors."""
    return dict(vars(torch._tensor_str.PRINT_OPTS))


def _anomaly() -> tuple[bool, bool]:
    """Whether autograd looks for anomalies, and for nan among them."""
    return torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()


def _cudnn() -> tuple[bool, bool]:
    """Whether cuDNN is deterministic, and whether it tries algorithms out."""
    return torch._C._get_cudnn_deterministic(), torch._C._get_cudnn_benchmark()


def _set_cudnn(flags: tuple[bool, bool]) -> None:
    torch._C._set_cudnn_deterministic(flags[0])
    torch._C._set_cudnn_benchmark(flags[1])


_PUT_BACK: tuple[tuple[Callable[[], Any], Callable[[Any], Any]], ...] = (
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (lambda: torch.is_autocast_enabled("cpu"), lambda on: _set_autocast("cpu", on)),
    (_anomaly, lambda flags: torch.set_anomaly_enabled(*flags)),
    (_cudnn, _set_cudnn),
    (_print_options, lambda options: torch.set_printoptions(**options)),
    (numpy.get_printoptions, lambda options: numpy.set_printoptions(**options)),
    (numpy.geterr, lambda modes: numpy.seterr(**modes)),
    (sys.getrecursionlimit, sys.setrecursionlimit),
)
"""Pairs that read and write a setting; it is only written where it has changed."""

_RANDOM_STATES: tuple[tuple[Callable[[], Any], Callable[[Any], Any]], ...] = (
    (torch.get_rng_state, torch.set_rng_state),
    (random.getstate, random.setstate),
    (numpy.random.get_state, numpy.random.set_state),
)


@contextlib.contextmanager
def standard_settings() -> Iterator[None]:
    """Run a block as if PyTorch had just been started with seed 0; then put all back.

    Put back are the random states, those of a GPU too once it is in use, and the settings
    of `_PUT_BACK`, whether the notebook had changed them or the block does.
    """
    settings = [(read, write, read()) for read, write in _PUT_BACK]
    states = [(write, read()) for read, write in _RANDOM_STATES]
    if torch.cuda.is_initialized():
        states.append((torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))
    try:
        with _on_the_cpu(), _gradients_recorded():
            start_afresh()
            yield
    finally:
        for read, write, before in settings:
            if read() != before:
                write(before)
        for write, state in states:
            write(state)


def start_afresh() -> None:
    """Begin a call inside `standard_settings` as if nothing had been called before."""
    set_standard()
    _seed_torch(0)
    random.seed(0)
    numpy.random.seed(0)


def set_standard() -> None:
    """Set again, inside `standard_settings`, what decides what PyTorch computes."""
    if _default_device().type != "cpu":
        _set_default_device(None)
    _set_default_dtype(torch.float32)
    _set_autocast("cpu", False)
    _set_grad_enabled(True)
    if sys.getrecursionlimit() < _LEAST_RECURSION:
        sys.setrecursionlimit(_LEAST_RECURSION)


@contextlib.contextmanager
def _gradients_recorded() -> Iterator[None]:
    """Record gradients, whatever `no_grad` or `inference_mode` the notebook is in."""
    with contextlib.ExitStack() as stack:
        if torch.is_inference_mode_enabled():
            stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        yield


@contextlib.contextmanager
def _on_the_cpu() -> Iterator[None]:
    """Make new tensors on the CPU, whatever default device the notebook has."""
    before = _default_device()
    if before.type != "cpu":
        _set_default_device(None)
    # A device that a `with torch.device(…)` chose is still there.
    inside = _default_device().type != "cpu"
    with torch.device("cpu") if inside else contextlib.nullcontext():
        try:
            yield
        finally:
            if _default_device().type != "cpu":  # the block has chosen one
                _set_default_device(None)
    if _default_device() != before:
        _set_default_device(before)


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Run code of the course's own: what it warns of is no matter of the learner's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def learners_warnings() -> Iterator[None]:
    """Run the learner's code: show its warnings, raise none, and drop the course's own.

    A notebook that turns warnings into errors would otherwise get another verdict.
    """
    with warnings.catch_warnings(record=True) as caught:
        if any(rule[0] == "error" for rule in warnings.filters):
            warnings.simplefilter("default")
        yield
    for each in caught:
        if not each.filename.startswith(COURSE):
            with contextlib.suppress(Exception):  # its text is the learner's
                warnings.showwarning(each.message, each.category, each.filename, each.lineno)


def learners_line(error: BaseException) -> str:
    """Find the last line of the learner's own code in a traceback."""
    own = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if not frame.f_code.co_filename.startswith(_LIBRARIES)
    ]
    if not own:
        return ""
    file_name, number = own[-1]
    return f"line {number}: {linecache.getline(file_name, number or 0).strip()}"


@dataclass(frozen=True, slots=True)
class Steps:
    """How much Python a call ran.

    Attributes:
        instructions: Of code outside the libraries.
        torch_calls: Calls of PyTorch's functions and of tensor methods.
        made_list: Whether a tensor was turned into a Python list on the way.
    """

    instructions: int
    torch_calls: int
    made_list: bool

    def grew_since(self, smaller: "Steps") -> bool:
        """Whether a larger input needed more Python, as a loop does."""
        return (
            self.instructions > 1.5 * smaller.instructions
            or self.torch_calls > 1.5 * smaller.torch_calls
        )


def count_steps(function: Callable, arguments: tuple) -> Steps:
    """Count what a call runs outside the libraries.

    Args:
        function: A function that has returned without error for these arguments.
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

    start_afresh()
    before = sys.gettrace()
    with _TorchCalls() as torch_calls:
        sys.settrace(trace)
        try:
            function(*arguments)
        except Exception:  # it has returned once: what it raises now is chance
            pass
        finally:
            sys.settrace(before)
    return Steps(instructions, torch_calls.count, torch_calls.made_list)


class _TorchCalls(TorchFunctionMode):
    """Count the calls of PyTorch's functions and of tensor methods."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.made_list = False

    def __torch_function__(
        self, function: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Count one call, and make it."""
        self.count += 1
        self.made_list |= getattr(function, "__name__", "") == "tolist"
        return function(*args, **(kwargs or {}))
