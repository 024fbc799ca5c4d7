"""Everything that belongs to one run of `fit`, checked before it starts."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import LBFGS, Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from helpers.train.batches import device_of, length_of
from helpers.train.history import History
from helpers.train.interrupt import Interrupt
from helpers.train.kinds import check_early_stopping, check_kinds, check_optimizer, check_scheduler
from helpers.train.metrics import Metric
from helpers.train.precision import Precision, parameters_of
from helpers.train.recording import Recorder
from helpers.train.stopping import EarlyStopping


@dataclass(kw_only=True)
class Run:
    """What `fit` was given, and what it keeps while it runs."""

    model: nn.Module
    loader: Iterable[object]
    loss_function: Callable[[Tensor, Tensor], Tensor]
    optimizer: Optimizer
    epochs: int
    validation: Iterable[object] | None
    metrics: dict[str, Metric]
    scheduler: object | None
    scheduler_step: str
    clip_norm: float | None
    accumulate: int
    amp: torch.dtype | None
    early_stopping: EarlyStopping | None
    checkpoint: Path | None
    recorder: Recorder = field(init=False)
    history: History = field(default_factory=History)
    interrupt: Interrupt = field(default_factory=Interrupt)

    def __post_init__(self) -> None:
        check_kinds(self.model, self.loader, self.loss_function, self.validation)
        check_optimizer(self.optimizer)
        check_early_stopping(self.early_stopping)
        _check_numbers(self)
        _check_optimizer(self)
        _check_scheduler(self)
        check_scheduler(self.scheduler, self.optimizer)
        _check_checkpoint(self)
        _check_monitor(self)
        self.device = device_of(self.model)
        self.precision = Precision(self.amp, self.device)
        self.batches = length_of(self.loader)

    @property
    def total_steps(self) -> int | None:
        """Steps in all epochs; None where the loader has no length."""
        if self.batches is None:
            return None
        return self.epochs * -(-self.batches // self.accumulate)

    @property
    def measured(self) -> list[str]:
        """Names of the values that each epoch is to have in the history, beside its rate."""
        parts = ("train", "validation")[: 1 if self.validation is None else 2]
        return [f"{part} {name}" for part in parts for name in ("loss", *self.metrics)]

    @property
    def is_over(self) -> bool:
        """Whether all epochs are done, or something stopped the run."""
        return len(self.history) >= self.epochs or self.history.stopped is not None


def _check_numbers(run: Run) -> None:
    for name in ("epochs", "accumulate"):
        value = getattr(run, name)
        if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} is {value!r}; give a whole number, 1 or more.")
    is_number = isinstance(run.clip_norm, Real)
    if run.clip_norm is not None and not (is_number and run.clip_norm > 0):
        raise ValueError(f"clip_norm is {run.clip_norm!r}; give a norm above 0, or None.")


def _check_optimizer(run: Run) -> None:
    if isinstance(run.optimizer, LBFGS):
        raise ValueError(
            "LBFGS computes the loss several times in one step, which fit does not do; call "
            "optimizer.step(closure) in a loop of your own, or choose another optimiser."
        )
    own = {id(parameter) for parameter in run.model.parameters()}
    if not own:
        raise ValueError("the model has no parameters, so there is nothing to train.")
    stepped = {id(parameter) for parameter in parameters_of(run.optimizer)}
    if not stepped & own:
        raise ValueError(
            "the optimiser holds none of this model's parameters, so the model would not learn; "
            "make the optimiser anew from model.parameters() after making the model."
        )
    if isinstance(run.loss_function, nn.Module):
        own |= {id(parameter) for parameter in run.loss_function.parameters()}
    named = run.model.named_parameters()
    left = [name for name, each in named if each.requires_grad and id(each) not in stepped]
    if left and stepped - own:  # a layer was replaced: its old parameters are stepped, not its new
        raise ValueError(
            f"the optimiser holds parameters of another model, and not this model's {left[0]!r}, "
            "which would not learn; make the optimiser anew from model.parameters() after "
            "changing the model."
        )


def _check_scheduler(run: Run) -> None:
    if run.scheduler_step not in ("step", "epoch"):
        raise ValueError(f"scheduler_step is {run.scheduler_step!r}; give 'step' or 'epoch'.")
    if not isinstance(run.scheduler, ReduceLROnPlateau):
        return
    if run.scheduler_step == "step":
        raise ValueError(
            "ReduceLROnPlateau looks at the validation loss, which is known once an epoch; "
            "give scheduler_step='epoch'."
        )
    if run.validation is None:
        raise ValueError(
            "ReduceLROnPlateau looks at the validation loss, but there is no validation data; "
            "give validation=..., or another scheduler."
        )


def _check_checkpoint(run: Run) -> None:
    """Raise ValueError where nothing could be saved: better now than after the first epoch."""
    if run.checkpoint is None:
        return
    if run.checkpoint.is_dir():
        raise ValueError(
            f"checkpoint is the folder {run.checkpoint}; give a file in it, such as "
            f"{run.checkpoint / 'run.pt'}."
        )
    folder = next(each for each in run.checkpoint.absolute().parents if each.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise ValueError(
            f"checkpoint={str(run.checkpoint)!r} cannot be written, since {folder} is a file or "
            "forbids it; give a path in a folder of your own."
        )


def _check_monitor(run: Run) -> None:
    if run.early_stopping is None:
        return
    monitor = run.early_stopping.monitor
    if run.validation is None and monitor.startswith("validation "):
        raise ValueError(
            f"early_stopping watches {monitor!r}, but there is no validation data; give "
            "validation=..., or EarlyStopping(monitor='train loss')."
        )
    if monitor not in run.measured:
        raise ValueError(
            f"early_stopping watches {monitor!r}, which is not recorded; "
            f"choose one of {', '.join(run.measured)}."
        )
