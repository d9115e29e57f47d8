from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spec.timing import within

from treadle.spec import graph
from treadle.spec.pipeline import Endpoint, Node, Pipeline


def made(edges: list[tuple[str, str]], names: str = "") -> Pipeline:
    """Nodes and edges by data; an edge from a name that is not listed dangles."""
    known = dict.fromkeys([*names, *(target for _, target in edges)])
    feeding = {name: tuple(Endpoint(s, "out") for s, target in edges if target == name) for name in known}
    return Pipeline(
        nodes={name: Node(name, "m.f", {"in": sources} if sources else {}) for name, sources in feeding.items()}
    )


edge_lists = st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")), max_size=14)


@given(edge_lists)
def test_order_is_topological_or_names_a_real_cycle(edges):
    p = made(edges, "abcdefg")
    graph_of = nx.DiGraph(edges)
    if nx.is_directed_acyclic_graph(graph_of):
        order = graph.topological_order(p)
        assert sorted(order) == sorted(p.nodes)
        assert all(order.index(source) < order.index(target) for source, target in edges)
        assert graph.find_cycle(p) is None
        assert graph.cycles(p) == []
        return
    with pytest.raises(graph.CycleError, match="wait for each other") as caught:
        graph.topological_order(p)
    groups = [g for g in nx.strongly_connected_components(graph_of) if len(g) > 1 or any((n, n) in edges for n in g)]
    found = graph.cycles(p)
    assert len(found) == len(groups)
    assert all(any(set(cycle) <= group for group in groups) for cycle in found)
    for cycle in (caught.value.nodes, graph.find_cycle(p), *found):
        assert all(pair in edges for pair in zip(cycle, cycle[1:] + cycle[:1], strict=True))


@given(edge_lists)
def test_reach_is_what_networkx_says(edges):
    p, g = made(edges, "abcdefg"), nx.DiGraph(edges)
    g.add_nodes_from("abcdefg")
    for name in "abcdefg":
        on_cycle = {name} if any(name == back or nx.has_path(g, back, name) for back in g.successors(name)) else set()
        assert graph.ancestors(p, name) == nx.ancestors(g, name) | on_cycle
        assert graph.descendants(p, name) == nx.descendants(g, name) | on_cycle


def test_ties_are_in_file_order():
    assert graph.topological_order(made([("c", "b"), ("a", "b")], "cda")) == ("c", "d", "a", "b")


def test_after_counts_as_order_and_dangling_ends_do_not():
    p = Pipeline(
        nodes={"b": Node("b", "m.f", after=("a", "ghost")), "a": Node("a", "m.f", {"x": (Endpoint("gone", "y"),)})}
    )
    assert graph.topological_order(p) == ("a", "b")
    assert graph.predecessors(p) == {"b": ["a"], "a": []}


def test_an_edge_back_would_close_a_cycle():
    p = made([("a", "b"), ("b", "c")], "abc")
    assert graph.would_cycle(p, "c", "a")
    assert graph.would_cycle(p, "a", "a")
    assert not graph.would_cycle(p, "a", "c")


@pytest.mark.parametrize("closed", [False, True])
def test_a_hundred_thousand_nodes_in_a_row_take_a_second(closed):
    nodes = {f"n{i}": Node(f"n{i}", "m.f", {"x": (Endpoint(f"n{i - 1}", "y"),)}) for i in range(100_000)}
    if closed:
        nodes["n0"] = Node("n0", "m.f", {"x": (Endpoint("n99999", "y"),)})
    with within(3):
        found = graph.find_cycle(Pipeline(nodes=nodes))
    assert (len(found) if found else 0) == (100_000 if closed else 0)


def test_nodes_that_wait_for_each_other_have_no_order_and_are_named():
    with pytest.raises(graph.CycleError, match="wait for each other") as caught:
        graph.topological_order(made([("a", "b"), ("b", "a"), ("b", "c")]))
    assert sorted(caught.value.nodes) == ["a", "b"]
