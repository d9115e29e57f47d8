"""Dotted names in an expression: what stands at the bottom of `a.b[c].d()`, and the way that leads to it."""

from __future__ import annotations

import ast

from treadle.catalog.scope_facts import Path

__all__ = ["chain_of", "root_of"]


def chain_of(node: ast.Attribute) -> tuple[ast.expr, Path]:
    """The expression under a run of attributes, and the dotted path if it is a name."""
    parts: list[str] = []
    expression: ast.expr = node
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    head = (expression.id,) if isinstance(expression, ast.Name) else ()
    return expression, (*head, *reversed(parts))


def root_of(expression: ast.expr) -> tuple[str | None, Path]:
    """The name at the bottom of `a.b[c].d()`, and the dotted path directly on it."""
    path: list[str] = []
    while True:
        match expression:
            case ast.Attribute(value=inner, attr=attribute):
                path.append(attribute)
                expression = inner
            case ast.Subscript(value=inner) | ast.Call(func=inner) | ast.Starred(value=inner):
                path.clear()
                expression = inner
            case ast.Name(id=name):
                return name, (name, *reversed(path))
            case _:
                return None, ()
