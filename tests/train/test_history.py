"""What a run leaves behind: the history and its figure, early stopping, loggers."""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn
from torch.nn import functional

from helpers import plot, train

INPUTS, TARGETS = torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 2
LOADER = [(INPUTS[:4], TARGETS[:4]), (INPUTS[4:], TARGETS[4:])]


def history_of(losses: list[float], accuracies: list[float]) -> train.History:
    history = train.History()
    for epoch, (loss, accuracy) in enumerate(zip(losses, accuracies), 1):
        row = {"train loss": 1 / epoch, "train accuracy": 0.5, "validation loss": loss}
        history.epochs.append({"epoch": epoch, **row, "validation accuracy": accuracy})
    return history


def fit(**options: object) -> tuple[nn.Module, train.History]:
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=options.pop("lr", 0.5))
    options = {"epochs": 3, "validation": LOADER, "progress": False, **options}
    return model, train.fit(model, LOADER, functional.cross_entropy, optimizer, **options)


class Recording:
    """A logger that keeps what it is told; its methods are named as SummaryWriter's."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.calls: list[tuple[str, float, int]] = []
        self.flushes = 0
        self.fail_at = fail_at

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        if len(self.calls) == self.fail_at:
            raise OSError("the disk is full")
        self.calls.append((tag, value, step))

    def flush(self) -> None:
        self.flushes += 1


def test_best_is_lowest_for_losses_and_highest_for_the_rest() -> None:
    history = history_of([0.5, 0.2, 0.2, 0.9], [0.1, 0.8, 0.9, 0.9])
    assert history.best()["epoch"] == 2
    assert history.best("validation accuracy")["epoch"] == 3
    assert history.best("validation accuracy", highest=False)["epoch"] == 1


def test_best_passes_over_nan() -> None:
    history = history_of([float("nan"), 0.4, 0.3], [0.0, 0.0, 0.0])
    assert history.best()["epoch"] == 3


def test_nothing_but_nan_has_no_best_epoch_and_no_star() -> None:
    history = history_of([float("nan")] * 2, [0.5, 0.6])
    with pytest.raises(ValueError, match="'validation loss' is nan in every epoch, so none is"):
        history.best()
    loss, share = history.plot().axes
    assert [line.get_label() for line in loss.lines] == ["train", "validation"]
    assert [line.get_label() for line in share.lines] == ["train", "validation", "best"]


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="'loss' was not recorded; there are epoch, train loss"):
        history_of([0.5], [0.5])["loss"]


def test_a_history_is_gone_through_row_by_row() -> None:
    history = history_of([0.5, 0.2], [0.1, 0.8])
    assert list(history) == history.epochs
    assert list(train.History()) == []


def test_an_empty_history_says_so() -> None:
    history = train.History()
    with pytest.raises(ValueError, match="no epoch is finished"):
        history.best()
    with pytest.raises(ValueError, match="no epoch is finished"):
        history.plot()
    assert repr(history) == "History of 0 epochs, 0 steps: no finished epochs"


def test_the_repr_is_the_same_every_run() -> None:
    _, history = fit()
    history.stopped = "interrupted"
    assert repr(history) == (
        "History of 3 epochs, 6 steps, interrupted: epoch, train loss, train accuracy, "
        "validation loss, validation accuracy, learning rate"
    )


def test_the_state_is_a_copy_and_comes_back() -> None:
    _, history = fit()
    state, copy = history.state_dict(), train.History()
    copy.load_state_dict(state)
    copy.epochs[0]["train loss"] = -1.0
    copy.steps["loss"].clear()
    assert history["train loss"][0] > 0
    assert len(history.steps["loss"]) == 6
    assert state["epochs"][0]["train loss"] > 0


def test_the_figure_shows_both_curves_and_the_best_epoch() -> None:
    figure = history_of([0.5, 0.2, 0.9], [0.1, 0.8, 0.7]).plot()
    words = plot.describe(figure)
    assert "Axes: x: epoch; y: loss." in words and "y: accuracy." in words
    assert 'Line "train": through (1, 1), (2, 0.5), (3, 0.333)' in words
    assert 'Line "validation": through (1, 0.5), (2, 0.2), (3, 0.9)' in words
    assert 'Line "best": point (2, 0.2)' in words and 'Line "best": point (2, 0.8)' in words
    colours = {line.get_color() for line in figure.axes[0].lines}
    markers = {line.get_marker() for line in figure.axes[0].lines}
    assert colours <= set(plot.OKABE_ITO.values()) and len(colours) == len(markers) == 3
    assert plt.get_fignums() == []


def test_the_figure_without_validation_and_without_metrics() -> None:
    _, history = fit(validation=None, metrics={})
    figure = history.plot()
    assert len(figure.axes) == 1
    assert [line.get_label() for line in figure.axes[0].lines] == ["train"]


def test_loggers_hear_every_step_and_every_epoch() -> None:
    logger = Recording()
    _, history = fit(loggers=[logger])
    heard = {
        tag: [(value, step) for name, value, step in logger.calls if name == tag]
        for tag, _, _ in logger.calls
    }
    assert heard["loss/train"] == list(zip(history.steps["loss"], range(1, 7)))
    assert heard["learning rate"] == [(0.5, step) for step in range(1, 7)]
    for tag, name in (
        ("accuracy/train", "train accuracy"),
        ("loss/validation", "validation loss"),
        ("accuracy/validation", "validation accuracy"),
    ):
        assert heard.pop(tag) == list(zip(history[name], (2, 4, 6)))
    assert set(heard) == {"loss/train", "learning rate"}
    assert logger.flushes >= 3
    assert all(type(value) is float for _, value, _ in logger.calls)


def test_a_failing_logger_costs_one_warning_and_nothing_else() -> None:
    broken, whole = Recording(fail_at=3), Recording()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _, history = fit(loggers=[broken, whole])
    caught = [warning for warning in caught if "logger" in str(warning.message)]
    assert [Path(warning.filename).name for warning in caught] == [Path(__file__).name]
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == 1
    assert "Recording failed in add_scalar (OSError: the disk is full)" in messages[0]
    assert len(broken.calls) == 3
    assert len(history) == 3 and len(whole.calls) == 2 * 6 + 3 * 3


def test_loggers_do_not_change_the_training() -> None:
    plain, logged = fit()[1], fit(loggers=[Recording()])[1]
    assert plain.epochs == logged.epochs
