"""Whether a checkpoint fits the run that would go on from it: refused, or said in a warning."""

from torch import Tensor, nn

from helpers.checkpoint import CheckpointError
from helpers.train._batches import generators_of, knows_position
from helpers.train._run import Run, cycles
from helpers.train._validation import warn
from helpers.train.early_stopping import uncompiled, weights_of

NAMES = {
    *("model", "kinds", "optimizer", "scheduler", "early_stopping", "scaler", "history"),
    *("epoch_begun", "loader", "validation", "random"),
}
OF_SCHEDULERS = (
    *("step_size", "milestones", "gamma", "power", "total_iters", "start_factor", "end_factor"),
    *("T_max", "T_0", "T_mult", "eta_min", "total_steps", "max_lrs", "swa_lr"),
    *("factor", "patience", "threshold", "cooldown", "min_lrs"),
)
OTHERWISE = "another path for checkpoint=, or resume=False to overwrite it."


def parts(run: Run) -> dict[str, object]:
    """Return the objects with a state of their own that the caller gave, None for one left out."""
    return {
        "optimizer": run.update.optimizer,
        "scheduler": run.schedule.scheduler,
        "early_stopping": run.early_stopping,
    }


def kinds(run: Run) -> dict[str, str | None]:
    """Return the names of the classes of these objects."""
    return {
        name: None if part is None else type(part).__name__ for name, part in parts(run).items()
    }


def check_state(run: Run, state: dict[str, object]) -> None:
    """Raise CheckpointError unless the state fits the model and the other parts of the run."""
    name = run.checkpoint.name
    if not state.keys() >= NAMES:
        raise CheckpointError(f"{name} holds no run of fit; give another path for checkpoint=.")
    state["model"] = uncompiled(state["model"])  # older versions kept the names of torch.compile
    difference = _difference(run.forward.model, state["model"])
    if difference:
        raise CheckpointError(f"{name} belongs to another model: {difference}. Give {OTHERWISE}")
    for part, here in kinds(run).items():
        there = state["kinds"][part]
        if there != here:
            raise CheckpointError(
                f"{name} was saved with {part}={there}, and here it is {here}; give the same, "
                f"{OTHERWISE}"
            )
    groups = [len(group["params"]) for group in state["optimizer"]["param_groups"]]
    if groups != [len(group["params"]) for group in run.update.optimizer.param_groups]:
        raise CheckpointError(
            f"{name} was saved with an optimiser of other parameter groups; give the same, "
            f"{OTHERWISE}"
        )
    _check_measured(run, state)
    _check_cycles(run, state)
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


def _check_cycles(run: Run, state: dict[str, object]) -> None:
    """Raise CheckpointError when the file's OneCycleLR, which counts, would end before the run."""
    history, scheduler = state["history"], run.schedule.scheduler
    to_come = run.scheduler_steps_after(len(history["epochs"]), len(history["steps"]["loss"]))
    if scheduler is None or to_come is None or history["stopped"] == "early stopping":
        return
    for cycle in cycles(scheduler, state["scheduler"], to_come):
        if cycle.is_overrun:
            raise CheckpointError(
                f"{run.checkpoint.name} was saved with {cycle.name} for {cycle.length} steps, "
                f"{cycle.done} of them done, and {cycle.to_come} are to come; give fewer epochs, "
                f"{OTHERWISE}"
            )


def _check_loader(run: Run, stored: dict[str, object]) -> None:
    """Raise CheckpointError unless the loader can be put where that of the file was."""
    knows = knows_position(run.loader)
    generators = 0 if knows else len(generators_of(run.loader))
    if ("state" in stored) != knows or len(stored.get("generators", [])) != generators:
        raise CheckpointError(
            f"{run.checkpoint.name} was saved with a loader of another kind than the "
            f"{type(run.loader).__name__} here, and its batches would be other ones; give the "
            f"same, {OTHERWISE}"
        )


def _difference(model: nn.Module, stored: dict[str, object]) -> str:
    """Return the first difference in names and shapes in words; empty when there is none."""
    own = weights_of(model)
    for name in [*own, *stored]:
        there, here = stored.get(name), own.get(name)
        if (name in stored) != (name in own):
            return f"{name!r} is only in the {'file' if name in stored else 'model'}"
        if isinstance(here, Tensor) and here.shape != there.shape:
            return f"{name!r} has shape {tuple(there.shape)} there and {tuple(here.shape)} here"
    return ""


def own_settings(run: Run) -> dict[str, object]:
    """Return the settings of `fit` that stay the caller's when a run is resumed."""
    return {
        "batches": run.batches,
        "accumulate": run.accumulate,
        "scheduler_step": run.schedule.when,
        "clip_norm": run.update.clip_norm,
        "amp": run.forward.amp,
    }


def loaded_settings(run: Run) -> dict[str, object]:
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


def _fixed(group: dict[str, object], is_scheduled: bool) -> dict[str, object]:
    """Return what neither training nor a scheduler changes in a parameter group."""
    changed = {"params", "param_names"}
    if is_scheduled:
        changed.add("lr")  # most schedulers note what it was: initial_lr
    if "max_momentum" in group:  # a scheduler that moves it from there to base_momentum
        changed |= {"momentum", "betas"}
    return {name: value for name, value in group.items() if name not in changed}


def warn_of_loaded(run: Run, before: dict[str, object]) -> None:
    """Warn when a setting was another one before the file was read: the file's counts."""
    there, here = _differing(loaded_settings(run), before)
    if there:
        warn(
            f"{run.checkpoint.name} goes on with {there}, as it was saved, and not with {here}; "
            f"to use yours, give {OTHERWISE}"
        )


def warn_of_own(run: Run, stored: dict[str, object]) -> None:
    """Warn when a setting of `fit` was another one before: the one that is given now counts."""
    there, here = _differing(stored, own_settings(run))
    if there:
        warn(
            f"{run.checkpoint.name} was saved with {there} and goes on with {here}, so that the "
            f"result is not that of one run; give the same, {OTHERWISE}"
        )


def _differing(there: dict[str, object], here: dict[str, object]) -> tuple[str, str]:
    """Return the settings that are in both and differ, in words: `lr=0.1, momentum=0.9`."""
    names = [name for name in there if name in here and there[name] != here[name]]
    first, second = (", ".join(f"{name}={each[name]}" for name in names) for each in (there, here))
    return first, second
