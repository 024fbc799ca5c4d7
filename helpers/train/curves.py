"""The figure of a history: loss and metrics over the epochs."""

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import plot

if TYPE_CHECKING:
    from helpers.train.history import History

BEST = {"linestyle": "", "marker": "*", "markersize": 13, "color": "#000000", "zorder": 3}


def draw(history: "History") -> Figure:
    """Return a panel for the loss and one for each metric, train against validation.

    A star marks the best epoch by validation, where that is not all nan. Raises ValueError
    when no epoch is finished.
    """
    if not history.epochs:
        raise ValueError("no epoch is finished, so there is nothing to plot; train for one.")
    names = [name.removeprefix("train ") for name in history.epochs[0] if name[:6] == "train "]
    figure = Figure(figsize=(4.2 * len(names), 3.2), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names):
        _panel(axes, history, name)
    return figure


def _panel(axes: Axes, history: "History", name: str) -> None:
    """Draw one measured value: line and marker for training, and for validation."""
    epochs = history["epoch"]
    for place, part in enumerate(("train", "validation")):
        column = f"{part} {name}"
        if column in history.epochs[0]:
            axes.plot(epochs, history[column], label=part, markersize=4, **plot.style(place))
    column = f"validation {name}"
    if column in history.epochs[0] and any(value == value for value in history[column]):
        best = history.best(column)
        axes.plot(best["epoch"], best[column], label="best", **BEST)
    axes.set(xlabel="epoch", ylabel=name)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend()
