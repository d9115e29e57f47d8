"""A parameter's type in a few words, as lists of parameters show it."""

from __future__ import annotations

from collections.abc import Iterator

from treadle.spec.types import ParameterKind, ParameterType

__all__ = ["bounds_words", "type_words"]


def type_words(type_: ParameterType) -> str:
    """`float`, `list[int]`, `mapping of str`, `email?`; a question mark where it may be nothing."""
    inner = type_.item if type_.item is not None else type_.rest
    words: str = type_.kind
    if type_.format is not None and type_.kind is ParameterKind.STR:
        words = type_.format
    elif type_.kind is ParameterKind.LIST and inner is not None:
        words = f"list[{type_words(inner)}]"
    elif type_.kind is ParameterKind.DICT and inner is not None:
        words = f"dict[{type_words(inner)}]"
    return words + ("?" if type_.optional else "")


def bounds_words(type_: ParameterType) -> str:
    """`0 to 1`, `more than 0, a multiple of 0.5`, `a | b`, `3 or more items`; empty where everything goes."""
    return ", ".join(_bounds(type_))


def _bounds(type_: ParameterType) -> Iterator[str]:
    if type_.choices:
        yield " | ".join(str(choice) for choice in type_.choices)
    low, high = type_.minimum, type_.maximum
    if low is not None and high is not None:
        yield f"{low:g} to {high:g}"
    elif low is not None or high is not None:
        yield f"{low:g} or more" if low is not None else f"{high:g} or less"
    if type_.above is not None:
        yield f"more than {type_.above:g}"
    if type_.below is not None:
        yield f"less than {type_.below:g}"
    if type_.multiple_of:
        yield f"a multiple of {type_.multiple_of:g}"
    unit = {ParameterKind.LIST: "item", ParameterKind.DICT: "name"}.get(type_.kind, "character")
    for size, side in ((type_.fewest, "more"), (type_.most, "fewer")):
        if size is not None:
            yield f"{size} {unit}{'' if size == 1 else 's'} or {side}"
    if type_.unique:
        yield "none twice"
    if type_.pattern is not None:
        yield f"with {type_.pattern}"
    if type_.closed:
        yield "no other names"
    if type_.item is not None and (inner := bounds_words(type_.item)):
        yield f"each {inner}"
