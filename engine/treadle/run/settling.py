"""Settling: the values of one node for this run, references replaced by what they stand for.

Secrets alone stay references: they stand in no plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from treadle.run.ground import Ground, Scopes
from treadle.run.programs import own_scopes, variable_secrets
from treadle.spec.component import Component, Parameter, Required
from treadle.spec.environments import Environment
from treadle.spec.parameter_text import typed
from treadle.spec.parameter_values import Fault, WrongValue
from treadle.spec.pipeline import Node, Policy
from treadle.spec.problems import Problem, Where
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Reference, UnresolvedReference, Value, references, render, secret_name

__all__ = ["Settled", "items_of", "settle", "unsettled", "without_values"]


@dataclass(frozen=True, slots=True)
class Settled:
    """`params` are those that no edge feeds; `environment` has its variables settled. `secrets` and `secret_variables`
    have the names of the secrets that others get; `paths` are the parameters that name files. With `problems`, some are
    missing."""

    policy: Policy
    params: Mapping[str, Value]
    environment: Environment
    secrets: Mapping[str, str]
    secret_variables: Mapping[str, str]
    paths: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def settle(ground: Ground, node: Node, component: Component, late: AbstractSet[str] = frozenset()) -> Settled:
    """What the node and the pipeline say of it. Parameters that are `late` may have no value so far: a map gives it
    with each item."""
    declares = component.kind.declares_ports
    scopes = {**ground.scopes, **own_scopes(node, component)} if declares else ground.scopes
    every = ground.pipeline.defaults
    policy = node.policy.over(every.of_waiting() if component.kind.waits else every)
    problems: list[Problem] = []
    params = _params(node, component, scopes, problems, late)
    return Settled(
        policy,
        params,
        _environment(node, policy.environment, scopes, problems),
        variable_secrets(node) if declares else _secrets(component, params),
        _secret_variables(policy),
        (*_paths(component, params.keys() | late), *(("files",) if declares else ())),
        tuple(problems),
    )


def _paths(component: Component, valued: AbstractSet[str]) -> Iterator[str]:
    kinds = ((parameter.name, parameter.type.kind) for parameter in component.parameters)
    return (name for name, kind in kinds if kind is ParameterKind.PATH and name in valued)


def _secrets(component: Component, params: Mapping[str, Value]) -> dict[str, str]:
    """Parameters to be given a secret, with its name."""
    return {
        parameter.name: reference.name
        for parameter in component.parameters
        if parameter.type.kind is ParameterKind.SECRET
        for reference in references(params.get(parameter.name))
        if isinstance(reference, Reference)
    }


def _secret_variables(policy: Policy) -> dict[str, str]:
    named = ((name, secret_name(value)) for name, value in policy.environment.variables.items())
    return {name: secret for name, secret in named if secret is not None}


def items_of(node: Node, name: str, wanted: ParameterType, scopes: Scopes) -> tuple[Mapping[str, Value], ...] | Problem:
    """Each item's value of the parameter that the node is mapped over."""
    if name not in node.params:
        return without_values(node, name)
    try:
        values = typed(render(node.params[name], scopes), ParameterType(ParameterKind.LIST, item=wanted))
    except (WrongValue, UnresolvedReference) as error:
        return unsettled(f"{node.id}.{name}", error, Where(node=node.id, parameter=name))
    return tuple({name: value} for value in values) if isinstance(values, list) else ()


def without_values(node: Node, name: str) -> Problem:
    """Why a node can't be mapped over `name`: nothing gives it any."""
    message = f"{node.id} is mapped over {name}, which has no values"
    where = Where(node=node.id, parameter=name)
    return Problem("map-over", message, where, "give it a list, or connect an output that is one")


def _params(
    node: Node, component: Component, scopes: Scopes, problems: list[Problem], late: AbstractSet[str]
) -> dict[str, Value]:
    """The values of the parameters that no edge feeds."""
    problems += (_unknown(node, component, name) for name in node.params if component.parameter(name) is None)
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


def _unknown(node: Node, component: Component, name: str) -> Problem:
    known = ", ".join(parameter.name for parameter in component.parameters) or "none"
    where = Where(node=node.id, parameter=name)
    return Problem("unknown-parameter", f"{node.uses} has no parameter {name!r}", where, f"it has: {known}")


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


def _secret_reference(value: Value, scopes: Scopes) -> Value:
    """The reference to a secret that `value` is, or that the parameter has which it names; it stays one. Raises
    WrongValue and UnresolvedReference."""
    if isinstance(value, str) and value.startswith("$params."):
        value = render(value, scopes)
    named = list(references(value)) if isinstance(value, str) else []
    if len(named) == 1 and isinstance(named[0], Reference) and named[0].scope == "secrets":
        return value
    raise WrongValue(Fault("", "wants the name of a secret, as $secrets.warehouse"))


def _environment(node: Node, said: Environment, scopes: Scopes, problems: list[Problem]) -> Environment:
    """With the references of its variables settled, but for secrets, which stand in no plan."""
    if not said.variables:
        return said
    settled: dict[str, str] = {}
    for name, value in said.variables.items():
        if secret_name(value) is not None:
            continue
        try:
            rendered = render(value, scopes)
        except UnresolvedReference as error:
            problems.append(unsettled(f"variable {name} of {node.id}", error, Where(node=node.id)))
            continue
        settled[name] = rendered if isinstance(rendered, str) else json.dumps(rendered)
    return replace(said, variables=settled)


def unsettled(subject: str, error: WrongValue | UnresolvedReference, where: Where) -> Problem:
    """Why `subject` has no value for this run."""
    if isinstance(error, WrongValue):
        return Problem("bad-parameter-value", error.fault.about(subject), where)
    return Problem("unresolved-reference", f"{subject} {error}", where, error.hint)
