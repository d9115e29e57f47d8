"""Source: takes values of a wanted shape out of a tree, and writes down a problem where the shape is another."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Final

from treadle.spec.file_format.scalars import NotAValue, resolve
from treadle.spec.file_format.tree import MappingTree, ScalarTree, SequenceTree, Tree
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.values import Value

__all__ = ["Source"]

_TOP: Final = ScalarTree("", "", 0, 0, 1, 1)


def _kind(tree: Tree) -> str:
    match tree:
        case MappingTree():
            return "a mapping"
        case SequenceTree():
            return "a list"
    return repr(tree.text)


@dataclass(slots=True)
class Source:
    """Reads one file. Each method answers with something harmless after it wrote a problem down."""

    file: str | None
    problems: list[Problem] = field(default_factory=list)

    def error(self, code: str, message: str, tree: Tree | None, hint: str) -> None:
        place = tree or _TOP
        self.problems.append(Problem(code, message, Where(self.file, place.line, place.column), hint))

    def warn_unknown(self, tree: MappingTree, known: tuple[str, ...], what: str) -> None:
        """A warning for each key of `tree` that is not `known`, with the name that may have been meant."""
        for name, entry in tree.entries.items():
            if name in known:
                continue
            close = difflib.get_close_matches(name[:80], known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"it has no effect; there are: {', '.join(known)}"
            where = Where(self.file, entry.key.line, entry.key.column)
            self.problems.append(Problem("unknown-key", f"{what} has no {name!r}", where, hint, Severity.WARNING))

    def keys(self, tree: Tree | None, what: str) -> dict[str, Tree]:
        """The entries of a mapping; nothing where it is absent or null."""
        if isinstance(tree, MappingTree):
            return {name: entry.value for name, entry in tree.entries.items()}
        if tree is not None and not (isinstance(tree, ScalarTree) and tree.is_null):
            self.error("wrong-shape", f"{what} wants names and values, has {_kind(tree)}", tree, "write `name: value`")
        return {}

    def items(self, tree: Tree | None) -> list[Tree]:
        """The items of a list; anything else counts as a list of one, null as an empty one."""
        if tree is None or (isinstance(tree, ScalarTree) and tree.is_null):
            return []
        return tree.items if isinstance(tree, SequenceTree) else [tree]

    def text(self, tree: Tree | None, what: str) -> str | None:
        """Text as it is written, so `NO` and `1.10` stay; None where it is absent or null."""
        if isinstance(tree, ScalarTree):
            return None if tree.is_null else tree.text
        if tree is not None:
            self.error("wrong-shape", f"{what} wants text, has {_kind(tree)}", tree, "write one word or a quoted text")
        return None

    def flag(self, tree: Tree | None, what: str) -> bool | None:
        value = None if tree is None else self.value(tree)
        if value is None or isinstance(value, bool):
            return value
        assert tree is not None
        self.error("wrong-value", f"{what} wants true or false, has {_kind(tree)}", tree, "write true or false")
        return None

    def number(self, tree: Tree | None, what: str) -> int | float | None:
        value = None if tree is None else self.value(tree)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        assert tree is not None
        self.error("wrong-value", f"{what} wants a number, has {_kind(tree)}", tree, "write a number")
        return None

    def whole(self, tree: Tree | None, what: str) -> int | None:
        value = self.number(tree, what)
        if isinstance(value, float):
            self.error("wrong-value", f"{what} wants a whole number, has {value}", tree, "write a whole number")
            return None
        return value

    def value(self, tree: Tree) -> Value:
        """What the tree says as plain data. Depth is bounded by the parser."""
        match tree:
            case MappingTree():
                return {name: self.value(entry.value) for name, entry in tree.entries.items()}
            case SequenceTree():
                return [self.value(item) for item in tree.items]
        return self._scalar(tree)

    def _scalar(self, tree: ScalarTree) -> Value:
        if tree.style:
            return tree.text
        try:
            return resolve(tree.text)
        except NotAValue as error:
            self.error("wrong-value", str(error), tree, "leave it out, or put it in quotes if it is text")
            return None
