"""A run's state in a file, and back: what is resumed goes on as if it had never stopped."""

from helpers import checkpoint
from helpers.checkpoint import CheckpointError
from helpers.train import _checkpoint_compat as compat
from helpers.train._batches import knows_position, load_state, state_of
from helpers.train._checkpoint_compat import OTHERWISE
from helpers.train._recording import NonFiniteLossError
from helpers.train._run import Run
from helpers.train.early_stopping import COMPILED, load_weights, weights_of


def save_run(run: Run) -> None:
    """Write the run's state to its checkpoint, if it has one; the old file is kept until then.

    Inside an epoch nothing is written when the loader cannot say where it is, and be put there
    again (`state_dict` and `load_state_dict`).

    Raises:
        NonFiniteLossError: rather than to overwrite good weights with nan.
    """
    if run.checkpoint is None or unsaved(run):
        return
    _check_weights(run)
    parts = compat.parts(run)
    checkpoint.save(
        run.checkpoint,
        model=weights_of(run.forward.model),
        kinds=compat.kinds(run),
        **parts,
        scaler=run.update.scaler,
        settings=compat.own_settings(run),
        history=run.history,
        epoch_begun=run.recorder.state_dict() if run.recorder.batch else None,
        loader=state_of(run.loader),
        validation=state_of(run.validation),
        random=checkpoint.random_state(),
    )


def unsaved(run: Run) -> str:
    """Return, in a sentence, that the epoch begun cannot be saved; empty where it can."""
    if run.checkpoint is None or not run.recorder.batch or knows_position(run.loader):
        return ""
    name, epochs = run.checkpoint.name, len(run.history)
    held = f"{name} holds epoch {epochs}" if epochs else f"nothing was written to {name}"
    return (
        f"The epoch begun is not saved, since a loader of type {type(run.loader).__name__} cannot "
        f"say where it is; {held}."
    )


def resume_run(run: Run) -> bool:
    """Bring the run to where its checkpoint was saved; return False when there is none.

    Warns where a setting of the optimiser or scheduler differs: the file's counts; and where one
    of `fit` or the number of batches does: the one here counts.

    Raises:
        CheckpointError: when the file is damaged, or of another model, optimiser, data or other
            metrics, or its OneCycleLR would end before the run; nothing is changed then.
    """
    if run.checkpoint is None or not run.checkpoint.exists():
        return False
    state = checkpoint.load(run.checkpoint)
    compat.check_state(run, state)
    for name in ("validation", "loader"):  # these check the state before they take it
        try:
            load_state(getattr(run, name), state[name])
        except ValueError as error:
            raise CheckpointError(
                f"{run.checkpoint.name} does not fit {name}=: {error} Or give {OTHERWISE}"
            ) from error
    before = compat.loaded_settings(run)
    load_weights(run.forward.model, state["model"])
    for name, part in compat.parts(run).items():
        if state[name] is not None:
            part.load_state_dict(state[name])
    if run.update.scaler is not None and state["scaler"]:
        run.update.scaler.load_state_dict(state["scaler"])
    run.history.load_state_dict(state["history"])
    if run.history.stopped == "interrupted":
        run.history.stopped = None
    if state["epoch_begun"] is not None:
        run.recorder.load_state_dict(state["epoch_begun"])
    checkpoint.restore_random_state(state["random"])
    compat.warn_of_loaded(run, before)
    compat.warn_of_own(run, state.get("settings", {}))
    return True


def _check_weights(run: Run) -> None:
    """Raise NonFiniteLossError when a parameter is nan or infinite."""
    for name, parameter in run.forward.model.named_parameters():
        if not parameter.detach().sum().isfinite() and not parameter.isfinite().all():
            epoch, step = max(len(run.history), 1), run.recorder.steps_done
            message = (
                f"the parameter {name.replace(COMPILED, '')!r} became nan or infinite by epoch "
                f"{epoch} (step {step}), though the loss was finite, so the checkpoint was not "
                "overwritten. Look for the root of 0 or a norm of zeros in the model, whose "
                "gradient is nan."
            )
            raise NonFiniteLossError(message, epoch, run.recorder.batch, step, run.history)
