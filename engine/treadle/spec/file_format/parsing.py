"""Text → tree, for a strict subset of YAML 1.2: no anchors, aliases, tags, merges or duplicate keys.

libyaml gives events one by one and this module stacks them: nothing recurses, and depth, size and count are
bounded before they can hurt. Whatever the text, the answer is a tree or problems, never an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import yaml

from treadle.spec.file_format.tree import Entry, MappingTree, ScalarTree, SequenceTree, Tree
from treadle.spec.problems import Problem, Where

__all__ = ["MAX_CHARACTERS", "MAX_DEPTH", "MAX_VALUES", "parse"]

MAX_CHARACTERS: Final = 32_000_000
MAX_DEPTH: Final = 64
MAX_VALUES: Final = 1_000_000

# What YAML 1.2 forbids, plus what libyaml takes for a line break and an editor does not.
_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]|\r(?!\n)"
)
_HINTS: Final = (
    ("cannot start any token", "put the value in quotes; indent with spaces, never tabs"),
    ("mapping values are not allowed", "put text that contains a colon in quotes, or check the indentation"),
    ("expected ':'", "give this line a colon and a value, or check its indentation"),
    ("unexpected end of stream", "close the quote or bracket opened before"),
    ("did not find expected", "check the indentation and the brackets just before"),
)  # fmt: skip


def _position(event: yaml.Event) -> tuple[int, int, int]:
    """Offset, line and column of the event's start; lines and columns from 1."""
    mark = event.start_mark
    assert mark is not None  # only hand-made events have none
    return mark.index, mark.line + 1, mark.column + 1


def _end(event: yaml.Event) -> int:
    assert event.end_mark is not None
    return event.end_mark.index


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class _Frame:
    """A collection that is still open. `key` waits for its value; `None` entries mean a sequence."""

    opened: yaml.CollectionStartEvent
    entries: dict[str, Entry] | None
    items: list[Tree]
    key: ScalarTree | None = None
    duplicate: bool = False


@dataclass(slots=True)
class _Builder:
    file: str | None
    frames: list[_Frame] = field(default_factory=list)
    root: Tree | None = None
    count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def refused(self, code: str, message: str, hint: str, event: yaml.Event) -> _Refused:
        _, line, column = _position(event)
        return _Refused(Problem(code, message, Where(self.file, line, column), hint))

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.guard(event)
            start, line, column = _position(event)
            self.attach(ScalarTree(event.value, event.style or "", start, _end(event), line, column))
        elif isinstance(event, yaml.CollectionStartEvent):
            self.guard(event)
            self.open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.close(event)
        elif isinstance(event, yaml.AliasEvent):
            raise self.refused("yaml-alias", "aliases (*) are not allowed here", "write the value out", event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.begin(event)

    def begin(self, event: yaml.DocumentStartEvent) -> None:
        if self.root is not None:
            raise self.refused("yaml-documents", "a pipeline file holds one document", "remove this ---", event)
        if event.tags:
            raise self.refused("yaml-tag", "tag directives are not allowed here", "remove the line", event)

    def guard(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            hint = "split it into several pipelines"
            raise self.refused("file-too-large", f"more than {MAX_VALUES:,} values in one file", hint, event)
        if event.anchor is not None:
            hint = "write the value out where it is needed"
            raise self.refused("yaml-anchor", "anchors (&) are not allowed here", hint, event)
        if event.tag is not None:
            hint = "remove the tag; quotes make any value text"
            raise self.refused("yaml-tag", "tags (!) are not allowed here", hint, event)

    def open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.frames) >= MAX_DEPTH:
            hint = "flatten the value"
            raise self.refused("too-deep", f"nested more than {MAX_DEPTH} levels deep", hint, event)
        top = self.frames[-1] if self.frames else None
        if top is not None and top.entries is not None and top.key is None:
            hint = "name it with a plain word"
            raise self.refused("yaml-key", "a key has to be text", hint, event)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.frames.append(_Frame(event, {} if is_mapping else None, []))

    def close(self, event: yaml.CollectionEndEvent) -> None:
        frame = self.frames.pop()
        start, line, column = _position(frame.opened)
        flow, end = bool(frame.opened.flow_style), _end(event)
        if frame.entries is None:
            self.attach(SequenceTree(frame.items, flow, start, end, line, column))
        else:
            self.attach(MappingTree(frame.entries, flow, start, end, line, column))

    def attach(self, tree: Tree) -> None:
        if not self.frames:
            self.root = tree
            return
        frame = self.frames[-1]
        if frame.entries is None:
            frame.items.append(tree)
        elif frame.key is None:
            # `open` refuses a collection as key.
            assert isinstance(tree, ScalarTree)
            self.name(frame, frame.entries, tree)
        else:
            if not frame.duplicate:
                frame.entries[frame.key.text] = Entry(frame.key, tree)
            frame.key, frame.duplicate = None, False

    def at(self, tree: Tree) -> Where:
        return Where(self.file, tree.line, tree.column)

    def name(self, frame: _Frame, entries: dict[str, Entry], key: ScalarTree) -> None:
        """Takes `key` for the entry that comes next."""
        frame.key = key
        if not key.style and key.text in ("<<", ""):
            what = "merge keys (<<) are not allowed" if key.text else "a key is missing before the colon"
            raise _Refused(Problem("yaml-key", what, self.at(key), "write a plain name, or put the key in quotes"))
        if key.text in entries:
            frame.duplicate = True
            message = f"{key.text!r} stands twice, first on line {entries[key.text].key.line}"
            self.problems.append(Problem("duplicate-key", message, self.at(key), "remove or rename one of them"))


def parse(text: str, file: str | None) -> tuple[Tree | None, list[Problem]]:
    """The tree of `text`, or None and why not. `file` is only named in problems."""
    refused = _refuse_at_once(text, file)
    if refused is not None:
        return None, [refused]
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=yaml.CLoader):
            builder.take(event)
    except _Refused as refusal:
        return None, [*builder.problems, refusal.problem]
    except yaml.YAMLError as error:
        return None, [*builder.problems, _syntax_problem(error, file)]
    return (None if builder.problems else builder.root), builder.problems


def _refuse_at_once(text: str, file: str | None) -> Problem | None:
    if len(text) > MAX_CHARACTERS:
        message = f"the file has {len(text):,} characters, more than the {MAX_CHARACTERS:,} allowed"
        return Problem("file-too-large", message, Where(file), "split it into several pipelines")
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    start = found.start()
    where = Where(file, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
    name = f"U+{ord(found[0]):04X}"
    return Problem(
        "yaml-character",
        f"the character {name} is not allowed here",
        where,
        f'remove it, or write "\\u{name[2:]}" in double quotes',
    )


def _syntax_problem(error: yaml.YAMLError, file: str | None) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = str(getattr(error, "problem", None) or error)
    hint = next((hint for part, hint in _HINTS if part in said), "check the line and the one before it")
    where = Where(file, mark.line + 1, mark.column + 1) if mark else Where(file)
    return Problem("yaml-syntax", f"not valid YAML: {said}", where, hint)
