"""Everything that belongs to one run of `fit`, checked before it starts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import InitVar, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from helpers._validation import whole_number
from helpers.train import _validation as checks
from helpers.train._batches import device_of, length_of
from helpers.train.history import History
from helpers.train.interrupt import Interrupt
from helpers.train.loggers import Logger, Loggers
from helpers.train.metrics import Metric, checked
from helpers.train._steps import Precision
from helpers.train.recording import Recorder
from helpers.train.early_stopping import EarlyStopping


@dataclass(kw_only=True)
class Run:
    """What `fit` was given, and what it keeps while it runs."""

    model: nn.Module
    loader: Iterable[object]
    loss_function: Callable[[Tensor, Tensor], Tensor]
    optimizer: Optimizer
    epochs: int
    validation: Iterable[object] | None
    metrics: Mapping[str, Metric]
    scheduler: object | None
    scheduler_step: str
    clip_norm: float | None
    accumulate: int
    amp: torch.dtype | None
    early_stopping: EarlyStopping | None
    checkpoint: str | Path | None
    loggers: InitVar[Iterable[Logger]]
    history: History = field(default_factory=History)
    interrupt: Interrupt = field(default_factory=Interrupt)

    def __post_init__(self, loggers: Iterable[Logger]) -> None:
        self.metrics = checked(self.metrics)
        checks.check_model(self.model)
        checks.check_loss_function(self.loss_function)
        checks.check_optimizer(self.optimizer)
        checks.check_parameters(self.optimizer, self.model, self.loss_function)
        self.epochs = whole_number(self.epochs, "epochs", least=1)
        self.accumulate = whole_number(self.accumulate, "accumulate", least=1)
        checks.check_loader(self.loader, "loader", self.epochs)
        if self.validation is not None:
            checks.check_loader(self.validation, "validation", self.epochs)
        checks.check_clip_norm(self.clip_norm)
        checks.check_scheduler(self.scheduler, self.scheduler_step, self.optimizer, self.validation)
        checks.check_early_stopping(self.early_stopping, self.measured, self.validation)
        self.checkpoint = checks.checked_checkpoint(self.checkpoint)
        self.device = device_of(self.model)
        self.precision = Precision(self.amp, self.device)
        self.batches = length_of(self.loader)
        self.recorder = Recorder(self.history, self.metrics, Loggers(loggers), self.batches)

    @property
    def total_steps(self) -> int | None:
        """Steps in all epochs; None where the loader has no length."""
        if self.batches is None:
            return None
        return self.epochs * -(-self.batches // self.accumulate)

    def scheduler_steps_after(self, epochs: int, steps: int) -> int | None:
        """How often the scheduler will step after these; None where the loader has no length."""
        if self.scheduler_step == "epoch":
            return self.epochs - epochs
        return None if self.batches is None else self.total_steps - steps

    @property
    def measured(self) -> list[str]:
        """Names of the values that each epoch is to have in the history, beside its rate."""
        parts = ("train", "validation")[: 1 if self.validation is None else 2]
        return [f"{part} {name}" for part in parts for name in ("loss", *self.metrics)]

    @property
    def is_over(self) -> bool:
        """Whether all epochs are done, or something stopped the run."""
        return len(self.history) >= self.epochs or self.history.stopped is not None
