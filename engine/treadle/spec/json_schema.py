"""A pipeline's parameters as a JSON Schema (2020-12), for whatever fills them in without knowing Treadle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from treadle.spec.pipeline import PipelineParameter
from treadle.spec.types import ParameterKind, ParameterType, Property
from treadle.spec.values import Value

__all__ = ["declared", "schema_of"]

_TYPES: Final = {
    ParameterKind.BOOL: "boolean",
    ParameterKind.INT: "integer",
    ParameterKind.FLOAT: "number",
    ParameterKind.STR: "string",
    ParameterKind.PATH: "string",
    ParameterKind.DATETIME: "string",
    ParameterKind.SECRET: "string",
    ParameterKind.LIST: "array",
    ParameterKind.DICT: "object",
}
_FORMATS: Final = {ParameterKind.PATH: "path", ParameterKind.DATETIME: "date-time"}
_SECRET: Final = r"^\$secrets\.[A-Za-z_][A-Za-z0-9_]*$"  # noqa: S105
_UNITS: Final = {
    ParameterKind.STR: "Length",
    ParameterKind.PATH: "Length",
    ParameterKind.LIST: "Items",
    ParameterKind.DICT: "Properties",
}


def schema_of(title: str, parameters: Iterable[PipelineParameter]) -> dict[str, Value]:
    """The schema of an object with a property for each of `parameters`, and nothing else."""
    found = list(parameters)
    required: list[Value] = [each.name for each in found if each.required and each.default is None]
    schema: dict[str, Value] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": {each.name: declared(each) for each in found},
        "additionalProperties": False,
    }
    return schema | ({"required": required} if required else {})


def declared(each: PipelineParameter | Property) -> dict[str, Value]:
    """The schema of one parameter's values."""
    examples = list(each.examples) if isinstance(each, PipelineParameter) else []
    about: dict[str, Value] = {
        "description": each.help or None,
        "default": each.default,
        "examples": examples or None,
    }
    return _schema(each.type) | {key: value for key, value in about.items() if value is not None}


def _schema(type_: ParameterType) -> dict[str, Value]:
    kind = type_.kind
    said: dict[str, Value] = {
        "type": _type(type_),
        "enum": [*type_.choices, *([None] if type_.optional else [])] if type_.choices else None,
        "format": _FORMATS.get(kind) or (type_.format if kind is ParameterKind.STR else None),
        "pattern": _SECRET if kind is ParameterKind.SECRET else type_.pattern if kind in _UNITS else None,
        "minimum": type_.minimum,
        "maximum": type_.maximum,
        "exclusiveMinimum": type_.above,
        "exclusiveMaximum": type_.below,
        "multipleOf": type_.multiple_of or None,
        "uniqueItems": type_.unique or None,
        "items": None if type_.item is None else _schema(type_.item),
    }
    if kind in _UNITS:
        said |= {f"min{_UNITS[kind]}": type_.fewest, f"max{_UNITS[kind]}": type_.most}
    if kind is ParameterKind.DICT:
        said |= _object(type_)
    return {key: value for key, value in said.items() if value is not None}


def _type(type_: ParameterType) -> Value:
    """Choices say themselves of which type they are."""
    word = _TYPES.get(type_.kind)
    return [word, "null"] if word is not None and type_.optional else word


def _object(type_: ParameterType) -> dict[str, Value]:
    required: list[Value] = [each.name for each in type_.properties if each.required]
    others: Value = False if type_.closed else None if type_.rest is None else _schema(type_.rest)
    properties: dict[str, Value] = {each.name: declared(each) for each in type_.properties}
    return {"properties": properties or None, "required": required or None, "additionalProperties": others}
