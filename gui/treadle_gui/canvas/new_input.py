"""An edge let go on a program's body makes an input of its own: which, and the edit that does so. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from treadle.spec import edits, graph, port_edits
from treadle.spec.component import Component
from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.port_edits import Side
from treadle.spec.types import PortType

__all__ = ["NewInput", "new_input"]


@dataclass(frozen=True, slots=True)
class NewInput:
    """The input `target` to be declared, of `type`, and fed by `source`."""

    source: Endpoint
    target: Endpoint
    type: PortType

    def edit(self) -> Callable[[Pipeline], Pipeline]:
        def change(pipeline: Pipeline) -> Pipeline:
            node, port = self.target.node, self.target.port
            grown = port_edits.declare_port(pipeline, node, Side.INPUT, port, PortDeclaration(self.type))
            return edits.connect(grown, self.source, self.target)

        return change


def new_input(pipeline: Pipeline, components: Mapping[str, Component], source: Endpoint, node: str) -> NewInput | None:
    """None where the node declares no ports, or what feeds it would wait for it."""
    feeder, eater = (component_of(pipeline.nodes[name], components) for name in (source.node, node))
    if feeder is None or eater is None or not eater.kind.declares_ports or source.node == node:
        return None
    output = feeder.output(source.port)
    if output is None or graph.would_cycle(pipeline, source.node, node):
        return None
    name = port_edits.unused_port(pipeline.nodes[node], source.port)
    return NewInput(source, Endpoint(node, name), output.type)
