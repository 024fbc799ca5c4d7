"""What goes into a checkpoint: objects as plain data, and tensors without numbers they do not show.

`plain` refuses what `torch.load(weights_only=True)` could not give back, and names it.
"""

from __future__ import annotations

import copy
from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor, nn

from helpers._validation import LONGEST_SHOWN, attribute, kind_of

_PLAIN = (float, complex, bool, str, type(None), torch.dtype, torch.device, torch.Size)
_MAPPINGS = (dict, OrderedDict, Counter)
_SEQUENCES = (list, tuple, set)
_MOST_BITS = 2039  # of an integer: what weights_only=True reads has at most 255 bytes

_LAYOUTS = (
    *(torch.strided, torch.sparse_coo, torch.sparse_csr, torch.sparse_csc),
    *(torch.sparse_bsr, torch.sparse_bsc),
)


def plain(state: dict[str, object]) -> dict[str, object]:
    """Return a state as plain data, its tensors as small as they can be stored.

    Args:
        state: by name, tensors, numbers, text, and lists, tuples, sets and dicts of them, or
            objects with `state_dict()`.

    Raises:
        TypeError: a part could not be loaded back; the message names it, as `model['weight']`.
    """
    try:
        return trimmed({name: _plain(value, name) for name, value in state.items()})
    except RecursionError as error:
        raise TypeError(
            f"{' or '.join(state)} contains itself, or is nested too deeply to be stored; save "
            "its parts."
        ) from error


def _plain(value: Any, where: str) -> Any:
    """Return `value` as plain data; `where` names it in the TypeError for what is not."""
    if isinstance(value, Tensor):
        return _plain_tensor(value, where)
    if type(value) in _PLAIN:
        return value
    if type(value) in (int, bytes):
        return _small(value, where)
    if isinstance(value, np.generic):  # a learning rate out of np.logspace, say
        number = value.item()  # of a long double, which Python does not have, itself
        return _refuse(value, where) if isinstance(number, np.generic) else _plain(number, where)
    if type(value) in _MAPPINGS:
        return _plain_mapping(value, where)
    if type(value) in _SEQUENCES:
        parts = [_plain(part, f"{where}[{index}]") for index, part in enumerate(value)]
        return type(value)(parts)
    if not isinstance(value, type) and callable(attribute(value, "state_dict")):
        return _plain(_state_of(value, where), where)
    return _refuse(value, where)


def _plain_mapping(value: Any, where: str) -> dict[Any, Any]:
    """Return a dict of the same class with plain keys and values, and a model's versions."""
    mapping: Any = type(value)()
    for key, part in value.items():
        name = _written(key)
        mapping[_plain(key, f"the key {name} of {where}")] = _plain(part, f"{where}[{name}]")
    if "_metadata" in getattr(value, "__dict__", {}):
        mapping._metadata = _plain(value._metadata, f"{where}._metadata")
    return mapping


def _written(key: object) -> str:
    """Return a dict's key for a message: as it is written, or its kind."""
    try:
        text = repr(key)
    except Exception:  # whatever a foreign __repr__ raises
        return kind_of(key)
    return text if len(text) <= LONGEST_SHOWN and "\n" not in text else kind_of(key)


def _state_of(value: Any, where: str) -> Any:
    """Return an object's `state_dict()`; an error of it gets a note that says whose it is."""
    try:
        return value.state_dict()
    except Exception as error:
        error.add_note(
            f"{where} is {kind_of(value)}, and its state_dict(), which checkpoint.save stores, "
            "raised this error."
        )
        raise


def _small(value: int | bytes, where: str) -> int | bytes:
    """Return an integer or bytes that `torch.load(weights_only=True)` reads, or raise TypeError."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise TypeError(
            f"{where} is an integer of {value.bit_length():,} bits, and at most {_MOST_BITS:,} "
            "could be loaded back; save it as text, with str() or hex()."
        )
    if value == b"":
        raise TypeError(f"{where} is b'', which could not be loaded back; save None in its place.")
    return value


def _refuse(value: Any, where: str) -> NoReturn:
    raise TypeError(
        f"{where} is {kind_of(value)}, which could not be loaded back safely; "
        "save tensors, numbers, text, lists and dicts of them, or objects with state_dict()."
    )


def _plain_tensor(value: Tensor, where: str) -> Tensor:
    """Return a tensor without a class or attributes of its own, which could not be loaded back."""
    if nn.parameter.is_lazy(value):
        raise TypeError(
            f"{where} has no numbers yet, as a lazy layer has before its first input; let the "
            "model compute once, then save it."
        )
    if value.is_meta:
        raise TypeError(
            f"{where} has no numbers, since it is on the device 'meta'; save it from a device "
            "that holds them, such as 'cpu'."
        )
    if value.is_nested or value.layout not in _LAYOUTS:
        kind = "nested" if value.is_nested else str(value.layout).removeprefix("torch._")
        raise TypeError(
            f"{where} is a tensor in the form {kind!r}, which could not be loaded back; save a "
            "dense one, or a list of dense ones."
        )
    is_plain = type(value) in (Tensor, nn.Parameter) and not vars(value)
    return value if is_plain else value.as_subclass(Tensor)


# What a file holds is whole storages: a view would bring all that it is a view of.


def trimmed(value: Any) -> Any:
    """Return plain data whose tensors hold no numbers in memory that none of them shows.

    Tensors that share numbers share them in the result too, and so in the file; a tensor that
    shows all of its storage is returned itself. The caller's tensors are not changed.
    """
    replaced: dict[int, Tensor] = {}
    for views in _by_storage(value):
        for group in _sharing(views):
            replaced.update(_compact(group))
    return _with(value, replaced) if replaced else value


def _tensors(value: Any) -> Iterator[Tensor]:
    """Give all dense tensors in plain data; a sparse one holds tensors of its own."""
    if isinstance(value, Tensor):
        if value.layout == torch.strided and not value.is_quantized:
            yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _tensors(key)
            yield from _tensors(part)
    elif type(value) in _SEQUENCES:
        for part in value:
            yield from _tensors(part)
    if hasattr(value, "_metadata"):
        yield from _tensors(value._metadata)


def _by_storage(value: Any) -> list[list[Tensor]]:
    """Return the tensors of each storage that holds more than they show.

    Raises TypeError where two of different dtypes share one: `torch.save` would refuse them.
    """
    groups: dict[tuple[object, ...], dict[int, Tensor]] = {}
    for tensor in _tensors(value):
        storage = tensor.untyped_storage()
        if storage.nbytes():
            key = (tensor.device, storage.data_ptr(), storage.nbytes())
            groups.setdefault(key, {})[id(tensor)] = tensor
    found = [list(views.values()) for views in groups.values()]
    for views in found:
        dtypes = sorted({str(view.dtype) for view in views})
        if len(dtypes) > 1:
            raise TypeError(
                f"Two tensors of the state show the same numbers as {' and '.join(dtypes)}, which "
                "one file cannot hold; save one of them, or a clone() of it."
            )
    return [views for views in found if _wastes(views)]


def _wastes(views: list[Tensor]) -> bool:
    """Whether the storage of these tensors holds more than they show."""
    if any(view.is_conj() or view.is_neg() for view in views):  # numbers worked out when read
        return False
    shown = sum({_geometry(view): _unexpanded(view).numel() for view in views}.values())
    return shown * views[0].element_size() < views[0].untyped_storage().nbytes()


def _geometry(view: Tensor) -> tuple[object, ...]:
    """Return which elements of its storage a tensor shows, and how."""
    return view.storage_offset(), view.shape, view.stride()


def _unexpanded(view: Tensor) -> Tensor:
    """Return a view with length 1 along each dimension that repeats one element."""
    shape = [1 if step == 0 else size for size, step in zip(view.shape, view.stride())]
    if 0 in view.shape:
        return view
    return view.detach().as_strided(shape, view.stride(), view.storage_offset())


def _span(view: Tensor) -> tuple[int, int]:
    """Return the first element of the storage that a view shows, and the one after its last."""
    if view.numel() == 0:
        return 0, 0
    start = int(view.storage_offset())
    reach = sum((size - 1) * step for size, step in zip(view.shape, view.stride()))
    return start, start + reach + 1


def _sharing(views: list[Tensor]) -> list[list[Tensor]]:
    """Return the views in groups; those of different groups have no element in common."""
    groups: list[list[Tensor]] = []
    end = -1
    for view in sorted(views, key=_span):
        start, stop = _span(view)
        if not groups or start >= end:
            groups.append([])
        groups[-1].append(view)
        end = max(end, stop)
    return [part for group in groups for part in _by_element(group)]


def _by_element(views: list[Tensor]) -> list[list[Tensor]]:
    """Return views whose spans overlap in groups: columns of a table have no element in common."""
    if len({_geometry(view) for view in views}) == 1:
        return [views]
    start = min(_span(view)[0] for view in views)
    length = max(_span(view)[1] for view in views) - start
    owner = torch.full((length,), -1, dtype=torch.int32, device="cpu")
    group_of: list[int] = []
    for number, view in enumerate(views):
        small = _unexpanded(view)
        shown = owner.as_strided(small.shape, small.stride(), small.storage_offset() - start)
        met = {group_of[each] for each in shown.unique().tolist() if each >= 0}
        group_of = [number if group in met else group for group in group_of] + [number]
        shown.fill_(number)
    return [
        [view for view, group in zip(views, group_of) if group == number]
        for number in dict.fromkeys(group_of)
    ]


def _compact(views: list[Tensor]) -> dict[int, Tensor]:
    """Return, by `id`, the same tensors on a new storage of their own, as small as it can be."""
    start, stop = min(_span(view)[0] for view in views), max(_span(view)[1] for view in views)
    first = _unexpanded(views[0])
    if len({_geometry(view) for view in views}) == 1 and first.numel() < stop - start:
        base = first.clone(memory_format=torch.contiguous_format)
        steps = [own if step else 0 for own, step in zip(base.stride(), views[0].stride())]
        made = base.as_strided(views[0].shape, steps)
        return {id(view): _as(view, made) for view in views}
    base = first.as_strided((stop - start,), (1,), start).clone()
    return {
        id(view): _as(
            view, base.as_strided(view.shape, view.stride(), max(0, view.storage_offset() - start))
        )
        for view in views
    }


def _as(view: Tensor, numbers: Tensor) -> Tensor:
    """Return the new numbers as what the view was: a parameter, or one that takes a gradient."""
    if isinstance(view, nn.Parameter):
        return nn.Parameter(numbers, requires_grad=view.requires_grad)
    return numbers.requires_grad_(view.requires_grad)


def _with(value: Any, replaced: dict[int, Tensor]) -> Any:
    """Return plain data with some tensors replaced, found by their `id`."""
    if isinstance(value, Tensor):
        return replaced.get(id(value), value)
    if isinstance(value, dict):
        mapping = copy.copy(value)
        mapping.clear()
        mapping.update({_with(key, replaced): _with(part, replaced) for key, part in value.items()})
        return mapping
    if type(value) in _SEQUENCES:
        return type(value)(_with(part, replaced) for part in value)
    return value
