"""Plain data → YAML text, in the style of a hand-written pipeline file.

A collection goes on one line where it fits and was not asked to be a `Block`; text of several lines becomes a
literal block where that is exact.
"""

from __future__ import annotations

from typing import Final

from treadle.spec.file_format.scalars import scalar_text
from treadle.spec.values import Value

__all__ = ["Block", "Document", "entry_text", "flow_text", "literal_lines", "value_text"]

Document = dict[str, Value]

_WIDTH: Final = 110
_STEP: Final = "  "


class Block(dict[str, Value]):
    """A mapping that takes a line for each entry, however short it is."""


def flow_text(value: Value) -> str:
    """`value` on one line: `{a: [1, 2]}`."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar_text(key)}: {flow_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow_text(item) for item in value) + "]"
    return scalar_text(value)


def literal_lines(text: str) -> list[str] | None:
    """The lines of a literal block that reads back as exactly `text`, its `|` first; None where there is none."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    exact = text.isascii() and body.replace("\n", "").replace("\t", "").isprintable()
    tidy = lines[0][:1] not in ("", " ", "\t") and all(line.strip() or not line for line in lines) and lines[-1] != ""
    if len(lines) < 2 or not exact or not tidy:
        return None
    return ["|" if text.endswith("\n") else "|-", *lines]


def entry_text(key: str, value: Value, indent: int) -> list[str]:
    """The lines of `key: value`, indented by `indent` spaces."""
    head = f"{' ' * indent}{scalar_text(key)}:"
    first, *rest = value_text(value, indent, len(head) + 1)
    return [f"{head} {first}" if first else head, *rest]


def value_text(value: Value, indent: int, column: int) -> list[str]:
    """The lines of a value behind a key that stands at `indent`; the first goes on the key's line, at `column`."""
    if isinstance(value, str):
        literal = literal_lines(value) if "\n" in value else None
        if literal is not None:
            return [literal[0], *(" " * (indent + 2) + line if line else "" for line in literal[1:])]
    if not isinstance(value, (dict, list)) or not value or _fits(value, column):
        return [flow_text(value)]
    if isinstance(value, dict):
        return ["", *(line for key, item in value.items() for line in entry_text(key, item, indent + 2))]
    return ["", *(line for item in value for line in _item_text(item, indent + 2))]


def _item_text(item: Value, indent: int) -> list[str]:
    dash = " " * indent + "- "
    if isinstance(item, (dict, list)) and item and not _fits(item, len(dash)):
        first, *rest = value_text(item, indent, indent + 2)[1:]
        return [dash + first[indent + 2 :], *rest]
    return [dash + flow_text(item)]


def _fits(value: Value, column: int) -> bool:
    return not _wants_lines(value) and column + len(flow_text(value)) <= _WIDTH


def _wants_lines(value: Value) -> bool:
    if isinstance(value, dict):
        return isinstance(value, Block) or any(map(_wants_lines, value.values()))
    if isinstance(value, list):
        return any(map(_wants_lines, value))
    return isinstance(value, str) and "\n" in value
