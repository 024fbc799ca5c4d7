"""The two loops of chapter 04: `fit`, and `evaluate`, the same without learning."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from helpers._validation import integer
from helpers.checkpoint import check_path
from helpers.train import _validation
from helpers.train._batches import batches, groups, length_of
from helpers.train._checkpointing import resume_run, save_run, unsaved
from helpers.train._recording import Measurements, NonFiniteLossError, Recorder
from helpers.train._run import Run, Schedule, check_cycles
from helpers.train._steps import ForwardPass, LossWeights, Update, mode
from helpers.train.early_stopping import EarlyStopping
from helpers.train.history import History
from helpers.train.loggers import Logger, ProgressBar
from helpers.train.metrics import DEFAULT_METRICS, Metric, checked_metrics


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

    The model trains in training mode, without the parts that are frozen: those in evaluation mode
    inside a model in training mode, or with parameters of which none requires a gradient. Each
    module gets its own mode back.

    Ctrl-C (in Jupyter: interrupt the kernel) finishes the step, or the validation, and returns
    the history with `stopped == "interrupted"`; the second time it raises KeyboardInterrupt. It
    saves the checkpoint; in the middle of an epoch that needs a loader with `state_dict()`, such
    as TensorLoader, and with another one it says what was not saved.

    Args:
        model: Where its first parameter lies, the batches go; it stays there.
        loader: An iterable of pairs (inputs, targets), read once an epoch.
        loss_function: A function of (scores, targets) that gives the mean over a batch, 0-d. Means
            over several batches are those over all samples together, also with the class weights
            and the `ignore_index` of `CrossEntropyLoss` and `NLLLoss`. A function of your own is
            taken for the plain mean over the samples.
        optimizer: Holds the model's parameters.
        epochs: How often to go through the loader, counted from the very beginning of the run,
            also when it is resumed.
        validation: An iterable like `loader`, measured after each epoch as by `evaluate`.
        metrics: Name to function of (scores, targets), which gives the mean over a batch, or an
            integer count of samples; {} for none. `accuracy` and `correct` leave out the targets
            that the loss ignores.
        scheduler: Steps after the optimiser; ReduceLROnPlateau is given the validation loss. It
            does not step where float16 has skipped the optimiser's step (`History.skipped`).
        scheduler_step: How often: once a "step" or once an "epoch".
        clip_norm: The greatest 2-norm of all gradients together.
        accumulate: So many batches make one step, with the gradient that one batch of all their
            samples would have.
        amp: torch.bfloat16 or torch.float16 for mixed precision.
        early_stopping: Stops the run, and restores the best weights.
        loggers: Objects with `add_scalar` and `flush`; see `Logger`.
        checkpoint: A file that holds the whole state after each epoch.
        resume: Whether a run whose file exists goes on from it, the same to the last bit as if it
            had never stopped. False: it starts anew.
        progress: Whether there is a bar, on stderr or as a widget, that goes away at the end.

    Returns:
        The history: a row for each epoch, a number for each step.

    Raises:
        NonFiniteLossError: when the loss becomes nan or infinite.
        TypeError: in one sentence, for what is of a wrong kind.
        ValueError: in one sentence, for what cannot be trained.
        OSError: for a checkpoint that cannot be written.
        CheckpointError: for a file that is damaged or of another run. Any exception carries
            what was recorded before it as `history`.
    """
    _validation.check_model(model)
    _validation.check_loss_function(loss_function)
    _validation.check_optimizer(optimizer)
    _validation.check_parameters(optimizer, model, loss_function)
    _validation.check_clip_norm(clip_norm)
    _validation.check_switch(resume, "resume")
    _validation.check_switch(progress, "progress")
    forward = ForwardPass(model, loss_function, amp)
    recorder = Recorder(metrics, loggers, LossWeights(loss_function), model, length_of(loader))
    run = Run(
        forward=forward,
        update=Update(optimizer, clip_norm, forward),
        schedule=Schedule(scheduler, scheduler_step, optimizer, validation),
        recorder=recorder,
        loader=loader,
        batches=recorder.batches_in_epoch,
        validation=validation,
        epochs=integer(epochs, "epochs", least=1),
        accumulate=integer(accumulate, "accumulate", least=1),
        early_stopping=early_stopping,
        checkpoint=None if checkpoint is None else check_path(checkpoint, "checkpoint"),
    )
    _validation.check_loader(loader, "loader", run.epochs)
    if validation is not None:
        _validation.check_loader(validation, "validation", run.epochs)
    _validation.check_early_stopping(early_stopping, run.measured, validation)
    if early_stopping is not None:
        early_stopping.reset()
    if resume and resume_run(run):
        print(_where(run, "Resuming from"))
    else:
        check_cycles(run)
    _train(run, progress)
    return run.history


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
    Batches go to the model's device. The means are those over all samples together, whatever the
    batches' sizes, also with class weights and an `ignore_index`. A loss that is nan is returned
    as nan: the accuracy beside it says nothing then.

    Args:
        model: What is measured.
        loader: An iterable of pairs (inputs, targets).
        loss_function: As in `fit`.
        metrics: As in `fit`.
        amp: As in `fit`.

    Returns:
        The mean loss, and the mean of each metric.

    Raises:
        TypeError: in one sentence, for a model, loader, loss_function, metrics or amp that are
            none, and for a loader that gives no pairs.
        ValueError: for a loader that is empty, for targets of which none counts, and for a loss or
            a metric that gives no number.
    """
    _validation.check_model(model)
    _validation.check_loader(loader, "loader", times=1)
    _validation.check_loss_function(loss_function)
    forward = ForwardPass(model, loss_function, amp)
    measurements = Measurements(checked_metrics(metrics), LossWeights(loss_function))
    return _measure(forward, loader, measurements, "loader")


def _measure(
    forward: ForwardPass, loader: Iterable[object], measurements: Measurements, source: str
) -> dict[str, float]:
    """Return what `evaluate` does; `source` names the argument that the loader was."""
    with mode(forward.model, training=False), torch.no_grad():
        for inputs, targets, size in batches(loader):
            scores, targets, loss = forward(inputs, targets)
            measurements.add(loss, scores, targets, size)
            if measurements.are_many():
                measurements.collect()
    measurements.collect()
    return measurements.means(source)


def _train(run: Run, progress: bool) -> None:
    """Go through epoch after epoch until the run is over."""
    with _watched(run, progress):
        while not run.is_over:
            with _forgiving(run):
                if _train_epoch(run):
                    _end_epoch(run)
                else:
                    run.history.stopped = "interrupted"
                    save_run(run)
        run.recorder.progress.close()
        if run.history.stopped == "interrupted":
            print(" ".join(filter(None, [_where(run, "Interrupted"), unsaved(run)])))
        elif run.early_stopping is not None:
            run.early_stopping.restore(run.forward.model)


def _train_epoch(run: Run) -> bool:
    """Go through the loader once: the loop that chapter 04 builds line by line.

    Returns False when an interrupt left batches over.
    """
    forward, update, recorder = run.forward, run.update, run.recorder
    optimizer, loss_weights = update.optimizer, recorder.loss_weights
    for group in groups(run.loader, run.accumulate):  # one step for each group
        optimizer.zero_grad()
        for (inputs, targets, size), share in zip(group, loss_weights.shares(group)):
            scores, targets, loss = forward(inputs, targets)
            update.backward(loss, share)
            recorder.add_batch(loss, scores, targets, size)
        is_changed = update.step()
        recorder.add_step(optimizer.param_groups[0]["lr"], is_skipped=not is_changed)
        if is_changed:
            run.schedule.after_step()
        if run.interrupt.requested and recorder.are_batches_left():
            return False
    recorder.collect()
    return True


def _end_epoch(run: Run) -> None:
    """Validate, note the epoch, step the scheduler, ask early stopping, save the checkpoint."""
    row, has_changed = run.recorder.row(), run.recorder.has_changed_weights
    if run.validation is not None:
        measurements = Measurements(run.recorder.metrics, run.recorder.loss_weights)
        measured = _measure(run.forward, run.validation, measurements, "validation")
        row |= {f"validation {name}": value for name, value in measured.items()}
    run.recorder.end_epoch(row)
    if has_changed:
        run.schedule.after_epoch(row)
    else:
        _validation.warn(
            f"no step of epoch {row['epoch']} changed the weights, nor did the learning rate "
            "change: gradients in float16 were infinite. If this goes on, scale inputs or weights "
            "down, or give amp=torch.bfloat16."
        )
    stopping = run.early_stopping
    if stopping is not None and stopping.update(row, run.forward.model):
        run.history.stopped = "early stopping"
    elif run.interrupt.requested and not run.is_over:
        run.history.stopped = "interrupted"
    save_run(run)


@contextmanager
def _watched(run: Run, progress: bool) -> Iterator[None]:
    """Training mode, a bar, and a careful end: whatever happens, all is put back, nothing lost."""
    recorder = run.recorder
    recorder.progress = ProgressBar(progress, run.total_steps, recorder.steps_done)
    try:
        # The handler of Ctrl-C is the outermost, so that a second one finds the history kept.
        with run.interrupt:
            try:
                with mode(run.forward.model, training=True):
                    yield
            finally:
                recorder.progress.close()
                recorder.flush()
    except BaseException as error:
        _keep_history(run, error)
        raise


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
    vars(error)["history"] = run.history
    if run.history.steps["loss"] and not isinstance(error, NonFiniteLossError):
        note = (
            f"{_where(run, 'Stopped')} The history of the steps before this is kept in the "
            "exception, as error.history (in a notebook: import sys, then sys.last_value.history)."
        )
        error.__notes__ = [note, *getattr(error, "__notes__", ())]  # before those on the batch
    elif not _validation.is_ours(error) and not hasattr(error, "__notes__"):
        error.add_note("The run stopped in its first step; nothing was recorded before it.")


def _where(run: Run, verb: str) -> str:
    """Return one sentence on where a run goes on or was left."""
    name = f" {run.file}" if verb.startswith("Resuming") else ""
    of = f" of {run.batches}" if run.batches else ""
    inside = f", batch {run.recorder.batch}{of} of the next" if run.recorder.batch else ""
    is_finished = len(run.history) >= run.epochs
    over = "; nothing is left to train" if is_finished and not inside else ""
    if run.history.stopped == "early stopping":
        over = "; it was stopped early"
    return f"{verb}{name} after epoch {len(run.history)} of {run.epochs}{inside}{over}."
