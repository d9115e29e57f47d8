"""LogDocument: several logs as one list of lines, filled by a LogReader and read by a view.

A position is a line as shown, from 0 to `count`. The text of a line is there once it was fetched: `text(position)`
gives None until then and asks for it, and `changed` tells when it came. Only a few thousand texts are kept.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from PySide6.QtCore import QObject, QTimer, Signal

from treadle_gui.panels.logs.levels import Level
from treadle_gui.panels.logs.reader import (
    Copied,
    Copy,
    Fetch,
    Fetched,
    Find,
    Found,
    Grown,
    LogLines,
    LogReader,
    LogUpdate,
    Open,
    Save,
    Saved,
    Searched,
    Unreadable,
)
from treadle_gui.panels.logs.rows import LogRow, LogRows
from treadle_gui.panels.logs.text import LogQuery

__all__ = ["LogDocument", "LogSource"]

_DRAIN_MS: Final = 33
_DRAIN_BUDGET: Final = 0.006
_KEPT: Final = 4_000
_AROUND: Final = 100
"""Lines fetched before and after the one that was asked for."""
_COPY_LIMIT: Final = 200_000


@dataclass(frozen=True, slots=True)
class LogSource:
    """One log: the name shown beside its lines where several are merged."""

    name: str
    path: Path


class LogDocument(QObject):
    """The lines of the logs that were added, merged in order of arrival.

    `grown`: there are more lines; `changed`: texts or matches came; `copied(str)`, `saved(object path, str error)` and
    `failed(str)` answer requests.
    """

    grown = Signal()
    changed = Signal()
    searched = Signal()
    copied = Signal(str)
    saved = Signal(object, str)
    failed = Signal(str)

    def __init__(self, open_log: Callable[[Path], LogLines], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sources: list[LogSource] = []
        self.query = LogQuery("")
        self.is_searching = False
        self._rows = LogRows()
        self._texts: OrderedDict[tuple[int, int], str] = OrderedDict()
        self._asked: set[tuple[int, int]] = set()
        self._search = 0
        self._reader = LogReader(open_log)
        self._timer = QTimer(self)
        self._timer.setInterval(_DRAIN_MS)
        self._timer.timeout.connect(self.drain)
        self._timer.start()

    @property
    def sources(self) -> Sequence[LogSource]:
        return self._sources

    def add(self, source: LogSource) -> int:
        """Merges another log in; returns its number. Its file may come later."""
        self._sources.append(source)
        self._reader.send(Open(source.path))
        return self._rows.open()

    @property
    def rows(self) -> LogRows:
        """To read; only the document changes them."""
        return self._rows

    @property
    def count(self) -> int:
        return self._rows.count

    def row(self, position: int) -> LogRow:
        return self._rows.row(position)

    def text(self, position: int) -> str | None:
        """The line as shown, or None until it was fetched, which this asks for."""
        row = self._rows.row(position)
        text = self._texts.get((row.log, row.line))
        if text is None:
            self._ask(row)
        return text

    def close(self) -> None:
        """Ends the reading, without waiting for it."""
        self._timer.stop()
        self._reader.close()

    def join(self, timeout: float) -> bool:
        """Waits until a closed document's thread has ended; whether it has."""
        return self._reader.join(timeout)

    def pause(self, paused: bool) -> None:
        """While nobody looks nothing is read."""
        self._reader.pause(paused)
        if paused:
            self._timer.stop()
        else:
            self._timer.start()

    def want(self, levels: frozenset[Level]) -> None:
        """Shows only lines of these levels."""
        self._rows.want(levels)
        self.grown.emit()

    def find(self, query: LogQuery) -> None:
        """Marks what `query` matches, now and as lines arrive; an empty one ends the search."""
        self._search += 1
        self.query = query
        self.is_searching = bool(query)
        self._rows.clear_matches()
        self._reader.send(Find(self._search, query))
        self.changed.emit()

    def copy(self, first: int, last: int) -> None:
        """Asks for the text of positions `first` to `last`; `copied` brings it."""
        if last - first >= _COPY_LIMIT:
            self.failed.emit(f"Only {_COPY_LIMIT:,} lines can be copied at once; save the log instead.")
        else:
            self._reader.send(Copy(self._rows.ranges(first, last)))

    def save(self, path: Path) -> None:
        """Writes what is shown to `path`; `saved` tells."""
        self._reader.send(Save(self._rows.ranges(0, self.count - 1), path))

    def drain(self) -> None:
        """Takes what the reader has for us, for a few milliseconds. The timer calls it; a test may."""
        deadline = time.perf_counter() + _DRAIN_BUDGET
        updates = self._reader.updates
        grown = changed = False
        while updates and time.perf_counter() < deadline:
            update = updates.popleft()
            grown |= isinstance(update, Grown)
            changed |= self._take(update)
        if grown:
            self.grown.emit()
        if changed:
            self.changed.emit()

    def _take(self, update: LogUpdate) -> bool:
        match update:
            case Grown(log, levels):
                self._rows.append(log, levels)
            case Fetched():
                self._keep(update)
                return True
            case Found(search, log, lines):
                if search == self._search:
                    self._rows.mark(log, lines)
                return True
            case Searched(search):
                self.is_searching &= search != self._search
                self.searched.emit()
            case Copied(text):
                self.copied.emit(text)
            case Saved(path, error):
                self.saved.emit(path, error)
            case Unreadable(_, message):
                self.failed.emit(message)
            case _:
                assert_never(update)
        return False

    def _ask(self, row: LogRow) -> None:
        if (row.log, row.line) in self._asked:
            return
        first = max(0, row.line - _AROUND)
        count = min(2 * _AROUND, self._rows.lines_of(row.log) - first)
        self._asked.update((row.log, line) for line in range(first, first + count))
        self._reader.send(Fetch(row.log, first, count))

    def _keep(self, fetched: Fetched) -> None:
        self._asked.difference_update(
            (fetched.log, line) for line in range(fetched.first, fetched.first + fetched.count)
        )
        for line, text in enumerate(fetched.texts, fetched.first):
            self._texts[(fetched.log, line)] = text
        while len(self._texts) > _KEPT:
            self._texts.popitem(last=False)
