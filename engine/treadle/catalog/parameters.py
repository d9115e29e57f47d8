"""A function's arguments as data inputs and parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from treadle.catalog.annotations import Meaning, understand
from treadle.catalog.bindings import Bindings
from treadle.catalog.complaints import Complaint
from treadle.catalog.literals import NotLiteral, literal
from treadle.catalog.unknown_annotation import UnknownAnnotation
from treadle.spec.component import REQUIRED, InputPort, Parameter, Required
from treadle.spec.parameter_values import wrong_value
from treadle.spec.types import ParameterKind
from treadle.spec.values import Value

__all__ = ["Signature", "read_signature"]


@dataclass(frozen=True, slots=True)
class Signature:
    inputs: tuple[InputPort, ...]
    parameters: tuple[Parameter, ...]
    kinds: Mapping[str, str]


def read_signature(function: ast.FunctionDef, bindings: Bindings, help_by_name: Mapping[str, str]) -> Signature:
    """Raises Complaint where an argument can't be a port or a parameter."""
    inputs: list[InputPort] = []
    parameters: list[Parameter] = []
    kinds: dict[str, str] = {}
    for argument, default in _arguments(function):
        meaning = _meaning(function, argument, bindings)
        text = help_by_name.get(argument.arg, "")
        if meaning.parameter is not None:
            value = _default(argument, default, meaning, bindings)
            parameters.append(Parameter(argument.arg, meaning.parameter, value, text))
        elif meaning.port is not None:
            optional = meaning.optional or default is not None
            inputs.append(InputPort(argument.arg, meaning.port, optional, text))
            kinds[argument.arg] = meaning.kind
    for parameter in parameters:
        _check_column(function, parameter, inputs)
    return Signature(tuple(inputs), tuple(parameters), kinds)


def _arguments(function: ast.FunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    arguments = function.args
    for star, written in ((arguments.vararg, "*"), (arguments.kwarg, "**")):
        if star is not None:
            raise Complaint(
                "star-arguments",
                f"{function.name} takes {written}{star.arg}, which says nothing about its ports",
                star,
                "name each argument; a list such as `tables: list[pd.DataFrame]` takes several edges",
            )
    if arguments.posonlyargs:
        raise Complaint("positional-only", "arguments are passed by name", arguments.posonlyargs[0], "remove the `/`")
    missing: list[ast.expr | None] = [None] * (len(arguments.args) - len(arguments.defaults))
    yield from zip(arguments.args, [*missing, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _meaning(function: ast.FunctionDef, argument: ast.arg, bindings: Bindings) -> Meaning:
    if argument.annotation is None:
        raise Complaint(
            "missing-annotation",
            f"{argument.arg} of {function.name} has no type",
            argument,
            f"annotate it, as in `{argument.arg}: pd.DataFrame` or `{argument.arg}: float = 0.5`",
            argument.arg,
        )
    try:
        meaning = understand(argument.annotation, bindings)
    except UnknownAnnotation as unknown:
        message = f"{argument.arg} of {function.name}: {unknown}"
        raise Complaint("unknown-annotation", message, argument, unknown.hint, argument.arg) from None
    if meaning.nothing:
        raise Complaint("unknown-annotation", f"{argument.arg} can only be None", argument, "", argument.arg)
    return meaning


def _default(argument: ast.arg, default: ast.expr | None, meaning: Meaning, bindings: Bindings) -> Value | Required:
    assert meaning.parameter is not None
    if default is None:
        return REQUIRED
    try:
        value = literal(default, bindings)
    except NotLiteral:
        raise Complaint(
            "default-not-literal",
            f"the default of {argument.arg} is known only when the file runs",
            default,
            "write a literal or a module constant",
            argument.arg,
        ) from None
    # A secret's default is the author's own affair: it is in the source already.
    fault = None if meaning.parameter.kind is ParameterKind.SECRET else wrong_value(value, meaning.parameter)
    if fault is not None:
        message = fault.about(f"the default of {argument.arg}")
        raise Complaint("default-out-of-bounds", message, default, "", argument.arg)
    return value


def _check_column(function: ast.FunctionDef, parameter: Parameter, inputs: list[InputPort]) -> None:
    port = parameter.type.column_of
    if port is not None and port not in {each.name for each in inputs}:
        raise Complaint(
            "column-of-unknown-port",
            f"{parameter.name} of {function.name} is a column of {port!r}, which is no input",
            function,
            f"inputs are: {', '.join(each.name for each in inputs) or 'none'}",
            parameter.name,
        )
