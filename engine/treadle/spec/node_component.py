"""component_of: a node's component with the ports that this very node has.

For most nodes that is what the catalog has under `uses`. A kind that declares its ports (`Kind.declares_ports`) has
those of its `inputs:` and `outputs:`; an input that is only connected counts as declared, of whatever type feeds it.
A mapped node gives lists, and is given one.
Whoever asks for a node's ports asks here, never the catalog.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from treadle.spec.component import Component, InputPort, OutputPort
from treadle.spec.mapping import as_mapped
from treadle.spec.pipeline import Node
from treadle.spec.types import ANY, PortType

__all__ = ["Lookup", "called", "component_of"]


class Lookup(Protocol):
    """Components by what nodes say in `uses`: the catalog, or a mapping."""

    def get(self, uses: str, /) -> Component | None: ...


def called(node: Node, component: Component | None) -> str:
    """What a person reads over a node: its title, else its component's. Of programs, which are all called alike, and of
    what is not known, the id."""
    if node.title or component is None:
        return node.title or node.id
    return node.id if component.kind.declares_ports else component.title


def component_of(node: Node, components: Lookup) -> Component | None:
    """None where nothing is known under `node.uses`."""
    found = _of_one(node, components)
    return found if found is None or node.map is None else as_mapped(found, node.map)


def _of_one(node: Node, components: Lookup) -> Component | None:
    """As an item of it is, where it is mapped."""
    found = components.get(node.uses)
    if found is None or not found.kind.declares_ports:
        return found
    declared = [InputPort(name, port.type) for name, port in node.declared_inputs.items()]
    connected = [
        InputPort(name, PortType(ANY.name, many=len(sources) > 1))
        for name, sources in node.inputs.items()
        if name not in node.declared_inputs and found.parameter(name) is None
    ]
    outputs = tuple(OutputPort(name, port.type) for name, port in node.declared_outputs.items())
    return replace(found, inputs=(*declared, *connected), outputs=outputs)
