"""Every public function of `helpers.plot` with odd arguments: a figure, or a sentence of ours."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from helpers import plot
from tests import odd_arguments
from tests.odd_arguments import PLAIN_TENSORS, SEEDED, odd

# What is odd here alone.
OWN: dict[str, Callable[[], object]] = {
    "endless iterator": lambda: iter(int, 1),
    "equal tensors": lambda: [torch.ones(2, 2), torch.zeros(2, 2)],
    "dict of tensors": lambda: {1: torch.ones(2), "$x": torch.ones(())},
    "scalar with a graph": lambda: torch.ones(3, requires_grad=True).exp().sum(),
    "grid of axes": lambda: Figure().subplots(2, 2),
    "axes and figure": lambda: (figure := Figure(), figure.subplots()),
    "subfigure": lambda: Figure().subfigures(1, 2)[0],
    "pyplot": lambda: plt,
    "a closed figure": lambda: plt.figure(),
}
ODD = {**odd_arguments.ODD, **OWN}
VALUES = st.one_of(odd(), st.sampled_from(sorted(OWN)).map(lambda name: OWN[name]()))
# Some arguments that fit, so that the odd ones come through to where they are used.
TENSORS = st.one_of(PLAIN_TENSORS, VALUES)

CALLS: dict[str, tuple[Callable[..., object], tuple[st.SearchStrategy, ...]]] = {
    "along_dim": (plot.along_dim, (TENSORS, st.one_of(st.integers(-3, 3), VALUES))),
    "broadcasting": (plot.broadcasting, (TENSORS, TENSORS)),
    "describe": (plot.describe, (VALUES,)),
    "gather": (plot.gather, (TENSORS, st.one_of(st.integers(-3, 3), VALUES), TENSORS)),
    "graph": (plot.graph, (VALUES, VALUES)),
    "image_grid": (plot.image_grid, (TENSORS, VALUES, st.one_of(st.integers(1, 9), VALUES))),
    "matrix": (plot.matrix, (TENSORS, VALUES, VALUES)),
    "png": (plot.png, (VALUES,)),
    "scatter": (
        plot.scatter,
        (TENSORS, TENSORS, st.one_of(st.integers(-3, 3), VALUES), st.one_of(st.just(3), VALUES)),
    ),
    "show": (plot.show, (VALUES,)),
    "storage": (lambda base, view: plot.storage(base, view=view), (TENSORS, TENSORS)),
    "storage alone": (plot.storage, (TENSORS,)),
    "style": (plot.style, (VALUES,)),
}


def check(function: Callable[..., object], *arguments: object) -> None:
    """Call, draw what came back, and accept an exception only when it explains itself."""
    plt.close("all")
    odd_arguments.check(drawn, function, *arguments)
    assert plt.get_fignums() in ([], [1])
    plt.close("all")


def drawn(function: Callable[..., object], *arguments: object) -> None:
    """Call, and draw what came back."""
    made = function(*arguments)
    if isinstance(made, Figure):
        assert plot.describe(made)
        made.draw_without_rendering()


def test_every_public_function_is_tried() -> None:
    functions = {name for name in plot.__all__ if callable(getattr(plot, name))}
    assert functions <= set(CALLS)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CALLS)
def test_odd_arguments_give_an_answer_or_a_sentence(name: str) -> None:
    function, strategies = CALLS[name]

    @settings(SEEDED, max_examples=25)
    @given(st.tuples(*strategies))
    def run(arguments: tuple[object, ...]) -> None:
        check(function, *arguments)

    run()


@pytest.mark.filterwarnings("ignore")  # of PyTorch, about its own odd kinds of tensors
@pytest.mark.parametrize("name", ODD)
def test_each_odd_value_is_tried_in_each_first_argument(name: str) -> None:
    index = torch.tensor([[0, 1], [1, 0]])
    table = torch.arange(6.0).reshape(2, 3)
    for function in (plot.describe, plot.png, plot.show, plot.style, plot.graph, plot.matrix):
        check(function, ODD[name]())
    for function in (plot.image_grid, plot.storage):
        check(function, ODD[name]())
    check(plot.along_dim, ODD[name](), 0)
    check(plot.along_dim, table, ODD[name]())
    check(plot.broadcasting, ODD[name](), table)
    check(plot.gather, ODD[name](), 0, index)
    check(plot.gather, table, 1, ODD[name]())
    check(plot.scatter, ODD[name](), 1.0, 0, 3)
    check(plot.scatter, index, ODD[name](), 0, 3)
    check(plot.scatter, index, 1.0, 0, ODD[name]())
    check(plot.matrix, table, ODD[name](), None)
    check(plot.matrix, table, "", ODD[name]())
    check(plot.image_grid, torch.rand(2, 4, 4), ODD[name]())
    check(plot.image_grid, torch.rand(2, 4, 4), None, ODD[name]())
    check(plot.graph, torch.ones(2, requires_grad=True).exp(), ODD[name]())
