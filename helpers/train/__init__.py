"""The training loop of chapter 04, and what belongs around it.

`fit` is the loop, `evaluate` the same without learning, `History` what came of it. Nothing here
is hidden from the chapter: it builds `fit` line by line.
"""

from helpers.train.errors import NonFiniteLossError
from helpers.train.evaluation import evaluate
from helpers.train.fitting import fit
from helpers.train.history import History
from helpers.train.loggers import Logger
from helpers.train.metrics import accuracy, correct
from helpers.train.early_stopping import EarlyStopping

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
