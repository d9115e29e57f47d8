"""What a module's names stand for, by its imports and simple constants: `pd.DataFrame` → `pandas.DataFrame`.

Only the syntax tree is asked, so the answer is the same whether or not the package is installed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Bindings", "bindings_of", "dotted_path", "module_statements"]


@dataclass(frozen=True, slots=True)
class Bindings:
    """`imports` maps a local name to the dotted name it stands for; `values` to the one expression it is given."""

    imports: Mapping[str, str]
    values: Mapping[str, ast.expr]
    classes: Mapping[str, ast.ClassDef]

    def qualified(self, expression: ast.expr) -> str | None:
        """The dotted name an expression stands for; a name nobody imported is itself. None if it isn't one."""
        path = dotted_path(expression)
        if path is None:
            return None
        head, *rest = path
        return ".".join((self.imports.get(head, head), *rest))


def dotted_path(expression: ast.expr) -> tuple[str, ...] | None:
    """`a.b.c` → `("a", "b", "c")`; None for anything else."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return None
    return (expression.id, *reversed(parts))


def module_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """A module's statements, those inside `if`, `try` and `with` at its level included."""
    for statement in body:
        yield statement
        for inner in ("body", "orelse", "finalbody"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                yield from module_statements(getattr(statement, inner, []))
        for handler in getattr(statement, "handlers", []):
            yield from module_statements(handler.body)


def bindings_of(tree: ast.Module) -> Bindings:
    imports: dict[str, str] = {}
    values: dict[str, ast.expr] = {}
    classes: dict[str, ast.ClassDef] = {}
    rebound: set[str] = set()
    for statement in module_statements(tree.body):
        match statement:
            case ast.Import(names=names):
                for alias in names:
                    imports.setdefault(alias.asname or alias.name.partition(".")[0], _imported(alias))
            case ast.ImportFrom(module=module, names=names):
                for alias in names:
                    imports.setdefault(alias.asname or alias.name, f"{module or ''}.{alias.name}")
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                rebound.update({name} & values.keys())
                values[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                rebound.update({name} & values.keys())
                values[name] = value
            case ast.AugAssign(target=ast.Name(id=name)):
                rebound.add(name)
            case ast.ClassDef(name=name):
                classes[name] = statement
            case _:
                pass
    return Bindings(imports, {name: value for name, value in values.items() if name not in rebound}, classes)


def _imported(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.partition(".")[0]
