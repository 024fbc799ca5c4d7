"""A run's state in a file, and back: what is resumed goes on as if it had never stopped.

A file that does not fit the run is refused before anything is changed; of settings that differ, a
warning says which count.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from numbers import Real
from typing import Any

from torch import Tensor

from helpers import _folders, checkpoint
from helpers.checkpoint import CheckpointError
from helpers.train._batches import generators_of, knows_position, load_state, state_of
from helpers.train._recording import NonFiniteLossError
from helpers.train._run import Run, cycles
from helpers.train._validation import warn
from helpers.train.history import History

State = dict[str, Any]

REQUIRED = ("model", "kinds", "optimizer", "history", "loader", "validation", "random")
OPTIONAL = ("scheduler", "early_stopping", "scaler", "epoch_begun")
"""Parts of a state that are None where the run has no such part, or no epoch is begun."""

OF_SCHEDULERS = (
    *("step_size", "milestones", "gamma", "power", "total_iters", "start_factor", "end_factor"),
    *("T_max", "T_0", "T_mult", "eta_min", "total_steps", "max_lrs", "swa_lr"),
    *("factor", "patience", "threshold", "cooldown", "min_lrs"),
)
OTHERWISE = "another path for checkpoint=, or resume=False to overwrite it."


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
    checkpoint.save(
        run.checkpoint,
        # torch.compile puts `_orig_mod.` before each name: the file fits the plain model too.
        model=getattr(run.forward.model, "_orig_mod", run.forward.model).state_dict(),
        kinds=_kinds(run),
        **_parts(run),
        scaler=run.update.scaler,
        settings=_own_settings(run),
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
    epochs = len(run.history)
    held = f"{run.file} holds epoch {epochs}" if epochs else f"nothing was written to {run.file}"
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
    if run.checkpoint is None or not _folders.mode(run.checkpoint):
        return False
    state = checkpoint.load(run.checkpoint)
    _check_parts(run, state)
    with _refusing(run):
        state["model"] = checkpoint.renamed(state["model"], run.forward.model)
        _check_fit(run, state)
    _load_checked(run, state)
    before = _loaded_settings(run)
    run.forward.model.load_state_dict(state["model"])
    for name, part in _parts(run).items():
        if part is not None:
            part.load_state_dict(state[name])
    if run.update.scaler is not None and state["scaler"]:
        run.update.scaler.load_state_dict(state["scaler"])
    run.history.load_state_dict(state["history"])
    if run.history.stopped == "interrupted":
        run.history.stopped = None
    if state["epoch_begun"] is not None:
        run.recorder.load_state_dict(state["epoch_begun"])
    _warn_of_loaded(run, before)
    _warn_of_own(run, state.get("settings", {}))
    return True


def _load_checked(run: Run, state: State) -> None:
    """Load what checks its state before it takes it: the loaders and the random numbers."""
    loading: dict[str, Callable[[], None]] = {
        "validation=": lambda: load_state(run.validation, state["validation"]),
        "loader=": lambda: load_state(run.loader, state["loader"]),
        "the random numbers": lambda: checkpoint.restore_random_state(state["random"]),
    }
    before = state_of(run.validation), state_of(run.loader)
    for name, load in loading.items():
        try:
            load()
        except Exception as error:  # of any loader with a load_state_dict
            load_state(run.validation, before[0])
            load_state(run.loader, before[1])
            raise CheckpointError(
                f"{run.file} does not fit {name}: {error} Or give {OTHERWISE}"
            ) from error


def _check_parts(run: Run, state: State) -> None:
    """Raise CheckpointError unless the state has the parts of a run, each of its kind."""
    is_whole = all(isinstance(state.get(name), Mapping) for name in REQUIRED) and all(
        name in state and isinstance(state[name], Mapping | None) for name in OPTIONAL
    )
    if not is_whole or not isinstance(state.get("settings", {}), Mapping):
        raise CheckpointError(f"{run.file} holds no run of fit; give another path for checkpoint=.")


@contextmanager
def _refusing(run: Run) -> Iterator[None]:
    """Turn what an odd value in the state raises in the block into a CheckpointError."""
    try:
        yield
    except CheckpointError:
        raise
    except Exception as error:
        raise CheckpointError(
            f"{run.file} holds the state of a run that was changed after it was saved "
            f"({type(error).__name__}: {error}); give {OTHERWISE}"
        ) from error


def _check_fit(run: Run, state: State) -> None:
    """Raise CheckpointError unless the state fits the model and the other parts of the run."""
    differences = checkpoint.differences(state["model"], run.forward.model)
    if differences:
        raise CheckpointError(
            f"{run.file} belongs to another model: {differences[0]}. Give {OTHERWISE}"
        )
    for part, here in _kinds(run).items():
        there = state["kinds"][part]
        if there != here:
            raise CheckpointError(
                f"{run.file} was saved with {part}={there}, and here it is {here}; give the same, "
                f"{OTHERWISE}"
            )
    groups = [len(group["params"]) for group in state["optimizer"]["param_groups"]]
    if groups != [len(group["params"]) for group in run.update.optimizer.param_groups]:
        raise CheckpointError(
            f"{run.file} was saved with an optimiser of other parameter groups; give the same, "
            f"{OTHERWISE}"
        )
    _check_values(run, state)
    _check_measured(run, state)
    _check_cycles(run, state)
    _check_loader(run, state["loader"])


def _check_values(run: Run, state: State) -> None:
    """Raise ValueError for a value of another kind than the run has; try what can be tried."""
    History().load_state_dict(state["history"])
    if state["epoch_begun"] is not None:
        copy(run.recorder).load_state_dict(state["epoch_begun"])
    if run.early_stopping is not None:
        copy(run.early_stopping).load_state_dict(state["early_stopping"])
        weights = state["early_stopping"]["best_weights"]
        if weights is not None and checkpoint.differences(weights, run.forward.model):
            raise ValueError("the best weights are those of another model")
    optimizer = run.update.optimizer
    for there, here in zip(state["optimizer"]["param_groups"], optimizer.param_groups):
        _check_alike(there, {name: here[name] for name in here if name != "params"})
    _check_alike(state["optimizer"], {"state": {}})
    if not all(isinstance(each, Mapping) for each in state["optimizer"]["state"].values()):
        raise ValueError("the optimiser's state of a parameter is not a dict")
    for name, part in (("scheduler", run.schedule.scheduler), ("scaler", run.update.scaler)):
        if part is not None and state[name]:
            own = part.state_dict()
            odd = [key for key in state[name] if key not in own and hasattr(part, key)]
            if odd:
                raise ValueError(f"{name} has no state {odd[0]!r}")
            _check_alike(state[name], own)


def _check_alike(there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Raise ValueError where a value is of another kind than that of the same name here."""
    for name, own in here.items():
        value = there.get(name)
        if value is None or own is None:
            continue
        kinds = (Mapping, (list, tuple), (Real, Tensor), str)
        kind: Any = next((kind for kind in kinds if isinstance(own, kind)), object)
        if not isinstance(value, kind):
            raise ValueError(f"{name!r} is of type {type(value).__name__}")


def _check_measured(run: Run, state: State) -> None:
    """Raise CheckpointError unless the rows before and after would have the same names."""
    rows, begun = state["history"]["epochs"], state["epoch_begun"]
    there = list(rows[-1]) if rows else [f"train {name}" for name in begun["totals"]]
    there = [name for name in there if name.startswith(("train ", "validation "))]
    here = run.measured if rows else [name for name in run.measured if name.startswith("train ")]
    if set(there) != set(here):
        raise CheckpointError(
            f"{run.file} has recorded {', '.join(there)}, and here it would be "
            f"{', '.join(here)}; give the same metrics= and validation=, {OTHERWISE}"
        )


def _check_cycles(run: Run, state: State) -> None:
    """Raise CheckpointError when the file's OneCycleLR, which counts, would end before the run."""
    history, scheduler = state["history"], run.schedule.scheduler
    to_come = run.scheduler_steps_after(len(history["epochs"]), len(history["steps"]["loss"]))
    if scheduler is None or to_come is None or history["stopped"] == "early stopping":
        return
    for cycle in cycles(scheduler, state["scheduler"], to_come):
        if cycle.is_overrun:
            raise CheckpointError(
                f"{run.file} was saved with {cycle.name} for {cycle.length} steps, "
                f"{cycle.done} of them done, and {cycle.to_come} are to come; give fewer epochs, "
                f"{OTHERWISE}"
            )


def _check_loader(run: Run, stored: State) -> None:
    """Raise CheckpointError unless the loader can be put where that of the file was."""
    knows = knows_position(run.loader)
    generators = 0 if knows else len(generators_of(run.loader))
    if ("state" in stored) != knows or len(stored.get("generators", [])) != generators:
        raise CheckpointError(
            f"{run.file} was saved with a loader of another kind than the "
            f"{type(run.loader).__name__} here, and its batches would be other ones; give the "
            f"same, {OTHERWISE}"
        )


def _parts(run: Run) -> State:
    """Return the objects with a state of their own that the caller gave, None for one left out."""
    return {
        "optimizer": run.update.optimizer,
        "scheduler": run.schedule.scheduler,
        "early_stopping": run.early_stopping,
    }


def _kinds(run: Run) -> dict[str, str | None]:
    """Return the names of the classes of these objects."""
    return {
        name: None if part is None else type(part).__name__ for name, part in _parts(run).items()
    }


def _own_settings(run: Run) -> State:
    """Return the settings of `fit` that stay the caller's when a run is resumed."""
    return {
        "batches": run.batches,
        "accumulate": run.accumulate,
        "scheduler_step": run.schedule.when,
        "clip_norm": run.update.clip_norm,
        "amp": run.forward.amp,
    }


def _loaded_settings(run: Run) -> State:
    """Return the settings that a state brings with it, as far as a run does not change them.

    Functions, such as LambdaLR's, are in no file, and so not among them.
    """
    scheduler = run.schedule.scheduler
    fixed = [_fixed(group, scheduler is not None) for group in run.update.optimizer.param_groups]
    found = {
        name: fixed[0][name] if len(fixed) == 1 else [group.get(name) for group in fixed]
        for name in fixed[0]
    }
    for each in (scheduler, *getattr(scheduler, "_schedulers", ())):
        found |= {
            f"{type(each).__name__}.{name}": getattr(each, name)
            for name in OF_SCHEDULERS
            if hasattr(each, name)
        }
    return found


def _fixed(group: State, is_scheduled: bool) -> State:
    """Return what neither training nor a scheduler changes in a parameter group."""
    changed = {"params", "param_names"}
    if is_scheduled:
        changed.add("lr")  # most schedulers note what it was: initial_lr
    if "max_momentum" in group:  # a scheduler that moves it from there to base_momentum
        changed |= {"momentum", "betas"}
    return {name: value for name, value in group.items() if name not in changed}


def _warn_of_loaded(run: Run, before: State) -> None:
    """Warn when a setting was another one before the file was read: the file's counts."""
    there, here = _differing(_loaded_settings(run), before)
    if there:
        warn(
            f"{run.file} goes on with {there}, as it was saved, and not with {here}; "
            f"to use yours, give {OTHERWISE}"
        )


def _warn_of_own(run: Run, stored: State) -> None:
    """Warn when a setting of `fit` was another one before: the one that is given now counts."""
    there, here = _differing(stored, _own_settings(run))
    if there:
        warn(
            f"{run.file} was saved with {there} and goes on with {here}, so that the "
            f"result is not that of one run; give the same, {OTHERWISE}"
        )


def _differing(there: State, here: State) -> tuple[str, str]:
    """Return the settings that are in both and differ, in words: `lr=0.1, momentum=0.9`."""
    names = [name for name in there if name in here and there[name] != here[name]]
    first, second = (", ".join(f"{name}={each[name]}" for name in names) for each in (there, here))
    return first, second


def _check_weights(run: Run) -> None:
    """Raise NonFiniteLossError when a parameter is nan or infinite."""
    for name, parameter in run.forward.model.named_parameters():
        if not parameter.detach().sum().isfinite() and not parameter.isfinite().all():
            epoch, step = max(len(run.history), 1), run.recorder.steps_done
            message = (
                f"the parameter {name.replace('_orig_mod.', '')!r} became nan or infinite by epoch "
                f"{epoch} (step {step}), though the loss was finite, so the checkpoint was not "
                "overwritten. Look for the root of 0 or a norm of zeros in the model, whose "
                "gradient is nan."
            )
            raise NonFiniteLossError(message, epoch, run.recorder.batch, step, run.history)
