"""An edge let go on a program's body, or on a border of the pipeline, makes a port there: which, and the edit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from treadle.spec import edits, graph, port_edits
from treadle.spec.borders import OUTPUTS, is_border, unused_border_port
from treadle.spec.component import Component
from treadle.spec.connecting import input_type
from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.port_edits import Side
from treadle.spec.types import PortType
from treadle_gui.canvas.node_parts import OUTPUT

__all__ = ["NewPort", "new_border_port", "new_input"]


@dataclass(frozen=True, slots=True)
class NewPort:
    """A port to be made, of `type`, by an edge from `source` to `target`. `declared` where its node's own file says so:
    the border's ports are there once an edge is."""

    source: Endpoint
    target: Endpoint
    type: PortType
    words: str
    declared: bool = False

    def edit(self) -> Callable[[Pipeline], Pipeline]:
        def change(pipeline: Pipeline) -> Pipeline:
            node, port = self.target.node, self.target.port
            if self.declared:
                pipeline = port_edits.declare_port(pipeline, node, Side.INPUT, port, PortDeclaration(self.type))
            return edits.connect(pipeline, self.source, self.target)

        return change


def new_input(pipeline: Pipeline, components: Mapping[str, Component], source: Endpoint, node: str) -> NewPort | None:
    """None where the node declares no ports, or what feeds it would wait for it."""
    feeder, eater = (component_of(pipeline.nodes[name], components) for name in (source.node, node))
    if feeder is None or eater is None or not eater.kind.declares_ports or source.node == node:
        return None
    output = feeder.output(source.port)
    if output is None or graph.would_cycle(pipeline, source.node, node):
        return None
    name = port_edits.unused_port(pipeline.nodes[node], source.port)
    return NewPort(source, Endpoint(node, name), output.type, f"new input {name}", declared=True)


def new_border_port(
    drawn: Pipeline, own: Pipeline, components: Mapping[str, Component], start: Endpoint, side: str, border: str
) -> NewPort | None:
    """The port of the pipeline `own` that an edge from `start`, which is on `side`, makes on `border`; None where an
    edge goes the other way there, or `start` is the other border."""
    if is_border(start.node) or (border == OUTPUTS) is not (side == OUTPUT):
        return None
    component = component_of(drawn.nodes[start.node], components)
    name = unused_border_port(own, border, start.port)
    if component is None:
        return None
    if border == OUTPUTS:
        output = component.output(start.port)
        return None if output is None else NewPort(start, Endpoint(border, name), output.type, f"new output {name}")
    kind = input_type(component, start.port)
    return None if kind is None else NewPort(Endpoint(border, name), start, kind, f"new input {name}")
