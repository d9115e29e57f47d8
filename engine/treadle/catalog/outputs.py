"""A function's return annotation as outputs: a NamedTuple's fields, or one named by its type.

`X | None` is an optional output: None means that it is not taken.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from treadle.catalog.annotations import Meaning, understand
from treadle.catalog.bindings import Bindings
from treadle.catalog.complaints import Complaint
from treadle.catalog.unknown_annotation import UnknownAnnotation
from treadle.spec.component import OutputPort
from treadle.spec.types import PortType

__all__ = ["read_outputs"]

_NAMED_TUPLE: Final = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple"})
_NESTED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def read_outputs(
    function: ast.FunctionDef, bindings: Bindings, help_by_name: Mapping[str, str]
) -> tuple[tuple[OutputPort, ...], bool]:
    """The outputs, and whether they are a NamedTuple's fields. Raises Complaint."""
    if function.returns is None:
        return _without_annotation(function), False
    fields = _fields(function.returns, bindings)
    if fields is not None:
        return _tuple_outputs(fields, bindings, help_by_name), True
    meaning = _meaning(function.returns, f"what {function.name} returns", function.returns, bindings)
    if meaning.nothing:
        return (), False
    port = _port(meaning, function.returns)
    name = "value" if port.is_scalar else port.name.lower()
    return (OutputPort(name, port, help_by_name.get(name, ""), meaning.optional),), False


def _without_annotation(function: ast.FunctionDef) -> tuple[OutputPort, ...]:
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if (isinstance(node, ast.Return) and node.value is not None) or isinstance(node, ast.Yield | ast.YieldFrom):
            raise Complaint(
                "missing-annotation",
                f"{function.name} does not say what it returns",
                function,
                "annotate it, as in `-> pd.DataFrame`, or `-> None`",
            )
        if not isinstance(node, _NESTED):
            pending.extend(ast.iter_child_nodes(node))
    return ()


def _fields(annotation: ast.expr, bindings: Bindings) -> list[ast.AnnAssign] | None:
    name = annotation.value if isinstance(annotation, ast.Constant) else getattr(annotation, "id", None)
    definition = bindings.classes.get(name) if isinstance(name, str) else None
    if definition is None or not any(bindings.qualified(base) in _NAMED_TUPLE for base in definition.bases):
        return None
    return [statement for statement in definition.body if isinstance(statement, ast.AnnAssign)]


def _tuple_outputs(
    fields: list[ast.AnnAssign], bindings: Bindings, help_by_name: Mapping[str, str]
) -> tuple[OutputPort, ...]:
    outputs = []
    for field in fields:
        assert isinstance(field.target, ast.Name)
        name = field.target.id
        meaning = _meaning(field.annotation, f"output {name}", field, bindings)
        outputs.append(OutputPort(name, _port(meaning, field), help_by_name.get(name, ""), meaning.optional))
    return tuple(outputs)


def _meaning(annotation: ast.expr, subject: str, at: ast.expr | ast.stmt, bindings: Bindings) -> Meaning:
    try:
        return understand(annotation, bindings)
    except UnknownAnnotation as unknown:
        hint = unknown.hint or "return a data type, a scalar, or a NamedTuple of them defined in the same file"
        raise Complaint("unknown-annotation", f"{subject}: {unknown}", at, hint) from None


def _port(meaning: Meaning, at: ast.expr | ast.stmt) -> PortType:
    if meaning.port is None:
        raise Complaint("unknown-annotation", "this type can't leave a component", at, "return a data type")
    return meaning.port
