"""Writes a change into the text it was read from: a three-way merge of (what the text said, what it shall say) into
the text's own tree.

An entry that says the same before and after keeps its bytes, its comments and its place. A key that the text has and
neither side knows stays. A key that only changed its name keeps all but the name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from treadle.spec.file_format.dumping import Document, entry_text, flow_text, value_text
from treadle.spec.file_format.scalars import scalar_text
from treadle.spec.file_format.tree import Entry, MappingTree, ScalarTree, Tree
from treadle.spec.values import Value

__all__ = ["patch", "same"]


def same(one: Value, other: Value) -> bool:
    """Equality that tells 1 from 1.0 and true, and does not mind the order of keys."""
    # repr settles nearly every case in C; only where the order of keys differs is a closer look needed.
    return one == other and (repr(one) == repr(other) or _alike(one, other))


def _alike(one: Value, other: Value) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return type(one) is type(other) and one == other


def patch(text: str, tree: MappingTree, before: Document, after: Document, newline: str) -> str:
    """`text`, whose tree is `tree` and which says `before`, changed to say `after`."""
    edits = _Edits(text, newline)
    edits.mapping(tree, before, after)
    return edits.applied()


@dataclass(slots=True)
class _Edits:
    """Replacements of spans of `text`, none of which overlap."""

    text: str
    newline: str
    spans: list[tuple[int, int, int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, new: str) -> None:
        self.spans.append((start, end, len(self.spans), new))

    def applied(self) -> str:
        parts, at = [], 0
        for start, end, _, new in sorted(self.spans):
            parts += [self.text[at:start], new]
            at = max(at, end)
        return "".join([*parts, self.text[at:]])

    # Where an entry ends

    def colon(self, key: ScalarTree) -> int:
        """The offset behind the key's colon; behind the key in `{a, b}`."""
        at = key.end
        while self.text[at : at + 1].isspace():
            at += 1
        return at + 1 if self.text[at : at + 1] == ":" else key.end

    def end(self, entry: Entry) -> int:
        return max(self.colon(entry.key), _end(entry.value))

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """The offset behind the line that holds the character before `at`, its line break included."""
        if at and self.text[at - 1] == "\n":
            return at
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1

    def top(self, entry: Entry) -> int:
        """The start of the comment lines right above the entry that belong to it, else of its own line."""
        start = self.line_start(entry.key.start)
        margin = self.text[start : entry.key.start] + "#"
        while start and self.text.startswith(margin, self.line_start(start - 1)):
            start = self.line_start(start - 1)
        return start

    # Changes

    def mapping(self, tree: MappingTree, before: Document, after: Document) -> None:
        mark = len(self.spans)
        renamed = _renamed(tree, before, after)
        kept = {name for name in tree.entries if name in after or (name not in before and name not in renamed)}
        for old, new in renamed.items():
            key = tree.entries[old].key
            self.replace(key.start, key.end, scalar_text(new))
        for name in kept:
            if name in before and name in after and not same(before[name], after[name]):
                self.value(tree, tree.entries[name], before[name], after[name])
            elif name not in before and name in after:
                self.value(tree, tree.entries[name], None, after[name])
        gone = [name for name in tree.entries if name not in kept and name not in renamed]
        coming = {name: after[name] for name in after if name not in tree.entries and name not in renamed.values()}
        coming = {name: value for name, value in coming.items() if not (name in before and same(before[name], value))}
        stays = [name for name in tree.entries if name not in gone]
        if tree.flow:
            if gone or coming:
                self.flow_entries(tree, stays, coming, mark)
            return
        self.delete(tree, gone)
        self.insert(tree, stays, coming, list(after), {new: old for old, new in renamed.items()})

    def delete(self, tree: MappingTree, gone: list[str]) -> None:
        for name in gone:
            entry = tree.entries[name]
            self.replace(self.top(entry), self.line_end(self.end(entry)), "")

    def insert(
        self, tree: MappingTree, stays: list[str], coming: Document, order: list[str], renamed: dict[str, str]
    ) -> None:
        """Each new entry behind the one that precedes it in `order`, in the style of the block."""
        indent = tree.column - 1
        anchor, staying = None, set(stays)
        for name in order:
            if name not in coming:
                old = renamed.get(name, name)
                anchor = old if old in staying else anchor
                continue
            lines = entry_text(name, coming[name], indent)
            if anchor is None:
                at = self.top(next(iter(tree.entries.values())))
                self.replace(at, at, self.newline.join([*lines, ""]))
                continue
            at = self.line_end(self.end(tree.entries[anchor]))
            whole = at > 0 and self.text[at - 1] == "\n"
            block = [*lines, ""] if whole else ["", *lines]
            self.replace(at, at, self.newline.join(block))

    def flow_entries(self, tree: MappingTree, stays: list[str], coming: Document, mark: int) -> None:
        """Rewrites `{…}` from the texts of its entries; what was changed inside it since `mark` goes into those."""
        inner = self.spans[mark:]
        del self.spans[mark:]
        entries = [tree.entries[name] for name in stays]
        texts = [_excerpt(self.text, entry.key.start, self.end(entry), inner) for entry in entries]
        texts += [f"{scalar_text(name)}: {flow_text(value)}" for name, value in coming.items()]
        self.replace(tree.start, tree.end, "{" + ", ".join(texts) + "}")

    def value(self, parent: MappingTree, entry: Entry, before: Value, after: Value) -> None:
        """Changes what stands behind the entry's key."""
        old = entry.value
        if isinstance(old, MappingTree) and isinstance(before, dict) and isinstance(after, dict) and after:
            self.mapping(old, before, after)
            return
        colon, end = self.colon(entry.key), self.end(entry)
        if parent.flow:
            lacking = "" if self.text[colon - 1] == ":" else ":"
            self.replace(colon, end, f"{lacking} {flow_text(after)}")
            return
        indent = parent.column - 1
        tail_end = self.line_end(end)
        alone = not self.text[end:tail_end].strip() or self.text[end - 1] == "\n"
        lines = value_text(after, indent, colon - self.line_start(colon) + 1)
        if len(lines) > 1 and lines[0] and not alone:
            lines = [flow_text(after)]
        new = self.newline.join([f" {lines[0]}" if lines[0] else "", *lines[1:]])
        if colon == end:
            at = tail_end - len(_line_break(self.text[:tail_end])) if not lines[0] else end
            self.replace(at, at, new)
            return
        self.replace(colon, end, new + (self.newline if self.text[end - 1] == "\n" else ""))


def _line_break(text: str) -> str:
    return "\r\n" if text.endswith("\r\n") else "\n" if text.endswith("\n") else ""


def _end(tree: Tree) -> int:
    """Where the last character of `tree` stands: libyaml ends a block only at the next token, comments included."""
    while not isinstance(tree, ScalarTree) and not tree.flow:
        tree = next(reversed(tree.entries.values())).value if isinstance(tree, MappingTree) else tree.items[-1]
    return tree.end


def _excerpt(text: str, start: int, end: int, edits: list[tuple[int, int, int, str]]) -> str:
    parts, at = [], start
    for first, last, _, new in sorted(edits):
        if start <= first and last <= end:
            parts += [text[at:first], new]
            at = last
    return "".join([*parts, text[at:end]])


def _renamed(tree: MappingTree, before: Document, after: Document) -> dict[str, str]:
    """Old name → new name of entries that say the same under another name."""
    gone = [name for name in before if name not in after and name in tree.entries]
    come = [name for name in after if name not in before and name not in tree.entries]
    found: dict[str, str] = {}
    for old in gone:
        new = next((name for name in come if same(before[old], after[name])), None)
        if new is not None:
            found[old] = new
            come.remove(new)
    return found
