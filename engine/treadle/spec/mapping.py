"""Map: that a node runs once for each item of something, and what it then looks like from outside.

    map: {over: train}                        each item of the list that feeds the input `train`
    map: {over: seed}                         each value of a parameter, which now is a list
    map: {rows: grid.table}                   each row; its columns are the parameters of the same names
    map: {files: "data/*.csv", over: path}    each file, its path as the parameter `path`

From outside, what one item is given a mapped node is given lists of, and what one gives it gives lists of. Nothing else
about it differs, so whoever asks for its ports sees only that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from treadle.spec.component import Component, InputPort, OutputPort, Parameter, Required
from treadle.spec.endpoints import Endpoint
from treadle.spec.types import ParameterKind, ParameterType, PortType

__all__ = ["Map", "as_mapped"]


@dataclass(frozen=True, slots=True)
class Map:
    """`over` names an input or a parameter of the node; `files` is a pattern, from the project's folder."""

    over: str | None = None
    rows: Endpoint | None = None
    files: str | None = None
    parallel: int | None = None
    """At most so many attempts at once; None for as many as there is room for."""


def as_mapped(component: Component, over: Map) -> Component:
    """`component` as a node has it that is mapped so."""
    return replace(
        component,
        inputs=tuple(_input(port, over) for port in component.inputs),
        outputs=tuple(_output(port) for port in component.outputs),
        parameters=tuple(_parameter(parameter, over) for parameter in component.parameters),
    )


def _input(port: InputPort, over: Map) -> InputPort:
    return replace(port, type=listed(port.type)) if port.name == over.over and over.files is None else port


def _output(port: OutputPort) -> OutputPort:
    """Never left out: where no item gave anything it is an empty list."""
    return replace(port, type=listed(port.type), optional=False)


def _parameter(parameter: Parameter, over: Map) -> Parameter:
    if over.rows is not None or (over.files is not None and parameter.name == over.over):
        optional = replace(parameter.type, optional=True)
        return replace(parameter, type=optional, default=None) if _is_required(parameter) else parameter
    if parameter.name != over.over:
        return parameter
    default = parameter.default if isinstance(parameter.default, Required) else [parameter.default]
    return replace(parameter, type=ParameterType(ParameterKind.LIST, item=parameter.type), default=default)


def _is_required(parameter: Parameter) -> bool:
    return isinstance(parameter.default, Required)


def listed(kind: PortType) -> PortType:
    """A list of `kind`, which may be a list itself."""
    return PortType(str(kind), many=True)
