"""Defaults, bounds and labels as values, computed from the syntax tree without running anything.

What is understood: literals, lists and dictionaries of them, module constants, `Path("…")`, and + - * / // on numbers.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Final

from treadle.catalog.bindings import Bindings
from treadle.spec.values import Value

__all__ = ["NotLiteral", "literal"]

_DEEPEST: Final = 20
_OPERATORS: Final[dict[type[ast.operator], Callable[[int | float, int | float], int | float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


class NotLiteral(Exception):
    """The expression's value is known only by running it."""


def literal(expression: ast.expr, bindings: Bindings, depth: int = 0) -> Value:
    """The value of `expression`. Raises NotLiteral."""
    if depth > _DEEPEST:
        raise NotLiteral
    match expression:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [literal(item, bindings, depth + 1) for item in items]
        case ast.Dict(keys=keys, values=values):
            return _dictionary(keys, values, bindings, depth)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand, bindings, depth)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _arithmetic(_OPERATORS[type(op)], _number(left, bindings, depth), _number(right, bindings, depth))
        case ast.Name(id=name) if name in bindings.values:
            return literal(bindings.values[name], bindings, depth + 1)
        case ast.Call(func=function, args=[only], keywords=[]) if bindings.qualified(function) == "pathlib.Path":
            return literal(only, bindings, depth + 1)
        case _:
            raise NotLiteral


def _dictionary(keys: list[ast.expr | None], values: list[ast.expr], bindings: Bindings, depth: int) -> Value:
    result: dict[str, Value] = {}
    for key, value in zip(keys, values, strict=True):
        name = literal(key, bindings, depth + 1) if key else None
        if not isinstance(name, str):
            raise NotLiteral
        result[name] = literal(value, bindings, depth + 1)
    return result


def _number(expression: ast.expr, bindings: Bindings, depth: int) -> int | float:
    value = literal(expression, bindings, depth + 1)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotLiteral
    return value


def _arithmetic(
    compute: Callable[[int | float, int | float], int | float], left: int | float, right: int | float
) -> int | float:
    try:
        return compute(left, right)
    except ArithmeticError:
        raise NotLiteral from None
