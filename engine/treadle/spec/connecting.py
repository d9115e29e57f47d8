"""Whether one port may be connected to another, and if not, why: a sentence for the person who is dragging.

A port that is fed already is no reason against it: connecting takes the old edge's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from treadle.spec import graph
from treadle.spec.component import Component, Parameter
from treadle.spec.flow import Kind
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.types import ParameterKind, PortType, assignable

__all__ = ["connectable_sources", "connectable_targets", "input_type", "mismatch", "refusal"]

_PROMOTED: Final[Mapping[ParameterKind, tuple[str, ...]]] = {
    ParameterKind.BOOL: ("bool",),
    ParameterKind.INT: ("int",),
    ParameterKind.FLOAT: ("float",),
    ParameterKind.STR: ("str",),
    ParameterKind.CHOICE: ("str", "int", "float", "bool"),
    ParameterKind.DATETIME: ("datetime", "str"),
    ParameterKind.PATH: ("str", "File", "Directory"),
    ParameterKind.LIST: ("Json",),
    ParameterKind.DICT: ("Json", "Metrics"),
    ParameterKind.SECRET: (),
}


def refusal(p: Pipeline, components: Mapping[str, Component], source: Endpoint, target: Endpoint) -> str | None:
    """None where an edge from output `source` to input `target` may be drawn, else the reason against it."""
    for end in (source, target):
        if end.node not in p.nodes:
            return f"there is no node {end.node}"
    if source.node == target.node:
        return f"{source.node} can't feed itself"
    feeder, eater = component_of(p.nodes[source.node], components), component_of(p.nodes[target.node], components)
    if feeder is None or eater is None:
        unknown = source.node if feeder is None else target.node
        return f"{unknown} uses {p.nodes[unknown].uses}, which is no known component"
    reason = mismatch(feeder, eater, source, target)
    if reason is None and graph.would_cycle(p, source.node, target.node):
        return f"{target.node} already leads to {source.node}: the two would wait for each other"
    return reason


def mismatch(feeder: Component, eater: Component, source: Endpoint, target: Endpoint) -> str | None:
    """Why the types of an output of `feeder` and an input of `eater` do not fit, else None."""
    output = feeder.output(source.port)
    if output is None:
        return f"{source.node} has no output {source.port}"
    port = eater.input(target.port)
    if port is not None:
        fits = assignable(output.type, port.type) or _is_list_of_values(output.type, port.type, eater)
        return None if fits else f"{target} wants {port.type}, {source} gives {output.type}"
    parameter = eater.parameter(target.port)
    if parameter is None:
        return f"{target.node} has no input {target.port}"
    return None if _feeds(output.type, parameter) else _parameter_reason(source, target, output.type, parameter)


def _is_list_of_values(given: PortType, wanted: PortType, eater: Component) -> bool:
    """A mapped pipeline's input that feeds a parameter inside takes its values as such a parameter itself would."""
    return eater.kind is Kind.PIPELINE and given.name == "Json" and wanted.many and wanted.is_scalar


def input_type(component: Component, name: str) -> PortType | None:
    """The type that input `name` wants, a promoted parameter's included; None where nothing can feed it."""
    port = component.input(name)
    if port is not None:
        return port.type
    parameter = component.parameter(name)
    if parameter is None or not _PROMOTED[parameter.type.kind]:
        return None
    if parameter.type.kind is ParameterKind.LIST and parameter.type.item is not None:
        names = _PROMOTED[parameter.type.item.kind]
        return PortType(names[0], many=True) if names else None
    return PortType(_PROMOTED[parameter.type.kind][0])


def connectable_targets(p: Pipeline, components: Mapping[str, Component], source: Endpoint) -> frozenset[Endpoint]:
    """Every input that output `source` may feed: what lights up while a person drags from it."""
    feeder = _component(p, components, source.node)
    if feeder is None:
        return frozenset()
    barred = graph.ancestors(p, source.node) | {source.node}
    return frozenset(
        target
        for name in p.nodes
        if name not in barred and (eater := _component(p, components, name)) is not None
        for target in _inputs(name, eater)
        if mismatch(feeder, eater, source, target) is None
    )


def connectable_sources(p: Pipeline, components: Mapping[str, Component], target: Endpoint) -> frozenset[Endpoint]:
    """Every output that may feed input `target`: what lights up while a person drags from the input."""
    eater = _component(p, components, target.node)
    if eater is None:
        return frozenset()
    barred = graph.descendants(p, target.node) | {target.node}
    return frozenset(
        source
        for name in p.nodes
        if name not in barred and (feeder := _component(p, components, name)) is not None
        for source in (Endpoint(name, port.name) for port in feeder.outputs)
        if mismatch(feeder, eater, source, target) is None
    )


def _inputs(node: str, component: Component) -> list[Endpoint]:
    names = [port.name for port in component.inputs] + [parameter.name for parameter in component.parameters]
    return [Endpoint(node, name) for name in names]


def _component(p: Pipeline, components: Mapping[str, Component], node: str) -> Component | None:
    return component_of(p.nodes[node], components) if node in p.nodes else None


def _feeds(output: PortType, parameter: Parameter) -> bool:
    kind = parameter.type.kind
    if kind is ParameterKind.LIST and parameter.type.item is not None and output.name != "Json":
        return any(assignable(output, PortType(name, many=True)) for name in _PROMOTED[parameter.type.item.kind])
    return any(assignable(output, PortType(name)) for name in _PROMOTED[kind])


def _parameter_reason(source: Endpoint, target: Endpoint, given: PortType, parameter: Parameter) -> str:
    if parameter.type.kind is ParameterKind.SECRET:
        return f"{target} is a secret: it comes from the keyring, never from another node"
    return f"parameter {target} wants {parameter.type.kind}, {source} gives {given}"
