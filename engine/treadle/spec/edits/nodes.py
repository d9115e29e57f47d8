"""Nodes added, taken away, called otherwise, moved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from treadle.spec.edits.finding import find
from treadle.spec.own_ports import keeping_ends, unused_name, with_names
from treadle.spec.pipeline import SUFFIX, Endpoint, Node, Pipeline, Point

__all__ = [
    "NameTaken", "add_node", "keeping", "move", "remove_nodes", "rename_node", "rename_nodes", "unused_id",
    "with_ids",
]  # fmt: skip

_NO_NAME: Final = re.compile(r"\W+|^[^A-Za-z]+")


class NameTaken(ValueError):
    """Another node bears this id."""

    def __init__(self, node: str) -> None:
        super().__init__(f"another node is called {node!r}")
        self.node = node


def unused_id(pipeline: Pipeline, wanted: str) -> str:
    """`wanted`, or the first of `wanted_2`, `wanted_3` … that no node bears."""
    return unused_name(wanted, pipeline.nodes)


def add_node(pipeline: Pipeline, uses: str, position: Point, *, id: str | None = None) -> tuple[Pipeline, str]:  # noqa: A002
    """The pipeline with one more node at its end, and the node's id: made from the component's name where not given."""
    node = unused_id(pipeline, id or _name_of(uses) or "node")
    nodes = {**pipeline.nodes, node: Node(node, uses)}
    return replace(pipeline, nodes=nodes, view={**pipeline.view, node: position}), node


def _name_of(uses: str) -> str:
    if uses.endswith(SUFFIX):
        return _NO_NAME.sub("_", uses.rpartition("/")[2].removesuffix(SUFFIX)).strip("_")
    return uses.rpartition(".")[2]


def remove_nodes(pipeline: Pipeline, ids: Iterable[str]) -> Pipeline:
    """Without these nodes, and without what led from them."""
    gone = frozenset(ids)
    if not gone & (pipeline.nodes.keys() | pipeline.view.keys()):
        return pipeline
    nodes = {name: _forgetting(node, gone) for name, node in pipeline.nodes.items() if name not in gone}
    left = replace(pipeline, nodes=nodes, view={name: at for name, at in pipeline.view.items() if name not in gone})
    return keeping_ends(left, lambda name: name not in gone)


def _forgetting(node: Node, gone: frozenset[str]) -> Node:
    return keeping(node, lambda other: other not in gone)


def keeping(node: Node, keeps: Callable[[str], bool]) -> Node:
    """`node` without what leads to it from nodes that `keeps` is false of."""
    if all(map(keeps, node.waits_for())):
        return node
    inputs = {
        port: kept
        for port, sources in node.inputs.items()
        if (kept := tuple(source for source in sources if keeps(source.node)))
    }
    after, teardown_of = tuple(filter(keeps, node.after)), tuple(filter(keeps, node.teardown_of))
    over = None if node.map is not None and node.map.rows and not keeps(node.map.rows.node) else node.map
    return replace(node, inputs=inputs, after=after, teardown_of=teardown_of, map=over)


def rename_node(pipeline: Pipeline, old: str, new: str) -> Pipeline:
    """`old` called `new`, in every edge, `after:` and position too. Raises UnknownNode, NameTaken."""
    find(pipeline, old)
    if new == old:
        return pipeline
    if new in pipeline.nodes:
        raise NameTaken(new)
    return rename_nodes(
        replace(pipeline, view={name: at for name, at in pipeline.view.items() if name != new}), {old: new}
    )


def rename_nodes(pipeline: Pipeline, names: Mapping[str, str]) -> Pipeline:
    """Each node of `names` called as it says, which no other is."""
    renamed = replace(
        pipeline,
        nodes={names.get(name, name): with_ids(node, names) for name, node in pipeline.nodes.items()},
        view={names.get(name, name): at for name, at in pipeline.view.items()},
    )
    return with_names(renamed, names)


def with_ids(node: Node, names: Mapping[str, str]) -> Node:
    """`node` with each id in `names` replaced, its own included; the same object where none occurs."""
    if names.keys().isdisjoint({node.id, *node.waits_for()}):
        return node
    inputs = {
        port: tuple(Endpoint(names.get(source.node, source.node), source.port) for source in sources)
        for port, sources in node.inputs.items()
    }
    after = tuple(names.get(other, other) for other in node.after)
    teardown_of = tuple(names.get(other, other) for other in node.teardown_of)
    over = node.map
    if over is not None and over.rows is not None:
        over = replace(over, rows=Endpoint(names.get(over.rows.node, over.rows.node), over.rows.port))
    id_ = names.get(node.id, node.id)
    return replace(node, id=id_, inputs=inputs, after=after, teardown_of=teardown_of, map=over)


def move(pipeline: Pipeline, positions: Mapping[str, Point]) -> Pipeline:
    """With these nodes elsewhere; ids the pipeline does not have are passed over."""
    moved = {name: at for name, at in positions.items() if name in pipeline.nodes and pipeline.view.get(name) != at}
    return replace(pipeline, view={**pipeline.view, **moved}) if moved else pipeline
