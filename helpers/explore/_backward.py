"""The explorer for backward: one node of a live graph at a time, gradients as numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
from helpers.plot._graph import draw_graph
from helpers.plot._graph_layout import Edge
from helpers.plot._graph_trace import Node, Trace, functions_of, trace
from helpers.plot._wording import number

Factor = tuple[str, float]
Step = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Operation:
    """What an operation computes, how it is written, and its local rule.

    `factors` gives for the operands, as (name, value), what the gradient to each of them
    is multiplied by: how it is written with names (empty for a mere number), and its
    value.
    """

    compute: Callable[..., torch.Tensor]
    code: str
    rule: str
    factors: Callable[[list[tuple[str, float]]], list[Factor]]


OPERATIONS = {
    "Mul": Operation(
        torch.mul,
        "{} * {}",
        "multiply: each factor gets the gradient times the other factor",
        lambda operands: [operands[1], operands[0]],
    ),
    "Add": Operation(
        torch.add,
        "{} + {}",
        "add: both get the gradient unchanged",
        lambda operands: [("", 1.0), ("", 1.0)],
    ),
    "Sub": Operation(
        torch.sub,
        "{} - {}",
        "subtract: the first gets the gradient unchanged, the second with the other sign",
        lambda operands: [("", 1.0), ("", -1.0)],
    ),
    "Pow": Operation(
        torch.square,
        "{} ** 2",
        "square: the gradient times 2 times the base",
        lambda operands: [(f"2·{operands[0][0]}", 2 * operands[0][1])],
    ),
    "Relu": Operation(
        torch.relu,
        "relu({})",
        "relu: the gradient passes where the result is over 0, elsewhere it becomes 0",
        lambda operands: [("", float(operands[0][1] > 0))],
    ),
}


@dataclass(frozen=True)
class Example:
    """A small computation: numbers that need a gradient, others, and steps to the loss.

    A step is (name of the result, key of OPERATIONS, names of the operands).
    """

    leaves: dict[str, float]
    constants: dict[str, float]
    steps: tuple[Step, ...]


EXAMPLES = {
    "a line": Example(
        {"w": 2.0, "b": 1.0},
        {"x": 3.0, "y": 5.0},
        (
            ("p", "Mul", ("w", "x")),
            ("f", "Add", ("p", "b")),
            ("e", "Sub", ("f", "y")),
            ("loss", "Pow", ("e",)),
        ),
    ),
    "x used twice": Example(
        {"w": -2.0, "x": 3.0},
        {},
        (("p", "Mul", ("w", "x")), ("q", "Add", ("p", "x")), ("loss", "Pow", ("q",))),
    ),
    "two layers": Example(
        {"w1": 2.0, "b1": 1.0, "w2": -1.0, "b2": 4.0},
        {"x": 3.0, "y": -2.0},
        (
            ("p", "Mul", ("w1", "x")),
            ("f", "Add", ("p", "b1")),
            ("h", "Relu", ("f",)),
            ("q", "Mul", ("w2", "h")),
            ("g", "Add", ("q", "b2")),
            ("e", "Sub", ("g", "y")),
            ("loss", "Pow", ("e",)),
        ),
    ),
}
FIRST, FIRST_STEP, FIRST_X = "a line", 5, 3


@dataclass(frozen=True)
class Visit:
    """What a node did during backward: the gradient that arrived, and one for each input."""

    position: int
    incoming: float
    outgoing: tuple[float | None, ...]


@dataclass(frozen=True)
class Run:
    """A backward that has been run: the graph as it was before, and each visit in order.

    `steps` gives the step of the example that made each operation, by its position.
    """

    example: Example
    values: dict[str, float]
    traced: Trace
    steps: dict[int, Step]
    visits: tuple[Visit, ...]


def backward() -> Explorer:
    """Return an explorer of backward: step through a small live graph, node by node.

    PyTorch runs the backward pass; hooks on the nodes note the gradients that arrive
    and leave.
    """
    explorer = Explorer("Explorer: backward", picture(run(FIRST, FIRST_X), FIRST_STEP))
    if widgets_are_installed():
        _attach(explorer)
    return explorer


def run(name: str, x: float) -> Run:
    """Compute the example called `name` with this `x`, and note what its backward does."""
    example = EXAMPLES[name]
    numbers = example.leaves | example.constants | {"x": float(x)}
    tensors = {
        key: torch.tensor(value, requires_grad=key in example.leaves)
        for key, value in numbers.items()
    }
    for result, operation, operands in example.steps:
        compute = OPERATIONS[operation].compute
        tensors[result] = compute(*(tensors[operand] for operand in operands))
    values = {key: tensor.item() for key, tensor in tensors.items()}
    functions = functions_of(tensors["loss"])
    positions = {function: position for position, function in enumerate(functions)}
    made = [(tensors[step[0]].grad_fn, step) for step in example.steps]
    steps = {positions[function]: step for function, step in made if function is not None}
    traced = trace(tensors["loss"], tensors)
    return Run(example, values, traced, steps, _visits(tensors["loss"], functions))


def _visits(loss: torch.Tensor, functions: list) -> tuple[Visit, ...]:
    """Run backward with a hook on every node; return what each noted, in PyTorch's order."""
    visits: list[Visit] = []
    handles = []
    for position, function in enumerate(functions):

        def note(inputs: tuple, outputs: tuple, position: int = position) -> None:
            outgoing = (None if gradient is None else gradient.item() for gradient in inputs)
            visits.append(Visit(position, outputs[0].item(), tuple(outgoing)))

        handles.append(function.register_hook(note))
    loss.backward()
    for handle in handles:
        handle.remove()
    return tuple(visits)


def picture(done: Run, step: int) -> Picture:
    """Draw the graph after `step` nodes of backward, the last of them framed.

    Step 0 is before backward; there is a step for each node.
    """
    seen = done.visits[:step]
    gradients: dict[Edge, str] = {(-1, 0): "1"} if seen else {}
    nodes = [_at_this_step(node, position, seen) for position, node in enumerate(done.traced.nodes)]
    for visit in seen:
        for target, gradient in zip(_targets(done, visit), _kept(visit), strict=True):
            gradients[visit.position, target] = number(gradient)
    chosen = seen[-1].position if seen else None
    figure = draw_graph(Trace(done.traced.tensor, nodes), chosen, gradients)
    return Picture(figure, sentences(done, step))


def _at_this_step(node: Node, position: int, seen: tuple[Visit, ...]) -> Node:
    """Return the node as it is now: a leaf that was visited has its gradient."""
    visit = next((visit for visit in seen if visit.position == position), None)
    if node.kind != "leaf" or visit is None:
        return node
    return replace(node, grad=f"grad = {number(visit.incoming)}")


def sentences(done: Run, step: int) -> tuple[str, ...]:
    """Return the code, where backward stands, and what the framed node does with its gradient."""
    given = (*done.example.leaves, *done.example.constants)
    code = (
        "; ".join(f"{name} = {number(done.values[name])}" for name in given),
        "; ".join(
            f"{result} = {OPERATIONS[operation].code.format(*operands)}"
            for result, operation, operands in done.example.steps
        ),
    )
    total = len(done.visits)
    if not step:
        return (*code, f"step 0 of {total}: before loss.backward(); every grad is None")
    visit = done.visits[step - 1]
    node = done.traced.nodes[visit.position]
    if node.kind == "leaf":
        lines = _leaf_sentences(done, step)
    else:
        lines = _operation_sentences(done, visit)
    return (*code, f"step {step} of {total}: {lines[0]}", *lines[1:])


def _operation_sentences(done: Run, visit: Visit) -> list[str]:
    """Return the operation with its numbers, its rule, and the gradient for each operand."""
    result, key, operands = done.steps[visit.position]
    operation, incoming = OPERATIONS[key], number(visit.incoming)
    values = [done.values[operand] for operand in operands]
    filled = operation.code.format(*(number(v) if key == "Relu" else _bracketed(v) for v in values))
    start = " (backward starts with 1)" if result == "loss" else ""
    lines = [
        f"{key}, {result} = {operation.code.format(*operands)} = {filled} = "
        f"{number(done.values[result])}",
        f"gradient in: d loss / d {result} = {incoming}{start}",
        f"rule: {operation.rule}",
    ]
    factors = operation.factors(list(zip(operands, values, strict=True)))
    for operand, (name, factor), gradient in zip(operands, factors, visit.outgoing, strict=True):
        if gradient is None:
            lines.append(f"no gradient to {operand}: it has requires_grad=False")
            continue
        named = f"{incoming} · {name} = " if name else ""
        product = f"{named}{incoming} · {_bracketed(factor)} = {number(gradient)}"
        lines.append(f"gradient to {operand}: {product}")
    return lines


def _leaf_sentences(done: Run, step: int) -> list[str]:
    """Return what arrives at a leaf, added up, and that it becomes its grad."""
    visit = done.visits[step - 1]
    name = done.traced.nodes[visit.position].title
    arrived = [
        _bracketed(gradient)
        for earlier in done.visits[: step - 1]
        for target, gradient in zip(_targets(done, earlier), _kept(earlier), strict=True)
        if target == visit.position
    ]
    total = number(visit.incoming)
    if len(arrived) > 1:
        total = f"{' + '.join(arrived)} = {total}"
    return [
        f"AccumulateGrad, the leaf {name} = {number(done.values[name])}",
        f"gradient in: {total}",
        "rule: what arrives is added up and stored in .grad",
        f"{name}.grad = {number(visit.incoming)}",
    ]


def _targets(done: Run, visit: Visit) -> list[int]:
    return done.traced.nodes[visit.position].targets


def _kept(visit: Visit) -> list[float]:
    """Return the gradients that went on; an input without gradient gets none."""
    return [gradient for gradient in visit.outgoing if gradient is not None]


def _bracketed(value: float) -> str:
    """Return a number as text, in brackets where its sign would stand behind another."""
    return f"({number(value)})" if value < 0 else number(value)


def _attach(explorer: Explorer) -> None:
    """Make the controls and connect them; another graph or x keeps the step where it can."""
    import ipywidgets

    names = ipywidgets.Dropdown(options=list(EXAMPLES), value=FIRST, description="graph")
    x = ipywidgets.IntSlider(min=-4, max=4, value=FIRST_X, description="value of x")
    done = run(FIRST, FIRST_X)
    step = ipywidgets.IntSlider(
        min=0, max=len(done.visits), value=FIRST_STEP, description="step of backward"
    )

    def move(change: object = None) -> None:
        explorer.draw(picture(done, step.value))

    def run_again(change: object = None) -> None:
        nonlocal done
        done = run(names.value, x.value)
        step.max = len(done.visits)
        move()

    explorer.attach({"graph": names, "x": x, "step": step})
    step.observe(move, names="value")
    for control in (names, x):
        control.observe(run_again, names="value")
