"""Component: a reusable typed function as the catalog knows it, read from its source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from treadle.spec.flow import Kind, Trigger
from treadle.spec.types import ParameterType, PortType
from treadle.spec.values import Value

__all__ = ["REQUIRED", "Component", "InputPort", "OutputPort", "Parameter", "Required", "SourceRef"]


@dataclass(frozen=True, slots=True)
class Required:
    """The default of a parameter that has none."""


REQUIRED: Final = Required()


@dataclass(frozen=True, slots=True)
class InputPort:
    """A data input. An optional one may stay unconnected; one whose type is `many` takes several edges."""

    name: str
    type: PortType
    optional: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class OutputPort:
    """A data output. An optional one is not taken where the function returns None: what reads only it is skipped."""

    name: str
    type: PortType
    help: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A scalar setting of a component."""

    name: str
    type: ParameterType
    default: Value | Required = REQUIRED
    help: str = ""


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Where a component's function stands. `line` counts from 1."""

    file: str
    module: str
    function: str
    line: int


@dataclass(frozen=True, slots=True)
class Component:
    """A typed function: `uses` is `module.function`, its name in pipelines."""

    uses: str
    title: str
    source: SourceRef
    inputs: tuple[InputPort, ...] = ()
    outputs: tuple[OutputPort, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    category: str = "Other"
    icon: str = "function"
    summary: str = ""
    """The docstring's first line."""
    doc: str = ""
    tags: tuple[str, ...] = ()
    builtin: bool = False
    returns_tuple: bool = False
    """True where the function returns a NamedTuple, whose fields are the outputs."""
    imports: tuple[str, ...] = field(default=())
    """Top-level packages that the component's slice imports, sorted: what a warm worker should have loaded."""
    trigger: Trigger = Trigger.ALL_SUCCESS
    """What a node has that says nothing else."""
    kind: Kind = Kind.FUNCTION
    nodes: int = 0
    """Of a pipeline: how many are inside, those of its own pipelines counted as one each."""

    def input(self, name: str) -> InputPort | None:
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> OutputPort | None:
        return next((port for port in self.outputs if port.name == name), None)

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)
