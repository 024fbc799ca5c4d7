"""The drawing of autograd graphs: what is read from live tensors, where it is put, what is said."""

import gc
import weakref
from itertools import combinations

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor, nn

from helpers import plot
from helpers.plot._graph import draw_graph
from helpers.plot._graph_trace import trace

LAST = "AccumulateGrad of the leaf "


def two_layers() -> tuple[Tensor, dict[str, Tensor]]:
    """Return the loss of a two-layer network, and names for all that has one."""
    generator = torch.Generator().manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    inputs, targets = torch.rand(5, 3, generator=generator), torch.rand(5, 1, generator=generator)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.25)
    loss = nn.functional.mse_loss(model(inputs), targets)
    names = dict(model.named_parameters())
    return loss, names | {"inputs": inputs, "targets": targets, "loss": loss}


def scalars() -> dict[str, Tensor]:
    """Return two leaves, a constant, and what is computed from them, by name."""
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(3.0, requires_grad=True)
    c = torch.tensor(5.0)
    product = a * b
    return {"a": a, "b": b, "c": c, "product": product, "total": product**2 + a * c}


def lines_of(tensor: Tensor, names: dict[str, Tensor] | None = None) -> list[str]:
    return plot.describe(plot.graph(tensor, names)).splitlines()


def residual() -> Tensor:
    hidden = torch.ones(4, 8)
    for _ in range(3):
        hidden = hidden + torch.relu(hidden @ torch.ones(8, 8, requires_grad=True))
    return hidden.mean()


def recurrent() -> Tensor:
    weight, hidden = torch.ones(4, 4, requires_grad=True), torch.ones(1, 4)
    for _ in range(4):
        hidden = torch.tanh(hidden @ weight.T + 1)
    return hidden.sum()


def convolutional() -> Tensor:
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(36, 10),
    )  # fmt: skip
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.25)
    return nn.functional.cross_entropy(model(torch.ones(2, 1, 8, 8)), torch.tensor([1, 2]))


def used_often() -> Tensor:
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    first, *_ = a.split(1)
    return torch.cat([a, a * a, first, a[torch.tensor([0, 2])]]) * a.sum()


GRAPHS = {
    "two layers": lambda: two_layers()[0],
    "two layers, named": lambda: two_layers(),
    "residual": residual,
    "recurrent": recurrent,
    "convolutional": convolutional,
    "used often": used_often,
    "one operation": lambda: torch.ones(1, 2, 3, 4, 5, 6, requires_grad=True).neg(),
}


def drawn(name: str) -> Figure:
    made = GRAPHS[name]()
    return plot.graph(*made) if isinstance(made, tuple) else plot.graph(made)


# What is said


def test_the_words_name_every_node_its_inputs_and_what_it_saved() -> None:
    loss, names = two_layers()
    head, *lines = lines_of(loss, names)
    assert head.startswith("The graph behind loss = ")
    assert head.endswith(": 6 operations and 4 leaves. Node 1 is its grad_fn.")
    assert lines[0].startswith("1. MseLoss, loss = ")
    assert lines[0].endswith(
        ": gradient goes to 2 Addmm; saved: self (5, 1), target = targets (5, 1)."
    )
    assert lines[1:] == [
        "2. Addmm, shape (5, 1): gradient goes to 3 2.bias, 4 Relu and 5 T; "
        "saved: mat1 (5, 4), mat2 = 2.weight.T (4, 1).",
        f"3. {LAST}2.bias = [0.25]: requires_grad=True, grad = None.",
        "4. Relu, shape (5, 4): gradient goes to 6 Addmm; saved: result (5, 4).",
        "5. T, shape (4, 1): gradient goes to 7 2.weight.",
        "6. Addmm, shape (5, 4): gradient goes to 8 0.bias and 9 T; saved: mat1 = inputs (5, 3).",
        f"7. {LAST}2.weight (1, 4): requires_grad=True, grad = None.",
        f"8. {LAST}0.bias (4,): requires_grad=True, grad = None.",
        "9. T, shape (3, 4): gradient goes to 10 0.weight.",
        f"10. {LAST}0.weight (4, 3): requires_grad=True, grad = None.",
        "11. targets (5, 1): requires_grad=False, used by 1.",
        "12. inputs (5, 3): requires_grad=False, used by 6.",
    ]


def test_few_numbers_are_written_out() -> None:
    names = scalars()
    assert lines_of(names["total"], names) == [
        "The graph behind total = 46: 4 operations and 2 leaves. Node 1 is its grad_fn.",
        "1. Add, total = 46: gradient goes to 2 Pow and 3 Mul.",
        "2. Pow, shape (): gradient goes to 4 Mul; saved: self = product = 6.",
        "3. Mul, shape (): gradient goes to 5 a; saved: other = c = 5.",
        "4. Mul, product = 6: gradient goes to 5 a and 6 b; saved: other = b = 3, self = a = 2.",
        f"5. {LAST}a = 2: requires_grad=True, grad = None.",
        f"6. {LAST}b = 3: requires_grad=True, grad = None.",
        "7. c = 5: requires_grad=False, used by 3.",
    ]


def test_after_backward_gradients_are_there_and_what_was_saved_is_freed() -> None:
    loss, names = two_layers()
    loss.backward()
    words = "\n".join(lines_of(loss, names))
    assert "saved" not in words and "None" not in words
    assert (
        "2. Addmm, shape (5, 1): gradient goes to 3 2.bias, 4 Relu and 5 T; freed: mat1, mat2."
        in words
    )
    assert f"{LAST}0.weight (4, 3): requires_grad=True, grad (4, 3)." in words


def test_with_retain_graph_nothing_is_freed() -> None:
    names = scalars()
    names["product"].retain_grad()
    names["total"].backward(retain_graph=True)
    words = "\n".join(lines_of(names["total"], names))
    assert "freed" not in words and "saved: other = b = 3, self = a = 2." in words
    assert f"{LAST}a = 2: requires_grad=True, grad = 41." in words
    assert "Mul, product = 6: gradient goes to 5 a and 6 b; grad = 12;" in words


def test_what_was_changed_in_place_is_called_so() -> None:
    weights = torch.ones(3, requires_grad=True)
    hidden = weights.sigmoid()
    total = (hidden * hidden).sum()
    hidden.add_(1)
    words = "\n".join(lines_of(total))
    assert "gradient goes to 3 Sigmoid and 3 Sigmoid; changed in place: other, self." in words
    assert "freed" not in words and "saved" not in words
    with pytest.raises(RuntimeError, match="inplace"):
        total.backward()


def test_without_names_nothing_is_called_by_one() -> None:
    lines = lines_of(torch.tensor([1.0, 2.0], requires_grad=True).sum())
    assert lines == [
        "The graph behind tensor = 3: 1 operation and 1 leaf. Node 1 is its grad_fn.",
        "1. Sum, shape (): gradient goes to 2 leaf.",
        "2. AccumulateGrad of the leaf = [1, 2]: requires_grad=True, grad = None.",
    ]


def test_a_function_of_the_reader_is_drawn_with_what_it_saved() -> None:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, numbers: Tensor) -> Tensor:
            ctx.save_for_backward(numbers)
            return numbers * numbers

        @staticmethod
        def backward(ctx: object, gradient: Tensor) -> Tensor:
            [numbers] = ctx.saved_tensors
            return 2 * numbers * gradient

    a = torch.tensor(3.0, requires_grad=True)
    result = Square.apply(a)
    assert "1. Square, shape (): gradient goes to 2 a; saved: tensors = a = 3." in lines_of(
        result, {"a": a}
    )
    result.backward()
    assert "1. Square, shape (): gradient goes to 2 a; freed: tensors." in lines_of(
        result, {"a": a}
    )


def test_what_a_function_keeps_on_its_context_is_no_leaf() -> None:
    class Keeping(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, numbers: Tensor) -> Tensor:
            ctx.variable = 5
            return numbers.clone()

        @staticmethod
        def backward(ctx: object, gradient: Tensor) -> Tensor:
            return gradient

    lines = lines_of(Keeping.apply(torch.ones(4, requires_grad=True)))
    assert lines[1] == "1. Keeping, shape (4,): gradient goes to 2 leaf."


@pytest.mark.parametrize(
    "leaf",
    [
        torch.ones(2, dtype=torch.complex64, requires_grad=True),
        torch.ones(2, device="meta", requires_grad=True),
        torch.ones(0, requires_grad=True),
        torch.ones(2, dtype=torch.bfloat16, requires_grad=True),
    ],
)
def test_unusual_leaves_are_drawn(leaf: Tensor) -> None:
    others = {"other": torch.ones_like(leaf).detach(), "leaf": leaf}
    words = "\n".join(lines_of(leaf * leaf, others))
    assert "saved: other = leaf" in words and ": requires_grad=True, grad = None." in words


def test_several_results_and_lists_of_saved_tensors() -> None:
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    first, second = a.split(1)
    lines = lines_of((first * second + a[torch.tensor([1])]), {"a": a})
    assert "Split, 2 results: gradient goes to 5 a." in lines[4]
    assert any(line.endswith("saved: indices = [1].") for line in lines)


def test_the_gradient_of_a_gradient_has_a_graph_too() -> None:
    a = torch.tensor(3.0, requires_grad=True)
    [gradient] = torch.autograd.grad(a**3, a, create_graph=True)
    lines = lines_of(gradient, {"a": a})
    assert lines[0].startswith("The graph behind tensor = 27: ")
    assert any(line.startswith("3. Pow") and "self = a = 3" in line for line in lines)


@pytest.mark.parametrize("change", ["value", "shape", "names", "operation", "backward"])
def test_another_graph_gives_other_words(change: str) -> None:
    def words(change: str = "") -> str:
        size = (3,) if change == "shape" else ()
        a = torch.full(size, 2.5 if change == "value" else 2.0, requires_grad=True)
        result = a.exp() if change == "operation" else a.square()
        if change == "backward":
            result.backward()
        return plot.describe(plot.graph(result, {"b" if change == "names" else "a": a}))

    assert words() != words(change)
    assert words() == words()


# What is drawn


@pytest.mark.parametrize("name", GRAPHS)
def test_texts_are_large_enough_inside_the_page_and_do_not_overlap(name: str) -> None:
    figure = drawn(name)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    texts = [(text, text.get_window_extent(renderer)) for text in figure.axes[0].texts]
    for text, place in texts:
        assert text.get_fontsize() >= 9
        assert place.x0 >= -1 and place.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert place.y0 >= -1 and place.y1 <= figure.bbox.y1 + 1, text.get_text()
    for (text, place), (other_text, other) in combinations(texts, 2):
        overlap_x = min(place.x1, other.x1) - max(place.x0, other.x0)
        overlap_y = min(place.y1, other.y1) - max(place.y0, other.y0)
        assert min(overlap_x, overlap_y) < 1, (text.get_text(), other_text.get_text())


@pytest.mark.parametrize("name", GRAPHS)
def test_arrows_stay_on_the_page(name: str) -> None:
    figure = drawn(name)
    for patch in figure.axes[0].patches:
        corners = patch.get_path().vertices
        if hasattr(patch, "get_arrowstyle"):
            assert corners[:, 0].min() >= 0 and corners[:, 0].max() <= figure.get_figwidth()
            assert corners[:, 1].min() >= 0 and corners[:, 1].max() <= figure.get_figheight()


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_has_pixels_and_leaves_no_figure_open(name: str) -> None:
    assert plot.png(drawn(name)).startswith(b"\x89PNG")
    assert plt.get_fignums() == []


def test_the_pixels_are_the_same_each_time() -> None:
    assert plot.png(drawn("residual")) == plot.png(drawn("residual"))


def test_there_is_an_arrow_for_each_gradient_and_a_dashed_line_for_each_constant() -> None:
    loss, names = two_layers()
    arrows = [p for p in plot.graph(loss, names).axes[0].patches if hasattr(p, "get_arrowstyle")]
    dashed = [arrow for arrow in arrows if arrow.get_linestyle() not in ("solid", "-")]
    to_grad_fn, edges, constants = 1, 9, 2
    assert len(arrows) == to_grad_fn + edges + constants
    assert len(dashed) == constants


def test_two_ways_to_one_node_are_one_arrow_marked_twice() -> None:
    a = torch.tensor(2.0, requires_grad=True)
    texts = [text.get_text() for text in plot.graph(a * a).axes[0].texts]
    assert texts.count("× 2") == 1


def test_gradients_on_the_edges_and_a_frame_around_the_chosen_node() -> None:
    names = scalars()
    figure = draw_graph(trace(names["total"], names), 1, {(-1, 0): "1", (0, 1): "one more"})
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "one more" in texts and "grad_fn" not in texts
    heavy = [p for p in figure.axes[0].patches if p.get_linewidth() > 2]
    assert len(heavy) == 1


# What is refused, and what is left alone


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (torch.ones(2, requires_grad=True), r"shape \(2,\) is a leaf with requires_grad=True"),
        (torch.ones(2), r"shape \(2,\) has requires_grad=False"),
        (torch.ones(2, requires_grad=True).exp().detach(), "without detach"),
    ],
)
def test_a_tensor_without_a_graph_is_refused_in_a_sentence(tensor: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plot.graph(tensor)


def test_what_is_no_tensor_is_refused() -> None:
    loss = torch.ones(2, requires_grad=True).sum()
    with pytest.raises(TypeError, match=r"not float; give the tensor itself, before \.item\(\)"):
        plot.graph(loss.item())
    with pytest.raises(TypeError, match=r'names\["rate"\] is float'):
        plot.graph(loss, {"rate": 0.1})


def test_a_large_graph_is_refused_with_its_size() -> None:
    total = torch.ones((), requires_grad=True)
    for _ in range(2000):
        total = total.exp().log()
    with pytest.raises(ValueError, match=r"has 4001 nodes; at most 40 can be drawn\. Use"):
        plot.graph(total)


def test_drawing_changes_nothing_and_backward_still_works() -> None:
    loss, names = two_layers()
    versions = {name: tensor._version for name, tensor in names.items()}
    before = {name: tensor.clone() for name, tensor in names.items()}
    plot.graph(loss, names)
    for name, tensor in names.items():
        assert torch.equal(tensor, before[name]) and tensor._version == versions[name]
        assert tensor.grad is None if tensor.is_leaf else True
    loss.backward()
    assert names["0.weight"].grad is not None


def test_the_figure_keeps_no_graph_alive() -> None:
    result = torch.ones(3, requires_grad=True).exp()
    seen = weakref.ref(result)
    figure = plot.graph(result, {"result": result})
    del result
    gc.collect()
    assert seen() is None and figure.course_alternative
