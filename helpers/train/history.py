"""What a training run leaves behind: numbers for each epoch and for each step."""

from typing import TYPE_CHECKING

from helpers.train.metrics import high_is_good

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = dict[str, float]


class History:
    """The course of a run.

    `epochs`: a row for each finished epoch: "epoch" (from 1), "train loss", "train accuracy",
    "validation loss", "validation accuracy" (other metrics likewise), and "learning rate", the
    one of the epoch's last step. Training values are means over the epoch, while the model was
    learning; validation values are those of the model at its end. `steps`: lists with a number
    for each step of the optimiser: "loss" and "learning rate". `stopped`: None for a run that
    went to its end, else "early stopping" or "interrupted".
    """

    def __init__(self) -> None:
        self.epochs: list[Row] = []
        self.steps: dict[str, list[float]] = {"loss": [], "learning rate": []}
        self.stopped: str | None = None

    def __getitem__(self, name: str) -> list[float]:
        """Return the values of one name, an element for each epoch.

        Raises KeyError, with the names there are, for another.
        """
        try:
            return [row[name] for row in self.epochs]
        except KeyError:
            raise KeyError(f"{name!r} was not recorded; there are {self._names()}.") from None

    def __len__(self) -> int:
        return len(self.epochs)

    def __bool__(self) -> bool:
        return True  # `if history:` asks for a history, not for epochs

    def best(self, name: str = "validation loss", highest: bool | None = None) -> Row:
        """Return the row of the best epoch, the first of equals.

        Best is lowest for a name ending in "loss" or "error", else highest; `highest` says it
        otherwise. Raises KeyError for a name not recorded, ValueError without a finished epoch,
        and where the value is nan in every epoch.
        """
        if not self.epochs:
            raise ValueError("no epoch is finished, so none is best; train for at least one.")
        values = self[name]
        highest = high_is_good(name) if highest is None else highest
        choose = max if highest else min
        known = [place for place, value in enumerate(values) if value == value]
        if not known:
            raise ValueError(
                f"{name!r} is nan in every epoch, so none is best; look for nan in the data, and "
                "for log(0), a division by 0 or the root of 0 in the model."
            )
        return self.epochs[choose(known, key=values.__getitem__)]

    def plot(self) -> "Figure":
        """Return a figure of loss and metrics over the epochs; show it with `plot.show`."""
        from helpers.train.curves import draw

        return draw(self)

    def state_dict(self) -> dict[str, object]:
        """Return everything as plain lists, dicts and numbers."""
        return {
            "epochs": [dict(row) for row in self.epochs],
            "steps": {name: list(values) for name, values in self.steps.items()},
            "stopped": self.stopped,
        }

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Become the history that gave `state`."""
        self.epochs = [dict(row) for row in state["epochs"]]
        self.steps = {name: list(values) for name, values in state["steps"].items()}
        self.stopped = state["stopped"]

    def _names(self) -> str:
        return ", ".join(self.epochs[0]) if self.epochs else "no finished epochs"

    def __repr__(self) -> str:
        end = f", {self.stopped}" if self.stopped else ""
        steps = len(self.steps["loss"])
        return f"History of {len(self)} epochs, {steps} steps{end}: {self._names()}"
