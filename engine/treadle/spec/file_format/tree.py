"""The syntax tree of a pipeline file: text with positions, nothing interpreted yet.

`start` and `end` are offsets into the text; lines and columns count from 1. The text between a tree's
offsets is exactly what a person wrote, which is how a save can keep it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

__all__ = ["Entry", "MappingTree", "ScalarTree", "SequenceTree", "Tree"]


class ScalarTree(NamedTuple):
    """`style` is `""` for plain text, else its first character: `'`, `"`, `|` or `>`."""

    text: str
    style: str
    start: int
    end: int
    line: int
    column: int

    @property
    def is_null(self) -> bool:
        return not self.style and self.text in ("", "~", "null", "Null", "NULL")


class Entry(NamedTuple):
    key: ScalarTree
    value: Tree


class MappingTree(NamedTuple):
    """`flow` is true for `{…}`."""

    entries: dict[str, Entry]
    flow: bool
    start: int
    end: int
    line: int
    column: int


class SequenceTree(NamedTuple):
    """`flow` is true for `[…]`."""

    items: list[Tree]
    flow: bool
    start: int
    end: int
    line: int
    column: int


Tree: TypeAlias = "ScalarTree | MappingTree | SequenceTree"
