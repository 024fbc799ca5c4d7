"""Where numbers go while training runs: loggers, TensorBoard's writer among them, and the bar."""

import os
from collections.abc import Iterable
from typing import Protocol

from helpers.train._validation import kind_of, warn


class Logger(Protocol):
    """What `fit` tells about a run; `torch.utils.tensorboard.SummaryWriter` has both methods.

    Tags: "loss/train" and "learning rate" for each step; "loss/validation", "accuracy/train" and
    "accuracy/validation" (and so on for other metrics) for each epoch. `step` counts the steps
    of the optimiser from 1, for all tags, so that the curves lie over each other. While either
    method runs, the model is in evaluation mode.
    """

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """Take one number."""

    def flush(self) -> None:
        """Pass on what was taken so far: an epoch has ended, or the run."""


class Loggers:
    """Several loggers as one; one that raises is dropped with a warning, and training goes on."""

    def __init__(self, loggers: Iterable[Logger]) -> None:
        try:
            self._loggers = list(loggers)
            is_list = not hasattr(loggers, "add_scalar")
        except TypeError:
            is_list = False
        if not is_list:
            raise TypeError(
                f"loggers is {kind_of(loggers)}; give a list of them: loggers=[logger], or leave "
                "it out."
            )
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


class ProgressBar:
    """A tqdm bar over the steps of a run; none where `shown` is false or TQDM_DISABLE is set.

    Args:
        shown: Whether there is one: on stderr, or a widget in a notebook.
        total: Steps in the run, None where the loader has no length.
        done: Steps before it.
    """

    def __init__(self, shown: bool, total: int | None, done: int = 0) -> None:
        self._bar = None
        # tqdm's own switch is read once, at its import, and does not reach its widget.
        if shown and os.environ.get("TQDM_DISABLE", "0") in ("", "0"):
            from tqdm.auto import tqdm

            self._bar = tqdm(total=total, initial=done, unit="step", leave=False, disable=False)

    def advance(self, steps: int, epoch: int, loss: float) -> None:
        """Move on by some steps, and show the epoch and the last loss."""
        if self._bar is not None:
            self._bar.set_description(f"epoch {epoch}", refresh=False)
            self._bar.set_postfix(loss=f"{loss:.3g}", refresh=False)
            self._bar.update(steps)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
