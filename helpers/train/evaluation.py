"""The loop without learning: loss and metrics over a whole loader."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from helpers.train._batches import device_of, move, pairs
from helpers.train._validation import check_loader, check_loss_function, check_model
from helpers.train.losses import checked_loss
from helpers.train.measuring import Measurements
from helpers.train.metrics import DEFAULT_METRICS, Metric, checked
from helpers.train._steps import Precision


def evaluate(
    model: nn.Module,
    loader: Iterable[object],
    loss_function: Callable[[Tensor, Tensor], Tensor],
    metrics: Mapping[str, Metric] = DEFAULT_METRICS,
    *,
    amp: torch.dtype | None = None,
) -> dict[str, float]:
    """Return `{"loss": ..., "accuracy": ...}` of the model over all samples of the loader.

    Runs in evaluation mode and without gradients; each module's mode is put back afterwards.
    Batches go to the model's device. The means are over samples, whatever the batches' sizes.
    `amp` is as in `fit`. A loss that is nan is returned as nan: the accuracy beside it says
    nothing then. Raises TypeError or ValueError, in one sentence, for a model, loader,
    loss_function, metrics or amp that are none; for a loader that is empty or gives no pairs, and
    for a loss or a metric that gives no number.
    """
    check_model(model)
    check_loader(loader, "loader", times=1)
    check_loss_function(loss_function)
    precision = Precision(amp, device_of(model))
    return measure(model, loader, loss_function, checked(metrics), precision, "loader")


def measure(
    model: nn.Module,
    loader: Iterable[object],
    loss_function: Callable[[Tensor, Tensor], Tensor],
    metrics: Mapping[str, Metric],
    precision: Precision,
    source: str,
) -> dict[str, float]:
    """Return what `evaluate` does, of arguments that are checked; `source` names the loader."""
    device = device_of(model)
    measurements = Measurements(metrics)
    with mode(model, training=False), torch.no_grad():
        for (inputs, targets), size in pairs(loader):
            inputs, targets = move(inputs, device), move(targets, device)
            with precision.autocast:
                scores = model(inputs)
                loss = loss_function(scores, targets)
            measurements.add(checked_loss(loss), scores, targets, size)
            if measurements.are_many():
                measurements.collect()
    measurements.collect()
    return measurements.means(source)


@contextmanager
def mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Put the model into training or evaluation mode, and each module back into its own."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, training_before in before:
            module.training = training_before
