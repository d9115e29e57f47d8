"""How loud a line is, in one byte, with a traceback loud from its first line to its last.

A filter for errors so shows all of a traceback, not only the lines that name themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from treadle.store import logs
from treadle.store.logs import LogLine

__all__ = ["Level", "LevelReader"]


class Level(IntEnum):
    """Ascending in how much it matters. A line that does not say is INFO."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


_LEVELS: Final = {
    None: Level.INFO,
    logs.Level.DEBUG: Level.DEBUG,
    logs.Level.INFO: Level.INFO,
    logs.Level.WARNING: Level.WARNING,
    logs.Level.ERROR: Level.ERROR,
    logs.Level.TRACEBACK: Level.ERROR,
}


class LevelReader:
    """Reads the lines of one log in order, remembering whether a traceback is open."""

    def __init__(self) -> None:
        self._in_traceback = False

    def read(self, lines: Iterable[LogLine]) -> bytes:
        """One byte a line: its `Level`."""
        return bytes(self._level(line) for line in lines)

    def _level(self, line: LogLine) -> Level:
        if self._in_traceback:
            # Frames are indented; the first line that is not names the exception and closes it.
            self._in_traceback = line.text.startswith(" ") or not line.text
            return Level.ERROR
        self._in_traceback = line.level is logs.Level.TRACEBACK
        return _LEVELS[line.level]
