"""Batches on their way from a loader to the model: checked, grouped, moved to its device."""

import copy
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

Batch = tuple[object, object, int]
"""Inputs, targets, and how many samples they are."""

SEQUENCES = (tuple, list)


def device_of(model: nn.Module) -> torch.device | None:
    """Return the device of the model's first parameter (or buffer); None for a model without."""
    first = next(chain(model.parameters(), model.buffers()), None)
    return None if first is None else first.device


def length_of(loader: Iterable[object]) -> int | None:
    """Return how many batches an epoch has; None where the loader does not know.

    A DataLoader over an IterableDataset has `__len__`, and raises TypeError in it.
    """
    try:
        return len(loader)  # type: ignore[arg-type]
    except (TypeError, NotImplementedError, OverflowError):
        return None


def batches(loader: Iterable[object]) -> Iterator[Batch]:
    """Yield inputs, targets and the number of samples of each batch of the loader.

    Raises:
        TypeError: for a batch that is not a pair.
        ValueError: for a batch whose samples cannot be counted.
    """
    number = 1
    try:
        for batch in loader:
            if not isinstance(batch, SEQUENCES) or len(batch) != 2:
                raise TypeError(
                    f"the loader gave {described(batch)}; each batch is a pair (inputs, targets)."
                )
            inputs, targets = batch
            yield inputs, targets, samples_in(inputs, targets)
            number += 1
    except Exception as error:  # of the loader: what happens to a batch is not raised in here
        error.add_note(f"This was batch {number} that the loader gave, counted from 1.")
        raise


def groups(loader: Iterable[object], count: int) -> Iterator[list[Batch]]:
    """Yield lists of `count` batches, which make one step together; the last may be shorter."""
    group = []
    for batch in batches(loader):
        group.append(batch)
        if len(group) == count:
            yield group
            group = []
    if group:
        yield group


def samples_in(inputs: object, targets: object) -> int:
    """Return how many samples a batch holds: the length of its first tensor, the targets' first.

    Raises:
        ValueError: when no tensor has a dimension, or there is no sample.
    """
    if isinstance(targets, Tensor) and (shape := targets.shape) and shape[0]:
        return shape[0]  # nearly always
    lengths = [_first_length(part) for part in (targets, inputs)]
    if any(lengths):
        return next(length for length in lengths if length)
    given = described((inputs, targets))
    if 0 in lengths:
        raise ValueError(
            f"the loader gave {given}, a batch without a sample, whose mean loss is nan; "
            "leave out empty batches."
        )
    raise ValueError(
        f"the loader gave {given}, in which no tensor has a batch dimension, so that its "
        "samples cannot be counted; give inputs (batch, ...) and targets (batch, ...)."
    )


def _first_length(value: object) -> int | None:
    """Return the length of the first tensor in nested containers, None where there is none."""
    if isinstance(value, Tensor):
        return value.size(0) if value.dim() else None
    if isinstance(value, PackedSequence):
        return int(value.batch_sizes[0])
    parts: Sequence[object]
    if isinstance(value, Mapping):
        parts = list(value.values())
    elif dataclasses.is_dataclass(value):
        parts = [getattr(value, name) for name in _fields(value)]
    else:
        parts = value if isinstance(value, SEQUENCES) else ()
    lengths = (_first_length(part) for part in parts)
    return next((length for length in lengths if length is not None), None)


def move(value: Any, device: torch.device | None) -> Any:
    """Return `value` with its tensors on `device`; the same object where they lie there already.

    Containers (tuples, lists, mappings, dataclasses, and classes made from these) are searched
    and keep their class; an object with a `to` of its own, such as a PackedSequence, moves itself.
    """
    if device is None or (isinstance(value, Tensor) and value.device == device):
        return value
    if isinstance(value, Tensor):
        # Pinned memory is copied while the processor goes on. The other direction is not safe.
        return value.to(device, non_blocking=device.type == "cuda")
    if callable(getattr(type(value), "to", None)):
        moved = value.to(device)
        return value if moved is None else moved
    if isinstance(value, Mapping):
        parts: Mapping[Any, object] = value
    elif isinstance(value, SEQUENCES):
        parts = dict(enumerate(value))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {name: getattr(value, name) for name in _fields(value)}
    else:
        return value
    moved_parts = {name: move(part, device) for name, part in parts.items()}
    if all(moved_parts[name] is part for name, part in parts.items()):
        return value
    return _rebuilt(value, moved_parts)


def _rebuilt(value: Any, parts: dict[Any, object]) -> object:
    """Return a copy of a container, of its own class, with these parts in it."""
    if isinstance(value, tuple):
        kind: Any = type(value)
        each = parts.values()
        return kind(*each) if hasattr(value, "_fields") else kind(each)
    if isinstance(value, Mapping) and not isinstance(value, MutableMapping):
        return parts  # a read-only mapping cannot be changed, and how it is made is not known
    # A shallow copy keeps what a constructor would ask for: a default factory, attributes.
    rebuilt = copy.copy(value)
    if isinstance(value, list):
        rebuilt[:] = parts.values()
    elif isinstance(value, MutableMapping):
        for name, part in parts.items():
            rebuilt[name] = part
    else:
        for name, part in parts.items():
            object.__setattr__(rebuilt, name, part)  # frozen dataclasses too
    return rebuilt


def _fields(value: Any) -> list[str]:
    """Return the names of a dataclass's fields that are set."""
    return [field.name for field in dataclasses.fields(value) if hasattr(value, field.name)]


def described(value: Any) -> str:
    """Return what a batch, or a part of one, is: `a list of 3 (Tensor (64, 8), int, int)`."""
    if type(value) in SEQUENCES or hasattr(value, "_fields"):
        parts = ", ".join(_described_part(part) for part in value)
        return f"a {type(value).__name__} of {len(value)} ({parts})"
    return f"one {_described_part(value)}"


def _described_part(value: object) -> str:
    name = type(value).__name__
    return f"{name} {tuple(value.shape)}" if isinstance(value, Tensor) else name


def knows_position(loader: object) -> bool:
    """Return whether a loader can say where it is, and be put there again."""
    return hasattr(loader, "state_dict") and hasattr(loader, "load_state_dict")


def state_of(loader: Any) -> dict[str, Any]:
    """Return what the next batches depend on, beside the global random state."""
    if knows_position(loader):
        return {"state": loader.state_dict()}
    return {"generators": [generator.get_state() for generator in generators_of(loader)]}


def load_state(loader: Any, state: Mapping[str, Any]) -> None:
    """Put a loader where another was that gave `state`; it may raise ValueError for another."""
    if "state" in state and knows_position(loader):
        loader.load_state_dict(state["state"])
    for generator, stored in zip(generators_of(loader), state.get("generators", [])):
        generator.set_state(stored)


def generators_of(loader: object) -> list[torch.Generator]:
    """Return the generators of a DataLoader and its samplers, each once."""
    batch_sampler = getattr(loader, "batch_sampler", None)
    samplers = (getattr(each, "sampler", None) for each in (loader, batch_sampler))
    holders = (loader, batch_sampler, *samplers)
    found = (getattr(holder, "generator", None) for holder in holders)
    unique = {id(each): each for each in found if isinstance(each, torch.Generator)}
    return list(unique.values())
