"""Whether a parameter takes a value: the one rule behind validation, the inspector and `-p name=value`."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value

__all__ = ["value_from_text", "wrong_value"]

_NAMES: Final = {
    ParameterKind.BOOL: "true or false",
    ParameterKind.INT: "a whole number",
    ParameterKind.FLOAT: "a number",
    ParameterKind.STR: "text",
    ParameterKind.PATH: "a path",
    ParameterKind.DATETIME: "a date such as 2026-01-31 or 2026-01-31T12:00",
    ParameterKind.SECRET: "the name of a secret, as $secrets.warehouse",
    ParameterKind.CHOICE: "one of its choices",
    ParameterKind.LIST: "a list",
    ParameterKind.DICT: "a mapping of names to values",
}


def wrong_value(value: Value, wanted: ParameterType) -> str | None:
    """None where `value` may be given to a parameter of this type, else what it wants and has: `wants …, has …`.

    References are not looked into: what `$params.x` stands for is the caller's to know.
    """
    if value is None:
        return None if wanted.optional else f"wants {_NAMES[wanted.kind]}, has nothing"
    if isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
        return None
    if not _is_of(value, wanted.kind):
        return f"wants {_NAMES[wanted.kind]}, has {_shown(value)}"
    if isinstance(value, list):
        return _wrong_item(value, wanted)
    if wanted.choices and not any(_equal(value, choice) for choice in wanted.choices):
        return f"wants one of {', '.join(map(str, wanted.choices))}, has {_shown(value)}"
    return _out_of_bounds(value, wanted)


def _equal(value: Value, choice: Value) -> bool:
    return value == choice and isinstance(value, bool) == isinstance(choice, bool)


def _is_of(value: Value, kind: ParameterKind) -> bool:
    match kind:
        case ParameterKind.BOOL:
            return isinstance(value, bool)
        case ParameterKind.INT:
            return isinstance(value, int) and not isinstance(value, bool)
        case ParameterKind.FLOAT:
            return isinstance(value, (int, float)) and not isinstance(value, bool) and -math.inf < value < math.inf
        case ParameterKind.STR | ParameterKind.PATH:
            return isinstance(value, str)
        case ParameterKind.DATETIME:
            return isinstance(value, str) and _is_date(value)
        case ParameterKind.SECRET:
            # A secret is only ever referred to: its text would be in the file for all to read.
            return False
        case ParameterKind.CHOICE:
            return isinstance(value, (str, int, float))
        case ParameterKind.LIST:
            return isinstance(value, list)
    return isinstance(value, dict)


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _wrong_item(values: list[Value], wanted: ParameterType) -> str | None:
    item_type = ParameterType(
        wanted.item or ParameterKind.CHOICE, minimum=wanted.minimum, maximum=wanted.maximum, choices=wanted.choices
    )
    if wanted.item is None and not wanted.choices:
        return None
    for number, item in enumerate(values, 1):
        reason = wrong_value(item, item_type)
        if reason is not None:
            return f"{reason} as item {number}"
    return None


def _out_of_bounds(value: Value, wanted: ParameterType) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    low, high = wanted.minimum, wanted.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    if low is not None and high is not None:
        return f"wants a number from {low:g} to {high:g}, has {value}"
    return f"wants {low:g} or more, has {value}" if high is None else f"wants {high:g} or less, has {value}"


def _shown(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {value[:40]!r}"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def value_from_text(text: str, wanted: ParameterType) -> Value:
    """What a person typed for a parameter, on a command line or in a form. Raises ValueError: `wants …, has …`."""
    value = _plain(text, wanted)
    reason = wrong_value(value, wanted)
    if reason is not None:
        raise ValueError(reason)
    return value


def _plain(text: str, wanted: ParameterType) -> Value:
    stripped = text.strip()
    match wanted.kind:
        case ParameterKind.BOOL:
            return {"true": True, "false": False}.get(stripped.lower(), text)
        case ParameterKind.INT | ParameterKind.FLOAT:
            return _number(stripped, wanted.kind)
        case ParameterKind.CHOICE:
            return next((choice for choice in wanted.choices if str(choice) == stripped), text)
        case ParameterKind.LIST:
            item = ParameterType(wanted.item or ParameterKind.STR)
            return [_plain(part.strip(), item) for part in stripped.split(",")] if stripped else []
        case _:
            return text


def _number(text: str, kind: ParameterKind) -> Value:
    for convert in (int, float) if kind is ParameterKind.FLOAT else (int,):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
