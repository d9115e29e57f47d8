from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spec.pipelines import churn
from spec.timing import within

from treadle.spec.layout import arrange
from treadle.spec.pipeline import Endpoint, Node, Pipeline

SIZE = (208.0, 84.0)


def _made(edges: list[tuple[int, int]], count: int) -> Pipeline:
    """`count` nodes; edges from a number that has no node dangle."""
    feeding = {number: tuple(Endpoint(f"n{a}", "o") for a, b in edges if b == number) for number in range(count)}
    return Pipeline(nodes={f"n{k}": Node(f"n{k}", "m.f", {"i": s} if s else {}) for k, s in feeding.items()})


def _random(count: int, width: int) -> Pipeline:
    """Layers of `width` nodes, mostly linked to the layer before, some further back."""
    chance = random.Random(7)
    nodes = {}
    for number in range(count):
        layer = number // width
        back = [1 if chance.random() < 0.9 else chance.randint(1, min(layer, 6)) for _ in range(2) if layer]
        sources = tuple(Endpoint(f"n{(layer - step) * width + chance.randrange(width)}", "o") for step in back)
        nodes[f"n{number}"] = Node(f"n{number}", "m.f", {"i": sources} if sources else {})
    return Pipeline(nodes=nodes)


def _overlaps(placed, sizes) -> list[tuple[str, str]]:
    def apart(one, other):
        (x, y), (u, v) = placed[one], placed[other]
        (w, h), (s, t) = sizes.get(one, SIZE), sizes.get(other, SIZE)
        return x + w <= u or u + s <= x or y + h <= v or v + t <= y

    names = sorted(placed)
    return [(one, other) for i, one in enumerate(names) for other in names[:i] if not apart(one, other)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 7)), max_size=16), st.data())
def test_nodes_never_overlap_whatever_the_edges_and_sizes(edges, data):
    p = _made(edges, 8)
    size = st.tuples(st.integers(40, 400).map(float), st.integers(20, 300).map(float))
    sizes = data.draw(st.dictionaries(st.sampled_from(sorted(p.nodes)), size))
    placed = arrange(p, sizes)
    assert placed.keys() == p.nodes.keys()
    assert not _overlaps(placed, sizes)
    assert all(x % 8 == 0 and y % 8 == 0 and x >= 0 and y >= 0 for x, y in placed.values())
    assert arrange(p, sizes) == placed


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda e: e[0] < e[1]), max_size=16))
def test_every_edge_leads_to_the_right(edges):
    placed = arrange(_made(edges, 8), {})
    assert all(placed[f"n{a}"][0] + SIZE[0] < placed[f"n{b}"][0] for a, b in edges)


def test_a_chain_is_a_straight_line():
    p = _made([(0, 1), (1, 2)], 3)
    (a, b, c) = arrange(p, {}).values()
    assert a[1] == b[1] == c[1] == 0
    assert a[0] == 0


def test_nodes_without_edges_stand_below():
    p = churn()
    alone = {f"x{n}": Node(f"x{n}", "m.f") for n in range(6)}
    placed = arrange(Pipeline(nodes={**alone, **p.nodes}), {})
    lowest = max(placed[name][1] for name in p.nodes) + SIZE[1]
    assert min(placed[name][1] for name in alone) > lowest
    assert len({placed[name][1] for name in alone}) == 2


def test_two_branches_do_not_cross():
    """Given in crossing order, parallel chains come out parallel."""
    p = _made([(0, 3), (1, 2), (2, 5), (3, 4)], 6)
    placed = arrange(p, {})
    above = placed["n0"][1] < placed["n1"][1]
    assert (placed["n3"][1] < placed["n2"][1]) == above
    assert (placed["n4"][1] < placed["n5"][1]) == above


def test_nothing_is_arranged_as_nothing():
    assert arrange(Pipeline(), {}) == {}


@pytest.mark.parametrize("width", [10, 50, 500])
def test_five_thousand_nodes_are_arranged_in_a_second_and_a_half(width):
    p = _random(5_000, width)
    with within(1.5):
        placed = arrange(p, {})
    assert len(placed) == 5_000


def test_an_edge_that_leads_back_is_left_out_of_account():
    placed = arrange(_made([(0, 1), (1, 2), (2, 0)], 3), dict.fromkeys(("n0", "n1", "n2"), SIZE))
    assert len(set(placed.values())) == 3
