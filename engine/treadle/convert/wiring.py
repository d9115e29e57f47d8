"""What every Python exporter needs of a pipeline: its nodes in order, and each call's arguments as expressions.

An exporter says how its target spells an output of another node, a reference and a path; the rest is here.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from treadle.convert.exported import Components
from treadle.convert.parameters import unsettled_defaults
from treadle.convert.syntax import attribute, call, constant, expression, is_plain, name
from treadle.convert.unsaid import unsaid
from treadle.spec.component import Component
from treadle.spec.graph import topological_order
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem, has_errors
from treadle.spec.types import ParameterKind
from treadle.spec.validate import validate
from treadle.spec.values import Reference, Value

__all__ = ["Dialect", "Step", "arguments", "check", "environment_variable", "result_ports", "steps"]

RESULT_TYPES = frozenset({"Metrics", "Figure", "Image", "Html", "Text"})


class Dialect(Protocol):
    """How a target spells things."""

    def output(self, source: Endpoint, kind: str) -> ast.expr:
        """The value of another node's output; `kind` is how a table is wanted."""

    def reference(self, reference: Reference) -> ast.expr: ...

    def project_path(self, value: str) -> ast.expr:
        """A path of the pipeline file, which is relative to the project."""


@dataclass(frozen=True, slots=True)
class Step:
    """A node with its component."""

    node: Node
    component: Component


def check(pipeline: Pipeline, components: Components, target: str) -> list[Problem]:
    """Everything wrong with the pipeline, and what no Python target can say."""
    known = {node.uses: components.get(node.uses) for node in pipeline.nodes.values()}
    problems = validate(pipeline, {uses: found for uses, found in known.items() if found})
    if has_errors(problems):
        return problems
    if not pipeline.nodes:
        return [Problem("empty-pipeline", "the pipeline has no nodes", hint="add a component first")]
    for node in pipeline.nodes.values():
        problems += unsaid(pipeline, node, known, target)
    problems += unsettled_defaults(pipeline, target)
    return problems


def steps(pipeline: Pipeline, components: Components) -> list[Step]:
    """Every node with its component, upstream first."""
    found = []
    for node_id in topological_order(pipeline):
        node = pipeline.nodes[node_id]
        component = component_of(node, components)
        assert component is not None, "a validated pipeline uses known components"
        found.append(Step(node, component))
    return found


def arguments(step: Step, dialect: Dialect, kinds: Mapping[str, str]) -> dict[str, ast.expr]:
    """The keyword arguments of the node's call: its inputs, then the parameters that the file sets."""
    given: dict[str, ast.expr] = {}
    for port, sources in step.node.inputs.items():
        declared = step.component.input(port)
        values = [dialect.output(source, kinds.get(port, "")) for source in sources]
        many = declared is not None and declared.type.many
        given[port] = ast.List(values, ast.Load()) if many else values[0]
    for parameter, value in step.node.params.items():
        if parameter not in given:
            given[parameter] = _parameter(step.component, parameter, value, dialect)
    return given


def _parameter(component: Component, parameter: str, value: Value, dialect: Dialect) -> ast.expr:
    declared = component.parameter(parameter)
    kind = declared.type.kind if declared else ParameterKind.STR
    if isinstance(value, str) and kind is ParameterKind.PATH and is_plain(value):
        return dialect.project_path(value)
    if isinstance(value, str) and kind is ParameterKind.DATETIME and is_plain(value):
        return call(attribute(name("datetime"), "fromisoformat"), [constant(value)])
    return expression(value, dialect.reference)


def environment_variable(variable: str) -> ast.expr:
    """`os.environ["X"]`."""
    return ast.Subscript(attribute(name("os"), "environ"), ast.Constant(variable), ast.Load())


def result_ports(pipeline: Pipeline, step: Step) -> list[str]:
    """Output ports that a person wants as files: what is meant to be looked at, and what nothing else consumes."""
    consumed = {edge.source for edge in pipeline.edges()}
    return [
        port.name
        for port in step.component.outputs
        if port.type.name in RESULT_TYPES or Endpoint(step.node.id, port.name) not in consumed
    ]
