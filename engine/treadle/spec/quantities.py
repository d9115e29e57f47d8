"""Durations and sizes as people write them: `1h30m` is 5400 seconds, `2GiB` is 2147483648 bytes.

`parse_x(format_x(value)) == value` for every value either function can be given.
"""

from __future__ import annotations

import math
import re
from typing import Final

__all__ = ["format_duration", "format_size", "parse_duration", "parse_size"]

_SECONDS: Final = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION: Final = re.compile(
    r"(?:(?P<d>\d{1,9})d)?(?:(?P<h>\d{1,9})h)?(?:(?P<m>\d{1,9})m(?!s))?(?:(?P<s>\d{1,9}(?:\.\d{1,9})?)s)?(?:(?P<ms>\d{1,9})ms)?",
    re.ASCII,
)
_BINARY: Final = {"TiB": 1 << 40, "GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10}
_DECIMAL: Final = {"TB": 10**12, "GB": 10**9, "MB": 10**6, "kB": 10**3, "KB": 10**3, "B": 1}
_UNITS: Final = _BINARY | _DECIMAL
_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,9})?) ?(TiB|GiB|MiB|KiB|TB|GB|MB|kB|KB|B)", re.ASCII)


def parse_duration(value: str | float) -> float:
    """Seconds in `"1h30m"`, `"45s"`, `"500ms"`, or in a bare number. Raises ValueError, saying what is wanted."""
    if isinstance(value, bool) or (isinstance(value, (int, float)) and not 0 <= value < math.inf):
        raise ValueError(f"{value!r} is not a duration")
    if isinstance(value, (int, float)):
        return float(value)
    match = _DURATION.fullmatch(value.strip())
    if match is None or not any(match.groups()):
        raise ValueError(f"{value!r} is not a duration")
    parts = match.groupdict()
    milliseconds = int(parts["ms"] or 0) / 1000
    return sum(float(parts[unit] or 0) * _SECONDS[unit] for unit in "dhms") + milliseconds


def format_duration(seconds: float) -> str | float:
    """The shortest text for `seconds`; a number where no text says it exactly."""
    if seconds != int(seconds):
        thousandths = round(seconds * 1000)
        return f"{thousandths}ms" if seconds < 1 and thousandths / 1000 == seconds else seconds
    rest, text = int(seconds), ""
    if rest >= 10**14:
        return seconds
    for unit in "dhms":
        count, rest = divmod(rest, int(_SECONDS[unit]))
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def parse_size(value: str | float) -> int:
    """Bytes in `"2GiB"`, `"512MB"`, or in a bare whole number. Raises ValueError, saying what is wanted."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a size")
    number, unit = match[1], _UNITS[match[2]]
    return round(float(number) * unit) if "." in number else int(number) * unit


def format_size(size: int) -> str | int:
    """The largest unit that says `size` bytes exactly, binary units first; a number below 1 KiB or where none does."""
    for unit, factor in (_BINARY | {"GB": 10**9, "MB": 10**6}).items():
        if size and size % factor == 0 and size // factor < 10**15:
            return f"{size // factor}{unit}"
    return size
