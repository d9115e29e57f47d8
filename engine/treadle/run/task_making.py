"""A task of a node: its component's function, with every value settled and every input traced to an output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar

from treadle.catalog.slicer import NotSliceable
from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.run.plan import PlanTask, TaskInput
from treadle.spec.component import Component, OutputPort, Parameter, Required
from treadle.spec.parameter_values import value_from_text, wrong_value
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem, Where
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import UnresolvedReference, Value, render

__all__ = ["Components", "Scopes", "make_task", "typed"]

_T = TypeVar("_T")

Scopes = Mapping[str, Mapping[str, Value]]
"""What references stand for: `{"params": …, "run": …, "env": …}`."""


class Components(Protocol):
    """What of the catalog is needed: `catalog.catalog.Catalog` has it."""

    def get(self, uses: str) -> Component | None: ...

    def slice(self, uses: str) -> Slice: ...

    def input_kinds(self, uses: str) -> Mapping[str, str]: ...


def make_task(
    pipeline: Pipeline, node: Node, catalog: Components, scopes: Scopes
) -> tuple[PlanTask, Slice] | list[Problem]:
    """The task and its slice, or every reason why there is none."""
    component = catalog.get(node.uses)
    if component is None:
        message = f"{node.id} uses {node.uses}, which is no known component"
        return [
            Problem("unknown-component", message, Where(node=node.id), "add it to the project's components/ folder")
        ]
    problems = list(_input_problems(pipeline, node, component, catalog))
    params = _params(node, component, scopes, problems)
    try:
        slice_ = catalog.slice(node.uses)
    except NotSliceable as refusal:
        problems += refusal.problems
    if problems:
        return problems
    policy, defaults = node.policy, pipeline.defaults
    task = PlanTask(
        id=node.id,
        node=node.id,
        uses=node.uses,
        slice=slice_.digest,
        inputs={
            port: tuple(TaskInput(source.node, source.port) for source in sources)
            for port, sources in node.inputs.items()
        },
        params=params,
        outputs=tuple(Output(output.name, str(output.type)) for output in component.outputs),
        returns_tuple=component.returns_tuple,
        many=frozenset(_many(pipeline, node, component, catalog)),
        input_kinds=dict(catalog.input_kinds(node.uses)),
        after=node.after,
        resources=node.resources,
        retries=_first(policy.retries, defaults.retries, 0),
        retry_delay=_first(policy.retry_delay, defaults.retry_delay, 0.0),
        timeout=policy.timeout if policy.timeout is not None else defaults.timeout,
        cache=_first(policy.cache, defaults.cache, True),
        paths=tuple(
            parameter.name
            for parameter in component.parameters
            if parameter.type.kind is ParameterKind.PATH and parameter.name in params
        ),
    )
    return task, slice_


def typed(value: Value, wanted: ParameterType) -> Value:
    """`value` as a parameter of this type has it; a text is read as one. Raises ValueError: `wants …, has …`."""
    reason = wrong_value(value, wanted)
    if reason is None:
        return value
    if isinstance(value, str):
        return value_from_text(value, wanted)
    raise ValueError(reason)


def _first(own: _T | None, inherited: _T | None, otherwise: _T) -> _T:
    chosen = inherited if own is None else own
    return otherwise if chosen is None else chosen


def _input_problems(pipeline: Pipeline, node: Node, component: Component, catalog: Components) -> Iterator[Problem]:
    for port, sources in node.inputs.items():
        where = Where(node=node.id, port=port)
        if component.input(port) is None and component.parameter(port) is None:
            yield Problem("unknown-port", f"{node.uses} has no input {port!r}", where, "take the connection out")
        for source in sources:
            if source.node not in pipeline.nodes:
                yield Problem("dangling-edge", f"{source} feeds {node.id}.{port}, but is no node's output", where)
            elif _output(pipeline, source, catalog) is None and catalog.get(pipeline.nodes[source.node].uses):
                yield Problem("dangling-edge", f"{source.node} has no output {source.port!r}", where)
    for after in node.after:
        if after not in pipeline.nodes:
            yield Problem("dangling-after", f"{node.id} comes after {after}, which is no node", Where(node=node.id))
    for wanted in component.inputs:
        if not wanted.optional and not node.inputs.get(wanted.name):
            where = Where(node=node.id, port=wanted.name)
            yield Problem("missing-input", f"nothing feeds {node.id}.{wanted.name}", where, "connect an output to it")


def _output(pipeline: Pipeline, source: Endpoint, catalog: Components) -> OutputPort | None:
    component = catalog.get(pipeline.nodes[source.node].uses)
    return component.output(source.port) if component else None


def _many(pipeline: Pipeline, node: Node, component: Component, catalog: Components) -> Iterator[str]:
    """Ports that get a list made of their sources; a single source that is a list already is passed as it is."""
    for port, sources in node.inputs.items():
        wanted = component.input(port)
        if wanted is None or not wanted.type.many:
            continue
        first = _output(pipeline, sources[0], catalog) if len(sources) == 1 else None
        if first is None or not first.type.many:
            yield port


def _params(node: Node, component: Component, scopes: Scopes, problems: list[Problem]) -> dict[str, Value]:
    """The values of the parameters that no edge feeds."""
    for name in node.params:
        if component.parameter(name) is None:
            known = ", ".join(parameter.name for parameter in component.parameters) or "none"
            where = Where(node=node.id, parameter=name)
            problems.append(
                Problem("unknown-parameter", f"{node.uses} has no parameter {name!r}", where, f"it has: {known}")
            )
    params: dict[str, Value] = {}
    for parameter in component.parameters:
        if parameter.name not in node.inputs:
            try:
                params[parameter.name] = _value(node, parameter, scopes)
            except (ValueError, UnresolvedReference) as error:
                message = f"{node.id}.{parameter.name} {error}" if isinstance(error, ValueError) else f"{error}"
                where = Where(node=node.id, parameter=parameter.name)
                problems.append(Problem("bad-parameter-value", message, where))
    return params


def _value(node: Node, parameter: Parameter, scopes: Scopes) -> Value:
    """Raises ValueError and UnresolvedReference."""
    if parameter.name in node.params:
        return typed(render(node.params[parameter.name], scopes), parameter.type)
    if isinstance(parameter.default, Required):
        raise ValueError("has no value")
    return parameter.default
