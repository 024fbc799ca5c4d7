"""A run's state in a file, and back: what is resumed goes on as if it had never stopped."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from helpers import checkpoint
from helpers.checkpoint import CheckpointError
from helpers.train.errors import NonFiniteLossError
from helpers.train.run import Run

PARTS = ("optimizer", "scheduler", "early_stopping")


def save_run(run: Run) -> None:
    """Write the run's state to its checkpoint, if it has one; the old file is kept until then.

    Inside an epoch nothing is written when the loader cannot say where it is (has no
    `state_dict`). Raises NonFiniteLossError rather than to overwrite good weights with nan.
    """
    is_inside = run.recorder.batch > 0
    if run.checkpoint is None or (is_inside and not hasattr(run.loader, "state_dict")):
        return
    _check_weights(run)
    checkpoint.save(
        run.checkpoint,
        model=run.model,
        kinds={name: _kind(getattr(run, name)) for name in PARTS},
        **{name: getattr(run, name) for name in PARTS},
        scaler=run.precision.scaler,
        history=run.history,
        epoch_begun=run.recorder.state_dict() if is_inside else None,
        loader=_loader_state(run.loader),
        validation=_loader_state(run.validation),
        random=checkpoint.random_state(),
    )


def resume_run(run: Run) -> bool:
    """Bring the run to where its checkpoint was saved; return False when there is none.

    Raises CheckpointError when the file is damaged, or of another model, optimiser or data;
    nothing is changed then.
    """
    if run.checkpoint is None or not run.checkpoint.exists():
        return False
    state = checkpoint.load(run.checkpoint)
    _check_state(run, state)
    for name in ("loader", "validation"):  # these check the state before they take it
        _load_loader_state(getattr(run, name), state[name])
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
    return True


def _kind(part: object) -> str | None:
    return None if part is None else type(part).__name__


def _check_weights(run: Run) -> None:
    """Raise NonFiniteLossError when a parameter is nan or infinite."""
    for name, parameter in run.model.named_parameters():
        if not math.isfinite(parameter.detach().sum().item()) and not parameter.isfinite().all():
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
    if "kinds" not in state or "epoch_begun" not in state:
        raise CheckpointError(f"{name} holds no run of fit; give another path for checkpoint=.")
    difference = _difference(run.model, state["model"])
    if difference:
        raise CheckpointError(
            f"{name} belongs to another model: {difference}. Give another path for checkpoint=, "
            "or resume=False to overwrite it."
        )
    for part in PARTS:
        there, here = state["kinds"][part], _kind(getattr(run, part))
        if there != here:
            raise CheckpointError(
                f"{name} was saved with {part}={there}, and here it is {here}; give the same, "
                "another path for checkpoint=, or resume=False to overwrite it."
            )
    groups = [len(group["params"]) for group in state["optimizer"]["param_groups"]]
    if groups != [len(group["params"]) for group in run.optimizer.param_groups]:
        raise CheckpointError(
            f"{name} was saved with an optimiser of other parameter groups; give the same, "
            "another path for checkpoint=, or resume=False to overwrite it."
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


def _loader_state(loader: Iterable[object] | None) -> dict[str, object]:
    """Return what the next batches depend on, beside the global random state."""
    if hasattr(loader, "state_dict"):
        return {"state": loader.state_dict()}
    return {"generators": [generator.get_state() for generator in _generators(loader)]}


def _load_loader_state(loader: Iterable[object] | None, state: dict[str, object]) -> None:
    if "state" in state and hasattr(loader, "load_state_dict"):
        loader.load_state_dict(state["state"])
    for generator, stored in zip(_generators(loader), state.get("generators", [])):
        generator.set_state(stored)


def _generators(loader: object) -> list[torch.Generator]:
    """Return the generators of a DataLoader and its samplers, each once."""
    batch_sampler = getattr(loader, "batch_sampler", None)
    holders = (loader, getattr(loader, "sampler", None), batch_sampler)
    holders = (*holders, getattr(batch_sampler, "sampler", None))
    found = (getattr(holder, "generator", None) for holder in holders)
    unique = {id(each): each for each in found if isinstance(each, torch.Generator)}
    return list(unique.values())
