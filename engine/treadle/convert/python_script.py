"""A pipeline as a plain Python script: the components' own source, then the calls in order. It needs no Treadle.

    python churn.py --test-size 0.3 --output results

Pipeline parameters are command-line options. Results (metrics, figures, and what no node consumes) become files.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from treadle.convert import embedded_artifacts
from treadle.convert.embedding import Embedded, future_imports, merge, used_components
from treadle.convert.exported import Components, Exported
from treadle.convert.names import identifier, identifiers
from treadle.convert.parameters import fixed_default, is_needed, unchecked
from treadle.convert.programs import RUN_PROGRAM, program_arguments
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
from treadle.convert.wiring import Step, arguments, check, environment_variable, result_ports, steps
from treadle.spec.pipeline import Endpoint, Pipeline, PipelineParameter
from treadle.spec.problems import has_errors
from treadle.spec.types import ParameterKind
from treadle.spec.values import Reference

__all__ = ["export_python"]

OWN_NAMES = frozenset({
    "Any", "Path", "arguments", "argparse", "datetime", "json", "main", "os", "parse_arguments", "run_date", "run_id",
    "sys", "write_artifact",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _ScriptDialect:
    """Outputs are variables, parameters are attributes of `arguments`."""

    variables: Mapping[str, str]
    tuples: frozenset[str]
    programs: frozenset[str] = frozenset()
    """Nodes whose variable is a mapping of outputs by port."""

    def output(self, source: Endpoint, kind: str) -> ast.expr:
        value = name(self.variables[source.node])
        if source.node in self.programs:
            return subscript(value, source.port)
        return attribute(value, source.port) if source.node in self.tuples else value

    def reference(self, reference: Reference) -> ast.expr:
        match reference.scope:
            case "params":
                return attribute(name("arguments"), identifier(reference.name))
            case "run":
                return name(f"run_{reference.name}")
            case _:
                return environment_variable(reference.name)

    def project_path(self, value: str) -> ast.expr:
        return ast.BinOp(attribute(name("arguments"), "project"), ast.Div(), constant(value))


def export_python(pipeline: Pipeline, components: Components) -> Exported:
    """The script, or the problems that stand in its way."""
    problems = check(pipeline, components, "script")
    if has_errors(problems):
        return Exported("", tuple(problems))
    problems += unchecked(pipeline, "script")
    ordered = steps(pipeline, components)
    programs = {step.node.uses for step in ordered if step.component.kind.declares_ports}
    slices = {uses: RUN_PROGRAM() if uses in programs else components.slice(uses) for uses in used_components(pipeline)}
    embedded = merge(slices)
    body = [
        *embedded.body,
        _artifact_writer(),
        _parser(pipeline),
        _main(pipeline, components, ordered, embedded),
        *_entry(),
    ]
    head = [statement(constant(_docstring(pipeline))), *future_imports(list(slices.values()))]
    return Exported(module_text([*head, *tidy_imports([*_imports(), *embedded.imports], body), *body]), tuple(problems))


def _docstring(pipeline: Pipeline) -> str:
    lines = [f"{pipeline.name}: a pipeline exported from Treadle."]
    if pipeline.help:
        lines += ["", pipeline.help.strip()]
    lines += ["", "Relative paths are taken from --project; results go to --output, a folder for each node."]
    return "\n".join(lines) + "\n"


def _imports() -> list[ast.stmt]:
    return [
        import_name("argparse"),
        import_name("json"),
        import_name("os"),
        import_name("sys"),
        import_from("datetime", "datetime"),
        import_from("pathlib", "Path"),
        import_from("typing", "Any"),
    ]


def _artifact_writer() -> ast.stmt:
    """`write_artifact` of `embedded_artifacts`, as it stands there."""
    assert embedded_artifacts.__file__ is not None
    tree = ast.parse(Path(embedded_artifacts.__file__).read_text(encoding="utf-8"))
    return next(line for line in tree.body if isinstance(line, ast.FunctionDef) and line.name == "write_artifact")


def _parser(pipeline: Pipeline) -> ast.stmt:
    parser = name("parser")
    folder = {"type": name("Path"), "help": constant("where relative paths begin")}
    here: ast.expr = attribute(call(name("Path"), [name("__file__")]), "parent")
    body = [
        assign(
            "parser", call(attribute(name("argparse"), "ArgumentParser"), [], {"description": constant(pipeline.name)})
        ),
        *[statement(_option(parameter)) for parameter in pipeline.params.values()],
        statement(call(attribute(parser, "add_argument"), [constant("--project")], {**folder, "default": here})),
        statement(
            call(
                attribute(parser, "add_argument"),
                [constant("--output")],
                {
                    "type": name("Path"),
                    "default": call(name("Path"), [constant("output")]),
                    "help": constant("the folder for results"),
                },
            )
        ),
        ast.Return(method(parser, "parse_args")),
    ]
    return function("parse_arguments", body, returns=attribute(name("argparse"), "Namespace"))


def _option(parameter: PipelineParameter) -> ast.expr:
    keywords: dict[str, ast.expr] = {"dest": constant(identifier(parameter.name))}
    match parameter.type.kind:
        case ParameterKind.BOOL:
            keywords["action"] = attribute(name("argparse"), "BooleanOptionalAction")
        case ParameterKind.INT | ParameterKind.FLOAT:
            keywords["type"] = name(parameter.type.kind.value)
        case ParameterKind.LIST | ParameterKind.DICT:
            keywords["type"] = attribute(name("json"), "loads")
        case ParameterKind.DATETIME:
            keywords["type"] = attribute(name("datetime"), "fromisoformat")
        case ParameterKind.PATH:
            keywords["type"] = name("Path")
        case _:
            pass
    if parameter.type.choices:
        keywords["choices"] = ast.List([constant(choice) for choice in parameter.type.choices], ast.Load())
    default = fixed_default(parameter)
    if is_needed(parameter):
        keywords["required"] = constant(True)
    elif default is not None:
        keywords["default"] = ast.parse(repr(default), mode="eval").body
    if parameter.help:
        keywords["help"] = constant(parameter.help.replace("%", "%%"))
    option = "--" + parameter.name.replace("_", "-")
    return call(attribute(name("parser"), "add_argument"), [constant(option)], keywords)


def _main(pipeline: Pipeline, components: Components, ordered: list[Step], embedded: Embedded) -> ast.stmt:
    called = {
        node.id for value in embedded.functions.values() for node in ast.walk(value) if isinstance(node, ast.Name)
    }
    variables = identifiers((step.node.id for step in ordered), called | OWN_NAMES)
    tuples = frozenset(step.node.id for step in ordered if step.component.returns_tuple)
    programs = frozenset(step.node.id for step in ordered if step.component.kind.declares_ports)
    dialect = _ScriptDialect(variables, tuples, programs)
    body: list[ast.stmt] = []
    for step in ordered:
        given = _given(step, dialect, components)
        value = call(embedded.functions[step.node.uses], [], given)
        variable = variables[step.node.id]
        body.append(statement(value) if not step.component.outputs else assign(variable, value))
        for port in result_ports(pipeline, step):
            folder = ast.BinOp(attribute(name("arguments"), "output"), ast.Div(), constant(step.node.id))
            written = call(
                name("write_artifact"), [dialect.output(Endpoint(step.node.id, port), ""), folder, constant(port)]
            )
            label = constant(f"{step.node.id}.{port}:")
            body.append(statement(call(name("print"), [label, written])))
    return function("main", [*_facts(body), *body], returns=constant(None))


def _given(step: Step, dialect: _ScriptDialect, components: Components) -> Mapping[str, ast.expr]:
    if step.component.kind.declares_ports:
        return program_arguments(step.node, step.component, dialect.output, dialect.reference)
    return arguments(step, dialect, components.input_kinds(step.node.uses))


def _facts(body: list[ast.stmt]) -> list[ast.stmt]:
    """What `main` has to know first: its arguments, and the run's date and id where something asks for them."""
    now = method(name("datetime"), "now")
    facts = {
        "arguments": call(name("parse_arguments")),
        "run_date": method(now, "isoformat"),
        "run_id": method(now, "strftime", constant("%Y%m%d-%H%M%S")),
    }
    read = {node.id for line in body for node in ast.walk(line) if isinstance(node, ast.Name)}
    return [assign(fact, value) for fact, value in facts.items() if fact in read | {"arguments"}]


def _entry() -> list[ast.stmt]:
    test = ast.Compare(name("__name__"), [ast.Eq()], [constant("__main__")])
    return [ast.If(test, [statement(call(name("main")))], [])]
