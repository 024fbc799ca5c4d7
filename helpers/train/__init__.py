"""The training loop of chapter 04, and what belongs around it.

`fit` is the loop, `evaluate` the same without learning, `History` what came of it. Nothing here
is hidden from the chapter: it builds `fit` line by line.
"""

from helpers.train._recording import NonFiniteLossError
from helpers.train.early_stopping import EarlyStopping
from helpers.train.history import History
from helpers.train.loggers import Logger
from helpers.train.loops import evaluate, fit
from helpers.train.metrics import accuracy, correct

__all__ = [
    "EarlyStopping",
    "History",
    "Logger",
    "NonFiniteLossError",
    "accuracy",
    "correct",
    "evaluate",
    "fit",
]
