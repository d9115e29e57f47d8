"""What a plain word means, and how a value is written so that it means the same again.

Reading follows YAML 1.2's core schema, so `NO`, `on` and `2024-01-01` are text. A whole number with a leading zero
stays text too (a post code, not a number). Writing quotes everything that YAML 1.1 tools would read as something else.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final

from treadle.spec.values import Value

__all__ = ["NotAValue", "number_text", "resolve", "scalar_text"]

_CONSTANTS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WHOLE: Final = re.compile(r"[-+]?[0-9]+")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_PLAIN: Final = re.compile(r"[\w$/.](?:[\w$/.()+\-@%=<>~ ]|:(?=[\w/]))*")
_OTHER_TOOLS: Final = re.compile(r"[-+.]?[0-9][0-9_.:eE+\-xXoOa-fA-F]*|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<"})
_SINGLE: Final = re.compile(r"[\x20-\x26\x28-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")
_ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class NotAValue(ValueError):
    """Text that reads as a number no plan can carry: infinite, not a number, or absurdly long."""


def resolve(text: str) -> Value:
    """The value of plain `text`. Raises NotAValue."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
        return _whole(text)
    if _NOT_FINITE.fullmatch(text):
        raise NotAValue(f"{text} is not a finite number")
    if not _FLOAT.fullmatch(text) or _WHOLE.fullmatch(text):
        return text
    number = float(text)
    if math.isinf(number):
        raise NotAValue(f"{text} is too large a number")
    return number


def _whole(text: str) -> int:
    if len(text) > 300:
        raise NotAValue(f"{text[:20]}… is too large a number")
    return int(text, 0)


def number_text(number: float) -> str:
    """A float as YAML 1.1 and 1.2 both read it: `1e-07` → `1.0e-07`."""
    text = repr(number)
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text


def scalar_text(value: bool | int | float | str | None) -> str:
    """`value` on one line, fit for block and flow context, as a value or a key."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return number_text(value)
    return _text(value)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text[-1] != " " and text.lower() not in _WORDS and not _OTHER_TOOLS.fullmatch(text):
        return text
    if _SINGLE.fullmatch(text) and not _ESCAPED.search(text):
        return f"'{text}'"
    quoted = json.dumps(_SURROGATE.sub("\ufffd", text), ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
