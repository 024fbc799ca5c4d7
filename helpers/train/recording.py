"""From the tensors of each step to the history, the loggers and the progress bar."""

import math
from collections.abc import Mapping
from itertools import pairwise
from operator import mul

from torch import Tensor

from helpers.train.errors import NonFiniteLossError
from helpers.train.history import History, Row
from helpers.train.loggers import Loggers
from helpers.train.measuring import Measurements
from helpers.train.metrics import Metric
from helpers.train.progress import Progress


class Recorder:
    """Notes batches and steps as tensors, and passes them on as numbers, many at a time."""

    def __init__(
        self,
        history: History,
        metrics: Mapping[str, Metric],
        loggers: Loggers,
        batches_in_epoch: int | None,
    ) -> None:
        self.history = history
        self.loggers = loggers
        self.progress = Progress(False, None)
        self.batches_in_epoch = batches_in_epoch
        self._metrics = metrics
        self._start_epoch()

    def _start_epoch(self) -> None:
        self.batch = 0  # batches of this epoch that are collected
        self._measurements = Measurements(self._metrics)
        self.add_batch = self._measurements.add
        self._rates: list[float] = []  # of each step since the last collection
        self._ends: list[int] = []  # batches since then, at the end of each step

    def are_batches_left(self) -> bool:
        """Collect, and return whether the epoch has more batches, as far as is known."""
        self.collect()
        return self.batch != self.batches_in_epoch

    @property
    def steps_done(self) -> int:
        """Steps of the whole run that are collected."""
        return len(self.history.steps["loss"])

    def add_step(self, learning_rate: float | Tensor) -> None:
        """Note a step over the batches since the last one, and collect when it is time."""
        self._rates.append(float(learning_rate))
        self._ends.append(len(self._measurements))
        if self._measurements.are_many():
            self.collect()

    def collect(self) -> None:
        """Turn what was noted into numbers; raises NonFiniteLossError when a loss is none."""
        sizes, losses = self._measurements.collect()
        good = _count_finite(losses)
        rates, ends, self._rates, self._ends = self._rates, self._ends, [], []
        self._note_steps(_step_losses(losses[:good], sizes, ends), rates)
        self.batch += good
        if good < len(losses):
            self.batch += 1
            raise self._not_finite(losses[good])

    def row(self) -> Row:
        """Return the beginning of an epoch's row, once it is collected: its number and means.

        Raises ValueError when there was no batch in it.
        """
        means = self._measurements.means("loader")
        return {"epoch": len(self.history) + 1} | {
            f"train {name}": value for name, value in means.items()
        }

    def end_epoch(self, row: Row) -> None:
        """Put the row of a finished epoch into the history, tell the loggers, begin new means."""
        row["learning rate"] = self.history.steps["learning rate"][-1]
        self.history.epochs.append(row)
        for name, value in row.items():
            part, _, what = name.partition(" ")
            if part in ("train", "validation") and name != "train loss":
                self.loggers.add_scalar(f"{what}/{part}", value, self.steps_done)
        self.loggers.flush()
        self._start_epoch()

    def state_dict(self) -> dict[str, object]:
        """Return the means of an epoch begun, when everything is collected."""
        measured = self._measurements
        return {
            "batch": self.batch,
            "samples": measured.samples,
            "totals": dict(measured.totals),
        }

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Go on with the means of an epoch begun."""
        self._start_epoch()
        self.batch = state["batch"]
        self._measurements.samples = state["samples"]
        totals = self._measurements.totals  # in the order of the metrics here
        totals.update({name: state["totals"][name] for name in totals})

    def _note_steps(self, losses: list[float], rates: list[float]) -> None:
        before, steps = self.steps_done, self.history.steps
        steps["loss"] += losses
        steps["learning rate"] += rates[: len(losses)]
        if self.loggers:
            for step, (loss, rate) in enumerate(zip(losses, rates), before + 1):
                self.loggers.add_scalar("loss/train", loss, step)
                self.loggers.add_scalar("learning rate", rate, step)
        if losses:
            self.progress.advance(len(losses), len(self.history) + 1, losses[-1])

    def _not_finite(self, loss: float) -> NonFiniteLossError:
        epoch, step = len(self.history) + 1, self.steps_done + 1
        of = f" of {self.batches_in_epoch}" if self.batches_in_epoch else ""
        message = (
            f"the loss became {loss} in epoch {epoch}, batch {self.batch}{of} (step {step}). "
            "Look for nan in this batch; if there is none, try a smaller learning rate, "
            "clip_norm=1.0, and look for log(0), a division by 0 or the root of 0 in the model."
        )
        return NonFiniteLossError(message, epoch, self.batch, step, self.history)


def _count_finite(losses: list[float]) -> int:
    """Return how many losses there are before the first that is nan or infinite."""
    if math.isfinite(sum(losses)):
        return len(losses)
    return next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))


def _step_losses(losses: list[float], sizes: list[int], ends: list[int]) -> list[float]:
    """Return the mean loss over the samples of each step that is whole; `ends`: where it ends."""
    if len(losses) == len(ends):  # a step for each batch
        return losses
    found = []
    for start, end in pairwise([0, *ends]):
        if end <= len(losses):
            total = sum(map(mul, losses[start:end], sizes[start:end]))
            found.append(total / sum(sizes[start:end]))
    return found
