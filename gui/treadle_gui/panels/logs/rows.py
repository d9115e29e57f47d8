"""LogRows: which line of which log stands at which place of the view.

    rows      every line of every open log, in order of arrival: (log, line, level, matched)
    shown     the rows whose level is wanted; a position is an index into these

Everything is a numpy column, so a million lines filter and count in a millisecond or two, and no text is kept here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from treadle_gui.panels.logs.levels import Level

__all__ = ["LogRow", "LogRows"]

_Ints = NDArray[np.int64]
_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line's place: `log` in order of opening, `line` from 0 within it."""

    log: int
    line: int
    level: Level
    matched: bool


class _Column(Generic[_T]):
    """A numpy array that grows at its end."""

    def __init__(self, dtype: type[_T]) -> None:
        self._cells: NDArray[_T] = np.zeros(1024, dtype)
        self._length = 0

    @property
    def values(self) -> NDArray[_T]:
        return self._cells[: self._length]

    def extend(self, values: NDArray[_T]) -> None:
        needed = self._length + len(values)
        if needed > len(self._cells):
            larger = np.zeros(max(needed, 2 * len(self._cells)), self._cells.dtype)
            larger[: self._length] = self._cells[: self._length]
            self._cells = larger
        self._cells[self._length : needed] = values
        self._length = needed


class LogRows:
    """The rows of any number of logs, which are numbered in order of `open`."""

    def __init__(self) -> None:
        self._log = _Column(np.int32)
        self._line = _Column(np.int64)
        self._level = _Column(np.uint8)
        self._matched = _Column(np.bool_)
        self._shown = _Column(np.int64)
        self._rows_of: list[_Column[np.int64]] = []
        self._wanted = frozenset(Level)
        self._matches: _Ints | None = None
        self._counts = [0] * len(Level)

    @property
    def total(self) -> int:
        """Lines, shown or not."""
        return len(self._log.values)

    @property
    def count(self) -> int:
        """Lines shown."""
        return len(self._shown.values) if self._filters else self.total

    @property
    def _filters(self) -> bool:
        return len(self._wanted) < len(Level)

    def open(self) -> int:
        """Makes room for another log; returns its number."""
        self._rows_of.append(_Column(np.int64))
        return len(self._rows_of) - 1

    def append(self, log: int, levels: bytes) -> None:
        """The next lines of `log` arrived; one level a line."""
        first_row, first_line, added = self.total, len(self._rows_of[log].values), len(levels)
        rows = np.arange(first_row, first_row + added)
        self._log.extend(np.full(added, log, np.int32))
        self._line.extend(np.arange(first_line, first_line + added))
        self._level.extend(np.frombuffer(levels, np.uint8))
        self._matched.extend(np.zeros(added, np.bool_))
        self._rows_of[log].extend(rows)
        for level in Level:
            self._counts[level] += levels.count(level)
        if self._filters:
            self._shown.extend(rows[self._is_wanted(self._level.values[first_row:])])

    def want(self, levels: frozenset[Level]) -> None:
        """Shows only lines of these levels."""
        self._wanted = levels
        self._shown = _Column(np.int64)
        self._matches = None
        if self._filters:
            self._shown.extend(np.flatnonzero(self._is_wanted(self._level.values)))

    def _is_wanted(self, levels: NDArray[np.uint8]) -> NDArray[np.bool_]:
        table = np.array([level in self._wanted for level in Level])
        return table[levels]

    def row(self, position: int) -> LogRow:
        """What stands at `position`, from 0 to `count`."""
        row = int(self._row_at(position))
        return LogRow(
            int(self._log.values[row]),
            int(self._line.values[row]),
            Level(int(self._level.values[row])),
            bool(self._matched.values[row]),
        )

    def _row_at(self, position: int) -> int:
        return int(self._shown.values[position]) if self._filters else position

    def position(self, log: int, line: int) -> int | None:
        """Where a line stands, or the next shown one below it; None while it has not arrived."""
        rows = self._rows_of[log].values
        if line >= len(rows):
            return None
        row = int(rows[line])
        if not self._filters:
            return row
        position = int(np.searchsorted(self._shown.values, row))
        return min(position, self.count - 1) if self.count else None

    def lines_of(self, log: int) -> int:
        return len(self._rows_of[log].values)

    def ranges(self, first: int, last: int) -> tuple[tuple[int, int, int], ...]:
        """Positions `first` to `last` as runs of neighbouring lines: (log, first line, lines)."""
        rows = np.arange(first, last + 1) if not self._filters else self._shown.values[first : last + 1]
        logs, lines = self._log.values[rows].astype(np.int64), self._line.values[rows].astype(np.int64)
        breaks = (np.diff(logs) != 0) | (np.diff(lines) != 1)
        starts = np.concatenate(([0], np.flatnonzero(breaks) + 1)) if len(rows) else np.array([], np.int64)
        sizes = np.diff(np.append(starts, len(rows)))
        runs = zip(logs[starts], lines[starts], sizes, strict=True)
        return tuple((int(log), int(line), int(size)) for log, line, size in runs)

    def levels(self) -> Sequence[int]:
        """How many lines there are of each level, by its number."""
        return self._counts

    # What a search found

    def clear_matches(self) -> None:
        self._matched.values[:] = False
        self._matches = None

    def mark(self, log: int, lines: _Ints) -> None:
        """A search found these lines."""
        self._matched.values[self._rows_of[log].values[lines]] = True
        self._matches = None

    def matches(self) -> _Ints:
        """Positions of the shown lines that a search found, ascending."""
        if self._matches is None:
            matched = self._matched.values
            self._matches = np.flatnonzero(matched[self._shown.values] if self._filters else matched)
        return self._matches

    def match_after(self, position: int, *, forward: bool = True) -> int | None:
        """The next match beyond `position`, round the end if need be; None where there is none."""
        matches = self.matches()
        if not len(matches):
            return None
        if forward:
            index = int(np.searchsorted(matches, position, side="right")) % len(matches)
        else:
            index = int(np.searchsorted(matches, position, side="left")) - 1
        return int(matches[index])
