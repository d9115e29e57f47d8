"""Rules about what feeds what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from treadle.spec import graph
from treadle.spec.component import Component
from treadle.spec.connecting import mismatch
from treadle.spec.pipeline import Edge, Endpoint
from treadle.spec.problems import Problem, Severity
from treadle.spec.rules.situation import Situation
from treadle.spec.types import ParameterKind

__all__ = [
    "crowded_ports", "cycles", "dangling_after", "dangling_edges", "missing_inputs", "type_mismatches", "unknown_ports",
]  # fmt: skip


def dangling_edges(situation: Situation) -> Iterator[Problem]:
    nodes = situation.pipeline.nodes
    for edge in situation.pipeline.edges():
        if edge.source.node not in nodes:
            message = f"{edge.target} reads {edge.source}, but there is no node {edge.source.node}"
            hint = situation.did_you_mean(edge.source.node, nodes, "connect it to a node that exists")
            yield situation.at("unknown-node", message, edge.target.node, port=edge.target.port, hint=hint)


def dangling_after(situation: Situation) -> Iterator[Problem]:
    nodes = situation.pipeline.nodes
    for node in nodes.values():
        for other in node.after:
            if other not in nodes:
                hint = situation.did_you_mean(other, nodes, "remove it from `after:`")
                where = replace(situation.places.key("nodes", node.id, "after"), node=node.id)
                message = f"{node.id} waits for {other}, which is no node"
                yield situation.about("unknown-node", message, where, hint=hint)


def unknown_ports(situation: Situation) -> Iterator[Problem]:
    for node, component in situation.known_nodes():
        for port, sources in node.inputs.items():
            if component.input(port) is None and component.parameter(port) is None:
                names = [known.name for known in component.inputs]
                hint = situation.did_you_mean(port, names, _list("its inputs are", names, "it has no inputs"))
                yield situation.at("unknown-port", f"{node.id} has no input {port}", node.id, port=port, hint=hint)
            for source in sources:
                yield from _unknown_output(situation, source, Endpoint(node.id, port))


def _unknown_output(situation: Situation, source: Endpoint, target: Endpoint) -> Iterator[Problem]:
    feeder = situation.component(source.node)
    if feeder is None or feeder.output(source.port) is not None:
        return
    names = [known.name for known in feeder.outputs]
    hint = situation.did_you_mean(source.port, names, _list("its outputs are", names, "it has no outputs"))
    message = f"{target} reads {source}, but {source.node} has no output {source.port}"
    yield situation.at("unknown-port", message, target.node, port=target.port, hint=hint)


def _list(before: str, names: list[str], none: str) -> str:
    return f"{before} {', '.join(names)}" if names else none


def type_mismatches(situation: Situation) -> Iterator[Problem]:
    for edge, component in _known_edges(situation):
        source, target = edge.source, edge.target
        feeder = situation.component(source.node)
        if feeder is None or feeder.output(source.port) is None:
            continue
        reason = mismatch(feeder, component, source, target)
        if reason is not None:
            hint = "connect an output of that type, or put a component between them that makes one"
            yield situation.at("type-mismatch", reason, target.node, port=target.port, hint=hint)


def _known_edges(situation: Situation) -> Iterator[tuple[Edge, Component]]:
    """Each edge to an input that its node has, with what that node uses."""
    for node, component in situation.known_nodes():
        for edge in node.edges():
            port = edge.target.port
            if component.input(port) is not None or component.parameter(port) is not None:
                yield edge, component


def crowded_ports(situation: Situation) -> Iterator[Problem]:
    for node, component in situation.known_nodes():
        for port, sources in node.inputs.items():
            count = len(sources) + (Endpoint(node.id, port) in situation.from_outside)
            if count < 2:
                continue
            found, parameter = component.input(port), component.parameter(port)
            takes_many = (found is not None and found.type.many) or (
                parameter is not None and parameter.type.kind is ParameterKind.LIST
            )
            if not takes_many:
                message = f"{node.id}.{port} takes one input, has {count}: {', '.join(map(str, sources))}"
                hint = "keep one of them"
                yield situation.at("several-inputs", message, node.id, port=port, hint=hint)
            elif len(set(sources)) < len(sources):
                message = f"{node.id}.{port} reads the same output twice"
                severity = Severity.WARNING
                yield situation.at("duplicate-edge", message, node.id, port=port, hint="remove one", severity=severity)


def missing_inputs(situation: Situation) -> Iterator[Problem]:
    for node, component in situation.known_nodes():
        for port in component.inputs:
            fed = node.inputs.get(port.name) or Endpoint(node.id, port.name) in situation.from_outside
            if not port.optional and not fed:
                message = f"{node.id} needs {port.type} on {port.name}, and nothing is connected"
                hint = f"connect an output to {port.name}"
                yield situation.at("missing-input", message, node.id, port=port.name, hint=hint)


def cycles(situation: Situation) -> Iterator[Problem]:
    for nodes in graph.cycles(situation.pipeline):
        way = " → ".join([*nodes, nodes[0]])
        message = f"{nodes[0]} waits for itself" if len(nodes) == 1 else f"these nodes wait for each other: {way}"
        yield situation.at("cycle", message, nodes[0], hint="remove one of the edges between them")
