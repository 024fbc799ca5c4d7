"""A stored state beside the model or optimiser that is to take it: names, and what differs."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from helpers._validation import kind_of

WRAPPERS = ("_orig_mod", "module", "_checkpoint_wrapped_module")
"""What torch.compile, DataParallel with its kin, and activation checkpointing add to a name."""


def renamed(state: Mapping[str, object], model: nn.Module) -> Mapping[str, object]:
    """Return a model's stored state under the names of `model`.

    Names that differ only by what wrappers add are replaced: `_orig_mod.` of `torch.compile`,
    `module.` of `DataParallel`, `DistributedDataParallel` and `AveragedModel`. So the state of a
    compiled model fits the same model before it was compiled, and the other way round.

    Args:
        state: what the wrapped or unwrapped model's `state_dict()` returned.
        model: the model that is to load it. It is not changed.

    Returns:
        `state` itself where no name differs so, else a new dict of the same tensors.
    """
    _check(state, model, nn.Module)
    own = model.state_dict()
    names = _replacements(state, own)
    if not names:
        return state
    result: Any = OrderedDict((names.get(name, name), value) for name, value in state.items())
    versions = getattr(state, "_metadata", None)
    if isinstance(versions, Mapping):
        by_bare_name = {_bare(name): version for name, version in versions.items()}
        modules = [name for name, _ in model.named_modules()]
        result._metadata = OrderedDict(
            (name, by_bare_name[_bare(name)]) for name in modules if _bare(name) in by_bare_name
        )
    return result


def differences(state: Mapping[str, object], target: nn.Module | Optimizer) -> list[str]:
    """Return in words where a stored state and a model or optimiser do not fit, key by key.

    Names that differ only by a wrapper count as the same (see `renamed`).

    Args:
        state: what `state_dict()` returned.
        target: the model or optimiser that is to load it. It is not changed.

    Returns:
        One entry for each difference; none when `target.load_state_dict` takes the state.
    """
    _check(state, target, nn.Module | Optimizer)
    if isinstance(target, Optimizer):
        return _of_optimizer(state, target)
    own, stored = target.state_dict(), renamed(state, target)
    found = [
        f"{name!r} is only in the {'file' if name in stored else 'model'}"
        for name in [*own, *(name for name in stored if name not in own)]
        if (name in stored) != (name in own)
    ]
    return found + [
        difference
        for name, here in own.items()
        if name in stored and (difference := _of_tensors(repr(name), stored[name], here))
    ]


def _check(state: object, target: object, kinds: type | UnionType) -> None:
    """Raise TypeError for anything but a state and an object that can load one."""
    if not isinstance(target, kinds):
        raise TypeError(
            f"The second argument is {kind_of(target)}; give the object that is to load the state."
        )
    if not isinstance(state, Mapping):
        raise TypeError(f"The state is {kind_of(state)}; give what state_dict() returned.")
    names = [name for name in state if not isinstance(name, str)]
    if names:
        raise TypeError(
            f"The state has a name that is {kind_of(names[0])}; give what state_dict() returned."
        )


def _bare(name: str) -> str:
    """Return a name without what wrappers add."""
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def _replacements(stored: Iterable[str], own: Iterable[str]) -> dict[str, str]:
    """Return the model's name for each stored one that differs by wrappers, and by them alone."""
    stored, own = list(stored), list(own)
    ours = [name for name in own if name not in set(stored)]
    theirs = [name for name in stored if name not in set(own)]
    count = Counter(_bare(name) for name in ours), Counter(_bare(name) for name in theirs)
    by_bare_name = {_bare(name): name for name in ours}
    return {
        name: by_bare_name[_bare(name)]
        for name in theirs
        if count[0][_bare(name)] == count[1][_bare(name)] == 1
    }


def _of_tensors(name: str, there: object, here: object) -> str:
    """Return how a stored value differs from a tensor in kind and shape; empty when it does not."""
    if not isinstance(here, Tensor) or nn.parameter.is_lazy(here):
        return ""
    if not isinstance(there, Tensor):
        return f"{name} is {kind_of(there)} there, and a tensor here"
    if there.shape != here.shape:
        return f"{name} has shape {tuple(there.shape)} there and {tuple(here.shape)} here"
    return ""


def _of_optimizer(state: Mapping[str, Any], optimizer: Optimizer) -> list[str]:
    """Return in words where a stored state and an optimiser do not fit."""
    groups: Any = state.get("param_groups")
    moments = state.get("state")
    are_groups = isinstance(groups, list) and all(
        isinstance(group, Mapping) and isinstance(group.get("params"), list) for group in groups
    )
    if not are_groups or not isinstance(moments, Mapping):
        return ["it is not the state of an optimiser, which has 'state' and 'param_groups'"]
    own = optimizer.param_groups
    if len(groups) != len(own):
        return [f"it has {len(groups)} parameter groups there and {len(own)} here"]
    found = []
    for index, (there, here) in enumerate(zip(groups, own)):
        if len(there["params"]) != len(here["params"]):
            found.append(
                f"parameter group {index} has {len(there['params'])} parameters there and "
                f"{len(here['params'])} here"
            )
            continue
        missing = [name for name in here if name not in there and name != "param_names"]
        found += [f"parameter group {index} has no {name!r} there" for name in missing]
        for key, parameter in zip(there["params"], here["params"]):
            found += _of_moments(key, moments.get(key), parameter)
    return found


def _of_moments(key: object, moments: object, parameter: Tensor) -> list[str]:
    """Return in words which averages of a parameter have another shape than it has."""
    if not isinstance(moments, Mapping):
        return [] if moments is None else [f"the state of parameter {key} is {kind_of(moments)}"]
    return [
        f"{name!r} of parameter {key} has shape {tuple(value.shape)} there, and the parameter has "
        f"{tuple(parameter.shape)} here"
        for name, value in moments.items()
        if isinstance(value, Tensor) and value.dim() and value.shape != parameter.shape
    ]
