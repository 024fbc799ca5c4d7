"""What cannot be trained, refused before the run starts: wrong kinds, values, combinations.

PyTorch would meet most of it later, in words about something else, or train wrongly in silence.
"""

import sys
import warnings
from collections.abc import Iterator, Sequence
from math import inf
from numbers import Real
from pathlib import Path
from types import FrameType
from typing import Any

from torch import nn
from torch.optim import LBFGS, Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import Dataset, IterableDataset

from helpers._validation import shown
from helpers.train._batches import length_of
from helpers.train._steps import parameters_of, settings_of
from helpers.train.early_stopping import EarlyStopping

ORDER = "the order is (model, loader, loss_function, ...)"  # of fit and of evaluate
PYTHONS_OWN = ("builtins", "itertools")
PACKAGE = str(Path(__file__).parent)


def check_model(model: object) -> None:
    """Raise TypeError for what is no model, ValueError for one without numbers."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is {kind_of(model)}; give an nn.Module, and {ORDER}.")
    first = next(model.parameters(), None)
    if first is not None and first.is_meta:
        raise ValueError(
            "the model lies on the device 'meta', where tensors hold no numbers; make it on "
            "'cpu', or give it room with model.to_empty(device='cpu') and numbers of its own."
        )


def check_loader(loader: Any, name: str, times: int) -> None:
    """Raise TypeError for what gives no batches, ValueError for what gives none `times` times."""
    if isinstance(loader, Dataset) and not isinstance(loader, IterableDataset):
        raise TypeError(
            f"{name} is {kind_of(loader)}, which gives samples one by one; give batches of them: "
            "DataLoader(dataset, batch_size=64)."
        )
    if not (hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")):
        raise TypeError(
            f"{name} is {kind_of(loader)}; give an iterable of pairs (inputs, targets), such as a "
            "DataLoader."
        )
    if length_of(loader) == 0:
        raise no_batches(name)
    # A class of one's own may begin anew in __iter__.
    is_read_once = isinstance(loader, Iterator) and type(loader).__module__ in PYTHONS_OWN
    if is_read_once and times > 1:
        raise ValueError(
            f"{name} is {kind_of(loader)}, which is read only once, and not {times} times; give "
            "a list of batches, a DataLoader or a TensorLoader."
        )


def no_batches(name: str) -> ValueError:
    """Return the error for a loader without batches; `name`: the argument that it was."""
    return ValueError(
        f"{name} gave no batches. It is empty, or a generator, which is read only once: give a "
        "list of batches, a DataLoader or a TensorLoader with data in it."
    )


def check_loss_function(loss_function: object) -> None:
    """Raise TypeError for what cannot be called, ValueError for a sum over the batch."""
    if isinstance(loss_function, type) or not callable(loss_function):
        raise TypeError(
            f"loss_function is {kind_of(loss_function)}; give a function of (scores, targets), "
            f"such as nn.CrossEntropyLoss(), with its brackets, and {ORDER}."
        )
    if settings_of(loss_function)["reduction"] == "sum":
        raise ValueError(
            "loss_function has reduction='sum', so that larger batches would count for more; "
            "give one with reduction='mean', and a larger learning rate if need be."
        )


def check_clip_norm(clip_norm: Any) -> None:
    """Raise ValueError for what is neither None nor a norm."""
    if clip_norm is None:
        return
    is_number = isinstance(clip_norm, Real) and not isinstance(clip_norm, bool)
    if not (is_number and 0 < clip_norm <= inf):
        raise ValueError(f"clip_norm is {shown(clip_norm)}; give a norm above 0, or None.")


def check_switch(value: object, name: str) -> None:
    """Raise TypeError for anything but True and False: the text "no" counts as true."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {shown(value)}; give True or False.")


def check_optimizer(optimizer: object) -> None:
    """Raise TypeError for what is no optimiser, ValueError for one that `fit` cannot step."""
    is_one = hasattr(optimizer, "param_groups") and callable(getattr(optimizer, "step", None))
    if isinstance(optimizer, type) or not is_one:
        raise TypeError(
            f"optimizer is {kind_of(optimizer)}; give an optimiser, such as "
            "torch.optim.Adam(model.parameters()), and the order is (model, loader, "
            "loss_function, optimizer)."
        )
    if isinstance(optimizer, LBFGS):
        raise ValueError(
            "LBFGS computes the loss several times in one step, which fit does not do; call "
            "optimizer.step(closure) in a loop of your own, or choose another optimiser."
        )


def check_parameters(optimizer: Optimizer, model: nn.Module, loss_function: object) -> None:
    """Raise ValueError for an optimiser that would not train this model, or not all of it."""
    own = {id(parameter) for parameter in model.parameters()}
    if not own:
        raise ValueError("the model has no parameters, so there is nothing to train.")
    stepped = {id(parameter) for parameter in parameters_of(optimizer)}
    if not stepped & own:
        raise ValueError(
            "the optimiser holds none of this model's parameters, so the model would not learn; "
            "make the optimiser anew from model.parameters() after making the model."
        )
    if isinstance(loss_function, nn.Module):
        own |= {id(parameter) for parameter in loss_function.parameters()}
    named = model.named_parameters()
    left = [name for name, each in named if each.requires_grad and id(each) not in stepped]
    if left and stepped - own:  # a layer was replaced: its old parameters are stepped, not its new
        raise ValueError(
            f"the optimiser holds parameters of another model, and not this model's {left[0]!r}, "
            "which would not learn; make the optimiser anew from model.parameters() after "
            "changing the model."
        )


def check_scheduler(
    scheduler: object, scheduler_step: str, optimizer: Optimizer, validation: object
) -> None:
    """Raise TypeError for what is no scheduler, ValueError for one that does not fit the run."""
    if not (isinstance(scheduler_step, str) and scheduler_step in ("step", "epoch")):
        raise ValueError(f"scheduler_step is {shown(scheduler_step)}; give 'step' or 'epoch'.")
    if scheduler is None:
        return
    if isinstance(scheduler, type) or not callable(getattr(scheduler, "step", None)):
        raise TypeError(
            f"scheduler is {kind_of(scheduler)}; give a scheduler made with this optimiser, such "
            "as torch.optim.lr_scheduler.StepLR(optimizer, 10)."
        )
    if isinstance(scheduler, ReduceLROnPlateau) and scheduler_step == "step":
        raise ValueError(
            "ReduceLROnPlateau looks at the validation loss, which is known once an epoch; "
            "give scheduler_step='epoch'."
        )
    if isinstance(scheduler, ReduceLROnPlateau) and validation is None:
        raise ValueError(
            "ReduceLROnPlateau looks at the validation loss, but there is no validation data; "
            "give validation=..., or another scheduler."
        )
    if getattr(scheduler, "optimizer", optimizer) is not optimizer:
        raise ValueError(
            "the scheduler was made with another optimiser, so that the learning rate of this one "
            "would never change; make the scheduler anew after the optimiser."
        )


def check_early_stopping(
    early_stopping: object, measured: Sequence[str], validation: object
) -> None:
    """Raise TypeError for what is no EarlyStopping, ValueError for one that watches nothing.

    `measured`: the names that each epoch will have in the history.
    """
    if early_stopping is None:
        return
    if not isinstance(early_stopping, EarlyStopping):
        raise TypeError(
            f"early_stopping is {kind_of(early_stopping)}; give EarlyStopping(patience=5), or None."
        )
    monitor = early_stopping.monitor
    if validation is None and monitor.startswith("validation "):
        raise ValueError(
            f"early_stopping watches {monitor!r}, but there is no validation data; give "
            "validation=..., or EarlyStopping(monitor='train loss')."
        )
    if monitor not in measured:
        raise ValueError(
            f"early_stopping watches {monitor!r}, which is not recorded; "
            f"choose one of {', '.join(measured)}."
        )


def warn(message: str) -> None:
    """Warn with the line of whoever called into this package, however deep inside it we are."""
    frame: FrameType | None = sys._getframe(1)
    level = outside = 2
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            outside = level + 1
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=outside)


def is_ours(error: BaseException) -> bool:
    """Return whether an exception was raised in this package, with a sentence of its own."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(PACKAGE)


def kind_of(value: object) -> str:
    """Return what a value is, in words: `the class Adam`, `of type list`."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return "None" if value is None else f"of type {type(value).__name__}"
