"""Marks of a parameter within `Annotated`: what they say of it, and what is wrong with one that says nothing.

Between(0, 1)    OneOf("a", "b")    Column("data")    Multiline()    Code("sql")
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from treadle.catalog.bindings import Bindings
from treadle.catalog.literals import NotLiteral, literal
from treadle.catalog.unknown_annotation import UnknownAnnotation
from treadle.spec.types import ParameterKind, ParameterType

__all__ = ["literal_of", "marked"]

_NUMBERS: Final = frozenset({ParameterKind.INT, ParameterKind.FLOAT})


def literal_of(expression: ast.expr, bindings: Bindings) -> object:
    """The value of what is written in an annotation. Raises UnknownAnnotation."""
    try:
        return literal(expression, bindings)
    except NotLiteral:
        raise UnknownAnnotation(
            f"{ast.unparse(expression)[:60]!r} has no value until it runs", "write a literal or a module constant"
        ) from None


def marked(parameter: ParameterType, name: str, call: ast.Call | None, bindings: Bindings) -> ParameterType:
    """`parameter` as the mark `name` has it, with what it is called with. Raises UnknownAnnotation."""
    match name, list(_arguments(call, bindings)):
        case "Between", [minimum, maximum]:
            return _between(parameter, minimum, maximum)
        case "OneOf", [_, *_] as choices:
            return _one_of(parameter, choices)
        case "Column", [str() as port]:
            return replace(parameter, column_of=port)
        case "Multiline", []:
            return replace(parameter, multiline=True)
        case "Code", [str() as language]:
            return replace(parameter, code=language)
        case _:
            raise UnknownAnnotation(
                f"can't understand {name} here",
                "write Between(0, 1), OneOf('a', 'b'), Column('data'), Multiline() or Code('sql')",
            )


def _arguments(call: ast.Call | None, bindings: Bindings) -> Iterator[object]:
    if call is None:
        return
    for argument in call.args:
        yield literal_of(argument, bindings)
    # Only Between has two, and its `minimum` comes first however it is written.
    for keyword in sorted(call.keywords, key=lambda keyword: keyword.arg or "", reverse=True):
        yield literal_of(keyword.value, bindings)


def _between(parameter: ParameterType, minimum: object, maximum: object) -> ParameterType:
    bounded = parameter.item if parameter.kind is ParameterKind.LIST else parameter
    if bounded is None or bounded.kind not in _NUMBERS:
        raise UnknownAnnotation(f"Between bounds numbers, and this is {parameter.kind}", "remove Between")
    if not all(bound is None or isinstance(bound, int | float) for bound in (minimum, maximum)):
        raise UnknownAnnotation("the bounds of Between are numbers or None")
    low = minimum if isinstance(minimum, int | float) else None
    high = maximum if isinstance(maximum, int | float) else None
    if low is not None and high is not None and low > high:
        raise UnknownAnnotation(f"Between({low}, {high}) leaves nothing", "exchange the two bounds")
    return _within(parameter, replace(bounded, minimum=low, maximum=high))


def _within(parameter: ParameterType, bounded: ParameterType) -> ParameterType:
    """Bounds of a list are those of its items."""
    return replace(parameter, item=bounded) if parameter.kind is ParameterKind.LIST else bounded


def _one_of(parameter: ParameterType, choices: list[object]) -> ParameterType:
    known = tuple(choice for choice in choices if isinstance(choice, str | int | float | bool))
    if len(known) != len(choices):
        raise UnknownAnnotation("OneOf takes texts, numbers and booleans")
    of = parameter.item or ParameterType(ParameterKind.CHOICE) if parameter.kind is ParameterKind.LIST else parameter
    return _within(parameter, replace(of, choices=known))
