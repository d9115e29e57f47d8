"""Python source built from syntax-tree nodes, so that no text of a user is ever pasted into code.

Small constructors over `ast`, the expression of a pipeline value, and the formatted text of a module.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping, Sequence

from treadle.spec.values import Reference, Value, references

__all__ = [
    "assign", "attribute", "call", "constant", "expression", "function", "import_from", "import_name", "is_plain",
    "method", "module_text", "name", "statement", "subscript",
    "tidy_imports",
]  # fmt: skip

ReferenceExpression = Callable[[Reference], ast.expr]


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def constant(value: str | bytes | bool | int | float | None) -> ast.expr:
    """A literal. Numbers that `repr` cannot write as one (nan, inf) become `float("nan")`."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return call(name("float"), [ast.Constant(repr(value))])
    return ast.Constant(value)


def attribute(value: ast.expr, *names: str) -> ast.expr:
    for part in names:
        value = ast.Attribute(value, part, ast.Load())
    return value


def subscript(value: ast.expr, key: str) -> ast.expr:
    return ast.Subscript(value, ast.Constant(key), ast.Load())


def call(
    function: ast.expr, arguments: Sequence[ast.expr] = (), keywords: Mapping[str, ast.expr] | None = None
) -> ast.Call:
    pairs = [ast.keyword(arg=key, value=value) for key, value in (keywords or {}).items()]
    return ast.Call(function, list(arguments), pairs)


def method(value: ast.expr, attribute_name: str, *arguments: ast.expr) -> ast.Call:
    return call(attribute(value, attribute_name), arguments)


def assign(target: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(target, ast.Store())], value)


def statement(value: ast.expr) -> ast.stmt:
    return ast.Expr(value)


def import_name(module: str) -> ast.stmt:
    return ast.Import([ast.alias(module)])


def import_from(module: str, *names: str) -> ast.stmt:
    return ast.ImportFrom(module, [ast.alias(item) for item in sorted(names)], 0)


def function(
    function_name: str,
    body: Sequence[ast.stmt],
    *,
    parameters: Mapping[str, ast.expr | None] | None = None,
    returns: ast.expr | None = None,
    doc: str = "",
    decorators: Sequence[ast.expr] = (),
) -> ast.stmt:
    """`def`, its parameters by name with their annotations."""
    arguments = [ast.arg(parameter, annotation) for parameter, annotation in (parameters or {}).items()]
    lines: list[ast.stmt] = [statement(ast.Constant(doc))] if doc else []
    return ast.FunctionDef(
        name=function_name,
        args=ast.arguments(posonlyargs=[], args=arguments, kwonlyargs=[], kw_defaults=[], defaults=[]),
        body=[*lines, *body] or [ast.Pass()],
        decorator_list=list(decorators),
        returns=returns,
    )


def tidy_imports(imports: Sequence[ast.stmt], body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """`imports` less the names that `body` never reads: each module once, the standard library first, sorted."""
    read = {node.id for line in body for node in ast.walk(line) if isinstance(node, ast.Name)}
    plain: dict[tuple[str, str | None], ast.alias] = {}
    named: dict[str, dict[tuple[str, str | None], ast.alias]] = {}
    for line in imports:
        assert isinstance(line, ast.Import | ast.ImportFrom)
        for alias in line.names:
            if (alias.asname or alias.name.split(".")[0]) not in read:
                continue
            target = named.setdefault(line.module or "", {}) if isinstance(line, ast.ImportFrom) else plain
            target[alias.name, alias.asname] = alias
    lines: list[tuple[tuple[bool, bool, str], ast.stmt]] = [
        (_import_order(alias.name, named=False), ast.Import([alias])) for alias in plain.values()
    ]
    for module, aliases in named.items():
        chosen = [aliases[key] for key in sorted(aliases, key=str)]
        lines.append((_import_order(module, named=True), ast.ImportFrom(module, chosen, 0)))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def _import_order(module: str, *, named: bool) -> tuple[bool, bool, str]:
    return module.split(".")[0] not in sys.stdlib_module_names, named, module


def is_plain(value: Value) -> bool:
    """Whether `value` holds no reference."""
    return not any(True for _ in references(value))


def expression(value: Value, reference: ReferenceExpression) -> ast.expr:
    """The Python expression of a pipeline value; each `$scope.name` in it becomes `reference(...)`."""
    if isinstance(value, str):
        found = next(references(value), None)
        if isinstance(found, Reference):
            return reference(found)
        return ast.Constant(value[1:] if value.startswith("$$") else value)
    if isinstance(value, list):
        return ast.List([expression(item, reference) for item in value], ast.Load())
    if isinstance(value, dict):
        keys: list[ast.expr | None] = [ast.Constant(key) for key in value]
        return ast.Dict(keys, [expression(item, reference) for item in value.values()])
    return constant(value)


def module_text(body: Sequence[ast.stmt]) -> str:
    """The module's source, formatted as Black does it (120 columns). It parses back to the same tree."""
    import black  # imported here: only an export needs it

    tree = ast.fix_missing_locations(ast.Module(list(body), []))
    return black.format_str(ast.unparse(tree), mode=black.Mode(line_length=120))
