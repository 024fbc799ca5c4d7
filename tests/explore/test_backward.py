"""The explorer for backward: its numbers are PyTorch's, and its controls are really moved."""

import base64
import math

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.figure import Figure

from helpers import explore, plot
from helpers.explore import _backward as backward

RUNS = [(name, x) for name in backward.EXAMPLES for x in (-4, -1, 0, 3)]


def gradients_of(name: str, x: float) -> dict[str, float]:
    """Return the gradient of each leaf of an example, computed without hooks by autograd.grad."""
    leaves = {
        key: torch.tensor(float(x) if key == "x" else value, requires_grad=True)
        for key, value in backward.EXAMPLES[name].leaves.items()
    }
    constants = backward.EXAMPLES[name].constants | {"x": float(x)}
    v = {key: torch.tensor(value) for key, value in constants.items()} | leaves
    loss = {
        "a line": lambda: (v["w"] * v["x"] + v["b"] - v["y"]) ** 2,
        "x used twice": lambda: (v["w"] * v["x"] + v["x"]) ** 2,
        "two layers": lambda: (
            (v["w2"] * torch.relu(v["w1"] * v["x"] + v["b1"]) + v["b2"] - v["y"]) ** 2
        ),
    }[name]()
    found = torch.autograd.grad(loss, list(leaves.values()))
    return {key: gradient.item() for key, gradient in zip(leaves, found, strict=True)}


@pytest.mark.parametrize(("name", "x"), RUNS)
def test_the_leaves_end_with_the_gradients_of_autograd(name: str, x: int) -> None:
    done = backward.run(name, x)
    last = backward.picture(done, len(done.visits)).figure.course_alternative
    for leaf, gradient in gradients_of(name, x).items():
        value = backward.number((backward.EXAMPLES[name].leaves | {"x": x})[leaf])
        line = f"the leaf {leaf} = {value}: requires_grad=True, grad = {backward.number(gradient)}."
        assert line in last


@pytest.mark.parametrize(("name", "x"), RUNS)
def test_the_local_rules_give_what_the_hooks_saw(name: str, x: int) -> None:
    done = backward.run(name, x)
    for visit in done.visits:
        if done.traced.nodes[visit.position].kind == "leaf":
            continue
        _, key, operands = done.steps[visit.position]
        values = [(operand, done.values[operand]) for operand in operands]
        factors = backward.OPERATIONS[key].factors(values)
        for (_, factor), gradient in zip(factors, visit.outgoing, strict=True):
            assert gradient is None or math.isclose(visit.incoming * factor, gradient)


@pytest.mark.parametrize("name", backward.EXAMPLES)
def test_every_node_is_visited_once_and_after_all_that_lead_to_it(name: str) -> None:
    done = backward.run(name, 3)
    order = [visit.position for visit in done.visits]
    with_gradient = [node.kind != "constant" for node in done.traced.nodes]
    assert sorted(order) == list(range(sum(with_gradient)))
    for visit in done.visits:
        for target in done.traced.nodes[visit.position].targets:
            assert order.index(target) > order.index(visit.position)


@pytest.mark.parametrize("name", backward.EXAMPLES)
def test_at_every_step_one_node_is_framed_and_one_more_arrow_has_its_number(name: str) -> None:
    done = backward.run(name, 3)
    for step in range(len(done.visits) + 1):
        figure = backward.picture(done, step).figure
        assert framed(figure) == (1 if step else 0)
        travelled = sum(
            sum(gradient is not None for gradient in visit.outgoing) for visit in done.visits[:step]
        )
        assert numbers_on_arrows(figure) == travelled + (1 if step else 0)
    assert plt.get_fignums() == []


def framed(figure: Figure) -> int:
    return sum(patch.get_linewidth() > 2 for patch in figure.axes[0].patches)


def numbers_on_arrows(figure: Figure) -> int:
    return sum(text.get_color() == plot.OKABE_ITO["blue"] for text in figure.axes[0].texts)


def test_it_starts_at_the_multiplication() -> None:
    assert explore.backward().sentences == (
        "w = 2; b = 1; x = 3; y = 5",
        "p = w * x; f = p + b; e = f - y; loss = e ** 2",
        "step 5 of 6: Mul, p = w * x = 2 * 3 = 6",
        "gradient in: d loss / d p = 4",
        "rule: multiply: each factor gets the gradient times the other factor",
        "gradient to w: 4 · x = 4 · 3 = 12",
        "no gradient to x: it has requires_grad=False",
    )


def test_the_slider_steps_through_backward() -> None:
    explorer = explore.backward()
    step = explorer.controls["step"]
    seen = set()
    for place in range(step.max + 1):
        step.value = place
        seen.add((explorer.sentences, explorer.png))
        assert f"step {place} of 6: " in explorer.text
    assert len(seen) == 7
    assert "w.grad = 12" in explorer.text
    step.value = 0
    assert "every grad is None" in explorer.text and "grad = 4." not in explorer.text


def test_another_x_runs_backward_again() -> None:
    explorer = explore.backward()
    explorer.controls["x"].value = -1
    assert "step 5 of 6: Mul, p = w * x = 2 * (-1) = -2" in explorer.text
    assert "gradient to w: -12 · x = -12 · (-1) = 12" in explorer.text


def test_another_graph_has_its_own_number_of_steps() -> None:
    explorer = explore.backward()
    explorer.controls["graph"].value = "two layers"
    assert explorer.controls["step"].max == 11
    explorer.controls["step"].value = 11
    assert "step 11 of 11: AccumulateGrad" in explorer.text
    explorer.controls["graph"].value = "x used twice"
    assert explorer.controls["step"].max == explorer.controls["step"].value == 5


def test_two_gradients_that_meet_are_added() -> None:
    explorer = explore.backward()
    explorer.controls["graph"].value = "x used twice"
    explorer.controls["step"].value = 5
    assert "gradient in: (-6) + 12 = 6" in explorer.sentences
    assert "x.grad = 6" in explorer.sentences


def test_relu_stops_the_gradient_below_0() -> None:
    explorer = explore.backward()
    explorer.controls["graph"].value = "two layers"
    explorer.controls["x"].value = -3
    explorer.controls["step"].value = 7
    assert "step 7 of 11: Relu, h = relu(f) = relu(-5) = 0" in explorer.sentences
    assert "gradient to f: -12 · 0 = 0" in explorer.sentences
    explorer.controls["step"].value = 11
    assert "w1.grad = 0" in explorer.sentences


def test_the_widget_shows_what_the_explorer_holds() -> None:
    explorer = explore.backward()
    explorer.controls["step"].value = 1
    *_, words, image = explorer._widget.children
    assert base64.b64encode(explorer.png).decode() in image.value
    assert "backward starts with 1" in words.value
