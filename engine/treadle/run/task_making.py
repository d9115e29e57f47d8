"""A task of a node: its component's function, with every value settled and every input traced to an output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol

from treadle.catalog.slicer import NotSliceable
from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.run.cleaning import Care
from treadle.run.plan import PlanTask, TaskInput
from treadle.run.programs import declared_outputs, declared_slice, input_forms, own_scopes, variable_secrets
from treadle.spec.component import Component, OutputPort, Parameter, Required
from treadle.spec.environments import Isolation
from treadle.spec.flow import Trigger
from treadle.spec.node_component import component_of
from treadle.spec.parameter_text import typed
from treadle.spec.parameter_values import Fault, WrongValue
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Policy
from treadle.spec.problems import Problem, Where
from treadle.spec.resources import Resources
from treadle.spec.types import ParameterKind
from treadle.spec.values import Reference, UnresolvedReference, Value, references, render, secret_name

__all__ = ["Components", "Scopes", "make_task", "unsettled"]

Scopes = Mapping[str, Mapping[str, Value]]
"""What references stand for: `{"params": …, "run": …, "env": …}`."""


class Components(Protocol):
    """What of the catalog is needed: `catalog.catalog.Catalog` has it."""

    def get(self, uses: str) -> Component | None: ...

    def slice(self, uses: str) -> Slice: ...

    def input_kinds(self, uses: str) -> Mapping[str, str]: ...


def make_task(
    pipeline: Pipeline,
    node: Node,
    catalog: Components,
    scopes: Scopes,
    care: Care,
    late: AbstractSet[str] = frozenset(),
) -> tuple[PlanTask, Slice] | list[Problem]:
    """The task and its slice, or every reason why there is none. `care` is the whole pipeline's.

    Parameters that are `late` may have no value so far: a map gives it with each item.
    """
    component = component_of(node, catalog)
    if component is None:
        message = f"{node.id} uses {node.uses}, which is no known component"
        return [
            Problem("unknown-component", message, Where(node=node.id), "add it to the project's components/ folder")
        ]
    problems = list(_input_problems(pipeline, node, component, catalog))
    if component.kind.declares_ports:
        scopes = {**scopes, **own_scopes(node, component)}
    params = _params(node, component, scopes, problems, late)
    try:
        slice_ = declared_slice(node, component) if component.kind.declares_ports else catalog.slice(node.uses)
    except NotSliceable as refusal:
        problems += refusal.problems
    # What the engine waits for takes as long as it takes: defaults are about attempts of code.
    every = pipeline.defaults
    inherited = Policy(environment=every.environment, priority=every.priority) if component.kind.waits else every
    policy = node.policy.over(inherited)
    variables = _variables(node, policy, scopes, problems)
    if problems:
        return problems
    has_effects = node.id in care.sets_up or bool(node.teardown_of) or node.at_end is not None
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
        outputs=_outputs(node, component),
        returns_tuple=component.returns_tuple,
        many=frozenset(_many(pipeline, node, component, catalog)),
        input_kinds=dict(_input_kinds(node, component, catalog)),
        after=tuple(dict.fromkeys((*node.after, *node.teardown_of))),
        resources=Resources() if component.kind.waits else node.resources.over(pipeline.resources),
        priority=policy.priority or 0,
        secret_variables={
            name: secret
            for name, value in policy.environment.variables.items()
            if (secret := secret_name(value)) is not None
        },
        secrets=variable_secrets(node) if component.kind.declares_ports else _secrets(component, params),
        retries=policy.retries or 0,
        retry_delay=policy.retry_delay or 0.0,
        retry=policy.retry,
        isolation=policy.isolation or Isolation.FRESH,
        environment=replace(policy.environment, variables=variables),
        timeout=policy.timeout,
        # What sets up, cleans up or tells is wanted for what it does, not for what it gives.
        cache=not component.kind.waits and (not has_effects if policy.cache is None else policy.cache),
        cache_version=policy.cache_version or "",
        cache_expires=policy.cache_expires,
        optional=frozenset(_optional(component)),
        trigger=Trigger.ALL_DONE_SETUP_SUCCESS if node.teardown_of else node.trigger or component.trigger,
        teardown_of=node.teardown_of,
        setups=care.setups.get(node.id, ()),
        settled=care.settled.get(node.id, ()),
        at_end=node.at_end,
        kind=component.kind,
        paths=tuple(
            parameter.name
            for parameter in component.parameters
            if parameter.type.kind is ParameterKind.PATH and parameter.name in (params.keys() | late)
        )
        + (("files",) if component.kind.declares_ports else ()),
    )
    return task, slice_


def _outputs(node: Node, component: Component) -> tuple[Output, ...]:
    if component.kind.declares_ports:
        return declared_outputs(node)
    return tuple(Output(output.name, str(output.type), output.optional) for output in component.outputs)


def _input_kinds(node: Node, component: Component, catalog: Components) -> Mapping[str, str]:
    return input_forms(node, component) if component.kind.declares_ports else catalog.input_kinds(node.uses)


def _variables(node: Node, policy: Policy, scopes: Scopes, problems: list[Problem]) -> dict[str, str]:
    """Environment variables with their references settled, but for secrets, which stand in no plan."""
    settled: dict[str, str] = {}
    for name, value in policy.environment.variables.items():
        if secret_name(value) is not None:
            continue
        try:
            rendered = render(value, scopes)
        except UnresolvedReference as error:
            message = f"variable {name} of {node.id} {error}"
            problems.append(Problem("unresolved-reference", message, Where(node=node.id), error.hint))
            continue
        settled[name] = rendered if isinstance(rendered, str) else json.dumps(rendered)
    return settled


def _optional(component: Component) -> Iterator[str]:
    """Inputs, promoted parameters included, that the function has a default for."""
    yield from (port.name for port in component.inputs if port.optional)
    yield from (each.name for each in component.parameters if not isinstance(each.default, Required))


def _secret_reference(value: Value, scopes: Scopes) -> Value:
    """The reference to a secret that `value` is, or that the parameter has which it names; it stays one. Raises
    WrongValue and UnresolvedReference."""
    if isinstance(value, str) and value.startswith("$params."):
        value = render(value, scopes)
    named = list(references(value)) if isinstance(value, str) else []
    if len(named) == 1 and isinstance(named[0], Reference) and named[0].scope == "secrets":
        return value
    raise WrongValue(Fault("", "wants the name of a secret, as $secrets.warehouse"))


def _secrets(component: Component, params: Mapping[str, Value]) -> dict[str, str]:
    """Parameters to be given a secret, with its name."""
    return {
        parameter.name: reference.name
        for parameter in component.parameters
        if parameter.type.kind is ParameterKind.SECRET
        for reference in references(params.get(parameter.name))
        if isinstance(reference, Reference)
    }


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
    for setup in node.teardown_of:
        if setup not in pipeline.nodes:
            where = Where(node=node.id)
            yield Problem("dangling-teardown", f"{node.id} cleans up after {setup}, which is no node", where)
    for wanted in component.inputs:
        if not wanted.optional and not node.inputs.get(wanted.name):
            where = Where(node=node.id, port=wanted.name)
            yield Problem("missing-input", f"nothing feeds {node.id}.{wanted.name}", where, "connect an output to it")


def _output(pipeline: Pipeline, source: Endpoint, catalog: Components) -> OutputPort | None:
    component = component_of(pipeline.nodes[source.node], catalog)
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


def _params(
    node: Node, component: Component, scopes: Scopes, problems: list[Problem], late: AbstractSet[str]
) -> dict[str, Value]:
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
        is_said = parameter.name in node.params or not isinstance(parameter.default, Required)
        if parameter.name not in node.inputs and (is_said or parameter.name not in late):
            try:
                params[parameter.name] = _value(node, parameter, scopes)
            except (WrongValue, UnresolvedReference) as error:
                problems.append(
                    unsettled(f"{node.id}.{parameter.name}", error, Where(node=node.id, parameter=parameter.name))
                )
    return params


def unsettled(subject: str, error: WrongValue | UnresolvedReference, where: Where) -> Problem:
    """Why `subject` has no value for this run."""
    if isinstance(error, WrongValue):
        return Problem("bad-parameter-value", error.fault.about(subject), where)
    return Problem("unresolved-reference", f"{subject} {error}", where, error.hint)


def _value(node: Node, parameter: Parameter, scopes: Scopes) -> Value:
    """Raises WrongValue and UnresolvedReference."""
    if parameter.name in node.params:
        value = node.params[parameter.name]
        if parameter.type.kind is ParameterKind.SECRET and value is not None:
            return _secret_reference(value, scopes)
        return typed(render(value, scopes), parameter.type)
    if isinstance(parameter.default, Required):
        raise WrongValue(Fault("", "has no value"))
    return parameter.default
