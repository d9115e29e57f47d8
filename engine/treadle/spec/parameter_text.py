"""What a person typed for a parameter, on a command line or in a form, as the value it stands for."""

from __future__ import annotations

import json
from typing import Final

from treadle.spec.parameter_values import WrongValue, wrong_value
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value

__all__ = ["typed", "value_from_text", "with_defaults"]

_TEXTS: Final = (ParameterKind.STR, ParameterKind.PATH, ParameterKind.CHOICE)


def value_from_text(text: str, wanted: ParameterType) -> Value:
    """`text` as a value of this type: `0.5`, `true`, `a, b` or `["a", "b"]`, `{"depth": 3}`. Raises WrongValue."""
    value = _plain(text, wanted)
    fault = wrong_value(value, wanted)
    if fault is not None:
        raise WrongValue(fault)
    return value


def typed(value: Value, wanted: ParameterType) -> Value:
    """`value` as a parameter of this type has it; a text is read as one. Raises WrongValue."""
    fault = wrong_value(value, wanted)
    if fault is None:
        return with_defaults(value, wanted)
    if isinstance(value, str):
        return with_defaults(value_from_text(value, wanted), wanted)
    raise WrongValue(fault)


def with_defaults(value: Value, wanted: ParameterType) -> Value:
    """`value`, with the properties that it leaves out and that have a default."""
    if isinstance(value, list) and wanted.item is not None:
        return [with_defaults(item, wanted.item) for item in value]
    if not isinstance(value, dict) or not wanted.properties:
        return value
    known = {each.name: each.type for each in wanted.properties}
    given = {name: with_defaults(item, known[name]) if name in known else item for name, item in value.items()}
    missing = {each.name: each.default for each in wanted.properties if each.default is not None}
    return missing | given


def _plain(text: str, wanted: ParameterType) -> Value:
    stripped = text.strip()
    if stripped == "null" and wanted.optional and wanted.kind not in _TEXTS:
        return None
    match wanted.kind:
        case ParameterKind.BOOL:
            return {"true": True, "false": False}.get(stripped.lower(), text)
        case ParameterKind.INT | ParameterKind.FLOAT:
            return _number(stripped, wanted.kind)
        case ParameterKind.CHOICE:
            return next((choice for choice in wanted.choices if str(choice) == stripped), text)
        case ParameterKind.LIST:
            return _list(stripped, wanted)
        case ParameterKind.DICT:
            return _json(stripped)
        case _:
            return text


def _list(text: str, wanted: ParameterType) -> Value:
    if text.startswith("["):
        return _json(text)
    item = wanted.item or ParameterType(ParameterKind.STR)
    return [_plain(part.strip(), item) for part in text.split(",")] if text else []


def _json(text: str) -> Value:
    """What `text` says as JSON; the text where it says nothing."""
    try:
        value: Value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return text
    return value


def _no_number(text: str) -> Value:
    raise ValueError(f"{text} is no number")


def _number(text: str, kind: ParameterKind) -> Value:
    for convert in (int, float) if kind is ParameterKind.FLOAT else (int,):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
