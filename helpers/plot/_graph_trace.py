"""Read the autograd graph behind a live tensor: operations, what they saved, and leaves."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.autograd.graph import Node as Function
from torch.nn.parameter import is_lazy

from helpers.plot._arguments import explained, kind_of, label_text
from helpers.plot._wording import number, tuple_text

MOST_NODES = 40
MOST_NUMBERS = 3


@dataclass(frozen=True)
class Saved:
    """A tensor that an operation saved for backward: its name there, and what is in it.

    `state` is "saved", "freed" (by a backward before) or "changed in place" (so that
    backward would raise).
    """

    name: str
    words: str
    state: str


@dataclass
class Node:
    """One box of the graph. `kind` is "operation", "leaf" or "constant" (no gradient).

    `words` names the result of an operation or the leaf itself, with its shape or its
    few numbers; `grad` says what its `.grad` holds, and is empty where that is not
    known. `targets` are the positions of the nodes that its gradient goes to, in the order
    of the inputs; `uses` those of the constants it saved.
    """

    kind: str
    title: str
    words: str
    grad: str = ""
    saved: tuple[Saved, ...] = ()
    targets: list[int] = field(default_factory=list)
    uses: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Trace:
    """What is drawn: the tensor the graph belongs to, and the nodes, its grad_fn first."""

    tensor: str
    nodes: list[Node]


def functions_of(tensor: torch.Tensor) -> list[Function]:
    """Return every node of the graph behind `tensor`, the grad_fn first, each before its inputs.

    Raises:
        TypeError: It is not a tensor.
        ValueError: The tensor has no graph, or one of more than 40 nodes.
    """
    found: dict[Function, None] = {}
    waiting = [_grad_fn(tensor)]
    while waiting:
        function = waiting.pop()
        if function not in found:
            found[function] = None
            waiting += [other for other, _ in reversed(function.next_functions) if other]
    if len(found) > MOST_NODES:
        raise ValueError(
            f"the graph behind this tensor has {len(found)} nodes; at most {MOST_NODES} can be "
            "drawn. Use a smaller model or fewer steps; the number of samples does not matter."
        )
    return _sorted(list(found))


def _grad_fn(tensor: object) -> Function:
    """Return what made the tensor, or say what was given and what is needed."""
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(
            f"graph draws what is behind a tensor, not {type(tensor).__name__}; give the tensor "
            "itself, before .item() or .tolist()."
        )
    if tensor.grad_fn is not None:
        return tensor.grad_fn
    if is_lazy(tensor):
        raise ValueError("this parameter has no shape yet; give a loss computed from its layer.")
    if tensor.is_nested:
        raise ValueError("this nested tensor has no graph behind it; give a loss computed from it.")
    if tensor.requires_grad:
        raise ValueError(
            f"this tensor of shape {tuple_text(tensor.shape)} is a leaf with requires_grad=True: "
            "no operation made it, so there is no graph behind it; give a tensor that is "
            "computed from it, such as a loss."
        )
    raise ValueError(
        f"this tensor of shape {tuple_text(tensor.shape)} has requires_grad=False, so autograd "
        "recorded no graph behind it; compute it from a tensor with requires_grad=True, outside "
        "torch.no_grad() and without detach()."
    )


def _sorted(functions: list[Function]) -> list[Function]:
    """Return the functions so that each stands behind all that lead to it."""
    waiting = dict.fromkeys(functions, 0)
    for function in functions:
        for target in {other for other, _ in function.next_functions if other}:
            waiting[target] += 1
    order, ready = [], [function for function in functions if not waiting[function]]
    while ready:
        function = ready.pop(0)
        order.append(function)
        for target in dict.fromkeys(other for other, _ in function.next_functions if other):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return order


def trace(tensor: torch.Tensor, names: dict[str, torch.Tensor]) -> Trace:
    """Read the graph behind `tensor`; `names` gives names to leaves, results and constants.

    Raises as `functions_of` does, and TypeError when a name stands for anything else than a tensor.
    """
    names = _checked_names(names)
    functions = functions_of(tensor)
    positions = {function: position for position, function in enumerate(functions)}
    with explained("the graph cannot be read"):
        nodes = [_node(function, names) for function in functions]
        for node, function in zip(nodes, functions, strict=True):
            node.targets = [positions[other] for other, _ in function.next_functions if other]
        _add_constants(nodes, functions, names)
    own = next((name for name, value in names.items() if value is tensor), "tensor")
    return Trace(f"{own}{contents(tensor)}", nodes)


def _checked_names(names: object) -> dict[str, torch.Tensor]:
    """Return the names as texts that can be drawn, after checking that each stands for a tensor."""
    if not isinstance(names, Mapping):
        raise TypeError(
            f"names is {kind_of(names)}; give a dict from name to tensor, such as "
            "dict(model.named_parameters())."
        )
    for name, value in names.items():
        if not isinstance(value, torch.Tensor):
            raise TypeError(
                f'names["{label_text(name)}"] is {type(value).__name__}; '
                "give a tensor for each name."
            )
    return {label_text(name): value for name, value in names.items()}


def _node(function: Any, names: dict[str, torch.Tensor]) -> Node:
    if type(function).__name__ == "AccumulateGrad":
        leaf = function.variable
        name = next((name for name, value in names.items() if value is leaf), "leaf")
        return Node("leaf", name, f"{name}{contents(leaf)}", f"grad{contents(leaf.grad)}")
    result = next((item for item in names.items() if item[1].grad_fn is function), None)
    title = re.sub(r"Backward\d*$", "", type(function).__name__)
    saved = tuple(_saved(function, names))
    if result is None:
        return Node("operation", title, _result_shapes(function), saved=saved)
    name, value = result
    grad = f"grad{contents(value.grad)}" if value.retains_grad else ""
    return Node("operation", title, f"{name}{contents(value)}", grad, saved)


def _result_shapes(function: object) -> str:
    """Return the shape of what the operation computed, which autograd keeps for its gradient."""
    shapes = [tuple_text(item.shape) for item in getattr(function, "_input_metadata", ())]
    return f"{len(shapes)} results" if len(shapes) > 1 else f"shape {shapes[0]}" if shapes else ""


def contents(tensor: torch.Tensor | None) -> str:
    """Return what stands behind a name: " = 2", " = [1, 2]", or " (4, 3)" for more numbers."""
    if tensor is None:
        return " = None"
    if tensor.is_nested:
        return " (nested)"
    readable = tensor.layout == torch.strided and not tensor.is_meta and not tensor.is_complex()
    if not readable or tensor.dim() > 1 or not 0 < tensor.numel() <= MOST_NUMBERS:
        return f" {tuple_text(tensor.shape)}"
    numbers = tensor.detach().cpu().flatten().tolist()
    scale = max(abs(value) for value in numbers)
    words = [str(value) if isinstance(value, bool) else number(value, scale) for value in numbers]
    return f" = [{', '.join(words)}]" if tensor.dim() else f" = {words[0]}"


def _saved(function: object, names: dict[str, torch.Tensor]) -> Iterator[Saved]:
    """Yield the tensors an operation keeps for backward; reading them changes nothing."""
    for name, value in _saved_values(function):
        if isinstance(value, RuntimeError):
            state = "changed in place" if "inplace" in str(value) else "freed"
            yield Saved(name, "", state)
            continue
        for tensor in value if isinstance(value, (tuple, list)) else [value]:
            if isinstance(tensor, torch.Tensor):
                known = _name_of(tensor, names)
                own = f" = {known}" if known else ""
                yield Saved(name, f"{own}{contents(tensor)}", "saved")


def _saved_values(function: object) -> Iterator[tuple[str, object]]:
    """Yield name and value of what was saved, the error instead where it can no longer be read."""
    attributes = [name for name in dir(function) if name.startswith("_saved_")]
    if isinstance(function, torch.autograd.function.BackwardCFunction):
        attributes = ["saved_tensors"]
    for attribute in attributes:
        name = attribute.removeprefix("_saved_").removeprefix("saved_")
        try:
            yield name, getattr(function, attribute)
        except RuntimeError as problem:
            yield name, problem


def _name_of(tensor: torch.Tensor, names: dict[str, torch.Tensor]) -> str:
    """Return the name of a saved tensor, which may be another object on the same memory."""
    for name, value in names.items():
        if tensor is value or _same_memory(tensor, value):
            return name
        if value.dim() == 2 and _same_memory(tensor, value.T):
            return f"{name}.T"
    return ""


def _same_memory(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.layout != torch.strided or other.layout != torch.strided:
        return False
    # An empty tensor and one on the meta device have no memory, and all of them the address 0.
    return (
        one.data_ptr() == other.data_ptr() != 0
        and one.shape == other.shape
        and one.stride() == other.stride()
        and one.dtype == other.dtype
    )


def _add_constants(
    nodes: list[Node], functions: list[Function], names: dict[str, torch.Tensor]
) -> None:
    """Append a node for each named tensor without gradient that an operation has saved."""
    positions: dict[str, int] = {}
    for node, function in zip(list(nodes), functions, strict=True):
        for _, value in _saved_values(function):
            if not isinstance(value, torch.Tensor) or value.requires_grad:
                continue
            name = _name_of(value, names).removesuffix(".T")
            if not name or names[name].requires_grad:
                continue
            if name not in positions:
                positions[name] = len(nodes)
                nodes.append(Node("constant", name, f"{name}{contents(names[name])}"))
            if positions[name] not in node.uses:
                node.uses.append(positions[name])
