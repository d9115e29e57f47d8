"""A node as a TaskFlow function, and the calls that wire the functions together."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from treadle.convert.embedding import Embedded
from treadle.convert.exported import Components
from treadle.convert.names import identifiers
from treadle.convert.syntax import assign, attribute, call, constant, function, name, statement, subscript
from treadle.convert.wiring import Step, arguments, environment_variable
from treadle.spec.pipeline import Endpoint, Policy
from treadle.spec.values import Reference

__all__ = ["Calls", "policy_settings", "task_function", "wire"]


@dataclass(frozen=True, slots=True)
class Calls:
    """The names that stand for each node in the DAG's body: its task function and its result, by node id."""

    functions: Mapping[str, str]
    results: Mapping[str, str]
    tuples: frozenset[str]

    def output(self, source: Endpoint) -> ast.expr:
        """The path of an output: the whole result, or an item of it where the node has several."""
        value = name(self.results[source.node])
        return subscript(value, source.port) if source.node in self.tuples else value


@dataclass(frozen=True, slots=True)
class _TaskDialect:
    """Inside a task: an input is a path in the task's own argument; parameters come from the context."""

    sources: Mapping[Endpoint, str]

    def output(self, source: Endpoint, kind: str) -> ast.expr:
        given: list[ast.expr] = [name(self.sources[source])]
        return call(name("read_artifact"), [*given, constant(kind)] if kind else given)

    def reference(self, reference: Reference) -> ast.expr:
        match (reference.scope, reference.name):
            case ("params", parameter):
                return subscript(subscript(name("context"), "params"), parameter)
            case ("run", "id"):
                return subscript(name("context"), "run_id")
            case ("run", "date"):
                start = attribute(subscript(name("context"), "dag_run"), "start_date")
                return call(attribute(start, "isoformat"))
            case (_, variable):
                return environment_variable(variable)

    def project_path(self, value: str) -> ast.expr:
        return ast.BinOp(name("PROJECT"), ast.Div(), constant(value))


def policy_settings(policy: Policy) -> dict[str, ast.expr]:
    """Retries and timeout as Airflow's task arguments."""
    settings: dict[str, ast.expr] = {}
    if policy.retries is not None:
        settings["retries"] = constant(policy.retries)
    if policy.retry_delay is not None:
        settings["retry_delay"] = _seconds(policy.retry_delay)
    if policy.timeout is not None:
        settings["execution_timeout"] = _seconds(policy.timeout)
    return settings


def _seconds(value: float) -> ast.expr:
    return call(name("timedelta"), [], {"seconds": constant(value)})


def task_function(step: Step, components: Components, embedded: Embedded, task_name: str) -> ast.stmt:
    """A node as a TaskFlow function: paths in, paths out."""
    parameters = _task_parameters(step)
    sources = {source: parameters[port, index] for port, index, source in _inputs(step)}
    annotations = dict.fromkeys(parameters.values(), name("str"))
    given = arguments(step, _TaskDialect(sources), components.input_kinds(step.node.uses))
    value = call(embedded.functions[step.node.uses], [], given)
    body: list[ast.stmt] = [assign("context", call(name("get_current_context")))]
    settings = policy_settings(step.node.policy)
    returns: ast.expr
    if not step.component.outputs:
        body.append(statement(value))
        returns = constant(None)
    elif step.component.returns_tuple:
        body += [assign("result", value), ast.Return(_written(step))]
        settings = {"multiple_outputs": constant(True), **settings}
        returns = ast.Subscript(name("dict"), ast.Tuple([name("str"), name("str")], ast.Load()), ast.Load())
    else:
        port = step.component.outputs[0].name
        body.append(ast.Return(_write(value, port)))
        returns = name("str")
    if task_name != step.node.id:
        settings = {"task_id": constant(_task_id(step.node.id)), **settings}
    return function(
        task_name,
        body,
        parameters=annotations,
        returns=returns,
        doc=step.node.title or step.component.summary or step.component.title,
        decorators=[call(name("task"), [], settings) if settings else name("task")],
    )


def _task_id(node_id: str) -> str:
    """Airflow allows letters, digits, dashes, dots and underscores."""
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-._") else "_" for letter in node_id)


def _inputs(step: Step) -> list[tuple[str, int, Endpoint]]:
    return [(port, i, source) for port, sources in step.node.inputs.items() for i, source in enumerate(sources)]


def _task_parameters(step: Step) -> dict[tuple[str, int], str]:
    """The task function's own argument for each edge: the port's name, numbered where a port takes many."""
    keys = {f"{port}_{i + 1}" if len(step.node.inputs[port]) > 1 else port: (port, i) for port, i, _ in _inputs(step)}
    chosen = identifiers(keys, {"context", "result"})
    return {place: chosen[text] for text, place in keys.items()}


def _write(value: ast.expr, port: str) -> ast.expr:
    return call(name("write_artifact"), [value, call(name("task_folder"), [name("context")]), constant(port)])


def _written(step: Step) -> ast.expr:
    ports = [port.name for port in step.component.outputs]
    keys: list[ast.expr | None] = [constant(port) for port in ports]
    return ast.Dict(keys, [_write(attribute(name("result"), port), port) for port in ports])


def wire(step: Step, calls: Calls) -> list[ast.stmt]:
    """The call of the node's task with what feeds it, and the order that `after:` asks for."""
    parameters = _task_parameters(step)
    given = {parameters[port, index]: calls.output(source) for port, index, source in _inputs(step)}
    variable = calls.results[step.node.id]
    body: list[ast.stmt] = [assign(variable, call(name(calls.functions[step.node.id]), [], given))]
    for earlier in step.node.after:
        before = name(calls.results[earlier])
        body.append(statement(ast.BinOp(before, ast.RShift(), name(variable))))
    return body
