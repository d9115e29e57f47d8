"""LogFile: windows into a log that grows, in memory that does not depend on how long it or its lines are.

The index holds one number a block of 64 KiB: how many line ends came before it. A line is found by
bisecting those and reading a block or two. What is shown is plain text: escape sequences are taken out, control
and direction characters are spelt out, a progress bar that redraws itself with carriage returns shows its last state.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["LINE_LIMIT", "Level", "LogFile", "LogLine", "level_of", "plain"]

_BLOCK: Final = 64 * 1024
_WINDOW: Final = 1024 * 1024
LINE_LIMIT: Final = 16 * 1024
"""Bytes of a line that are shown; a longer one is marked as cut."""


class Level(StrEnum):
    """How loud a line is. TRACEBACK is a line of one."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    TRACEBACK = "traceback"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `number` counts from 1; `cut` is how many of its bytes are not shown."""

    number: int
    text: str
    level: Level | None = None
    cut: int = 0


class LogFile:
    """A log by line. It sees the file as of the last `refresh`; a missing file is an empty one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        """Bytes seen so far."""
        self._ends_before = [0]
        self._ends = 0
        self._open_line = False
        self.refresh()

    def line_count(self) -> int:
        """Lines seen so far, a last one without its end included."""
        return self._ends + self._open_line

    def refresh(self) -> bool:
        """Reads what the file grew by; True where something changed. A file that shrank is read anew."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, 2)
                if size < self.size:
                    self._forget()
                elif size == self.size:
                    return False
                self._index(file, size)
        except FileNotFoundError:
            changed = self.size > 0
            self._forget()
            return changed
        return True

    def lines(self, first: int, count: int) -> list[LogLine]:
        """Up to `count` lines from the one with index `first`, counted from 0; fewer at the end."""
        last = min(first + count, self.line_count())
        if first < 0 or first >= last:
            return []
        try:
            with self.path.open("rb") as file:
                start, end = self._start_of(file, first), self._start_of(file, last)
                if end - start <= _WINDOW:
                    return list(_whole_lines(_read(file, start, end), first))
                return [self._one(file, index) for index in range(first, last)]
        except FileNotFoundError:
            return []

    def search(self, text: str, first: int = 0, count: int | None = None) -> Iterator[int]:
        """Indexes of the lines from `first`, `count` of them at most, whose shown text has `text`, in any case."""
        wanted = text.casefold()
        end = self.line_count() if count is None else min(first + count, self.line_count())
        for start in range(first, end, 512):
            for line in self.lines(start, min(512, end - start)):
                if wanted in line.text.casefold():
                    yield line.number - 1

    def _forget(self) -> None:
        self.size, self._ends, self._ends_before, self._open_line = 0, 0, [0], False

    def _index(self, file: BinaryIO, size: int) -> None:
        file.seek(self.size)
        while self.size < size:
            wanted = min(_BLOCK - self.size % _BLOCK, size - self.size)
            block = file.read(wanted)
            if not block:
                return
            self.size += len(block)
            self._ends += block.count(b"\n")
            self._open_line = not block.endswith(b"\n")
            if self.size % _BLOCK == 0:
                self._ends_before.append(self._ends)

    def _start_of(self, file: BinaryIO, index: int) -> int:
        """The offset at which line `index` (from 0) begins; the size seen for one past the last."""
        if index == 0:
            return 0
        if index > self._ends:
            return self.size
        block = bisect_left(self._ends_before, index) - 1
        data = _read(file, block * _BLOCK, min((block + 1) * _BLOCK, self.size))
        position = -1
        for _ in range(index - self._ends_before[block]):
            position = data.index(b"\n", position + 1)
        return block * _BLOCK + position + 1

    def _one(self, file: BinaryIO, index: int) -> LogLine:
        start, end = self._start_of(file, index), self._start_of(file, index + 1)
        if end - start <= 2 * LINE_LIMIT:
            return _line(index, _read(file, start, end))
        head, tail = _read(file, start, start + LINE_LIMIT), _read(file, end - LINE_LIMIT, end)
        if b"\r" in tail.rstrip(b"\r\n"):
            return _line(index, tail)
        return _line(index, head, end - start - LINE_LIMIT)


def _read(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _whole_lines(data: bytes, first: int) -> Iterator[LogLine]:
    pieces = data.split(b"\n")
    if not pieces[-1]:
        pieces.pop()
    for offset, piece in enumerate(pieces):
        yield _line(first + offset, piece)


def _line(index: int, data: bytes, cut: int = 0) -> LogLine:
    drawn = data.rstrip(b"\r\n").rpartition(b"\r")[2]
    shown = drawn[:LINE_LIMIT]
    text = plain(shown.decode("utf-8", "replace"))
    return LogLine(index + 1, text, level_of(text), cut + len(drawn) - len(shown))


_ESCAPE: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|\Z)"  # OSC and other strings: titles, links, the clipboard
    r"|\x1b[ -/]*[0-~]?"
)
_HIDDEN: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    """`text` without escape sequences, and with control and direction characters spelt out (`\\x07`, `\\u202e`)."""
    if text.isprintable():
        return text
    return _HIDDEN.sub(_spelt, _ESCAPE.sub("", text))


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


_LEVELS: Final = (
    (Level.TRACEBACK, re.compile(r'Traceback \(most recent call last\):|  File ".*", line \d+|  \+ Exception Group')),
    (Level.ERROR, re.compile(r"[\w.]*(?:Error|Exception|Interrupt)(?::|\Z)|.*?\b(?:ERROR|CRITICAL|FATAL)\b")),
    (Level.ERROR, re.compile(r"(?i:(?:fatal |\[)?error\b[:\]])")),
    (Level.WARNING, re.compile(r".*?\b(?:WARN|WARNING|[A-Z]\w{1,40}Warning)\b|(?i:\[?warn(?:ing)?[:\]])")),
    (Level.INFO, re.compile(r".*?\bINFO\b|(?i:\[?info[:\]])")),
    (Level.DEBUG, re.compile(r".*?\b(?:DEBUG|TRACE)\b|(?i:\[?debug[:\]])")),
)
_LEVEL_WITHIN: Final = 200
"""Characters in which a line says how loud it is."""


def level_of(text: str) -> Level | None:
    """How loud a line of a log is, as Python's logging, warnings and tracebacks write it; None where it doesn't say."""
    head = text[:_LEVEL_WITHIN]
    return next((level for level, pattern in _LEVELS if pattern.match(head)), None)
