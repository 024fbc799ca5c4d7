"""Stop when nothing gets better, and go back to the weights that were best."""

from math import inf
from numbers import Real

from torch import Tensor, nn

from helpers._validation import whole_number
from helpers.train.history import Row
from helpers.train.metrics import high_is_good


class EarlyStopping:
    """Stops a run after `patience` epochs in a row without a new best value of `monitor`.

    `monitor` is a name in the history's rows. Best is lowest for a name ending in "loss" or
    "error", else highest; `highest` says it otherwise. A value is a new best when it is better by
    more than `minimum_gain`; nan never is. At the end of the run, early or not, the model gets
    the weights of its best epoch, unless `restore_best` is False. Raises TypeError for a patience
    that is not whole, a monitor that is no name and a `highest` that is not True, False or None,
    ValueError for a patience below 1 and a gain that is negative, infinite or nan.
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
        self.patience = whole_number(patience, "patience", least=1)
        if not isinstance(monitor, str):
            raise TypeError(f"monitor is {monitor!r}; give a name, such as 'validation loss'.")
        if highest not in (None, True, False):
            raise TypeError(f"highest is {highest!r}; give True, False, or None to let it guess.")
        if not (isinstance(minimum_gain, Real) and 0 <= minimum_gain < inf):
            raise ValueError(f"minimum_gain is {minimum_gain!r}; give a number, 0 or more.")
        self.monitor = monitor
        self.highest = high_is_good(monitor) if highest is None else highest
        self.minimum_gain = minimum_gain
        self.restore_best = restore_best
        self.reset()

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, monitor={self.monitor!r})"

    def reset(self) -> None:
        """Forget the run before."""
        self.best_value: float | None = None
        self.best_epoch: int | None = None
        self.best_weights: dict[str, Tensor] | None = None
        self.epochs_without_gain = 0

    def update(self, row: Row, model: nn.Module) -> bool:
        """Note the row of a finished epoch, keep the weights of a new best; return whether to stop.

        Raises KeyError when `monitor` is not in the row.
        """
        if self.monitor not in row:
            raise KeyError(f"{self.monitor!r} is not recorded; monitor one of {', '.join(row)}.")
        if self._is_new_best(row[self.monitor]):
            self.best_value, self.best_epoch = row[self.monitor], row["epoch"]
            self.epochs_without_gain = 0
            if self.restore_best:
                weights = model.state_dict()
                self.best_weights = {
                    name: value.detach().clone() if isinstance(value, Tensor) else value
                    for name, value in weights.items()
                }
        else:
            self.epochs_without_gain += 1
        return self.epochs_without_gain >= self.patience

    def restore(self, model: nn.Module) -> None:
        """Give the model the weights of its best epoch, if there was one and they were kept."""
        if self.best_weights is not None:
            model.load_state_dict(self.best_weights)

    def state_dict(self) -> dict[str, object]:
        """Return where it stands, weights included."""
        return {
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
            "epochs_without_gain": self.epochs_without_gain,
        }

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Go on from where another stood that gave `state`."""
        self.best_value = state["best_value"]
        self.best_epoch = state["best_epoch"]
        self.best_weights = state["best_weights"]
        self.epochs_without_gain = state["epochs_without_gain"]

    def _is_new_best(self, value: float) -> bool:
        if value != value:
            return False
        if self.best_value is None:
            return True
        gain = value - self.best_value if self.highest else self.best_value - value
        return gain > self.minimum_gain
