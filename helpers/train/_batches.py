"""Batches on their way from a loader to the model: checked, grouped, moved to its device."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

Pair = tuple[object, object]
Sized = tuple[Pair, int]
SEQUENCES = (tuple, list)


def device_of(model: nn.Module) -> torch.device | None:
    """Return where the model's first parameter (or buffer) lies; None for a model without."""
    first = next(model.parameters(), None)
    first = next(model.buffers(), None) if first is None else first
    return None if first is None else first.device


def length_of(loader: Iterable[object]) -> int | None:
    """Return how many batches an epoch has; None where the loader does not know.

    A DataLoader over an IterableDataset has `__len__`, and raises TypeError in it.
    """
    try:
        return len(loader)
    except TypeError:
        return None


def pairs(loader: Iterable[object]) -> Iterator[Sized]:
    """Yield each batch of the loader, a pair (inputs, targets), and how many samples it holds.

    Raises TypeError for a batch that is no pair, ValueError for one whose samples cannot be
    counted.
    """
    for batch in loader:
        if not isinstance(batch, SEQUENCES) or len(batch) != 2:
            raise TypeError(
                f"the loader gave {_words(batch)}; each batch is a pair (inputs, targets)."
            )
        yield batch, samples_in(batch)


def groups(loader: Iterable[object], count: int) -> Iterator[tuple[list[Sized], int]]:
    """Yield lists of `count` batches as `pairs` gives them, and the samples in each list.

    The last list may be shorter.
    """
    group, samples = [], 0
    for sized in pairs(loader):
        group.append(sized)
        samples += sized[1]
        if len(group) == count:
            yield group, samples
            group, samples = [], 0
    if group:
        yield group, samples


def samples_in(batch: object) -> int:
    """Return how many samples a batch holds: the length of its first tensor, the targets' first.

    Raises ValueError when there is no tensor with a dimension in it, or no sample.
    """
    inputs, targets = batch
    if isinstance(targets, Tensor) and targets.dim() and (found := targets.size(0)):
        return found  # nearly always
    lengths = [_first_length(part) for part in (targets, inputs)]
    if any(lengths):
        return lengths[0] or lengths[1]
    if 0 in lengths:
        raise ValueError(
            f"the loader gave {_words(batch)}, a batch without a sample, whose mean loss is nan; "
            "leave out empty batches."
        )
    raise ValueError(
        f"the loader gave {_words(batch)}, in which no tensor has a batch dimension, so that its "
        "samples cannot be counted; give inputs (batch, ...) and targets (batch, ...)."
    )


def _first_length(value: object) -> int | None:
    """Return the length of the first tensor in nested lists and dicts, None where there is none."""
    if isinstance(value, Tensor):
        return value.size(0) if value.dim() else None
    if isinstance(value, dict):
        value = list(value.values())
    found = (_first_length(part) for part in value) if isinstance(value, SEQUENCES) else ()
    return next((length for length in found if length is not None), None)


def move(value: object, device: torch.device | None) -> object:
    """Return `value` with the tensors in it (in tuples, lists, dicts too) on `device`."""
    if device is None or getattr(value, "device", None) == device:
        return value
    if hasattr(value, "to"):  # a tensor, a PackedSequence
        # Pinned memory is copied while the processor goes on. The way back would not be safe.
        return value.to(device, non_blocking=device.type == "cuda")
    if isinstance(value, dict):
        return {name: move(part, device) for name, part in value.items()}
    if isinstance(value, SEQUENCES):
        parts = [move(part, device) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def _words(batch: object) -> str:
    """Return what a batch is, in words: `a list of 3: Tensor (64, 8), Tensor (64), int`."""
    if isinstance(batch, SEQUENCES):
        parts = ", ".join(_word(part) for part in batch)
        return f"a {type(batch).__name__} of {len(batch)} ({parts})"
    return f"one {_word(batch)}"


def _word(value: object) -> str:
    name = type(value).__name__
    return f"{name} {tuple(value.shape)}" if isinstance(value, Tensor) else name
