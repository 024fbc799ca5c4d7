"""From the tensors of each batch to numbers: means, the history, the loggers, the progress bar.

`loss.item()` in each step would make the processor wait for the GPU in each step. Here the 0-d
tensors are kept, and become numbers many at a time.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from numbers import Integral, Real
from operator import mul
from time import monotonic
from typing import Any

import torch
from torch import Tensor, nn

from helpers._validation import integer
from helpers.train._steps import LossWeights, mode
from helpers.train._validation import no_batches
from helpers.train.history import History, Row
from helpers.train.loggers import Logger, Loggers, ProgressBar
from helpers.train.metrics import Metric, checked_metrics, counter_of

MOST_BATCHES = 32
MOST_SECONDS = 0.5
MOST_ELEMENTS = 2**14
"""Scores of a batch with more elements are counted at once: copies of many would fill memory."""


class NonFiniteLossError(ArithmeticError):
    """The loss, or a parameter, became nan or infinite: nothing is learnt from there on.

    The model keeps the spoilt weights; a checkpoint keeps the last good ones.

    Attributes:
        epoch: Where it happened, counted from 1.
        batch: The batch in this epoch, counted from 1.
        step: The step of the whole run, counted from 1.
        history: What was recorded before it.
    """

    def __init__(self, message: str, epoch: int, batch: int, step: int, history: History) -> None:
        super().__init__(message)
        self.epoch = epoch
        self.batch = batch
        self.step = step
        self.history = history


class Measurements:
    """Loss and metrics of batches, and their means over all batches so far.

    Args:
        metrics: Name to function of (scores, targets). `accuracy` and `correct` are counted for
            many batches in one call.
        loss_weights: What the mean of the loss over several batches is weighted by.
    """

    def __init__(self, metrics: Mapping[str, Metric], loss_weights: LossWeights) -> None:
        self.totals = dict.fromkeys(["loss", *metrics], 0.0)
        self.weights = dict.fromkeys(self.totals, 0.0)
        self.samples = 0
        self._loss_weights = loss_weights
        self._counters: dict[str, Callable[..., tuple[Tensor, int]]] = {}
        self._functions: dict[str, Metric] = {}
        for name, metric in metrics.items():
            counter = counter_of(metric, loss_weights.ignore_index)
            if counter is None:
                self._functions[name] = metric
            else:
                self._counters[name] = counter
        self._reads_targets = bool(self._counters) or not loss_weights.is_over_samples
        self._is_first = True
        self._start()

    def _start(self) -> None:
        self.sizes: list[int] = []  # of the batches that wait to be collected
        self._losses: list[Tensor] = []
        self._loss_divisors: list[Tensor | float] = []
        self._measured: dict[str, list[Tensor | float]] = {name: [] for name in self._functions}
        self._waiting: list[tuple[Any, Any]] = []  # scores and targets still to be counted
        self._collected_at = monotonic()

    def add(self, loss: Tensor, scores: Any, targets: Any, size: int) -> None:
        """Note a batch of `size` samples; `loss` is its mean loss, with or without a graph."""
        self._losses.append(loss.detach())  # keeping the graph would keep every activation
        self.sizes.append(size)
        if self._functions:
            graphless = _without_graph(scores)
            for name, metric in self._functions.items():
                self._measured[name].append(_called(metric, name, graphless, targets))
        if self._reads_targets:
            self._add_targets(scores, targets)

    def _add_targets(self, scores: Any, targets: Any) -> None:
        """Keep scores and targets until many are counted together, or count them at once."""
        can_wait = type(targets) is Tensor and type(scores) is Tensor and not self._is_first
        if can_wait and scores.numel() <= MOST_ELEMENTS:
            # Copies: a loader may fill one tensor again and again. Scores with a graph are new.
            kept = scores.detach() if scores.requires_grad else scores.clone()
            self._waiting.append((kept, targets.clone()))
        else:
            self._count_waiting()
            self._waiting.append((_without_graph(scores), targets))
            self._count_waiting()
            self._is_first = False

    def _count_waiting(self) -> None:
        """Count hits, and what the losses divide by, of all batches that wait."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        joined = _joined(waiting)
        sizes = self.sizes[len(self._loss_divisors) :]
        if all(self._loss_weights.are_samples(targets) for _, targets in joined):
            self._loss_divisors += sizes
        else:
            pairs = zip(waiting, sizes)
            self._loss_divisors += [self._loss_weights.of(each[1], size) for each, size in pairs]
        for name, counter in self._counters.items():
            for scores, targets in joined:
                hits, counted = counter(scores, targets)
                self.totals[name] += hits.item()
                self.weights[name] += counted

    def are_many(self) -> bool:
        """Return whether it is time to collect: enough batches, or enough seconds."""
        return len(self.sizes) >= MOST_BATCHES or monotonic() - self._collected_at > MOST_SECONDS

    def collect(self) -> tuple[Sequence[float], list[float]]:
        """Return weight and loss of each batch since the last call; add everything up."""
        self._count_waiting()
        sizes, measured = self.sizes, self._measured
        losses = _numbers(self._losses, "loss")
        divisors = _floats(self._loss_divisors or sizes)
        self._start()
        self._add_up("loss", losses, divisors)
        for name, values in measured.items():
            numbers = _numbers(values, name)
            if values and all(map(_is_count, values)):
                self.totals[name] += sum(numbers)
                self.weights[name] += sum(sizes)
            else:
                self._add_up(name, numbers, sizes)
        self.samples += sum(sizes)
        return divisors, losses

    def _add_up(self, name: str, means: Sequence[float], weights: Sequence[float]) -> None:
        """Add means to a total, each times its weight."""
        # One after the other: the last bits must not depend on when it was collected.
        for mean, weight in zip(means, weights):
            self.totals[name] += mean * weight if weight else 0.0  # nan, where all is ignored
            self.weights[name] += weight

    def means(self, source: str) -> dict[str, float]:
        """Return the mean over all that was collected, so a smaller last batch counts for less.

        Args:
            source: Which argument the batches came from.

        Raises:
            ValueError: when there was no batch, or no target in them that counts.
        """
        if not self.samples:
            raise no_batches(source)
        if not all(self.weights.values()):
            raise ValueError(
                f"no target that {source} gave counts: all are ignored, or of classes with "
                "weight 0; give targets of which some count."
            )
        return {name: total / self.weights[name] for name, total in self.totals.items()}

    def state_dict(self) -> dict[str, object]:
        """Return sums so far, when everything is collected."""
        return {
            "samples": self.samples,
            "totals": dict(self.totals),
            "weights": dict(self.weights),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the sums of another; the metrics may be in another order.

        Raises:
            TypeError: for a sum that is not a number.
        """
        self.samples = integer(state["samples"], "samples", least=1)
        for name in self.totals:
            # Files of older versions have no weights: there all were the samples.
            weight = state.get("weights", {}).get(name, self.samples)
            self.totals[name] = _number(state["totals"][name], name)
            self.weights[name] = _number(weight, name)


def _joined(waiting: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Return the batches as one, where their shapes and kinds allow it."""
    if len(waiting) > 1:
        with suppress(RuntimeError):
            scores, targets = zip(*waiting)
            kinds = {(each.dtype, each.shape[1:]) for each in targets}
            if len(kinds) == 1:
                return [(torch.cat(scores), torch.cat(targets))]
    return waiting


def _called(metric: Metric, name: str, scores: Any, targets: Any) -> Tensor | float:
    """Return what a metric gives; what it raises gets a note that names it."""
    try:
        return metric(scores, targets)
    except Exception as error:
        error.add_note(f"The metric {name!r} raised this, called with (scores, targets).")
        raise


def _is_count(value: Tensor | float) -> bool:
    """Return whether a metric's value counts samples: an integer. Others are means."""
    if isinstance(value, Tensor):
        return not value.is_floating_point()
    return isinstance(value, Integral)  # numpy's integers too


def _without_graph(scores: Any) -> Any:
    """Return scores, also those in tuples, lists and dicts, as tensors that carry no graph."""
    if isinstance(scores, Tensor):
        return scores.detach()
    if isinstance(scores, dict):
        return {name: _without_graph(part) for name, part in scores.items()}
    if type(scores) in (tuple, list):
        return type(scores)(_without_graph(part) for part in scores)
    return scores


def _numbers(values: Sequence[Any], name: str) -> list[float]:
    """Return the values as floats, with one transfer where all are tensors."""
    try:
        together = torch.stack(list(values))
        if together.dim() == 1 and not together.is_complex():
            return together.tolist()
    except (TypeError, RuntimeError):
        pass  # not all are tensors, not all on one device, not all 0-d, or there are none
    return [_number(value, name) for value in values]


def _floats(divisors: Sequence[Any]) -> Sequence[float]:
    """Return what losses divide by as numbers; nearly always they are."""
    if any(isinstance(each, Tensor) for each in divisors):
        return _numbers(divisors, "loss")
    return divisors


def _number(value: Any, name: str) -> float:
    """Return one value as a float; raises ValueError, naming the metric, for what is not one."""
    if isinstance(value, Tensor) and value.dim():
        raise ValueError(
            f"the metric {name!r} gave a tensor {tuple(value.shape)}; "
            "it must give one number, the mean over the batch."
        )
    with suppress(ValueError, RuntimeError):  # an array of several numbers, a meta tensor
        value = value.item() if hasattr(value, "item") else value
    if isinstance(value, Real):
        return float(value)
    raise ValueError(
        f"the metric {name!r} gave {type(value).__name__}; it must give one real number, the mean "
        "over the batch." + (" Does it end with return?" if value is None else "")
    )


class Recorder:
    """Notes batches and steps as tensors, and passes them on as numbers, many at a time.

    Args:
        metrics: As `fit` was given them.
        loggers: As `fit` was given them.
        loss_weights: What the mean of the loss over several batches is weighted by.
        model: It is in evaluation mode while the loggers are called, since they may use it.
        batches_in_epoch: None where the loader does not know.

    Raises:
        TypeError: for metrics and loggers that are none.
        ValueError: for a metric's name that is taken.
    """

    def __init__(
        self,
        metrics: Mapping[str, Metric],
        loggers: Iterable[Logger],
        loss_weights: LossWeights,
        model: nn.Module,
        batches_in_epoch: int | None,
    ) -> None:
        self.history = History()
        self.metrics = checked_metrics(metrics)
        self.loss_weights = loss_weights
        self.batches_in_epoch = batches_in_epoch
        self.progress = ProgressBar(False, None)
        self._loggers = Loggers(loggers)
        self._model = model
        self._start_epoch()

    def _start_epoch(self) -> None:
        self.batch = 0  # batches of this epoch that are collected
        self._measurements = Measurements(self.metrics, self.loss_weights)
        self.add_batch = self._measurements.add  # called for every batch: no frame of its own
        self._rates: list[float] = []  # of each step since the last collection
        self._ends: list[int] = []  # batches since then, at the end of each step
        self.has_changed_weights = False  # in this epoch

    def add_step(self, learning_rate: float | Tensor, is_skipped: bool = False) -> None:
        """Note a step over the batches since the last one, and collect when it is time."""
        self._rates.append(float(learning_rate))
        self._ends.append(len(self._measurements.sizes))
        if is_skipped:
            self.history.skipped.append(self.steps_done + len(self._ends))
        else:
            self.has_changed_weights = True
        if self._measurements.are_many():
            self.collect()

    @property
    def steps_done(self) -> int:
        """Steps of the whole run that are collected."""
        return len(self.history.steps["loss"])

    def are_batches_left(self) -> bool:
        """Collect, and return whether the epoch has more batches, as far as is known."""
        self.collect()
        return self.batch != self.batches_in_epoch

    def collect(self) -> None:
        """Turn what was noted into numbers; raises NonFiniteLossError when a loss is none."""
        weights, losses = self._measurements.collect()
        rates, ends, self._rates, self._ends = self._rates, self._ends, [], []
        if not all(weights):
            losses = _without_uncounted(losses, weights, ends)
        good = _count_finite(losses)
        self._note_steps(_step_losses(losses[:good], weights, ends), rates)
        self.batch += good
        if good < len(losses):
            self.batch += 1
            raise self._not_finite(losses[good], weights[good])

    def row(self) -> Row:
        """Return the beginning of an epoch's row, once it is collected: its number and means.

        Raises:
            ValueError: when there was no batch in it.
        """
        means = self._measurements.means("loader")
        return {"epoch": len(self.history) + 1} | {
            f"train {name}": value for name, value in means.items()
        }

    def end_epoch(self, row: Row) -> None:
        """Put the row of a finished epoch into the history, tell the loggers, begin new means."""
        row["learning rate"] = self.history.steps["learning rate"][-1]
        self.history.epochs.append(row)
        if self._loggers:
            with mode(self._model, training=False):
                for name, value in row.items():
                    part, _, what = name.partition(" ")
                    if part in ("train", "validation") and name != "train loss":
                        self._loggers.add_scalar(f"{what}/{part}", value, self.steps_done)
        self.flush()
        self._start_epoch()

    def flush(self) -> None:
        """Let the loggers pass on what they have."""
        if self._loggers:
            with mode(self._model, training=False):
                self._loggers.flush()

    def state_dict(self) -> dict[str, object]:
        """Return the means of an epoch begun, when everything is collected."""
        return {
            "batch": self.batch,
            "has_changed_weights": self.has_changed_weights,
            **self._measurements.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the means of an epoch begun.

        Raises:
            TypeError: for a count or a sum that is not a number.
        """
        self._start_epoch()
        self.batch = integer(state["batch"], "batch", least=1)
        self.has_changed_weights = state.get("has_changed_weights", True) is True
        self._measurements.load_state_dict(state)

    def _note_steps(self, losses: list[float], rates: list[float]) -> None:
        before, steps = self.steps_done, self.history.steps
        steps["loss"] += losses
        steps["learning rate"] += rates[: len(losses)]
        if self._loggers:
            with mode(self._model, training=False):
                for step, (loss, rate) in enumerate(zip(losses, rates), before + 1):
                    self._loggers.add_scalar("loss/train", loss, step)
                    self._loggers.add_scalar("learning rate", rate, step)
        if losses:
            self.progress.advance(len(losses), len(self.history) + 1, losses[-1])

    def _not_finite(self, loss: float, weight: float) -> NonFiniteLossError:
        epoch, step = len(self.history) + 1, self.steps_done + 1
        of = f" of {self.batches_in_epoch}" if self.batches_in_epoch else ""
        advice = (
            "Look for nan in this batch; if there is none, try a smaller learning rate, "
            "clip_norm=1.0, and look for log(0), a division by 0 or the root of 0 in the model."
        )
        if not weight:
            advice = (
                "None of its targets counts: all are ignored, or of classes with weight 0; leave "
                "such batches out."
            )
        where = f"in epoch {epoch}, batch {self.batch}{of} (step {step})"
        message = f"the loss became {loss} {where}. {advice}"
        return NonFiniteLossError(message, epoch, self.batch, step, self.history)


def _count_finite(losses: list[float]) -> int:
    """Return how many losses there are before the first that is nan or infinite."""
    if math.isfinite(sum(losses)):
        return len(losses)
    return next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))


def _without_uncounted(
    losses: list[float], weights: Sequence[float], ends: list[int]
) -> list[float]:
    """Return the losses, 0 for a batch in which no target counts, where one of its step does."""
    losses = list(losses)
    for start, end in pairwise([0, *ends]):
        if any(weights[start:end]):
            for index in range(start, end):
                losses[index] = losses[index] if weights[index] else 0.0
    return losses


def _step_losses(losses: list[float], weights: Sequence[float], ends: list[int]) -> list[float]:
    """Return the mean loss of each step that is whole; `ends`: where it ends among the batches."""
    if len(losses) == len(ends):  # a step for each batch
        return losses
    found = []
    for start, end in pairwise([0, *ends]):
        if end <= len(losses):
            total = sum(map(mul, losses[start:end], weights[start:end]))
            found.append(total / sum(weights[start:end]))
    return found
