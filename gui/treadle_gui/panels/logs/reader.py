"""LogReader: the thread that reads logs, so that no disk and no million lines ever holds up the window.

    view ── Fetch, Find, Copy, Save ──► queue ──► reader ── Grown, Fetched, Found, … ──► deque ──► view

It works in slices of a thousand lines and looks at the queue between them: what a person scrolls to comes
before what is merely counted. It is a daemon thread that owns only open files, so it never holds up the app's end.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, assert_never

import numpy as np
from numpy.typing import NDArray

from treadle.store.logs import LogLine
from treadle_gui.panels.logs.levels import LevelReader
from treadle_gui.panels.logs.text import LogQuery, displayed

__all__ = [
    "Copied", "Copy", "Fetch", "Fetched", "Find", "Found", "Grown", "LogLines", "LogReader", "LogUpdate", "Open",
    "Save", "Saved", "Searched", "Unreadable",
]  # fmt: skip

_POLL: Final = 0.2
_SLICE: Final = 1_000
_BREATH: Final = 0.001
"""Seconds between slices: the window's thread gets the interpreter in between."""


class LogLines(Protocol):
    """What is needed of `treadle.store.logs.LogFile`."""

    def refresh(self) -> bool: ...
    def line_count(self) -> int: ...
    def lines(self, first: int, count: int) -> Sequence[LogLine]: ...


@dataclass(frozen=True, slots=True)
class Open:
    """Another log; logs are numbered from 0 in the order of these. One that does not exist yet is waited for."""

    path: Path


@dataclass(frozen=True, slots=True)
class Fetch:
    log: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Find:
    """Starts a search over everything, and over what is still to come; an empty query ends it."""

    search: int
    query: LogQuery


@dataclass(frozen=True, slots=True)
class Copy:
    """Ranges as (log, first line, lines)."""

    ranges: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Save:
    ranges: tuple[tuple[int, int, int], ...]
    path: Path


@dataclass(frozen=True, slots=True)
class Grown:
    log: int
    levels: bytes


@dataclass(frozen=True, slots=True)
class Fetched:
    """Answers a Fetch; `texts` are fewer than `count` where the log ends before."""

    log: int
    first: int
    count: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    search: int
    log: int
    lines: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Searched:
    """The search has seen all there is for now."""

    search: int


@dataclass(frozen=True, slots=True)
class Copied:
    text: str


@dataclass(frozen=True, slots=True)
class Saved:
    path: Path
    error: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    log: int
    message: str


LogCommand = Open | Fetch | Find | Copy | Save
LogUpdate = Grown | Fetched | Found | Searched | Copied | Saved | Unreadable


@dataclass(slots=True)
class _Progress:
    """How far one log has been read."""

    lines: LogLines
    levels: LevelReader
    scanned: int = 0
    searched: int = 0


class LogReader:
    """Reads the logs it is sent, opened with `open_log`. The thread begins with the first command."""

    def __init__(self, open_log: Callable[[Path], LogLines]) -> None:
        self.updates: deque[LogUpdate] = deque()
        self._commands: queue.SimpleQueue[LogCommand | None] = queue.SimpleQueue()
        self._paths: list[Path] = []
        self._open_log = open_log
        self._logs: dict[int, _Progress] = {}
        self._unreadable: set[int] = set()
        self._search = Find(0, LogQuery(""))
        self._told_searched = True
        self._reading = threading.Event()
        self._reading.set()
        self._ended = False
        self._thread = threading.Thread(target=self._read, name="treadle-logs", daemon=True)

    def send(self, command: LogCommand) -> None:
        """Takes a command; the answer comes in `updates`."""
        self._commands.put(command)
        if self._thread.ident is None:
            self._thread.start()

    def pause(self, paused: bool) -> None:
        """While paused nothing new is looked for; commands are still answered."""
        if paused:
            self._reading.clear()
        else:
            self._reading.set()

    def close(self) -> None:
        """Asks the thread to end; does not wait for it."""
        self._ended = True
        self._commands.put(None)

    def join(self, timeout: float) -> bool:
        """Waits until the thread has ended; whether it has."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # In the thread

    def _read(self) -> None:
        more = True
        while not self._ended:
            self._answer(0.0 if more else _POLL)
            more = self._reading.is_set() and self._advance()
            if more:
                time.sleep(_BREATH)

    def _answer(self, wait: float) -> None:
        """Obeys every command there is, waiting up to `wait` seconds for the first."""
        try:
            command = self._commands.get(timeout=wait) if wait else self._commands.get_nowait()
            while command is not None:
                self._obey(command)
                command = self._commands.get_nowait()
        except queue.Empty:
            return

    def _obey(self, command: LogCommand) -> None:
        match command:
            case Open(path):
                self._paths.append(path)
            case Fetch(log, first, count):
                if (progress := self._logs.get(log)) is not None:
                    texts = tuple(map(displayed, progress.lines.lines(first, count)))
                    self.updates.append(Fetched(log, first, count, texts))
            case Find():
                self._search = command
                self._told_searched = False
                for progress in self._logs.values():
                    progress.searched = 0
            case Copy(ranges):
                self.updates.append(Copied("\n".join(self._texts(ranges))))
            case Save(ranges, path):
                self.updates.append(self._save(ranges, path))
            case _:
                assert_never(command)

    def _texts(self, ranges: Sequence[tuple[int, int, int]]) -> list[str]:
        return [
            displayed(line)
            for log, first, count in ranges
            if log in self._logs
            for line in self._logs[log].lines.lines(first, count)
        ]

    def _save(self, ranges: Sequence[tuple[int, int, int]], path: Path) -> Saved:
        try:
            with path.open("w", encoding="utf-8", errors="replace") as file:
                for log, first, count in ranges:
                    for start in range(first, first + count, _SLICE):
                        size = min(_SLICE, first + count - start)
                        file.writelines(f"{text}\n" for text in self._texts([(log, start, size)]))
        except OSError as error:
            return Saved(path, f"{path} could not be written: {error.strerror or error}")
        return Saved(path)

    def _advance(self) -> bool:
        """One slice of every log that has something new; whether there is more at once."""
        more = False
        for log in range(len(self._paths)):
            progress = self._logs.get(log) or self._opened(log)
            if progress is None:
                continue
            try:
                more |= self._scan(log, progress)
                more |= self._find(log, progress)
            except OSError as error:
                self._tell_unreadable(log, error)
            if not self._commands.empty():
                return True
        if not more and not self._told_searched:
            self._told_searched = True
            self.updates.append(Searched(self._search.search))
        return more

    def _opened(self, log: int) -> _Progress | None:
        path = self._paths[log]
        if log in self._unreadable or not path.exists():
            return None
        try:
            self._logs[log] = _Progress(self._open_log(path), LevelReader())
        except OSError as error:
            self._tell_unreadable(log, error)
        return self._logs.get(log)

    def _tell_unreadable(self, log: int, error: OSError) -> None:
        if log not in self._unreadable:
            self._unreadable.add(log)
            self.updates.append(Unreadable(log, f"{self._paths[log]} could not be read: {error.strerror or error}"))

    def _scan(self, log: int, progress: _Progress) -> bool:
        if progress.scanned >= progress.lines.line_count() and progress.lines.refresh() and progress.scanned:
            # The last line may have had no end yet, as that of a progress bar.
            self._obey(Fetch(log, progress.scanned - 1, 1))
        lines = progress.lines.lines(progress.scanned, _SLICE)
        if lines:
            progress.scanned += len(lines)
            self.updates.append(Grown(log, progress.levels.read(lines)))
        return progress.scanned < progress.lines.line_count()

    def _find(self, log: int, progress: _Progress) -> bool:
        if not self._search.query:
            return False
        # Only lines the view has been told of: it must know a row before it can mark it.
        count = min(_SLICE, progress.scanned - progress.searched)
        lines = progress.lines.lines(progress.searched, count) if count else ()
        hits = [line.number - 1 for line in lines if self._search.query.matches(displayed(line))]
        if hits:
            self.updates.append(Found(self._search.search, log, np.array(hits, np.int64)))
        progress.searched += len(lines)
        return progress.searched < progress.scanned
