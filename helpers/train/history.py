"""What a training run leaves behind: numbers for each epoch and for each step, and their figure."""

from collections.abc import Iterator, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

from helpers._validation import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = dict[str, float]

STOPPED = (None, "early stopping", "interrupted")

BEST: dict[str, Any] = {
    "linestyle": "",
    "marker": "*",
    "markersize": 13,
    "color": "#000000",
    "zorder": 3,
}


class History:
    """The course of a run.

    Attributes:
        epochs: A row for each finished epoch: "epoch" (from 1), "train loss", "train accuracy",
            "validation loss", "validation accuracy" (other metrics likewise), and
            "learning rate", the one of the epoch's last step. Training values are means over the
            epoch, while the model was learning; validation values are those of the model at its
            end.
        steps: Lists with a number for each step of the optimiser: "loss" and "learning rate".
        skipped: The steps, from 1, that changed nothing: the gradients of float16 were infinite.
        stopped: None for a run that went to its end, else "early stopping" or "interrupted".
    """

    def __init__(self) -> None:
        self.epochs: list[Row] = []
        self.steps: dict[str, list[float]] = {"loss": [], "learning rate": []}
        self.skipped: list[int] = []
        self.stopped: str | None = None

    def __getitem__(self, name: str) -> list[float]:
        """Return the values of one name, an element for each epoch.

        Raises:
            KeyError: with the names there are, for another.
        """
        try:
            return [row[name] for row in self.epochs]
        except (KeyError, TypeError):
            raise KeyError(f"{name!r} was not recorded; there are {self._names()}.") from None

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Row]:
        """Go through the rows of the finished epochs."""
        return iter(self.epochs)

    def __bool__(self) -> bool:
        return True  # `if history:` asks for a history, not for epochs

    def best(self, name: str = "validation loss", highest: bool | None = None) -> Row:
        """Return the row of the best epoch, the first of equals.

        Args:
            name: The value to compare.
            highest: Whether high is good. None: low for a name ending in "loss" or "error", else
                high.

        Raises:
            KeyError: for a name that was not recorded.
            TypeError: for a `highest` that is not True, False or None.
            ValueError: without a finished epoch, and where the value is nan in every epoch.
        """
        check_highest(highest)
        if not self.epochs:
            raise ValueError("no epoch is finished, so none is best; train for at least one.")
        values = self[name]
        highest = high_is_good(name) if highest is None else highest
        choose = max if highest else min
        known = [index for index, value in enumerate(values) if value == value]
        if not known:
            raise ValueError(
                f"{name!r} is nan in every epoch, so none is best; look for nan in the data, and "
                "for log(0), a division by 0 or the root of 0 in the model."
            )
        return self.epochs[choose(known, key=values.__getitem__)]

    def plot(self) -> "Figure":
        """Return a figure of loss and metrics over the epochs; show it with `plot.show`.

        A panel for the loss and one for each metric, train against validation; a star marks the
        best epoch by validation, where that is not all nan.

        Raises:
            ValueError: when no epoch is finished.
        """
        from matplotlib.figure import Figure

        if not self.epochs:
            raise ValueError("no epoch is finished, so there is nothing to plot; train for one.")
        names = [name.removeprefix("train ") for name in self.epochs[0] if name[:6] == "train "]
        figure = Figure(figsize=(4.2 * len(names), 3.2), layout="constrained")
        for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names):
            self._draw(axes, name)
        return figure

    def _draw(self, axes: "Axes", name: str) -> None:
        """Draw one measured value: line and marker for training, and for validation."""
        from matplotlib.ticker import MaxNLocator

        from helpers import plot

        for index, part in enumerate(("train", "validation")):
            column = f"{part} {name}"
            if column in self.epochs[0]:
                style: dict[str, Any] = plot.style(index)
                axes.plot(self["epoch"], self[column], label=part, markersize=4, **style)
        column = f"validation {name}"
        if column in self.epochs[0] and any(value == value for value in self[column]):
            best = self.best(column)
            axes.plot(best["epoch"], best[column], label="best", **BEST)
        axes.set(xlabel="epoch", ylabel=name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()

    def state_dict(self) -> dict[str, object]:
        """Return everything as plain lists, dicts and numbers."""
        return {
            "epochs": [dict(row) for row in self.epochs],
            "steps": {name: list(values) for name, values in self.steps.items()},
            "skipped": list(self.skipped),
            "stopped": self.stopped,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Become the history that gave `state`.

        Raises:
            ValueError: for anything that `state_dict` did not give; nothing is changed then.
        """
        try:
            epochs = [dict(row) for row in state["epochs"]]
            steps = {name: list(values) for name, values in state["steps"].items()}
            skipped = list(state.get("skipped", []))  # files of older versions have none
            stopped = state["stopped"]
            numbers = [
                value for each in (*steps.values(), *map(dict.values, epochs)) for value in each
            ]
            is_one = all(isinstance(value, Real) for value in [*numbers, *skipped])
        except Exception as error:  # whatever an odd object raises
            raise no_state("a history", state) from error
        if not is_one or not steps.keys() >= self.steps.keys() or stopped not in STOPPED:
            raise no_state("a history", state)
        self.epochs, self.steps, self.skipped, self.stopped = epochs, steps, skipped, stopped

    def _names(self) -> str:
        return ", ".join(self.epochs[0]) if self.epochs else "no finished epochs"

    def __repr__(self) -> str:
        skipped = f" ({len(self.skipped)} skipped)" if self.skipped else ""
        end = f", {self.stopped}" if self.stopped else ""
        steps = len(self.steps["loss"])
        return f"History of {len(self)} epochs, {steps} steps{skipped}{end}: {self._names()}"


def high_is_good(name: str) -> bool:
    """Return whether a recorded value is better high: all are, but those named loss or error."""
    return not name.endswith(("loss", "error"))


def check_highest(highest: object) -> None:
    """Raise TypeError for anything but True, False and None."""
    if highest is not None and not isinstance(highest, bool):
        raise TypeError(f"highest is {shown(highest)}; give True, False, or None to let it guess.")


def no_state(owner: str, state: object) -> ValueError:
    """Return the error for what the `state_dict()` of `owner` did not give."""
    has = f" with {', '.join(map(str, state))}" if isinstance(state, Mapping) else ""
    return ValueError(
        f"this is not the state of {owner}, but of type {type(state).__name__}{has}; "
        "give what its state_dict() returned."
    )
