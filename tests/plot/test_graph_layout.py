"""Where the boxes of a graph go."""

import random
from itertools import pairwise

import pytest

from helpers.plot import _graph_layout as layers


def random_graph(seed: int) -> tuple[list[float], list[layers.Edge]]:
    """Return widths of up to 20 nodes, and edges from each to later ones."""
    choose = random.Random(seed)
    count = choose.randint(2, 20)
    edges = {(choose.randrange(node), node) for node in range(1, count)}
    for _ in range(count // 2):
        source = choose.randrange(count - 1)
        edges.add((source, choose.randrange(source + 1, count)))
    return [choose.uniform(0.5, 2) for _ in range(count)], sorted(edges)


@pytest.mark.parametrize("seed", range(40))
def test_every_edge_leads_down_and_boxes_keep_apart(seed: int) -> None:
    widths, edges = random_graph(seed)
    layout = layers.arrange(widths, edges, gap=0.3)
    level = {node: place for place, layer in enumerate(layout.layers) for node in layer}
    for edge in edges:
        way = layout.ways[edge]
        assert (way[0], way[-1]) == edge
        assert [level[node] for node in way] == list(range(level[edge[0]], level[edge[1]] + 1))
    sizes = dict(enumerate(widths))
    for layer in layout.layers:
        for left, right in pairwise(layer):
            halves = sum(sizes.get(node, layers.BEND_WIDTH) / 2 for node in (left, right))
            assert layout.middles[right] - layout.middles[left] >= halves + 0.3 - 1e-9
    for node, middle in layout.middles.items():
        half = sizes.get(node, layers.BEND_WIDTH) / 2
        assert middle - half >= -1e-9 and middle + half <= layout.width + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_sorting_never_makes_more_crossings(seed: int) -> None:
    widths, edges = random_graph(seed)
    layout = layers.arrange(widths, edges, gap=0.3)
    pieces = [p for way in layout.ways.values() for p in pairwise(way)]
    _, below = layers._neighbours(pieces)
    unsorted = [sorted(layer) for layer in layout.layers]
    assert layers.crossings(layout.layers, below) <= layers.crossings(unsorted, below)


def test_a_tree_is_drawn_without_crossings() -> None:
    edges = [(0, 1), (0, 2), (1, 4), (2, 3), (1, 6), (2, 5)]
    layout = layers.arrange([1.0] * 7, edges, gap=0.3)
    pieces = [p for way in layout.ways.values() for p in pairwise(way)]
    assert layers.crossings(layout.layers, layers._neighbours(pieces)[1]) == 0


def test_a_node_stands_under_the_longest_path_to_it() -> None:
    assert layers.depths(4, [(0, 1), (1, 2), (0, 3), (2, 3)]) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("wishes", "middles"),
    [
        ([0.0, 5.0], [0.0, 5.0]),
        ([0.0, 0.0], [-0.65, 0.65]),
        ([3.0, 0.0, 10.0], [0.85, 2.15, 10.0]),
    ],
)
def test_boxes_move_apart_no_more_than_needed(wishes: list[float], middles: list[float]) -> None:
    assert layers.apart(wishes, [1.0] * len(wishes), 0.3) == pytest.approx(middles)


def test_a_layout_is_as_small_as_its_boxes_allow() -> None:
    layout = layers.arrange([1.0, 2.0, 3.0], [(0, 1), (0, 2)], gap=0.5)
    assert layout.layers == [[0], [1, 2]]
    assert layout.width == pytest.approx(2 + 0.5 + 3)
    assert layout.middles == pytest.approx({0: 2.5, 1: 1.0, 2: 4.0})
    assert layout.ways == {(0, 1): [0, 1], (0, 2): [0, 2]}


def test_an_edge_that_skips_layers_passes_a_bend_in_each() -> None:
    layout = layers.arrange([1.0] * 4, [(0, 1), (1, 2), (2, 3), (0, 3)], gap=0.3)
    assert layout.ways[0, 3] == [0, 4, 5, 3]
    assert layout.layers == [[0], [1, 4], [2, 5], [3]]
    assert layout.middles[4] - layout.middles[1] >= (1 + layers.BEND_WIDTH) / 2 + 0.3 - 1e-9


def test_crossings_are_counted_between_neighbouring_layers() -> None:
    assert layers.crossings([[0, 1], [2, 3]], {0: [2], 1: [3]}) == 0
    assert layers.crossings([[0, 1], [2, 3]], {0: [3], 1: [2]}) == 1
    assert layers.crossings([[0, 1], [2, 3, 4]], {0: [4, 3], 1: [2]}) == 2
    assert layers.crossings([[0, 1], [2, 3]], {0: [2, 3], 1: [2, 3]}) == 1
    assert layers.crossings([[0, 1], [2]], {0: [2], 1: [2]}) == 0


def test_layers_are_sorted_by_their_neighbours() -> None:
    edges = [(0, 4), (1, 3), (2, 5), (2, 6), (3, 7)]
    layout = layers.arrange([1.0] * 8, edges, gap=0.3)
    pieces = [p for way in layout.ways.values() for p in pairwise(way)]
    assert layers.crossings(layout.layers, layers._neighbours(pieces)[1]) == 0
    above, below = layers._neighbours([(0, 2), (1, 2)])
    assert (above, below) == ({2: [0, 1]}, {0: [2], 1: [2]})


@pytest.mark.parametrize(
    ("layer", "fixed", "near", "ordered"),
    [
        ([5, 6], [1, 2], {5: [2], 6: [1]}, [6, 5]),
        ([5, 6], [1, 2, 3], {5: [1, 3], 6: [1, 2]}, [6, 5]),
        ([5, 6], [], {5: [2], 6: [1]}, [5, 6]),
        ([5, 6, 7], [1, 2, 3], {5: [3], 7: [1]}, [7, 6, 5]),
    ],
)
def test_barycentres_order_a_layer(
    layer: list[int], fixed: list[int], near: dict[int, list[int]], ordered: list[int]
) -> None:
    assert layers._by_barycentre(layer, fixed, near) == ordered


def test_boxes_that_push_each_other_share_the_way() -> None:
    middles = layers.apart([0.0, 0.0, 0.0], [1.0, 2.0, 1.0], 0.5)
    assert middles == pytest.approx([-2.0, 0.0, 2.0])
    assert layers.apart([1.0], [5.0], 0.5) == [1.0]


def test_a_node_alone_is_at_its_own_middle() -> None:
    layout = layers.arrange([2.0], [], gap=0.3)
    assert (layout.layers, layout.middles, layout.ways) == ([[0]], {0: 1.0}, {})
    assert layout.width == 2


# Stored notebooks hold graphs that were laid out so.
MIDDLES = {
    5: [
        3.338,
        1.498,
        2.992,
        1.498,
        0.836,
        5.025,
        1.597,
        3.083,
        5.12,
        4.102,
        3.837,
        3.741,
        0.175,
        2.821,
        2.357,
        5.12,
    ],
    7: [
        3.588,
        1.716,
        0.687,
        0.687,
        4.078,
        2.612,
        4.078,
        6.074,
        2.643,
        5.632,
        3.368,
        0.687,
        0.518,
        2.914,
        6.671,
        6.671,
        1.849,
        1.818,
        4.078,
        5.632,
        4.932,
    ],
}


@pytest.mark.parametrize("seed", MIDDLES)
def test_a_layout_stays_the_same(seed: int) -> None:
    widths, edges = random_graph(seed)
    middles = layers.arrange(widths, edges, gap=0.3).middles
    assert [middles[node] for node in sorted(middles)] == pytest.approx(MIDDLES[seed], abs=1e-3)
