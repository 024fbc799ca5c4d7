"""What is measured beside the loss: functions of scores and targets."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from helpers._validation import integer, shown

Metric = Callable[[Tensor, Tensor], Tensor | float]
"""Gives the mean over a batch, or, as an integer, in how many samples something held."""

IGNORED = -100
"""The target that PyTorch's own losses ignore unless they are told otherwise."""

RESERVED = ("loss", "learning rate", "epoch")
OTHER_TASKS = "For other tasks give your own metrics, or metrics={}."
SUM_TOLERANCE = 1e-2
"""How far from 1 the probabilities of a sample may add up, in 16 bits too."""


def accuracy(scores: Tensor, targets: Tensor, ignore_index: int = IGNORED) -> Tensor:
    """Return the share of targets at which the highest score is: 0-d float32, 0 to 1.

    A row with nan counts as the class of its first nan, and may so be a hit: look at the loss.

    Args:
        scores: (batch, classes) or (batch, classes, ...), real, with 2 classes or more.
        targets: class numbers, integers (batch) or (batch, ...); or probabilities in the shape of
            `scores`, which add up to 1 over the classes, and of which the highest counts.
        ignore_index: The class number of targets that do not count, such as padding.

    Raises:
        TypeError: when these are not tensors, or `ignore_index` is not an integer.
        ValueError: when they do not belong together: other shapes, a class number that is not one
            of `scores`, several labels for one sample, or nothing that counts.
    """
    hits, counted = count_hits(scores, targets, ignore_index)
    if not counted:
        raise ValueError(
            f"accuracy got targets {tuple(targets.shape)}, of which none counts; give at least "
            f"one target other than ignore_index={ignore_index}."
        )
    return (hits / counted).float()


def correct(scores: Tensor, targets: Tensor, ignore_index: int = IGNORED) -> Tensor:
    """Return in how many samples the highest score is at the target: 0-d int64.

    For several targets a sample, it returns the share, as `accuracy` does. As a metric of `fit`
    and `evaluate` both are the same: the share of all targets that count.

    Args:
        scores: As for `accuracy`.
        targets: As for `accuracy`.
        ignore_index: As for `accuracy`.

    Raises:
        TypeError: as `accuracy` does.
        ValueError: as `accuracy` does.
    """
    if isinstance(scores, Tensor) and scores.dim() > 2:
        return accuracy(scores, targets, ignore_index)
    hits, _ = count_hits(scores, targets, ignore_index)
    if not len(targets):
        raise ValueError("accuracy got an empty batch, whose share is nan; leave it out.")
    return hits


def count_hits(scores: Tensor, targets: Tensor, ignore_index: int = IGNORED) -> tuple[Tensor, int]:
    """Return how many highest scores are at their targets, 0-d int64, and how many targets count.

    Raises:
        TypeError: as `accuracy` does.
        ValueError: as `accuracy` does, except where nothing counts.
    """
    _check_kinds(scores, targets)
    ignore_index = integer(ignore_index, "ignore_index", least=-(2**62))
    classes = scores.size(1) if scores.dim() > 1 else 0
    if classes > 1 and scores.shape == targets.shape:
        targets = _most_probable(targets)
    if classes < 2 or scores.shape[:1] + scores.shape[2:] != targets.shape:
        # (3,) == (1,) would broadcast, and count 3 hits
        raise _mismatch(scores, targets)
    if not targets.numel():
        return torch.zeros((), dtype=torch.int64), 0
    counted = _count_valid(targets, classes, ignore_index)
    hits = _best(scores) == targets
    if counted < targets.numel() and 0 <= ignore_index < classes:
        hits &= targets != ignore_index
    # Counting takes half as long as adding up, which turns each bool into an int64 first.
    return hits.count_nonzero(), counted


def _best(scores: Tensor) -> Tensor:
    """Return the class of the highest score; ValueError for a dtype that cannot be compared."""
    try:
        return scores.argmax(dim=1)
    except (RuntimeError, TypeError) as error:  # bool, float8
        raise ValueError(
            f"accuracy got scores of dtype {scores.dtype}, of which PyTorch finds no highest; "
            "give scores.float()."
        ) from error


def _check_kinds(scores: Tensor, targets: Tensor) -> None:
    """Raise TypeError for what is not a tensor, ValueError for a kind that cannot be compared."""
    for part, value in (("scores", scores), ("targets", targets)):
        if not isinstance(value, Tensor):
            raise TypeError(
                f"accuracy got {part} of type {type(value).__name__}; it expects tensors. For "
                "models that return several things give your own metrics, or metrics={}."
            )
        is_float8 = value.is_floating_point() and value.element_size() < 2  # cannot be compared
        is_odd = value.is_complex() or value.is_quantized or is_float8
        if is_odd or value.layout != torch.strided:
            raise ValueError(
                f"accuracy got {part} of dtype {value.dtype} and layout {value.layout}; it expects "
                f"dense, real ones of 16 bits or more. {OTHER_TASKS}"
            )
        if value.is_meta:
            raise ValueError(f"accuracy got {part} on the device 'meta', which hold no numbers.")
    if scores.device != targets.device:
        raise ValueError(
            f"accuracy got scores on {scores.device} and targets on {targets.device}; move both "
            "to one device."
        )


def _most_probable(targets: Tensor) -> Tensor:
    """Return the class of the highest probability; ValueError where there are several labels."""
    sums = targets.sum(dim=1, dtype=torch.float32)
    if (targets < 0).any() or ((sums - 1).abs() > SUM_TOLERANCE).any():
        raise ValueError(
            f"accuracy got targets {tuple(targets.shape)} in the shape of the scores whose rows "
            "do not add up to 1, as several labels a sample do; it expects one class number, or "
            f"probabilities. {OTHER_TASKS}"
        )
    return _best(targets.int() if targets.dtype == torch.bool else targets)


def _count_valid(targets: Tensor, classes: int, ignore_index: int) -> int:
    """Return how many class numbers are not ignored; ValueError when one is none."""
    if targets.is_floating_point() or targets.dtype == torch.bool:
        raise ValueError(
            f"accuracy got targets of dtype {targets.dtype}; it expects class numbers, integers: "
            f"give targets.long(). {OTHER_TASKS}"
        )
    lowest, highest = (bound.item() for bound in targets.aminmax())
    if lowest >= 0 and highest < classes and not lowest <= ignore_index <= highest:
        return targets.numel()  # nearly always
    counts = targets.long() != min(ignore_index, 2**62)  # no target of uint8 is -100
    wrong = targets[counts & ((targets < 0) | (targets >= classes))]
    if len(wrong):
        raise ValueError(
            f"accuracy got the target {wrong[0].item()} beside scores of {classes} classes; it "
            f"expects 0 to {classes - 1}, or ignore_index={ignore_index} where a target does not "
            "count: for another, give functools.partial(train.accuracy, ignore_index=...)."
        )
    return int(counts.count_nonzero())


def _mismatch(scores: Tensor, targets: Tensor) -> ValueError:
    return ValueError(
        f"accuracy got scores {tuple(scores.shape)} and targets {tuple(targets.shape)}; it "
        "expects scores (batch, classes) with 2 classes or more, and class numbers (batch). "
        f"{OTHER_TASKS}"
    )


def counter_of(metric: Metric, ignore_index: int) -> Callable[..., tuple[Tensor, int]] | None:
    """Return `count_hits` for a metric that is `accuracy` or `correct`, None for any other.

    `ignore_index`: that of the loss, which counts unless the metric has one of its own.
    """
    keywords: dict[str, Any] = {"ignore_index": ignore_index}
    if isinstance(metric, partial) and not metric.args:
        keywords |= metric.keywords
        metric = metric.func
    is_known = metric is accuracy or metric is correct
    return partial(count_hits, **keywords) if is_known else None


DEFAULT_METRICS: Mapping[str, Metric] = {"accuracy": correct}


def checked_metrics(metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """Return the metrics as a dict.

    Raises:
        TypeError: for anything that is not a mapping of names to functions.
        ValueError: for a name that is taken.
    """
    if not isinstance(metrics, Mapping):
        raise TypeError(
            f"metrics is of type {type(metrics).__name__}; give names with functions of "
            '(scores, targets), as {"accuracy": train.accuracy}, or {} for none.'
        )
    for name, metric in metrics.items():
        if not isinstance(name, str) or not callable(metric) or isinstance(metric, type):
            raise TypeError(
                f"the metric {name!r} is {shown(metric)}; give a name with a function of "
                "(scores, targets)."
            )
        if name in RESERVED:
            raise ValueError(f"a metric is named {name!r}, which is taken; choose another name.")
    return dict(metrics)
