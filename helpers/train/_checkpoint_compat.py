"""What differs between a run and the checkpoint it goes on from: said, since it stops nothing."""

from helpers.train.errors import warn
from helpers.train._run import Run

OWN = ("batches", "accumulate", "scheduler_step", "clip_norm", "amp")
OF_SCHEDULERS = (
    *("step_size", "milestones", "gamma", "power", "total_iters", "start_factor", "end_factor"),
    *("T_max", "T_0", "T_mult", "eta_min", "total_steps", "max_lrs", "swa_lr"),
    *("factor", "patience", "threshold", "cooldown", "min_lrs"),
)
OTHERWISE = "another path for checkpoint=, or resume=False to overwrite it."


def own(run: Run) -> dict[str, object]:
    """Return the settings of `fit` that stay the caller's when a run is resumed."""
    return {name: getattr(run, name) for name in OWN}


def loaded(run: Run) -> dict[str, object]:
    """Return the settings that a state brings with it, as far as a run does not change them.

    Functions, such as LambdaLR's, are in no file, and so not among them.
    """
    groups = run.optimizer.param_groups
    fixed = [_fixed(group, run.scheduler is not None) for group in groups]
    found = {
        name: fixed[0][name] if len(fixed) == 1 else [group.get(name) for group in fixed]
        for name in fixed[0]
    }
    for scheduler in (run.scheduler, *getattr(run.scheduler, "_schedulers", ())):
        found |= {
            f"{type(scheduler).__name__}.{name}": getattr(scheduler, name)
            for name in OF_SCHEDULERS
            if hasattr(scheduler, name)
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
    there, here = _differing(loaded(run), before)
    if there:
        warn(
            f"{run.checkpoint.name} goes on with {there}, as it was saved, and not with {here}; "
            f"to use yours, give {OTHERWISE}"
        )


def warn_of_own(run: Run, stored: dict[str, object]) -> None:
    """Warn when a setting of `fit` was another one before: the one that is given now counts."""
    there, here = _differing(stored, own(run))
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
