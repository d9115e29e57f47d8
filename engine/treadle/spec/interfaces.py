"""Interfaces: a pipeline that is used as a node, as the component that validation, canvas and inspector know.

    inputs:  {data: [clean.rows]}     an input port, of the type that `clean.rows` wants
    outputs: {train: split.train}     an output port, of the type that `split.train` gives
    params:  {share: {type: float}}   a parameter

Nothing but values goes in: the pipeline, the catalog's components, and the pipelines of the project's files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from treadle.spec.component import REQUIRED, Component, InputPort, OutputPort, Parameter, Required, SourceRef
from treadle.spec.connecting import input_type
from treadle.spec.flow import Kind
from treadle.spec.mapping import as_mapped
from treadle.spec.node_component import Lookup, component_of
from treadle.spec.pipeline import SUFFIX, Endpoint, Node, Pipeline, PipelineParameter
from treadle.spec.subpipelines import DEEPEST, NO_FILES, PipelineFiles, inner
from treadle.spec.types import ANY, PortType, assignable

__all__ = ["CATEGORY", "common_type", "inner_components", "interface", "known_components", "offered"]

CATEGORY: Final = "Pipelines"
_ICON: Final = "group"

Components = Mapping[str, Component]


def known_components(pipeline: Pipeline, components: Components, files: PipelineFiles = NO_FILES) -> Components:
    """`components`, and one for each pipeline that is a node of `pipeline`, by what the node uses."""
    made = inner_components(pipeline, components, files)
    return {**components, **made} if made else components


def inner_components(pipeline: Pipeline, components: Lookup, files: PipelineFiles = NO_FILES) -> dict[str, Component]:
    """Those that the pipelines among the nodes of `pipeline` are, by what the node uses."""
    nodes = {node.uses: node for node in pipeline.nodes.values() if node.is_pipeline}
    if not nodes:
        return {}
    maker = _Maker(components, files)
    return {uses: component for uses, node in nodes.items() if (component := maker.of(node, 1)) is not None}


def offered(files: PipelineFiles, components: Lookup) -> dict[str, Component]:
    """The components that files are which declare ports."""
    maker = _Maker(components, files)
    return {
        uses: maker.make(uses, reading.pipeline, 1)
        for uses, reading in files.items()
        if reading.pipeline is not None and (reading.pipeline.inputs or reading.pipeline.outputs)
    }


def interface(uses: str, pipeline: Pipeline, components: Lookup, files: PipelineFiles = NO_FILES) -> Component:
    """The component that `pipeline` is where a node uses it. Deeper than DEEPEST nothing is known any more, nor of
    files that use each other."""
    return _Maker(components, files).make(uses, pipeline, 1)


class _Maker:
    """Makes each file's component once, however many nodes use it: they may use each other without bound."""

    def __init__(self, components: Lookup, files: PipelineFiles) -> None:
        self._components = components
        self._files = files
        self._made: dict[str, Component | None] = {}

    def of(self, node: Node, depth: int) -> Component | None:
        within = inner(node, self._files)
        if within is None:
            return component_of(node, self._components)
        if depth > DEEPEST:
            return None
        if node.pipeline is not None:
            return self.make(node.uses, within, depth)
        if node.uses not in self._made:
            self._made[node.uses] = None  # what it is made of may lead back to it
            self._made[node.uses] = self.make(node.uses, within, depth)
        return self._made[node.uses]

    def _mapped(self, node: Node, depth: int) -> Component | None:
        """As the pipeline around it has it."""
        found = self.of(node, depth)
        return as_mapped(found, node.map) if found is not None and node.map is not None and node.is_pipeline else found

    def make(self, uses: str, pipeline: Pipeline, depth: int) -> Component:
        ends = [*(end for fed in pipeline.inputs.values() for end in fed), *pipeline.outputs.values()]
        known = {
            name: component
            for name in {end.node for end in ends} & pipeline.nodes.keys()
            if (component := self._mapped(pipeline.nodes[name], depth + 1)) is not None
        }
        return Component(
            uses=uses,
            title=_title(uses, pipeline),
            source=SourceRef(uses if uses.endswith(SUFFIX) else "", "", "", 1),
            inputs=tuple(_input(name, fed, known) for name, fed in pipeline.inputs.items()),
            outputs=tuple(_output(name, source, known) for name, source in pipeline.outputs.items()),
            parameters=tuple(map(_parameter, pipeline.params.values())),
            category=CATEGORY,
            icon=_ICON,
            summary=pipeline.help.strip().partition("\n")[0],
            doc=pipeline.help,
            kind=Kind.PIPELINE,
            nodes=len(pipeline.nodes),
        )


def _title(uses: str, pipeline: Pipeline) -> str:
    named = pipeline.name if pipeline.name != Pipeline().name else uses.rpartition("/")[2].removesuffix(SUFFIX)
    words = named.lstrip("#").replace("_", " ")
    return words[:1].upper() + words[1:]


def _input(name: str, ends: Iterable[Endpoint], known: Components) -> InputPort:
    found = [(component, end.port) for end in ends if (component := known.get(end.node)) is not None]
    types = [kind for component, port in found if (kind := input_type(component, port)) is not None]
    ports = [component.input(port) or component.parameter(port) for component, port in found]
    fed = next((port for port in ports if port is not None), None)
    return InputPort(
        name,
        common_type(types) or (types[0] if types else ANY),
        optional=bool(ports) and all(map(_may_stay_open, ports)),
        help=fed.help if fed is not None else "",
    )


def _may_stay_open(port: InputPort | Parameter | None) -> bool:
    if isinstance(port, Parameter):
        return not isinstance(port.default, Required)
    return port is not None and port.optional


def common_type(types: Iterable[PortType]) -> PortType | None:
    """The one among `types` that may feed all of them, or None where none may."""
    wanted = list(types)
    plain = [kind for kind in wanted if kind.name != ANY.name] or wanted
    return next((kind for kind in plain if all(assignable(kind, other) for other in wanted)), None)


def _output(name: str, source: Endpoint, known: Components) -> OutputPort:
    component = known.get(source.node)
    port = component.output(source.port) if component is not None else None
    return OutputPort(name, ANY) if port is None else OutputPort(name, port.type, port.help, port.optional)


def _parameter(declared: PipelineParameter) -> Parameter:
    needed = declared.required and declared.default is None
    return Parameter(declared.name, declared.type, REQUIRED if needed else declared.default, declared.help)
