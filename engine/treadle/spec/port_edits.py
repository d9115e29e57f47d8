"""Edits of the ports that a node declares itself. Edges and paths follow a port that is renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.edits import UnknownNode
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.values import Value

__all__ = ["Side", "declare_port", "declared", "remove_port", "rename_port", "unused_port"]


class Side(StrEnum):
    """Which ports of a node are meant; the word is the one before a port's path, as in `$in.data`."""

    INPUT = "in"
    OUTPUT = "out"


def declared(node: Node, side: Side) -> Mapping[str, PortDeclaration]:
    return node.declared_inputs if side is Side.INPUT else node.declared_outputs


def unused_port(node: Node, wanted: str) -> str:
    """`wanted`, or the first of `wanted_2`, `wanted_3` … that no port of the node bears."""
    taken = {*node.inputs, *node.declared_inputs, *node.declared_outputs}
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def declare_port(pipeline: Pipeline, node: str, side: Side, name: str, port: PortDeclaration) -> Pipeline:
    """With the port declared so, in the place where it was. Raises UnknownNode, as all of these do."""
    found = _node(pipeline, node)
    return _with(pipeline, _declaring(found, side, {**declared(found, side), name: port}))


def remove_port(pipeline: Pipeline, node: str, side: Side, name: str) -> Pipeline:
    """Without the port, and without the edges at it."""
    found = _node(pipeline, node)
    ports = {key: port for key, port in declared(found, side).items() if key != name}
    kept = _declaring(found, side, ports)
    if side is Side.INPUT:
        return _with(pipeline, replace(kept, inputs={key: fed for key, fed in kept.inputs.items() if key != name}))
    gone = Endpoint(node, name)
    nodes = {each.id: _without(each, gone) for each in {**pipeline.nodes, node: kept}.values()}
    return replace(pipeline, nodes=nodes)


def _without(node: Node, gone: Endpoint) -> Node:
    if not any(gone in sources for sources in node.inputs.values()):
        return node
    left = {port: tuple(source for source in sources if source != gone) for port, sources in node.inputs.items()}
    return replace(node, inputs={port: sources for port, sources in left.items() if sources})


def rename_port(pipeline: Pipeline, node: str, side: Side, old: str, new: str) -> Pipeline:
    """With port `old` called `new`: in its edges, and in the node's values that name its path."""
    found = _node(pipeline, node)
    names = {old: new}
    ports = {names.get(key, key): port for key, port in declared(found, side).items()}
    params = {key: _renamed(value, f"${side}.{old}", f"${side}.{new}") for key, value in found.params.items()}
    renamed = replace(_declaring(found, side, ports), params=params)
    if side is Side.INPUT:
        fed = {names.get(key, key): sources for key, sources in renamed.inputs.items()}
        return _with(pipeline, replace(renamed, inputs=fed))
    ends = {Endpoint(node, old): Endpoint(node, new)}
    nodes = {each.id: _reading(each, ends) for each in {**pipeline.nodes, node: renamed}.values()}
    return replace(pipeline, nodes=nodes)


def _reading(node: Node, ends: Mapping[Endpoint, Endpoint]) -> Node:
    if ends.keys().isdisjoint(source for sources in node.inputs.values() for source in sources):
        return node
    inputs = {port: tuple(ends.get(source, source) for source in sources) for port, sources in node.inputs.items()}
    return replace(node, inputs=inputs)


def _renamed(value: Value, old: str, new: str) -> Value:
    if isinstance(value, list):
        return [_renamed(item, old, new) for item in value]
    if isinstance(value, dict):
        return {key: _renamed(item, old, new) for key, item in value.items()}
    return new if value == old else value


def _declaring(node: Node, side: Side, ports: Mapping[str, PortDeclaration]) -> Node:
    if side is Side.INPUT:
        return replace(node, declared_inputs=ports)
    return replace(node, declared_outputs=ports)


def _node(pipeline: Pipeline, node: str) -> Node:
    if node not in pipeline.nodes:
        raise UnknownNode(node)
    return pipeline.nodes[node]


def _with(pipeline: Pipeline, node: Node) -> Pipeline:
    if pipeline.nodes[node.id] == node:
        return pipeline
    return replace(pipeline, nodes={**pipeline.nodes, node.id: node})
