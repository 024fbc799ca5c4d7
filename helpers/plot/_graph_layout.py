"""Where the boxes of a graph go: in layers, each edge downwards, with few crossings.

The classical three steps (Sugiyama, Tagawa and Toda, "Methods for visual understanding
of hierarchical system structures", 1981): a layer for each node by its longest path, an
order in each layer by barycentres, and positions as near as possible to the neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12
BEND_WIDTH = 0.35
Edge = tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """The layer and the middle (in inches) of each node, and the way of each edge.

    `width` is that of the whole, in inches, with all boxes and bends from 0 on.
    An edge that skips layers passes a bend in each of them; bends are numbered behind
    the nodes. `ways` gives for each edge all it passes, both ends included.
    """

    layers: list[list[int]]
    middles: dict[int, float]
    ways: dict[Edge, list[int]]
    width: float


def depths(count: int, edges: Sequence[Edge]) -> list[int]:
    """Return for each of `count` nodes the length of the longest path that leads to it."""
    waiting = [sum(target == node for _, target in edges) for node in range(count)]
    depth, ready = [0] * count, [node for node in range(count) if not waiting[node]]
    while ready:
        node = ready.pop()
        for target in [target for source, target in edges if source == node]:
            depth[target] = max(depth[target], depth[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return depth


def arrange(widths: Sequence[float], edges: Sequence[Edge], gap: float) -> Layout:
    """Return positions for nodes of these widths; the graph has no cycle and no double edge.

    Lengths are in inches; boxes of one layer stay at least `gap` apart.
    """
    depth = depths(len(widths), edges)
    layers: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for node, level in enumerate(depth):
        layers[level].append(node)
    ways, all_widths = {}, dict(enumerate(widths))
    for source, target in edges:
        bends = range(len(all_widths), len(all_widths) + depth[target] - depth[source] - 1)
        for level, bend in enumerate(bends, depth[source] + 1):
            layers[level].append(bend)
            all_widths[bend] = BEND_WIDTH
        ways[source, target] = [source, *bends, target]
    pieces = [pair for way in ways.values() for pair in pairwise(way)]
    above, below = _neighbours(pieces)
    layers = _ordered(layers, above, below)
    middles = _placed(layers, above, below, all_widths, gap)
    across = max(middle + all_widths[node] / 2 for node, middle in middles.items())
    return Layout(layers, middles, ways, across)


def _neighbours(pieces: Sequence[Edge]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return for each node those one layer above, and those one layer below."""
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for source, target in pieces:
        below.setdefault(source, []).append(target)
        above.setdefault(target, []).append(source)
    return above, below


def crossings(layers: list[list[int]], below: dict[int, list[int]]) -> int:
    """Return how many pairs of edges cross between neighbouring layers."""
    total = 0
    for upper, lower in pairwise(layers):
        rank = {node: position for position, node in enumerate(lower)}
        sides = [sorted(rank[target] for target in below.get(node, [])) for node in upper]
        ends = [position for positions in sides for position in positions]
        total += sum(a > b for position, a in enumerate(ends) for b in ends[position + 1 :])
    return total


def _ordered(
    layers: list[list[int]], above: dict[int, list[int]], below: dict[int, list[int]]
) -> list[list[int]]:
    """Sort each layer by the mean rank of its neighbours, down and up, and keep the best order."""
    best = now = layers
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near, order = (above, 1) if down else (below, -1)
        swept: list[list[int]] = []
        for layer in now[::order]:
            swept.append(_by_barycentre(layer, swept[-1] if swept else [], near))
        now = swept[::order]
        if crossings(now, below) < crossings(best, below):
            best = now
    return best


def _by_barycentre(layer: list[int], fixed: list[int], near: dict[int, list[int]]) -> list[int]:
    """Return a layer sorted by the mean rank of each node's neighbours in the `fixed` layer."""
    rank = {node: position for position, node in enumerate(fixed)}
    centres = {
        node: _mean([rank[other] for other in near[node]]) if node in near and fixed else position
        for position, node in enumerate(layer)
    }
    return sorted(layer, key=centres.__getitem__)


def _placed(
    layers: list[list[int]],
    above: dict[int, list[int]],
    below: dict[int, list[int]],
    widths: dict[int, float],
    gap: float,
) -> dict[int, float]:
    """Return the middle of each node: near its neighbours, in order, and nothing overlaps."""
    middles = {node: 0.0 for layer in layers for node in layer}
    for sweep in range(2 * SWEEPS + 1):
        for layer in layers[:: 1 if sweep % 2 == 0 else -1]:
            wishes = []
            for node in layer:
                near = above.get(node, []) if sweep % 2 == 0 else below.get(node, [])
                near = near or [node]
                wishes.append(sum(middles[other] for other in near) / len(near))
            sizes = [widths[node] for node in layer]
            middles |= dict(zip(layer, apart(wishes, sizes, gap), strict=True))
    left = min(middles[node] - widths[node] / 2 for node in middles)
    return {node: middle - left for node, middle in middles.items()}


def apart(wishes: Sequence[float], widths: Sequence[float], gap: float) -> list[float]:
    """Return middles in the given order, `gap` apart, with the least squares to the wishes.

    Pool adjacent violators (Ayer and others, 1955): what would overlap moves as one block.
    """
    offsets = [0.0]
    for left, right in pairwise(widths):
        offsets.append(offsets[-1] + (left + right) / 2 + gap)
    blocks: list[list[float]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        blocks.append([wish - offset])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    shared = [_mean(block) for block in blocks for _ in block]
    return [position + offset for position, offset in zip(shared, offsets, strict=True)]


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
