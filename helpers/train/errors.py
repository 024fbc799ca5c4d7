"""What stops a training run that has gone wrong, and how one warns of less."""

import sys
import warnings
from pathlib import Path

from helpers.train.history import History

PACKAGE = str(Path(__file__).parent)


class NonFiniteLossError(ArithmeticError):
    """The loss, or a parameter, became nan or infinite: nothing is learnt from there on.

    `epoch`, `batch` and `step` say where, all counted from 1; `history` holds what was recorded
    before it. The model keeps the spoilt weights; a checkpoint keeps the last good ones.
    """

    def __init__(self, message: str, epoch: int, batch: int, step: int, history: History) -> None:
        super().__init__(message)
        self.epoch = epoch
        self.batch = batch
        self.step = step
        self.history = history


def warn(message: str) -> None:
    """Warn with the line of whoever called into this package, however deep inside it we are."""
    frame, level, outside = sys._getframe(1), 2, 2
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            outside = level + 1
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=outside)
