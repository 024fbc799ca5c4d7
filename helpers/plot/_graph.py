"""The autograd graph behind a tensor: operations, what they saved, leaves, gradients."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.path import Path

from helpers._palette import HATCH, INK, LINE, OKABE_ITO, PAPER, QUIET, tint
from helpers.plot._boxes import SMALL, SMALLEST, Look, arrow, canvas, finish, label, text_width
from helpers.plot._graph_layout import Edge, Layout, arrange
from helpers.plot._graph_trace import Node, Saved, Trace, trace
from helpers.plot._wording import enumeration

MARGIN = 0.15
GAP = 0.3
ARROW_HEIGHT = 0.38
LINE_HEIGHT = 0.2
PADDING = 0.09
LEAST_WIDTH = 0.95
LEAST_ROOT = 1.5
FILLS = {
    "operation": tint(OKABE_ITO["sky blue"]),
    "leaf": tint(OKABE_ITO["bluish green"]),
    "constant": PAPER,
}
SHELVES: dict[str, Look] = {
    "saved": {"facecolor": tint(OKABE_ITO["orange"])},
    "freed": {"facecolor": PAPER, "hatch": "////"},
    "changed in place": {"facecolor": tint(OKABE_ITO["vermilion"]), "hatch": "xxxx"},
}


@dataclass(frozen=True)
class Line:
    """One line of text in a box: bold for its name, or on a shelf of saved tensors."""

    text: str
    bold: bool = False
    shelf: str = ""

    @property
    def width(self) -> float:
        """About how wide the line is, in inches."""
        return text_width(self.text, SMALL if self.bold else SMALLEST) * (1.1 if self.bold else 1)


def graph(tensor: torch.Tensor, names: dict[str, torch.Tensor] | None = None) -> Figure:
    """Draw the autograd graph behind `tensor`: the way that backward() goes, downwards.

    Each operation has its name without "Backward0", the shape of its result and the
    tensors it saved; each leaf its AccumulateGrad, shape and `.grad`. Up to 3 numbers
    are written out.

    Args:
        tensor: A tensor that was computed from one with `requires_grad=True`, such as a loss.
        names: Names for leaves, results and inputs without gradient (these are drawn dashed,
            where an operation saved them), as
            `dict(model.named_parameters()) | {"images": images}`.

    Raises:
        TypeError: `tensor` or a value of `names` is not a tensor.
        ValueError: The tensor has no graph, or one of more than 40 nodes.
    """
    return draw_graph(trace(tensor, {} if names is None else names))


def draw_graph(
    traced: Trace, chosen: int | None = None, gradients: dict[Edge, str] | None = None
) -> Figure:
    """Draw what `graph` draws, with a heavy frame around node number `chosen`.

    With `gradients`, the edges in it are drawn as travelled, with their text, and all
    others pale; the edge (-1, 0) leads from the tensor to its grad_fn.
    """
    texts = [_lines(node) for node in traced.nodes]
    widths = [_width(lines) for lines in texts]
    widths[0] = max(widths[0], LEAST_ROOT, _width([Line(traced.tensor, bold=True)]))
    edges = [
        (source, target)
        for source, node in enumerate(traced.nodes)
        for target in dict.fromkeys([*node.targets, *node.uses])
    ]
    layout = arrange(widths, edges, GAP)
    tops, heights, bottom = _levels(layout, texts)
    figure, axes = canvas(layout.width + 2 * MARGIN, bottom + 0.1)
    geometry = _Geometry(layout, widths, texts, tops, heights)
    _draw_root(axes, traced.tensor, geometry, gradients)
    _draw_edges(axes, traced.nodes, geometry, gradients)
    for node, lines in enumerate(texts):
        _draw_box(axes, geometry, node, traced.nodes[node].kind, lines, node == chosen)
    return finish(figure, sentences(traced))


@dataclass(frozen=True)
class _Geometry:
    """Where everything is, in inches: each node's box, and the top and height of each layer."""

    layout: Layout
    widths: list[float]
    texts: list[list[Line]]
    tops: list[float]
    heights: list[float]

    def level(self, node: int) -> int:
        return next(level for level, layer in enumerate(self.layout.layers) if node in layer)

    def middle(self, node: int) -> float:
        return self.layout.middles[node] + MARGIN

    def top(self, node: int) -> float:
        return self.tops[self.level(node)]

    def bottom(self, node: int) -> float:
        """Return the lower edge of a box, or for a bend that of its layer."""
        if node < len(self.texts):
            return self.top(node) + _height(self.texts[node])
        return self.top(node) + self.heights[self.level(node)]


def _lines(node: Node) -> list[Line]:
    """Return what is written in the box of a node."""
    if node.kind == "operation":
        lines = [Line(node.title, bold=True), Line(node.words), Line(node.grad)]
        lines += [Line(_saved_words(item), shelf=item.state) for item in node.saved]
    elif node.kind == "leaf":
        lines = [Line("AccumulateGrad"), Line(node.words, bold=True)]
        lines += [Line("requires_grad=True"), Line(node.grad)]
    else:
        lines = [Line(node.words, bold=True), Line("requires_grad=False")]
    return [line for line in lines if line.text]


def _saved_words(item: Saved) -> str:
    return f"{item.state}: {item.name}{item.words}"


def _width(lines: Sequence[Line]) -> float:
    return max(LEAST_WIDTH, *(line.width + 2 * PADDING for line in lines))


def _height(lines: Sequence[Line]) -> float:
    return LINE_HEIGHT * len(lines) + PADDING


def _levels(layout: Layout, texts: list[list[Line]]) -> tuple[list[float], list[float], float]:
    """Return the top and the height of each layer, and where the last one ends."""
    top, tops, heights = 0.12 + LINE_HEIGHT + PADDING + ARROW_HEIGHT, [], []
    for layer in layout.layers:
        tops.append(top)
        heights.append(max(_height(texts[node]) if node < len(texts) else 0 for node in layer))
        top += heights[-1] + ARROW_HEIGHT
    return tops, heights, top - ARROW_HEIGHT


def _draw_root(
    axes: Axes, words: str, geometry: _Geometry, gradients: dict[Edge, str] | None
) -> None:
    """Draw the tensor above its grad_fn."""
    line = Line(words, bold=True)
    width, middle, top = _width([line]), geometry.middle(0), 0.1
    look: Look = {"facecolor": FILLS["leaf"], "edgecolor": INK, "linewidth": 1.0}
    height = LINE_HEIGHT + PADDING
    axes.add_artist(Rectangle((middle - width / 2, top), width, height, **look))
    label(axes, middle, top + height / 2, words, color=INK, weight="bold")
    start, end = (middle, top + height), (middle, geometry.top(0) - 0.02)
    travelled = gradients is None or (-1, 0) in gradients
    arrow(axes, start, end, _edge_colour(gradients, (-1, 0)))
    text = "grad_fn" if gradients is None else gradients.get((-1, 0), "")
    if travelled and text:
        _note(
            axes,
            (middle + 0.07, (start[1] + end[1]) / 2 - 0.03),
            text,
            gradients is not None,
            "left",
        )


def _edge_colour(gradients: dict[Edge, str] | None, edge: Edge) -> str:
    if gradients is None:
        return QUIET
    return OKABE_ITO["blue"] if edge in gradients else LINE


def _draw_edges(
    axes: Axes, nodes: list[Node], geometry: _Geometry, gradients: dict[Edge, str] | None
) -> None:
    """Draw an arrow where a gradient goes, and a dashed line to a tensor without gradient."""
    for (source, target), way in geometry.layout.ways.items():
        constant = nodes[target].kind == "constant"
        points = _way(geometry, way)
        colour = LINE if constant else _edge_colour(gradients, (source, target))
        look: Look = {"color": colour, "linewidth": 1.2 if constant else 1.6}
        look |= {"linestyle": (0, (3, 2)), "arrowstyle": "-"} if constant else {}
        axes.add_artist(_curve(points, look))
        times = nodes[source].targets.count(target)
        text = (gradients or {}).get((source, target), "") or (f"× {times}" if times > 1 else "")
        if text:
            (x, y), (x_end, y_end) = points[-2:]
            vertical = abs(x_end - x) < 0.2
            position = ((x + x_end) / 2 + 0.07 * vertical, (y + y_end) / 2 - 0.03)
            _note(axes, position, text, gradients is not None, "left" if vertical else "center")


def _way(geometry: _Geometry, way: list[int]) -> list[tuple[float, float]]:
    """Return the points an edge passes, from the lower edge of a box to the upper of another."""
    points = [(_port(geometry, way[0], way[1], down=True), geometry.bottom(way[0]))]
    level = geometry.tops[geometry.level(way[0])] + geometry.heights[geometry.level(way[0])]
    if level > points[0][1]:
        points.append((points[0][0], level))
    for bend in way[1:-1]:
        points += [
            (geometry.middle(bend), geometry.top(bend)),
            (geometry.middle(bend), geometry.bottom(bend)),
        ]
    points.append((_port(geometry, way[-1], way[-2], down=False), geometry.top(way[-1]) - 0.02))
    return points


def _port(geometry: _Geometry, node: int, neighbour: int, down: bool) -> float:
    """Return where on its edge a box is left for a neighbour: side by side, in their order."""
    pairs = [pair for way in geometry.layout.ways.values() for pair in pairwise(way)]
    others = [b for a, b in pairs if a == node] if down else [a for a, b in pairs if b == node]
    others.sort(key=geometry.middle)
    share = (others.index(neighbour) + 1) / (len(others) + 1) - 0.5
    return geometry.middle(node) + share * min(geometry.widths[node], 0.5 * len(others))


def _curve(points: list[tuple[float, float]], look: Look) -> FancyArrowPatch:
    """Return an arrow through the points that leaves and arrives vertically."""
    corners, codes = [points[0]], [Path.MOVETO]
    for (x, y), (x_next, y_next) in pairwise(points):
        half = (y + y_next) / 2
        corners += [(x, half), (x_next, half), (x_next, y_next)]
        codes += [Path.CURVE4] * 3
    options: Look = {"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0}
    return FancyArrowPatch(path=Path(corners, codes), **(options | look))


def _note(
    axes: Axes, position: tuple[float, float], text: str, strong: bool, side: str = "center"
) -> None:
    """Write on an edge what travels along it."""
    colour, weight = (OKABE_ITO["blue"], "bold") if strong else (QUIET, "normal")
    ground: Look = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
    label(axes, *position, text, ha=side, color=colour, weight=weight, bbox=ground, zorder=4)


def _draw_box(
    axes: Axes, geometry: _Geometry, node: int, kind: str, lines: list[Line], framed: bool
) -> None:
    """Draw the box of a node with its lines; saved tensors lie on shelves of their own colour."""
    width, top = geometry.widths[node], geometry.top(node)
    left, height = geometry.middle(node) - width / 2, _height(lines)
    _fill(axes, left, top, width, height, facecolor=FILLS[kind])
    if kind == "leaf":
        band = LINE_HEIGHT + PADDING / 2
        _fill(axes, left, top, width, band, facecolor=FILLS["operation"])
    for position, line in enumerate(lines):
        y = top + PADDING / 2 + position * LINE_HEIGHT
        if line.shelf:
            end = PADDING / 2 if position == len(lines) - 1 else 0
            _fill(axes, left, y, width, LINE_HEIGHT + end, edgecolor=HATCH, **SHELVES[line.shelf])
        behind: Look = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}
        options: Look = {"bbox": behind} if line.shelf in ("freed", "changed in place") else {}
        options |= {"weight": "bold"} if line.bold else {"size": SMALLEST}
        middle = (geometry.middle(node), y + LINE_HEIGHT / 2)
        label(axes, *middle, line.text, color=INK, **options)
    border: Look = {"edgecolor": INK, "facecolor": "none", "linewidth": 3.0 if framed else 1.0}
    border |= {"linestyle": "--"} if kind == "constant" else {}
    axes.add_artist(Rectangle((left, top), width, height, zorder=5 if framed else 2, **border))


def _fill(axes: Axes, x: float, y: float, width: float, height: float, **look: Any) -> None:
    axes.add_artist(Rectangle((x, y), width, height, **({"linewidth": 0.0} | look)))


def sentences(traced: Trace) -> list[str]:
    """Return the graph in words: each node, where its gradient goes, and what it saved."""
    kinds = [node.kind for node in traced.nodes]
    counts = [
        f"{kinds.count(kind)} {kind if kinds.count(kind) == 1 else plural}"
        for kind, plural in (("operation", "operations"), ("leaf", "leaves"))
    ]
    lines = [f"The graph behind {traced.tensor}: {enumeration(counts)}. Node 1 is its grad_fn."]
    return lines + [_sentence(position, traced.nodes) for position in range(len(traced.nodes))]


def _sentence(position: int, nodes: list[Node]) -> str:
    node, number = nodes[position], position + 1
    if node.kind == "leaf":
        name = node.words if node.title == "leaf" else f"leaf {node.words}"
        return f"{number}. AccumulateGrad of the {name}: requires_grad=True, {node.grad}."
    if node.kind == "constant":
        users = [str(at + 1) for at, other in enumerate(nodes) if position in other.uses]
        return f"{number}. {node.words}: requires_grad=False, used by {enumeration(users)}."
    targets = [f"{target + 1} {nodes[target].title}" for target in node.targets]
    parts = [f"gradient goes to {enumeration(targets)}"] if targets else []
    parts += [node.grad] if node.grad else []
    for state in SHELVES:
        items = [f"{item.name}{item.words}" for item in node.saved if item.state == state]
        parts += [f"{state}: {', '.join(items)}"] if items else []
    return f"{number}. {node.title}, {node.words}: {'; '.join(parts)}."
