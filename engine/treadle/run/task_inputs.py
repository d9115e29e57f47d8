"""The inputs of a task: traced to outputs, and what of them has none to be traced to."""

from __future__ import annotations

from collections.abc import Iterator

from treadle.run.ground import Ground
from treadle.spec.component import Component, OutputPort
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Node
from treadle.spec.problems import Problem, Where

__all__ = ["gathering_ports", "input_problems"]


def input_problems(ground: Ground, node: Node, component: Component) -> Iterator[Problem]:
    """What feeds the node, and whom it comes after, that is not there; what it needs and nothing feeds."""
    for port, sources in node.inputs.items():
        where = Where(node=node.id, port=port)
        if component.input(port) is None and component.parameter(port) is None:
            yield Problem("unknown-port", f"{node.uses} has no input {port!r}", where, "take the connection out")
        for source in sources:
            yield from _dangling(ground, source, where)
    yield from _missing_nodes(ground, node)
    for wanted in component.inputs:
        if not wanted.optional and not node.inputs.get(wanted.name):
            where = Where(node=node.id, port=wanted.name)
            yield Problem("missing-input", f"nothing feeds {node.id}.{wanted.name}", where, "connect an output to it")


def _dangling(ground: Ground, source: Endpoint, where: Where) -> Iterator[Problem]:
    nodes = ground.pipeline.nodes
    if source.node not in nodes:
        message = f"{source} feeds {where.node}.{where.port}, but is no node's output"
        yield Problem("dangling-edge", message, where)
    elif _output(ground, source) is None and ground.catalog.get(nodes[source.node].uses):
        yield Problem("dangling-edge", f"{source.node} has no output {source.port!r}", where)


def _missing_nodes(ground: Ground, node: Node) -> Iterator[Problem]:
    where = Where(node=node.id)
    for after in node.after:
        if after not in ground.pipeline.nodes:
            yield Problem("dangling-after", f"{node.id} comes after {after}, which is no node", where)
    for setup in node.teardown_of:
        if setup not in ground.pipeline.nodes:
            yield Problem("dangling-teardown", f"{node.id} cleans up after {setup}, which is no node", where)


def gathering_ports(ground: Ground, node: Node, component: Component) -> Iterator[str]:
    """Ports that get a list made of their sources; a single source that is a list already is passed as it is."""
    for port, sources in node.inputs.items():
        wanted = component.input(port)
        if wanted is None or not wanted.type.many:
            continue
        first = _output(ground, sources[0]) if len(sources) == 1 else None
        if first is None or not first.type.many:
            yield port


def _output(ground: Ground, source: Endpoint) -> OutputPort | None:
    component = component_of(ground.pipeline.nodes[source.node], ground.catalog)
    return component.output(source.port) if component else None
