"""Where numbers go while training runs: anything with two methods, TensorBoard's writer too."""

from collections.abc import Iterable
from typing import Protocol

from helpers.train._validation import kind_of
from helpers.train.errors import warn


class Logger(Protocol):
    """What `fit` tells about a run; `torch.utils.tensorboard.SummaryWriter` has both methods.

    Tags: "loss/train" and "learning rate" for each step; "loss/validation", "accuracy/train" and
    "accuracy/validation" (and so on for other metrics) for each epoch. `step` counts the steps
    of the optimiser from 1, for all tags, so that the curves lie over each other.
    """

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """Take one number."""

    def flush(self) -> None:
        """Pass on what was taken so far: an epoch has ended, or the run."""


class Loggers:
    """Several loggers as one; one that raises is dropped with a warning, and training goes on."""

    def __init__(self, loggers: Iterable[Logger]) -> None:
        if hasattr(loggers, "add_scalar") or not isinstance(loggers, Iterable):
            raise TypeError(
                f"loggers is {kind_of(loggers)}; give a list of them: loggers=[logger], or leave "
                "it out."
            )
        self._loggers = list(loggers)
        for logger in self._loggers:
            has_both = hasattr(logger, "add_scalar") and hasattr(logger, "flush")
            if isinstance(logger, type) or not has_both:
                raise TypeError(
                    f"a logger is {kind_of(logger)}; give an object with the methods "
                    "add_scalar(tag, value, step) and flush()."
                )

    def __bool__(self) -> bool:
        return bool(self._loggers)

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """Give one number to each logger."""
        self._each("add_scalar", tag, value, step)

    def flush(self) -> None:
        """Tell each logger that an epoch or the run has ended."""
        self._each("flush")

    def _each(self, method: str, *arguments: object) -> None:
        for logger in list(self._loggers):
            try:
                getattr(logger, method)(*arguments)
            except Exception as error:
                self._loggers.remove(logger)
                warn(
                    f"the logger {type(logger).__name__} failed in {method} "
                    f"({type(error).__name__}: {error}) and is not used any more in this run."
                )
