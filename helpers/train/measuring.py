"""Losses and metrics stay tensors while the loop runs, and become numbers many at a time.

`loss.item()` in each step would make the processor wait for the GPU in each step. Here the 0-d
tensors are kept, and one transfer for each name brings the numbers of many batches. (One for
all names would cost more: stacking numbers of two dtypes takes five times as long.)
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from numbers import Integral, Real
from operator import mul
from time import monotonic

import torch
from torch import Tensor

from helpers.train.metrics import Metric

MOST_BATCHES = 32
MOST_SECONDS = 0.5


class Measurements:
    """Loss and metrics of batches, and their means over all samples so far."""

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self.totals = dict.fromkeys(["loss", *metrics], 0.0)
        self.samples = 0
        self._functions: list[Callable] = list(metrics.values())
        self._start()

    def _start(self) -> None:
        self._losses: list[Tensor] = []
        self._measured: list[list[Tensor | float]] = [[] for _ in self._functions]
        self._sizes: list[int] = []
        self._collected_at = monotonic()

    def __len__(self) -> int:
        """Return how many batches wait to be collected."""
        return len(self._sizes)

    def add(self, loss: Tensor, scores: object, targets: object, size: int) -> None:
        """Note a batch of `size` samples; `loss` is its mean loss, with or without a graph."""
        self._losses.append(loss.detach())  # keeping the graph would keep every activation
        if self._functions:
            scores = _without_graph(scores)
            for metric, values in zip(self._functions, self._measured):
                values.append(metric(scores, targets))
        self._sizes.append(size)

    def are_many(self) -> bool:
        """Return whether it is time to collect: enough batches, or enough seconds."""
        return len(self._sizes) >= MOST_BATCHES or monotonic() - self._collected_at > MOST_SECONDS

    def collect(self) -> tuple[list[int], list[float]]:
        """Return samples and loss of each batch since the last call; add everything up."""
        columns, sizes = [self._losses, *self._measured], self._sizes
        self._start()
        found = [_numbers(values, name) for values, name in zip(columns, self.totals)]
        for name, values, numbers in zip(self.totals, columns, found):
            counts = values and all(map(_is_count, values))
            # One after the other: the last bits must not depend on when it was collected.
            for number in numbers if counts else map(mul, numbers, sizes):
                self.totals[name] += number
        self.samples += sum(sizes)
        return sizes, found[0]

    def means(self, source: str) -> dict[str, float]:
        """Return the mean over all samples collected, so a smaller last batch counts for less.

        Raises ValueError when there was no batch; `source` names where they were to come from.
        """
        if not self.samples:
            raise no_batches(source)
        return {name: total / self.samples for name, total in self.totals.items()}


def no_batches(source: str) -> ValueError:
    """Return the error for a loader without batches; `source` names the argument that it was."""
    return ValueError(
        f"{source} gave no batches. It is empty, or a generator, which is read only once: give a "
        "list of batches, a DataLoader or a TensorLoader with data in it."
    )


def _is_count(value: Tensor | float) -> bool:
    """Return whether a metric's value counts samples: an integer. Others are means."""
    if isinstance(value, Tensor):
        return not value.is_floating_point()
    return isinstance(value, Integral)  # numpy's integers too


def _without_graph(scores: object) -> object:
    """Return scores, also those in tuples, lists and dicts, as tensors that carry no graph."""
    if isinstance(scores, Tensor):
        return scores.detach()
    if isinstance(scores, dict):
        return {name: _without_graph(part) for name, part in scores.items()}
    if type(scores) in (tuple, list):
        return type(scores)(_without_graph(part) for part in scores)
    return scores


def _numbers(values: list[Tensor | float], name: str) -> list[float]:
    """Return the values as floats, with one transfer where all are tensors."""
    try:
        together = torch.stack(values)
        if together.dim() == 1 and not together.is_complex():
            return together.tolist()
    except (TypeError, RuntimeError):
        pass  # not all are tensors, not all on one device, not all 0-d, or there are none
    return [_number(value, name) for value in values]


def _number(value: Tensor | float, name: str) -> float:
    """Return one value as a float; raises ValueError, naming the metric, for what is not one."""
    if isinstance(value, Tensor) and value.dim():
        raise ValueError(
            f"the metric {name!r} gave a tensor {tuple(value.shape)}; "
            "it must give one number, the mean over the batch."
        )
    with suppress(ValueError):  # of numpy, for an array of several numbers
        value = value.item() if hasattr(value, "item") else value
    if isinstance(value, Real):
        return float(value)
    raise ValueError(
        f"the metric {name!r} gave {type(value).__name__}; it must give one real number, the mean "
        "over the batch." + (" Does it end with return?" if value is None else "")
    )
