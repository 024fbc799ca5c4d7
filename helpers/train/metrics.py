"""What is measured beside the loss: functions of scores and targets.

A metric gives the mean over the batch, or, as an integer, in how many samples it held.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Metric = Callable[[Tensor, Tensor], Tensor | float]
RESERVED = ("loss", "learning rate", "epoch")


def accuracy(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the share of samples whose highest score is at the target: 0-d float32, 0 to 1.

    `scores`: (batch, classes) or (batch, classes, ...); `targets`: class numbers, int64 (batch)
    or (batch, ...), or probabilities in the shape of `scores`, whose highest counts.
    A row with nan counts as the class of its first nan, and may so be a hit: look at the loss.
    Raises ValueError when these do not belong together, or when there is only one class;
    TypeError when they are no tensors.
    """
    return _hits(scores, targets).mean(dtype=torch.float32)


def correct(scores: Tensor, targets: Tensor) -> Tensor:
    """Return in how many samples the highest score is at the target: 0-d int64.

    As `accuracy`, and cheaper in a loop: `fit` and `evaluate` divide by the samples once, at the
    end. For several targets a sample, it returns the share, as `accuracy` does.
    """
    hits = _hits(scores, targets)
    # Counting takes half as long as adding up, which turns each bool into an int64 first.
    return hits.count_nonzero() if scores.dim() == 2 else hits.mean(dtype=torch.float32)


def _hits(scores: Tensor, targets: Tensor) -> Tensor:
    """Return whether each highest score is at the target: bool (batch) or (batch, ...)."""
    if not (isinstance(scores, Tensor) and isinstance(targets, Tensor)):
        part, value = ("targets", targets) if isinstance(scores, Tensor) else ("scores", scores)
        raise TypeError(
            f"accuracy got {part} of type {type(value).__name__}; it expects tensors. For "
            "models that return several things give your own metrics, or metrics={}."
        )
    if scores.dim() == targets.dim() > 1 and scores.shape == targets.shape:
        targets = targets.argmax(dim=1)
    if scores.dim() > 1 and scores.size(1) > 1:
        best = scores.argmax(dim=1)
        if best.shape == targets.shape:  # else (3,) == (1,) would broadcast, and count 3 hits
            return best == targets
    raise ValueError(
        f"accuracy got scores {tuple(scores.shape)} and targets {tuple(targets.shape)}; it "
        "expects scores (batch, classes) with 2 classes or more, and class numbers (batch). "
        "For other tasks give your own metrics, or metrics={}."
    )


DEFAULT_METRICS: Mapping[str, Metric] = {"accuracy": correct}


def checked(metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """Return the metrics as a dict.

    Raises TypeError for what is no mapping of names to functions, ValueError for a name that is
    taken.
    """
    if not isinstance(metrics, Mapping):
        raise TypeError(
            f"metrics is of type {type(metrics).__name__}; give names with functions of "
            '(scores, targets), as {"accuracy": train.accuracy}, or {} for none.'
        )
    for name, metric in metrics.items():
        if not isinstance(name, str) or not callable(metric) or isinstance(metric, type):
            raise TypeError(
                f"the metric {name!r} is {metric!r}; give a name with a function of "
                "(scores, targets)."
            )
        if name in RESERVED:
            raise ValueError(f"a metric is named {name!r}, which is taken; choose another name.")
    return dict(metrics)


def high_is_good(name: str) -> bool:
    """Return whether a recorded value is better high: all are, but those named loss or error."""
    return not name.endswith(("loss", "error"))
