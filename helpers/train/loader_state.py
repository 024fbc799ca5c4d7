"""Where a loader is, as far as it can say, and back to there."""

from collections.abc import Iterable

import torch


def knows_place(loader: object) -> bool:
    """Return whether a loader can say where it is, and be put there again."""
    return hasattr(loader, "state_dict") and hasattr(loader, "load_state_dict")


def state_of(loader: Iterable[object] | None) -> dict[str, object]:
    """Return what the next batches depend on, beside the global random state."""
    if knows_place(loader):
        return {"state": loader.state_dict()}
    return {"generators": [generator.get_state() for generator in generators_of(loader)]}


def load_state(loader: Iterable[object] | None, state: dict[str, object]) -> None:
    """Put a loader where another was that gave `state`; it may raise ValueError for another."""
    if "state" in state and knows_place(loader):
        loader.load_state_dict(state["state"])
    for generator, stored in zip(generators_of(loader), state.get("generators", [])):
        generator.set_state(stored)


def generators_of(loader: object) -> list[torch.Generator]:
    """Return the generators of a DataLoader and its samplers, each once."""
    batch_sampler = getattr(loader, "batch_sampler", None)
    holders = (loader, getattr(loader, "sampler", None), batch_sampler)
    holders = (*holders, getattr(batch_sampler, "sampler", None))
    found = (getattr(holder, "generator", None) for holder in holders)
    unique = {id(each): each for each in found if isinstance(each, torch.Generator)}
    return list(unique.values())
