"""Stop when nothing gets better, and return to the weights that were best."""

from collections import OrderedDict
from collections.abc import Mapping
from math import inf
from numbers import Real
from typing import Any

from torch import Tensor, nn

from helpers import checkpoint
from helpers._validation import integer, shown
from helpers.train.history import Row, check_highest, high_is_good, no_state

Weights = Mapping[str, object]

STATE: dict[str, Any] = {
    "best_value": Real | None,
    "best_epoch": Real | None,
    "best_weights": Mapping | None,
    "epochs_without_gain": int,
}
"""The parts of its state, and their kinds."""


class EarlyStopping:
    """Stops a run after `patience` epochs in a row without a new best value of `monitor`.

    At the end of the run, early or not, the model gets the weights of its best epoch.

    Args:
        patience: Epochs without a new best value, 1 or more.
        monitor: A name in the history's rows.
        highest: Whether high is good. None: low for a name ending in "loss" or "error", else high.
        minimum_gain: A value is a new best when it is better by more than this; nan never is.
        restore_best: Whether the model gets the weights of its best epoch back.

    Raises:
        TypeError: for a patience that is not an integer, a monitor that is not a name, and a
            `highest` or `restore_best` that is not a bool.
        ValueError: for a patience below 1 and a gain that is negative, infinite or nan.
    """

    def __init__(
        self,
        patience: int = 5,
        monitor: str = "validation loss",
        *,
        highest: bool | None = None,
        minimum_gain: float = 0.0,
        restore_best: bool = True,
    ) -> None:
        self.patience = integer(patience, "patience", least=1)
        if not isinstance(monitor, str):
            raise TypeError(f"monitor is {shown(monitor)}; give a name, such as 'validation loss'.")
        check_highest(highest)
        if not (isinstance(minimum_gain, Real) and 0 <= minimum_gain < inf):
            raise ValueError(f"minimum_gain is {shown(minimum_gain)}; give a number, 0 or more.")
        if not isinstance(restore_best, bool):
            raise TypeError(f"restore_best is {shown(restore_best)}; give True or False.")
        self.monitor: str = monitor
        self.highest: bool = high_is_good(monitor) if highest is None else highest
        self.minimum_gain: float = minimum_gain
        self.restore_best = restore_best
        self.reset()

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, monitor={self.monitor!r})"

    def reset(self) -> None:
        """Forget the run before."""
        self.best_value: float | None = None
        self.best_epoch: int | None = None
        self.best_weights: Weights | None = None
        self.epochs_without_gain = 0

    def update(self, row: Row, model: nn.Module) -> bool:
        """Note the row of a finished epoch, and keep the weights of a new best.

        Args:
            row: As in a history: "epoch", the name that is monitored, and others.
            model: Whose weights are kept.

        Returns:
            Whether to stop.

        Raises:
            KeyError: when `monitor` is not in the row.
            TypeError: for a row whose values are not numbers, or a model that is not one.
        """
        _check_module(model)
        if not isinstance(row, Mapping):
            raise TypeError(f"row is of type {type(row).__name__}; give a row of a history.")
        if self.monitor not in row:
            names = ", ".join(map(str, row))
            raise KeyError(f"{self.monitor!r} is not recorded; monitor one of {names}.")
        value = row[self.monitor]
        if not isinstance(value, Real):
            raise TypeError(f"{self.monitor!r} is of type {type(value).__name__}; give a number.")
        if self._is_new_best(value):
            self.best_value, self.best_epoch = value, row.get("epoch")
            self.epochs_without_gain = 0
            if self.restore_best:
                self.best_weights = copied(model.state_dict())
        else:
            self.epochs_without_gain += 1
        return self.epochs_without_gain >= self.patience

    def restore(self, model: nn.Module) -> None:
        """Give the model the weights of its best epoch, if there was one and they were kept.

        Raises:
            TypeError: for a model that is not one.
            ValueError: when the weights are those of another model.
        """
        _check_module(model)
        if self.best_weights is not None:
            try:
                # Compiled or not, then and now.
                model.load_state_dict(checkpoint.renamed(self.best_weights, model))
            except RuntimeError as error:
                raise ValueError(
                    "the weights are those of another model than this "
                    f"{type(model).__name__}; give the model that they were taken from."
                ) from error

    def state_dict(self) -> dict[str, object]:
        """Return its state, weights included."""
        return {
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
            "epochs_without_gain": self.epochs_without_gain,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from the state of another.

        Raises:
            ValueError: for anything that `state_dict` did not give; nothing is changed then.
        """
        try:
            values = {name: state[name] for name in STATE}
        except Exception as error:  # whatever an odd object raises
            raise no_state("an EarlyStopping", state) from error
        if not all(isinstance(values[name], kind) for name, kind in STATE.items()):
            raise no_state("an EarlyStopping", state)
        for name, value in values.items():
            setattr(self, name, value)

    def _is_new_best(self, value: float) -> bool:
        if value != value:
            return False
        if self.best_value is None:
            return True
        gain = value - self.best_value if self.highest else self.best_value - value
        return gain > self.minimum_gain


def copied(weights: Weights) -> Weights:
    """Return the weights as tensors of their own, which go on being what they are."""
    return OrderedDict(
        (name, value.detach().clone() if isinstance(value, Tensor) else value)
        for name, value in weights.items()
    )


def _check_module(model: object) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is of type {type(model).__name__}; give an nn.Module.")
