"""Arguments of another kind than was meant: swapped, not yet made, or one instead of many.

PyTorch would meet them later, in words about something else.
"""

from torch import nn
from torch.optim import Optimizer
from torch.utils.data import Dataset, IterableDataset

from helpers.train.stopping import EarlyStopping

ORDER = "the order is (model, loader, loss_function, optimizer)"


def check_kinds(
    model: object, loader: object, loss_function: object, validation: object = None
) -> None:
    """Raise TypeError or ValueError for what cannot be a model, a loader or a loss function."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is {_a(model)}; give an nn.Module, and {ORDER}.")
    first = next(model.parameters(), None)
    if first is not None and first.is_meta:
        raise ValueError(
            "the model lies on the device 'meta', where tensors hold no numbers; make it on "
            "'cpu', or give it room with model.to_empty(device='cpu') and numbers of its own."
        )
    check_loader(loader, "loader")
    if validation is not None:
        check_loader(validation, "validation")
    if isinstance(loss_function, type) or not callable(loss_function):
        raise TypeError(
            f"loss_function is {_a(loss_function)}; give a function of (scores, targets), such as "
            f"nn.CrossEntropyLoss(), with its brackets, and {ORDER}."
        )
    if isinstance(loss_function, nn.Module) and getattr(loss_function, "reduction", "") == "sum":
        raise ValueError(
            "loss_function has reduction='sum', so that larger batches would count for more; "
            "give one with reduction='mean', and a larger learning rate if need be."
        )


def check_loader(loader: object, name: str) -> None:
    """Raise TypeError for what gives no batches: a dataset gives samples."""
    if isinstance(loader, Dataset) and not isinstance(loader, IterableDataset):
        raise TypeError(
            f"{name} is {_a(loader)}, which gives samples one by one; give batches of them: "
            "DataLoader(dataset, batch_size=64)."
        )
    if not (hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")):
        raise TypeError(
            f"{name} is {_a(loader)}; give an iterable of pairs (inputs, targets), such as a "
            "DataLoader."
        )


def check_optimizer(optimizer: object) -> None:
    """Raise TypeError for what has no parameters to step."""
    if isinstance(optimizer, type) or not hasattr(optimizer, "param_groups"):
        raise TypeError(
            f"optimizer is {_a(optimizer)}; give an optimiser, such as "
            f"torch.optim.Adam(model.parameters()), and {ORDER}."
        )


def check_scheduler(scheduler: object, optimizer: Optimizer) -> None:
    """Raise TypeError for what is no scheduler, ValueError for that of another optimiser."""
    if scheduler is None:
        return
    if isinstance(scheduler, type) or not hasattr(scheduler, "step"):
        raise TypeError(
            f"scheduler is {_a(scheduler)}; give a scheduler made with this optimiser, such as "
            "torch.optim.lr_scheduler.StepLR(optimizer, 10)."
        )
    if getattr(scheduler, "optimizer", optimizer) is not optimizer:
        raise ValueError(
            "the scheduler was made with another optimiser, so that the learning rate of this one "
            "would never change; make the scheduler anew after the optimiser."
        )


def check_early_stopping(early_stopping: object) -> None:
    """Raise TypeError for what is no EarlyStopping, as the class or a number of epochs."""
    if early_stopping is not None and not isinstance(early_stopping, EarlyStopping):
        raise TypeError(
            f"early_stopping is {_a(early_stopping)}; give EarlyStopping(patience=5), or None."
        )


def _a(value: object) -> str:
    """Return what a value is, in words: `the class Adam`, `of type list`."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return "None" if value is None else f"of type {type(value).__name__}"
