"""A pipeline as an Airflow DAG: one TaskFlow function a node, artifacts passed between tasks as paths.

One file serves Airflow 2.10 to 3.3 (`airflow.providers.common.compat.sdk`, in the standard distribution). Components'
slices are embedded as functions whose imports happen when a task runs, so that parsing the file stays cheap.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from treadle.catalog.slices import Slice
from treadle.convert import embedded_artifacts
from treadle.convert.airflow_tasks import Calls, policy_settings, task_function, wire
from treadle.convert.embedding import Embedded, embed, future_imports, used_components
from treadle.convert.exported import Components, Exported
from treadle.convert.names import identifier, identifiers
from treadle.convert.parameters import fixed_default, is_needed
from treadle.convert.syntax import (
    assign,
    attribute,
    call,
    constant,
    function,
    import_from,
    import_name,
    method,
    module_text,
    name,
    statement,
    subscript,
    tidy_imports,
)
from treadle.convert.wiring import Step, check, steps
from treadle.spec.json_schema import declared
from treadle.spec.pipeline import Pipeline, PipelineParameter
from treadle.spec.problems import Problem, Severity, Where, has_errors
from treadle.spec.values import Value

__all__ = ["export_airflow"]

COMPAT = "airflow.providers.common.compat.sdk"


def export_airflow(pipeline: Pipeline, components: Components) -> Exported:
    """The DAG file, or the problems that stand in its way."""
    problems = check(pipeline, components, "DAG")
    if has_errors(problems):
        return Exported("", tuple(problems))
    slices = {uses: components.slice(uses) for uses in used_components(pipeline)}
    problems += _local_classes(pipeline, components)
    embedded = embed(slices)
    test = ast.Compare(name("__name__"), [ast.Eq()], [constant("__main__")])
    body = [
        *_places(pipeline),
        *embedded.body,
        *_artifact_functions(),
        _task_folder(),
        _dag(pipeline, components, steps(pipeline, components), embedded),
        assign("dag_object", call(name(_dag_function(pipeline)))),
        ast.If(test, [statement(method(name("dag_object"), "test"))], []),
    ]
    head = [statement(constant(_docstring(pipeline))), *future_imports(list(slices.values()))]
    return Exported(module_text([*head, *tidy_imports(_imports(), body), *body]), tuple(problems))


def _local_classes(pipeline: Pipeline, components: Components) -> list[Problem]:
    """A model of a class that the component defines itself can't be stored by one task and loaded by another."""
    found: list[Problem] = []
    for node in pipeline.nodes.values():
        component, piece = components.get(node.uses), components.slice(node.uses)
        if component and any(port.type.name in ("Model", "Any") for port in component.outputs):
            found += [_cannot_travel(node.id, node.uses, own) for own in _own_classes(piece)]
    return found


def _own_classes(piece: Slice) -> list[str]:
    classes = [line for line in ast.parse(piece.text).body if isinstance(line, ast.ClassDef)]
    return [line.name for line in classes if not any("NamedTuple" in ast.unparse(base) for base in line.bases)]


def _cannot_travel(node: str, uses: str, own: str) -> Problem:
    return Problem(
        "local-class",
        f"{node}: a task can't hand on an object of the class {own}, which {uses} defines",
        Where(node=node),
        "put the class into an installed module, or return what a library's class can hold",
        Severity.WARNING,
    )


def _docstring(pipeline: Pipeline) -> str:
    lines = [f"### {pipeline.name}", ""]
    if pipeline.help:
        lines += [pipeline.help.strip(), ""]
    lines += [
        "Exported from Treadle. Paths of the pipeline are relative to PROJECT, artifacts are kept below ARTIFACTS;",
        "both are set by the environment variables TREADLE_PROJECT and TREADLE_ARTIFACTS.",
    ]
    return "\n".join(lines) + "\n"


def _imports() -> list[ast.stmt]:
    return [
        import_name("os"),
        import_from("datetime", "datetime", "timedelta"),
        import_from("pathlib", "Path"),
        import_from("typing", "Any"),
        import_from(COMPAT, "Param", "dag", "get_current_context", "task"),
    ]


def _places(pipeline: Pipeline) -> list[ast.stmt]:
    environ = attribute(name("os"), "environ")
    here: ast.expr = attribute(method(call(name("Path"), [name("__file__")]), "absolute"), "parent")
    artifacts: ast.expr = ast.BinOp(
        ast.BinOp(name("PROJECT"), ast.Div(), constant("artifacts")), ast.Div(), constant(_dag_id(pipeline))
    )
    return [
        assign("PROJECT", call(name("Path"), [method(environ, "get", constant("TREADLE_PROJECT"), here)])),
        assign("ARTIFACTS", call(name("Path"), [method(environ, "get", constant("TREADLE_ARTIFACTS"), artifacts)])),
    ]


def _artifact_functions() -> list[ast.stmt]:
    assert embedded_artifacts.__file__ is not None
    tree = ast.parse(Path(embedded_artifacts.__file__).read_text(encoding="utf-8"))
    return [line for line in tree.body if isinstance(line, ast.FunctionDef)]


def _task_folder() -> ast.stmt:
    """`task_folder(context)`: where the running task's artifacts go."""
    run_id = call(name("str"), [subscript(name("context"), "run_id")])
    safe = method(method(run_id, "replace", constant(":"), constant("-")), "replace", constant("+"), constant("-"))
    task_id = attribute(subscript(name("context"), "ti"), "task_id")
    value = ast.BinOp(ast.BinOp(name("ARTIFACTS"), ast.Div(), safe), ast.Div(), task_id)
    return function(
        "task_folder",
        [ast.Return(value)],
        parameters={"context": name("Any")},
        returns=name("Path"),
        doc="Where the running task's artifacts go.",
    )


def _dag_id(pipeline: Pipeline) -> str:
    return identifier(pipeline.name)


def _dag_function(pipeline: Pipeline) -> str:
    return f"{_dag_id(pipeline).strip('_') or 'exported'}_dag"


def _dag(pipeline: Pipeline, components: Components, ordered: list[Step], embedded: Embedded) -> ast.stmt:
    ids = [step.node.id for step in ordered]
    functions = identifiers(ids, {"context", "dag", "task"})
    results = identifiers([f"{node_id}_result" for node_id in ids], functions.values())
    tuples = frozenset(step.node.id for step in ordered if step.component.returns_tuple)
    calls = Calls(functions, {node_id: results[f"{node_id}_result"] for node_id in ids}, tuples)
    body: list[ast.stmt] = [task_function(step, components, embedded, functions[step.node.id]) for step in ordered]
    for step in ordered:
        body += wire(step, calls)
    decorator = call(name("dag"), [], _dag_settings(pipeline))
    return function(_dag_function(pipeline), body, decorators=[decorator])


def _dag_settings(pipeline: Pipeline) -> dict[str, ast.expr]:
    settings: dict[str, ast.expr] = {
        "dag_id": constant(_dag_id(pipeline)),
        "schedule": constant(None),
        "start_date": call(name("datetime"), [constant(2024), constant(1), constant(1)]),
        "catchup": constant(False),
        "tags": ast.List([constant("treadle")], ast.Load()),
        "doc_md": name("__doc__"),
    }
    defaults = policy_settings(pipeline.defaults)
    if defaults:
        settings["default_args"] = ast.Dict([constant(key) for key in defaults], list(defaults.values()))
    if pipeline.params:
        keys: list[ast.expr | None] = [constant(parameter) for parameter in pipeline.params]
        settings["params"] = ast.Dict(keys, [_param(parameter) for parameter in pipeline.params.values()])
    return settings


def _param(parameter: PipelineParameter) -> ast.expr:
    """Airflow checks a parameter by its JSON Schema, as we do."""
    default = fixed_default(parameter)
    may_be_nothing = parameter.type.optional or (default is None and not is_needed(parameter))
    schema = declared(replace(parameter, type=replace(parameter.type, optional=may_be_nothing), default=None))
    given = [] if is_needed(parameter) else [_literal(default)]
    return call(name("Param"), given, {key: _literal(value) for key, value in schema.items()})


def _literal(value: Value) -> ast.expr:
    return ast.parse(repr(value), mode="eval").body
