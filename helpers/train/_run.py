"""One run of `fit`: its parts, its schedule of learning rates, and what Ctrl-C asks of it."""

import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from torch.optim import Optimizer, lr_scheduler
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau

from helpers.train._recording import Recorder
from helpers.train._steps import ForwardPass, Update
from helpers.train._validation import check_scheduler, warn
from helpers.train.early_stopping import EarlyStopping
from helpers.train.history import History, Row


class Schedule:
    """Steps the scheduler when its time has come.

    Args:
        scheduler: One of `torch.optim.lr_scheduler`, or None.
        scheduler_step: "step" or "epoch": how often it steps.
        optimizer: Whose learning rate it sets.
        validation: ReduceLROnPlateau needs its loss.

    Raises:
        TypeError: for a scheduler that is not one.
        ValueError: for one that does not fit the others.
    """

    def __init__(
        self,
        scheduler: Any,
        scheduler_step: str,
        optimizer: Optimizer,
        validation: Iterable[object] | None,
    ) -> None:
        check_scheduler(scheduler, scheduler_step, optimizer, validation)
        self.scheduler = scheduler
        self.when = scheduler_step

    def after_step(self) -> None:
        """Let the scheduler step, if it does so after each step that changed the weights."""
        if self.scheduler is not None and self.when == "step":
            self.scheduler.step()

    def after_epoch(self, row: Row) -> None:
        """Let the scheduler step, if it does so after each epoch; `row` is that of the epoch."""
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(row["validation loss"])
        elif self.scheduler is not None and self.when == "epoch":
            self.scheduler.step()


@dataclass(kw_only=True)
class Run:
    """The parts of one run, each of which has checked what `fit` was given for it."""

    forward: ForwardPass
    update: Update
    schedule: Schedule
    recorder: Recorder
    loader: Iterable[object]
    batches: int | None
    validation: Iterable[object] | None
    epochs: int
    accumulate: int
    early_stopping: EarlyStopping | None
    checkpoint: Path | None
    interrupt: "Interrupt" = field(default_factory=lambda: Interrupt())

    @property
    def file(self) -> str:
        """The name of its checkpoint, as it stands in messages; empty without one."""
        return "" if self.checkpoint is None else self.checkpoint.name

    @property
    def history(self) -> History:
        """What is recorded so far."""
        return self.recorder.history

    @property
    def total_steps(self) -> int | None:
        """Steps in all epochs; None where the loader has no length."""
        if self.batches is None:
            return None
        return self.epochs * -(-self.batches // self.accumulate)

    def scheduler_steps_after(self, epochs: int, steps: int) -> int | None:
        """How often the scheduler will step after these; None where the loader has no length."""
        if self.schedule.when == "epoch":
            return self.epochs - epochs
        return None if self.total_steps is None else self.total_steps - steps

    @property
    def measured(self) -> list[str]:
        """Names of the values that each epoch is to have in the history, beside its rate."""
        parts = ("train", "validation")[: 1 if self.validation is None else 2]
        return [f"{part} {name}" for part in parts for name in ("loss", *self.recorder.metrics)]

    @property
    def is_over(self) -> bool:
        """Whether all epochs are done, or something stopped the run."""
        return len(self.history) >= self.epochs or self.history.stopped is not None


class Interrupt:
    """While this is entered, SIGINT (Ctrl-C, Jupyter's square) only sets `requested`.

    A second one raises KeyboardInterrupt at once. On leaving, the handler from before is back.
    Outside the main thread, where no handler can be set, and where SIGINT is ignored, nothing
    changes.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: Any = None
        self._is_set = False

    def __enter__(self) -> "Interrupt":
        self._previous = signal.getsignal(signal.SIGINT)
        ours = threading.current_thread() is threading.main_thread()
        # None: a handler that Python did not set, and could not put back.
        if ours and self._previous not in (None, signal.SIG_IGN):
            signal.signal(signal.SIGINT, self._note)
            self._is_set = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._is_set:
            signal.signal(signal.SIGINT, self._previous)
            self._is_set = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


@dataclass(frozen=True)
class Cycle:
    """A scheduler that has a length of its own, beside the steps that it will take.

    Attributes:
        scheduler: The scheduler, perhaps one inside SequentialLR or ChainedScheduler.
        length: The steps that it was made for, or until it repeats or rests.
        argument: What sets the length: "total_steps", "T_max".
        done: The steps that it has taken.
        to_come: The steps that it will take in this run.
        is_last: Whether no other scheduler takes over before the end of the run.
    """

    scheduler: object
    length: int
    argument: str
    done: int
    to_come: int
    is_last: bool

    @property
    def name(self) -> str:
        """The name of its class."""
        return type(self.scheduler).__name__

    @property
    def is_overrun(self) -> bool:
        """Whether the scheduler would refuse a step."""
        return isinstance(self.scheduler, OneCycleLR) and self.done + self.to_come > self.length

    @property
    def is_cut(self) -> bool:
        """Whether the run ends before the scheduler does."""
        # SequentialLR hands over in place of a step: a warm-up of 5 steps takes 4.
        return self.length - self.done - self.to_come - (not self.is_last) > 0

    @property
    def turns_back(self) -> bool:
        """Whether a rate that should only fall rises again, or rests at 0."""
        kinds = lr_scheduler.CosineAnnealingLR | lr_scheduler.PolynomialLR
        return isinstance(self.scheduler, kinds) and self.done + self.to_come > self.length


LENGTHS: dict[type, str] = {
    lr_scheduler.OneCycleLR: "total_steps",
    lr_scheduler.CosineAnnealingWarmRestarts: "T_0",
    lr_scheduler.CosineAnnealingLR: "T_max",
    lr_scheduler.CyclicLR: "total_size",
    lr_scheduler.LinearLR: "total_iters",
    lr_scheduler.PolynomialLR: "total_iters",
    lr_scheduler.ConstantLR: "total_iters",
}


def cycles(
    scheduler: object, state: Mapping[str, Any], to_come: int, is_last: bool = True
) -> Iterator[Cycle]:
    """Yield the cycles of a scheduler and of those inside it.

    Args:
        scheduler: Of any kind; most have no length.
        state: Its attributes, or its `state_dict()`.
        to_come: How often it will step.
        is_last: Whether no other scheduler takes over from it.
    """
    argument = next((LENGTHS[kind] for kind in LENGTHS if isinstance(scheduler, kind)), None)
    if argument is not None:
        length, done = int(state[argument]), int(state["last_epoch"])
        yield Cycle(scheduler, length, argument, done, to_come, is_last)
    if isinstance(scheduler, lr_scheduler.SequentialLR):
        yield from _in_sequence(scheduler._schedulers, state, to_come, is_last)
    elif isinstance(scheduler, lr_scheduler.ChainedScheduler):
        for each, its_state in zip(scheduler._schedulers, _states_inside(state)):
            yield from cycles(each, its_state, to_come, is_last)


def _states_inside(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the states of the schedulers inside another one, given as `cycles` takes its own."""
    inner = state["_schedulers"]
    return [each if isinstance(each, Mapping) else vars(each) for each in inner]


def _in_sequence(
    inner: Sequence[object],
    state: Mapping[str, Any],
    to_come: int,
    is_last: bool,
) -> Iterator[Cycle]:
    """Yield the cycles of the schedulers in a SequentialLR, as far as the run reaches them."""
    done = state["last_epoch"]
    end = done + to_come
    bounds = pairwise([0, *state["_milestones"], end + 1])
    for each, its_state, (start, stop) in zip(inner, _states_inside(state), bounds):
        steps = min(stop - 1, end) - max(start, done)
        if stop > done and steps >= 0:
            if start > done:
                its_state = {**its_state, "last_epoch": 0}  # it begins anew when its turn comes
            yield from cycles(each, its_state, steps, is_last and stop > end)


def check_cycles(run: Run) -> None:
    """Say before the first step when the run and the scheduler's cycle are of different lengths.

    Warns of a cycle that is cut, unless a checkpoint lets the run go on later, and of one that
    turns back.

    Raises:
        ValueError: for a cycle that ends before the run and refuses each step after that, and for
            one that counts the steps of the run, and would step once an epoch.
    """
    scheduler, to_come = run.schedule.scheduler, run.scheduler_steps_after(epochs=0, steps=0)
    if scheduler is None or to_come is None:
        return
    _warn_of_unreached(scheduler, to_come, run)
    for cycle in cycles(scheduler, getattr(scheduler, "__dict__", {}), to_come):
        made = f"{cycle.name} was made for {cycle.length} steps, {cycle.done} of them done"
        if cycle.is_overrun:
            total = cycle.done + cycle.to_come
            raise ValueError(
                f"{made}, and {cycle.to_come} are to come; make a new one with "
                f"{cycle.argument}={total}."
            )
        if cycle.is_cut and run.checkpoint is None:
            counts_steps = run.schedule.when == "epoch" and cycle.length == run.total_steps
            message = f"{made}, and {cycle.to_come} are to come, {_how_often(run)}, so that its "
            if counts_steps and cycle.to_come == to_come:
                raise ValueError(f"{message}cycle never ends; give scheduler_step='step'.")
            warn(f"{message}cycle does not end; {_remedy(cycle, run, 'step')}")
        elif cycle.turns_back:
            warn(
                f"{made}, and {cycle.to_come} are to come, {_how_often(run)}, so that its rate "
                f"does not end where its cycle does; {_remedy(cycle, run, 'epoch')}"
            )


def _how_often(run: Run) -> str:
    return f"one {'an epoch' if run.schedule.when == 'epoch' else 'a step'}"


def _remedy(cycle: Cycle, run: Run, other: str) -> str:
    """Return what to do about a cycle of another length than the run."""
    remedy = f"make it with {cycle.argument}={cycle.done + cycle.to_come}"
    if cycle.argument == "total_size":
        remedy = "make it with a smaller step_size_up and step_size_down"
    return f"{remedy}{'' if run.schedule.when == other else f', or give scheduler_step={other!r}'}."


def _warn_of_unreached(scheduler: object, to_come: int, run: Run) -> None:
    """Warn of schedulers in a SequentialLR whose turn does not come in this run."""
    if not isinstance(scheduler, lr_scheduler.SequentialLR) or run.checkpoint is not None:
        return
    late = [each for each in scheduler._milestones if each > scheduler.last_epoch + to_come]
    if late:
        warn(
            f"SequentialLR changes the scheduler at its step {late[0]}, and {to_come} are to come, "
            f"{_how_often(run)}, so that it never does; give smaller milestones"
            f"{'' if run.schedule.when == 'step' else ', or scheduler_step=' + repr('step')}."
        )
