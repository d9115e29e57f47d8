"""Words: what a pipeline inside says of its own parameters, put into the words of the flat one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from treadle.spec.flattening.flat import Given, Refusals
from treadle.spec.flattening.level import Level, Sources
from treadle.spec.pipeline import Node, Pipeline, Policy
from treadle.spec.values import Value, literal, parameters_in, with_parameters

__all__ = ["Words"]


class Words:
    """`given` is what every parameter of a pipeline inside was given; what can't be said goes to `problems`."""

    def __init__(self, problems: Refusals) -> None:
        self.given: list[Given] = []
        self._problems = problems

    def edge(self, level: Level, value: Value) -> Sources | None:
        """What feeds a value that is nothing but a parameter which an edge feeds."""
        if not level.edges or not isinstance(value, str):
            return None
        return next((level.edges[each.name] for each in parameters_in(value) if each.name in level.edges), None)

    def value(self, level: Level, owner: str, name: str, value: Value) -> Value:
        """`value` with this level's parameters replaced by what they are given."""
        if level.values is None:
            return value
        for reference in parameters_in(value):
            id_ = f"{level.prefix}{owner}"
            if reference.name in level.edges:
                message = f"{id_}.{name} has {reference} inside another value, but an output feeds it"
                self._problems.refuse("bad-reference", message, id_, "make it the whole value", name)
            elif reference.name not in level.values:
                message = f"{id_}.{name} refers to {reference}, but its pipeline has no such parameter"
                self._problems.refuse("bad-reference", message, id_, f"declare {reference.name} under params:", name)
        return with_parameters(value, level.values)

    def policy(self, level: Level, owner: str, policy: Policy) -> Policy:
        """`policy` with its variables in those words."""
        variables = policy.environment.variables
        if level.values is None or not variables:
            return policy
        worded = {name: _text(self.value(level, owner, name, value)) for name, value in variables.items()}
        return replace(policy, environment=replace(policy.environment, variables=worded))

    def parameters(self, bound: Node, within: Pipeline, edges: Mapping[str, Sources]) -> dict[str, Value]:
        """What the parameters of `within` are, which stands for the node `bound`; but for those that `edges` feed."""
        values: dict[str, Value] = {}
        for name, declared in within.params.items():
            if name in bound.params:
                values[name] = bound.params[name]
                self.given.append(Given(bound.id, declared, bound.params[name]))
            elif declared.required and declared.default is None and name not in edges:
                self._problems.refuse(
                    "missing-parameter", f"{bound.id} needs a value for {name}", bound.id, parameter=name
                )
            else:
                values[name] = literal(declared.default)
        return values


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
