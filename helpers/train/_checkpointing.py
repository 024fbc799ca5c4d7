"""A run's state in a file, and back: what is resumed goes on as if it had never stopped."""

from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR

from helpers import checkpoint
from helpers.checkpoint import CheckpointError
from helpers.train import _checkpoint_compat as settings
from helpers.train.errors import NonFiniteLossError
from helpers.train.loader_state import generators_of, knows_place, load_state, state_of
from helpers.train._run import Run
from helpers.train._checkpoint_compat import OTHERWISE

PARTS = ("optimizer", "scheduler", "early_stopping")
NAMES = {
    "model",
    "kinds",
    *PARTS,
    "scaler",
    "history",
    "epoch_begun",
    "loader",
    "validation",
    "random",
}


def save_run(run: Run) -> None:
    """Write the run's state to its checkpoint, if it has one; the old file is kept until then.

    Inside an epoch nothing is written when the loader cannot say where it is, and be put there
    again (`state_dict` and `load_state_dict`). Raises NonFiniteLossError rather than to overwrite
    good weights with nan.
    """
    if run.checkpoint is None or unsaved(run):
        return
    _check_weights(run)
    checkpoint.save(
        run.checkpoint,
        model=run.model,
        kinds={name: _kind(getattr(run, name)) for name in PARTS},
        **{name: getattr(run, name) for name in PARTS},
        scaler=run.precision.scaler,
        settings=settings.own(run),
        history=run.history,
        epoch_begun=run.recorder.state_dict() if run.recorder.batch else None,
        loader=state_of(run.loader),
        validation=state_of(run.validation),
        random=checkpoint.random_state(),
    )


def unsaved(run: Run) -> str:
    """Return, in a sentence, that the epoch begun cannot be saved; empty where it can."""
    if run.checkpoint is None or not run.recorder.batch or knows_place(run.loader):
        return ""
    name, epochs = run.checkpoint.name, len(run.history)
    held = f"{name} holds epoch {epochs}" if epochs else f"nothing was written to {name}"
    return (
        f"The epoch begun is not saved, since a loader of type {type(run.loader).__name__} cannot "
        f"say where it is; {held}."
    )


def resume_run(run: Run) -> bool:
    """Bring the run to where its checkpoint was saved; return False when there is none.

    Raises CheckpointError when the file is damaged, or of another model, optimiser, data or
    other metrics, or its OneCycleLR would end before the run; model and optimiser are not
    changed then. Warns where a setting of the optimiser or scheduler differs, the file's counts,
    and where one of `fit` or the number of batches does, the one here counts.
    """
    if run.checkpoint is None or not run.checkpoint.exists():
        return False
    state = checkpoint.load(run.checkpoint)
    _check_state(run, state)
    for name in ("validation", "loader"):  # these check the state before they take it
        try:
            load_state(getattr(run, name), state[name])
        except ValueError as error:
            raise CheckpointError(
                f"{run.checkpoint.name} does not fit {name}=: {error} Or give {OTHERWISE}"
            ) from error
    before = settings.loaded(run)
    run.model.load_state_dict(state["model"])
    for name in PARTS:
        if state[name] is not None:
            getattr(run, name).load_state_dict(state[name])
    if run.precision.scaler is not None and state["scaler"]:
        run.precision.scaler.load_state_dict(state["scaler"])
    run.history.load_state_dict(state["history"])
    if run.history.stopped == "interrupted":
        run.history.stopped = None
    if state["epoch_begun"] is not None:
        run.recorder.load_state_dict(state["epoch_begun"])
    checkpoint.restore_random_state(state["random"])
    settings.warn_of_loaded(run, before)
    settings.warn_of_own(run, state.get("settings", {}))
    return True


def _kind(part: object) -> str | None:
    return None if part is None else type(part).__name__


def _check_weights(run: Run) -> None:
    """Raise NonFiniteLossError when a parameter is nan or infinite."""
    for name, parameter in run.model.named_parameters():
        if not parameter.detach().sum().isfinite() and not parameter.isfinite().all():
            epoch, step = max(len(run.history), 1), run.recorder.steps_done
            message = (
                f"the parameter {name!r} became nan or infinite by epoch {epoch} (step {step}), "
                "though the loss was finite, so the checkpoint was not overwritten. Look for the "
                "root of 0 or a norm of zeros in the model, whose gradient is nan."
            )
            raise NonFiniteLossError(message, epoch, run.recorder.batch, step, run.history)


def _check_state(run: Run, state: dict[str, object]) -> None:
    """Raise CheckpointError unless the state fits the model and the other parts of the run."""
    name = run.checkpoint.name
    if not state.keys() >= NAMES:
        raise CheckpointError(f"{name} holds no run of fit; give another path for checkpoint=.")
    difference = _difference(run.model, state["model"])
    if difference:
        raise CheckpointError(f"{name} belongs to another model: {difference}. Give {OTHERWISE}")
    for part in PARTS:
        there, here = state["kinds"][part], _kind(getattr(run, part))
        if there != here:
            raise CheckpointError(
                f"{name} was saved with {part}={there}, and here it is {here}; give the same, "
                f"{OTHERWISE}"
            )
    groups = [len(group["params"]) for group in state["optimizer"]["param_groups"]]
    if groups != [len(group["params"]) for group in run.optimizer.param_groups]:
        raise CheckpointError(
            f"{name} was saved with an optimiser of other parameter groups; give the same, "
            f"{OTHERWISE}"
        )
    _check_measured(run, state)
    _check_cycle(run, state)
    _check_loader(run, state["loader"])


def _check_measured(run: Run, state: dict[str, object]) -> None:
    """Raise CheckpointError unless the rows before and after would have the same names."""
    rows, begun = state["history"]["epochs"], state["epoch_begun"]
    there = list(rows[-1]) if rows else [f"train {name}" for name in begun["totals"]]
    there = [name for name in there if name.startswith(("train ", "validation "))]
    here = run.measured if rows else [name for name in run.measured if name.startswith("train ")]
    if set(there) != set(here):
        raise CheckpointError(
            f"{run.checkpoint.name} has recorded {', '.join(there)}, and here it would be "
            f"{', '.join(here)}; give the same metrics= and validation=, {OTHERWISE}"
        )


def _check_cycle(run: Run, state: dict[str, object]) -> None:
    """Raise CheckpointError when the file's OneCycleLR, which counts, would end before the run."""
    history = state["history"]
    to_come = run.scheduler_steps_after(len(history["epochs"]), len(history["steps"]["loss"]))
    is_cycle = isinstance(run.scheduler, OneCycleLR)
    if not is_cycle or to_come is None or history["stopped"] == "early stopping":
        return
    done, total = (state["scheduler"][name] for name in ("last_epoch", "total_steps"))
    if done + to_come > total:
        raise CheckpointError(
            f"{run.checkpoint.name} was saved with OneCycleLR for {total} steps, {done} of them "
            f"done, and {to_come} are to come; give fewer epochs, {OTHERWISE}"
        )


def _check_loader(run: Run, stored: dict[str, object]) -> None:
    """Raise CheckpointError unless the loader can be put where that of the file was."""
    knows = knows_place(run.loader)
    generators = 0 if knows else len(generators_of(run.loader))
    if ("state" in stored) != knows or len(stored.get("generators", [])) != generators:
        raise CheckpointError(
            f"{run.checkpoint.name} was saved with a loader of another kind than the "
            f"{type(run.loader).__name__} here, and its batches would be other ones; give the "
            f"same, {OTHERWISE}"
        )


def _difference(model: nn.Module, stored: dict[str, object]) -> str:
    """Return the first difference in names and shapes in words; empty when there is none."""
    own = model.state_dict()
    for name in [*own, *stored]:
        there, here = stored.get(name), own.get(name)
        if (name in stored) != (name in own):
            return f"{name!r} is only in the {'file' if name in stored else 'model'}"
        if isinstance(here, Tensor) and here.shape != there.shape:
            return f"{name!r} has shape {tuple(there.shape)} there and {tuple(here.shape)} here"
    return ""
