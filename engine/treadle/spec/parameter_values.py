"""Whether a parameter takes a value: the one rule behind validation, the command line, the dialogs and the fields.

A value inside another is named by its path: `params.grid[2].depth wants a whole number, has the text 'x'`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from treadle.spec.text_formats import EXAMPLES, has_format, has_pattern, is_moment
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value

__all__ = ["Fault", "WrongValue", "faults", "wrong_value"]

_NAMES: Final = {
    ParameterKind.BOOL: "true or false",
    ParameterKind.INT: "a whole number",
    ParameterKind.FLOAT: "a number",
    ParameterKind.STR: "text",
    ParameterKind.PATH: "a path",
    ParameterKind.DATETIME: "a date such as 2026-01-31 or 2026-01-31T12:00",
    ParameterKind.SECRET: "the name of a secret, as $secrets.warehouse",
    ParameterKind.CHOICE: "text, a number, true or false",
    ParameterKind.LIST: "a list",
    ParameterKind.DICT: "a mapping of names to values",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`reason` is `wants …, has …`; `path` leads from the parameter to the value it is about: `[2].depth`, or "" ."""

    path: str
    reason: str

    def about(self, subject: str) -> str:
        """A sentence on `subject`, the parameter's name as the reader knows it."""
        return f"{subject}{self.path} {self.reason}"


class WrongValue(ValueError):
    """A value that its parameter does not take."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.about("").strip())
        self.fault = fault


def wrong_value(value: Value, wanted: ParameterType) -> Fault | None:
    """None where `value` may be given to a parameter of this type, else the first thing that is wrong with it.

    References are not looked into: what `$params.x` stands for is the caller's to know.
    """
    return next(faults(value, wanted), None)


def faults(value: Value, wanted: ParameterType, path: str = "") -> Iterator[Fault]:
    """Everything that is wrong with `value`, from the outside to the inside."""
    if isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
        return
    if value is None:
        if not wanted.optional:
            yield Fault(path, f"wants {_name(wanted)}, has nothing")
    elif not _is_of(value, wanted.kind):
        yield Fault(path, f"wants {_name(wanted)}, has {_shown(value)}")
    elif wanted.choices and not any(_equal(value, choice) for choice in wanted.choices):
        yield Fault(path, f"wants one of {', '.join(map(str, wanted.choices))}, has {_shown(value)}")
    else:
        yield from _bounds(value, wanted, path)


def _name(wanted: ParameterType) -> str:
    if wanted.format is not None and wanted.kind is ParameterKind.STR:
        return EXAMPLES[wanted.format]
    return "one of its choices" if wanted.choices else _NAMES[wanted.kind]


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
            return isinstance(value, str) and is_moment(value)
        case ParameterKind.SECRET:
            # A secret is only ever referred to: its text would be in the file for all to read.
            return False
        case ParameterKind.CHOICE:
            return isinstance(value, (str, int, float))
        case ParameterKind.LIST:
            return isinstance(value, list)
        case ParameterKind.DICT:
            return isinstance(value, dict)
        case _:
            assert_never(kind)


def _bounds(value: Value, wanted: ParameterType, path: str) -> Iterator[Fault]:
    match value:
        case bool() | None:
            return
        case str():
            yield from _text_bounds(value, wanted, path)
        case int() | float():
            reason = _number_bounds(value, wanted)
            if reason is not None:
                yield Fault(path, f"wants {reason}, has {value}")
        case list():
            yield from _size(len(value), wanted, path, "item")
            yield from _items(value, wanted, path)
        case _:
            yield from _size(len(value), wanted, path, "name")
            yield from _properties(value, wanted, path)


def _text_bounds(text: str, wanted: ParameterType, path: str) -> Iterator[Fault]:
    if wanted.kind not in (ParameterKind.STR, ParameterKind.PATH):
        return
    said = text[1:] if text.startswith("$$") else text
    yield from _size(len(said), wanted, path, "character")
    if wanted.format is not None and wanted.kind is ParameterKind.STR and not has_format(said, wanted.format):
        yield Fault(path, f"wants {EXAMPLES[wanted.format]}, has {_shown(said)}")
    if wanted.pattern is not None and not has_pattern(said, wanted.pattern):
        yield Fault(path, f"wants text in which {wanted.pattern} is found, has {_shown(said)}")


def _number_bounds(number: float, wanted: ParameterType) -> str | None:
    """What is wanted, where it is not so. Bounds of one kind are told together."""
    low, high = wanted.minimum, wanted.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        if low is not None and high is not None:
            return f"a number from {low:g} to {high:g}"
        return f"{low:g} or more" if high is None else f"{high:g} or less"
    if wanted.above is not None and number <= wanted.above:
        return f"more than {wanted.above:g}"
    if wanted.below is not None and number >= wanted.below:
        return f"less than {wanted.below:g}"
    if wanted.multiple_of and not _is_multiple(number, wanted.multiple_of):
        return f"a multiple of {wanted.multiple_of:g}"
    return None


def _is_multiple(number: float, unit: float) -> bool:
    """As they are written: 0.3 is a multiple of 0.1, whatever binary fractions say."""
    from fractions import Fraction  # milliseconds that only who has such a parameter pays

    return (Fraction(str(number)) / Fraction(str(unit))).denominator == 1


def _size(size: int, wanted: ParameterType, path: str, unit: str) -> Iterator[Fault]:
    for bound, words, is_wrong in (
        (wanted.fewest, "or more", wanted.fewest is not None and size < wanted.fewest),
        (wanted.most, "or fewer", wanted.most is not None and size > wanted.most),
    ):
        if is_wrong:
            plural = "" if bound == 1 else "s"
            yield Fault(path, f"wants {bound} {unit}{plural} {words}, has {size}")


def _items(values: list[Value], wanted: ParameterType, path: str) -> Iterator[Fault]:
    seen: dict[Hashable, int] = {}
    for number, item in enumerate(values):
        if wanted.item is not None:
            yield from faults(item, wanted.item, f"{path}[{number}]")
        if wanted.unique and (first := seen.setdefault(_identity(item), number)) != number:
            yield Fault(f"{path}[{number}]", f"wants what is not there yet, has the same as item {first}")


def _identity(value: Value) -> Hashable:
    """Equal for values that JSON takes for the same: 1 and 1.0 are, 1 and true are not."""
    match value:
        case bool():
            return ("bool", value)
        case list():
            return tuple(map(_identity, value))
        case dict():
            return frozenset((name, _identity(item)) for name, item in value.items())
        case _:
            return value


def _properties(values: dict[str, Value], wanted: ParameterType, path: str) -> Iterator[Fault]:
    known = {each.name: each for each in wanted.properties}
    for name, each in known.items():
        if each.required and name not in values:
            yield Fault(f"{path}{_step(name)}", f"wants {_name(each.type)}, has nothing")
    for name, value in values.items():
        if name in known:
            yield from faults(value, known[name].type, f"{path}{_step(name)}")
        elif wanted.closed:
            yield Fault(path, f"wants only {', '.join(known) or 'nothing'}, has {name}")
        elif wanted.rest is not None:
            yield from faults(value, wanted.rest, f"{path}{_step(name)}")


def _step(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{name!r}]"


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
