"""Whether a text is a date, a time, an address …, or has a pattern."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final, assert_never

from treadle.spec.types import TextFormat

__all__ = ["EXAMPLES", "bad_pattern", "has_format", "has_pattern", "is_moment"]

EXAMPLES: Final = {
    TextFormat.DATE: "a date such as 2026-01-31",
    TextFormat.TIME: "a time such as 09:30:00",
    TextFormat.EMAIL: "an e-mail address such as ada@example.org",
    TextFormat.URI: "an address such as https://example.org/data",
    TextFormat.UUID: "a UUID such as 123e4567-e89b-12d3-a456-426614174000",
}
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)*")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def is_moment(text: str) -> bool:
    """Whether `text` is a date, or a date and a time, in ISO 8601."""
    return _parses(datetime.fromisoformat, text)


def has_format(text: str, wanted: TextFormat) -> bool:
    match wanted:
        case TextFormat.DATE:
            return _parses(date.fromisoformat, text)
        case TextFormat.TIME:
            return _parses(time.fromisoformat, text)
        case TextFormat.EMAIL:
            return _EMAIL.fullmatch(text) is not None
        case TextFormat.URI:
            from urllib.parse import urlsplit  # milliseconds that only who has such a parameter pays

            return _URI.fullmatch(text) is not None and _parses(urlsplit, text)
        case TextFormat.UUID:
            from uuid import UUID

            return len(text) == 36 and _parses(UUID, text)
        case _:
            assert_never(wanted)


def _parses(parse: object, text: str) -> bool:
    assert callable(parse)
    try:
        parse(text)
    except ValueError:
        return False
    return True


def has_pattern(text: str, pattern: str) -> bool:
    """Whether `pattern` is found in `text`; one that is no pattern is found everywhere, and told of elsewhere."""
    return bad_pattern(pattern) is not None or _found(text, pattern)


def bad_pattern(pattern: str) -> str | None:
    """Why `pattern` is no regular expression; None where it is one."""
    from pyarrow import ArrowInvalid

    try:
        _found("", pattern)
    except ArrowInvalid as error:
        return str(error).partition("\n")[0].removeprefix("Invalid regular expression: ")
    except UnicodeEncodeError:
        return "it has half a character"
    return None


def _found(text: str, pattern: str) -> bool:
    # RE2: Python's own matcher can take hours over a few dozen characters, and an opened file is anybody's.
    import pyarrow
    from pyarrow import compute

    plain = text.encode("utf-8", "replace").decode()
    return bool(compute.match_substring_regex(pyarrow.array([plain]), pattern)[0].as_py())
