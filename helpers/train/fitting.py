"""The training loop."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from helpers.train._batches import groups, move
from helpers.train._validation import check_cycle
from helpers.train.errors import NonFiniteLossError
from helpers.train.evaluation import measure, mode
from helpers.train.history import History
from helpers.train.loggers import Logger
from helpers.train.losses import learnable_loss
from helpers.train.metrics import DEFAULT_METRICS, Metric
from helpers.train.progress import Progress
from helpers.train._checkpointing import resume_run, save_run, unsaved
from helpers.train._run import Run
from helpers.train.early_stopping import EarlyStopping


def fit(
    model: nn.Module,
    loader: Iterable[object],
    loss_function: Callable[[Tensor, Tensor], Tensor],
    optimizer: Optimizer,
    *,
    epochs: int,
    validation: Iterable[object] | None = None,
    metrics: Mapping[str, Metric] = DEFAULT_METRICS,
    scheduler: object | None = None,
    scheduler_step: str = "epoch",
    clip_norm: float | None = None,
    accumulate: int = 1,
    amp: torch.dtype | None = None,
    early_stopping: EarlyStopping | None = None,
    loggers: Iterable[Logger] = (),
    checkpoint: str | Path | None = None,
    resume: bool = True,
    progress: bool = True,
) -> History:
    """Train the model on every batch of the loader, `epochs` times; return the history.

    `loader`, `validation`: any iterable of pairs (inputs, targets). They are moved to where the
    model's first parameter lies; the model stays there. `loss_function(scores, targets)` gives
    the mean over a batch, 0-d. `metrics`: name to function of (scores, targets), likewise, or an
    integer count of samples; {} for none. The model trains in training mode; each module gets its
    own mode back.

    `scheduler` steps after the optimiser, once a "step" or once an "epoch" (`scheduler_step`);
    ReduceLROnPlateau is given the validation loss. `clip_norm`: the greatest 2-norm of all
    gradients together. `accumulate`: so many batches make one step, with the gradient that one
    batch of all their samples would have, where the loss is the plain mean over the samples
    (with class weights or `ignore_index` it is not). `amp`: torch.bfloat16 or torch.float16 for
    mixed precision. `early_stopping`: see `EarlyStopping`. `loggers`: see `Logger`. `progress`:
    a bar on stderr, or a widget, that goes away at the end.

    `checkpoint`: a file that holds the whole state after each epoch. With `resume`, a run whose
    file exists goes on from it, in the same way to the last bit as if it had never stopped;
    with False it starts anew. `epochs` counts from the very beginning.

    Ctrl-C (in Jupyter: interrupt the kernel) finishes the step, or the validation, and returns
    the history with `stopped == "interrupted"`; the second time it raises KeyboardInterrupt. It
    saves the checkpoint; in the middle of an epoch that needs a loader with `state_dict()`, such
    as TensorLoader, and with another one it says what was not saved.

    Raises NonFiniteLossError when the loss becomes nan or infinite; ValueError or TypeError,
    in one sentence, for what cannot be trained; CheckpointError for a file of another run. Any
    exception carries what was recorded before it as `history`.
    """
    run = Run(
        model=model,
        loader=loader,
        loss_function=loss_function,
        optimizer=optimizer,
        epochs=epochs,
        validation=validation,
        metrics=metrics,
        scheduler=scheduler,
        scheduler_step=scheduler_step,
        clip_norm=clip_norm,
        accumulate=accumulate,
        amp=amp,
        early_stopping=early_stopping,
        checkpoint=checkpoint,
        loggers=loggers,
    )
    if early_stopping is not None:
        early_stopping.reset()
    if resume and resume_run(run):
        print(_where(run, "Resuming from"))
    else:
        check_cycle(run.scheduler, run.scheduler_steps_after(epochs=0, steps=0))
    _train(run, progress)
    if run.history.stopped == "interrupted":
        print(" ".join(filter(None, [_where(run, "Interrupted"), unsaved(run)])))
    elif early_stopping is not None:
        early_stopping.restore(model)
    return run.history


def _train(run: Run, progress: bool) -> None:
    """Go through epoch after epoch until the run is over."""
    with _watched(run, progress):
        while not run.is_over:
            with _forgiving(run):
                if _train_epoch(run):
                    _end_epoch(run)
                else:
                    _leave_epoch(run)


def _train_epoch(run: Run) -> bool:
    """Go through the loader once: the loop that chapter 04 builds line by line.

    Returns False when an interrupt left batches over.
    """
    model, optimizer, precision, recorder = run.model, run.optimizer, run.precision, run.recorder
    for group, samples in groups(run.loader, run.accumulate):  # one step for each group
        optimizer.zero_grad()
        for (inputs, targets), size in group:
            inputs, targets = move(inputs, run.device), move(targets, run.device)
            with precision.autocast:
                scores = model(inputs)
                loss = learnable_loss(run.loss_function(scores, targets))
            precision.backward(loss if size == samples else loss * (size / samples))
            recorder.add_batch(loss, scores, targets, size)
        precision.step(optimizer, run.clip_norm)
        recorder.add_step(optimizer.param_groups[0]["lr"])
        if run.scheduler is not None and run.scheduler_step == "step":
            run.scheduler.step()
        if run.interrupt.requested and recorder.are_batches_left():
            return False
    recorder.collect()
    return True


def _end_epoch(run: Run) -> None:
    """Validate, note the epoch, tell the scheduler and early stopping, save the checkpoint."""
    row = run.recorder.row()
    if run.validation is not None:
        parts = (run.loss_function, run.metrics, run.precision)
        measured = measure(run.model, run.validation, *parts, source="validation")
        row |= {f"validation {name}": value for name, value in measured.items()}
    run.recorder.end_epoch(row)
    if isinstance(run.scheduler, ReduceLROnPlateau):
        run.scheduler.step(row["validation loss"])
    elif run.scheduler is not None and run.scheduler_step == "epoch":
        run.scheduler.step()
    if run.early_stopping is not None and run.early_stopping.update(row, run.model):
        run.history.stopped = "early stopping"
    elif run.interrupt.requested and not run.is_over:
        run.history.stopped = "interrupted"
    save_run(run)


def _leave_epoch(run: Run) -> None:
    """Stop where an interrupt asked for it; the rest of the epoch waits for another run."""
    run.history.stopped = "interrupted"
    save_run(run)


@contextmanager
def _watched(run: Run, progress: bool) -> Iterator[None]:
    """Training mode, a bar, and a careful end: whatever happens, all is put back, nothing lost."""
    run.recorder.progress = Progress(progress, run.total_steps, run.recorder.steps_done)
    try:
        with mode(run.model, training=True), run.interrupt:
            yield
    except BaseException as error:
        _keep_history(run, error)
        raise
    finally:
        run.recorder.progress.close()
        run.recorder.loggers.flush()


@contextmanager
def _forgiving(run: Run) -> Iterator[None]:
    """Stop as for an interrupt when it has ended a worker of a DataLoader: Ctrl-C reaches all.

    Nothing is saved then: the file of the last epoch stands.
    """
    try:
        yield
    except RuntimeError as error:
        if not (run.interrupt.requested and "DataLoader worker" in str(error)):
            raise
        run.recorder.collect()
        run.history.stopped = "interrupted"


def _keep_history(run: Run, error: BaseException) -> None:
    """Attach to an exception what was recorded before it."""
    with suppress(Exception):  # on a GPU whose kernel failed, nothing can be read any more
        run.recorder.collect()
    error.history = run.history
    if run.history.steps["loss"] and not isinstance(error, NonFiniteLossError):
        error.add_note(
            f"{_where(run, 'Stopped')} The history of the steps before this is kept in the "
            "exception, as error.history (in a notebook: import sys, then sys.last_value.history)."
        )


def _where(run: Run, verb: str) -> str:
    """Return one sentence on where a run goes on or was left."""
    name = f" {run.checkpoint.name}" if run.checkpoint and verb.startswith("Resuming") else ""
    of = f" of {run.batches}" if run.batches else ""
    inside = f", batch {run.recorder.batch}{of} of the next" if run.recorder.batch else ""
    is_finished = len(run.history) >= run.epochs
    over = "; nothing is left to train" if is_finished and not inside else ""
    if run.history.stopped == "early stopping":
        over = "; it was stopped early"
    return f"{verb}{name} after epoch {len(run.history)} of {run.epochs}{inside}{over}."
