"""Scripts and shell commands in an exported Python script: a call of `run_program`, which is copied into it."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from treadle.catalog.slices import Slice
from treadle.convert import embedded_programs
from treadle.convert.syntax import attribute, constant, expression, name
from treadle.spec.component import Component
from treadle.spec.declared_ports import PortDeclaration, default_form
from treadle.spec.flow import Kind
from treadle.spec.pipeline import Endpoint, Node
from treadle.spec.values import Reference, Value

__all__ = ["RUN_PROGRAM", "can_be_said", "program_arguments"]

_TYPES: Final = frozenset({
    "Any", "File", "Html", "Json", "Metrics", "Table", "Text", "bool", "float", "int", "str",
})  # fmt: skip
_FORMS: Final = frozenset({"", "csv", "html", "json", "jsonl", "md", "parquet", "pdf", "tsv", "txt"})
_STRICT: Final = ("-e", "-o", "pipefail", "-c")
_BY_SUFFIX: Final = {".sh": "sh", ".bash": "bash", ".r": "Rscript", ".jl": "julia", ".js": "node", ".pl": "perl"}


def _slice() -> Slice:
    assert embedded_programs.__file__ is not None
    text = Path(embedded_programs.__file__).read_text(encoding="utf-8")
    kept = [line for line in ast.parse(text).body if isinstance(line, ast.FunctionDef | ast.ImportFrom)]
    body = "\n".join(map(ast.unparse, kept))
    return Slice(body, "run_program", hashlib.sha256(body.encode()).hexdigest())


RUN_PROGRAM: Final[Callable[[], Slice]] = _slice
"""What stands in a script for every program's slice."""


def can_be_said(node: Node, component: Component) -> bool:
    """Whether a Python script can run the node's program as Treadle does."""
    ports = [*node.declared_inputs.values(), *node.declared_outputs.values()]
    plain = all(port.type.name in _TYPES and not port.type.many and port.form in _FORMS for port in ports)
    writes_where_told = not any(port.path for port in node.declared_outputs.values())
    plain = plain and not any(port.type.many for port in component.inputs)
    fed = any(component.parameter(port) is not None for port in node.inputs)
    return component.kind is not Kind.NOTEBOOK and plain and writes_where_told and not fed and _is_written_out(node)


def _is_written_out(node: Node) -> bool:
    """Whether the command is known without a run: a `$params.x` may stand for a word of it, not for all of them."""
    params = node.params
    path, interpreter = params.get("path", ""), params.get("interpreter")
    texts = all(isinstance(text, str) and not text.startswith("$") for text in (path, interpreter or ""))
    return (
        texts and isinstance(params.get("arguments") or [], list) and isinstance(params.get("parameters") or {}, dict)
    )


def program_arguments(
    node: Node,
    component: Component,
    output: Callable[[Endpoint, str], ast.expr],
    reference: Callable[[Reference], ast.expr],
) -> Mapping[str, ast.expr]:
    """The keyword arguments of the node's `run_program`."""

    def value(given: Value) -> ast.expr:
        return expression(given, lambda found: _reference(found, reference))

    parameters = node.params.get("parameters")
    project = attribute(name("arguments"), "project")
    return {
        "command": _command(node, component, value),
        "folder": ast.BinOp(attribute(name("arguments"), "output"), ast.Div(), constant(node.id)),
        "cwd": project,
        "inputs": _dictionary({
            port.name: _pair(output(node.inputs[port.name][0], "pandas"), constant(_form_in(node, port.name)))
            for port in component.inputs
        }),
        "outputs": _dictionary({
            port: _pair(constant(declared.type.name), constant(_form(declared)))
            for port, declared in node.declared_outputs.items()
        }),
        "variables": value(parameters if isinstance(parameters, dict) else {}),
    }  # fmt: skip


def _reference(found: Reference, otherwise: Callable[[Reference], ast.expr]) -> ast.expr:
    if found.scope in ("in", "out"):
        return _pair(constant(found.scope), constant(found.name))
    return otherwise(found)


def _command(node: Node, component: Component, value: Callable[[Value], ast.expr]) -> ast.expr:
    params = node.params
    if component.kind is Kind.SHELL:
        shell = params.get("shell") or "bash"
        options = _STRICT if shell in ("bash", "zsh") else ("-e", "-c")
        return ast.List([value(shell), *map(constant, options), value(params.get("command"))], ast.Load())
    path, arguments = str(params["path"]), params.get("arguments")
    words = [value(word) for word in arguments] if isinstance(arguments, list) else []
    return ast.List([*_runner(path, params.get("interpreter"), value), value(path), *words], ast.Load())


def _runner(path: str, interpreter: Value, value: Callable[[Value], ast.expr]) -> list[ast.expr]:
    if interpreter:
        return [value(word) for word in str(interpreter).split()]
    suffix = Path(path).suffix.lower()
    if suffix == ".py":
        return [attribute(name("sys"), "executable")]
    return [constant(_BY_SUFFIX[suffix])] if suffix in _BY_SUFFIX else []


def _form(port: PortDeclaration) -> str:
    return port.form or default_form(port.type.name)


def _form_in(node: Node, port: str) -> str:
    return _form(node.declared_inputs[port]) if port in node.declared_inputs else ""


def _pair(first: ast.expr, second: ast.expr) -> ast.expr:
    return ast.Tuple([first, second], ast.Load())


def _dictionary(items: Mapping[str, ast.expr]) -> ast.expr:
    return ast.Dict([constant(key) for key in items], list(items.values()))
