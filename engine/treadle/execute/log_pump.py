"""LogPump: what an attempt prints, from a pipe into its append-only `output.log`.

Bytes pass through in bounded chunks, so one line of 100 MB costs no more memory than a short one. The file appears
with the first byte (making one costs more than starting a process) and never grows over its cap: the head is kept, a
marker says so, and the rest is read and dropped so that the attempt does not block. Standard library, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH103, PTH120

from __future__ import annotations

import os
from typing import Callable  # noqa: UP035 (runs under Python 3.9 too)

from .masking import Mask
from .progress_bars import BarReader

__all__ = ["CHUNK", "LogPump"]

CHUNK = 256 * 1024
_TURN = 16  # chunks a turn, so that one chatty attempt does not starve the others


class LogPump:
    """One attempt's output. `source` is the non-blocking read end of its pipe, owned by this object.

    `bar(fraction, words)` is told of progress bars in it; `mask` hides secrets.
    """

    def __init__(self, source: int, path: str, cap: int, bar: Callable[[float, str], None], mask: Mask) -> None:
        self.source = source
        self.lines = 0
        self.size = 0
        self.dropped = 0
        self.closed = False
        self._path = path
        self._cap = cap
        self._bars = BarReader(bar)
        self._mask = mask
        self._file: int | None = None
        self._last = b"\n"

    @property
    def mid_line(self) -> bool:
        """Whether the log's last line has no end yet."""
        return self._last != b"\n"

    def turn(self) -> bool:
        """Moves what is there now, a bounded amount. False once the pipe has ended."""
        for _ in range(_TURN):
            try:
                data = os.read(self.source, CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._take(data)
        return True

    def finish(self, limit: int = 64 * 1024 * 1024) -> None:
        """Takes what is left (at most `limit` bytes: a stuck writer must not hold us), and closes."""
        before = self.size + self.dropped
        while self.size + self.dropped - before < limit:
            try:
                data = os.read(self.source, CHUNK)
            except BlockingIOError:
                break
            if not data:
                break
            self._take(data)
        self._keep(self._mask.rest())
        self._bars.read()
        if self.dropped:
            self._append(f"[Treadle: {self.dropped:,} more bytes were not kept]\n".encode())
        self.close()

    def close(self) -> None:
        self.closed = True
        os.close(self.source)
        if self._file is not None:
            os.close(self._file)

    def _take(self, data: bytes) -> None:
        shown = self._mask.pass_on(data)
        self._bars.see(shown)
        self._keep(shown)

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        room = self._cap - self.size
        if room > 0:
            self._append(data[:room])
        if len(data) <= room:
            return
        if not self.dropped:
            newline = b"" if self._last == b"\n" else b"\n"
            self._append(newline + f"[Treadle: this log reached its limit of {self._cap:,} bytes]\n".encode())
        self.dropped += len(data) - max(room, 0)

    def _append(self, data: bytes) -> None:
        if self._file is None:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._file, view) :]
            except OSError:  # a full disk ends the log, not the attempt
                self.dropped += len(view)
                return
        self.size += len(data)
        self.lines += data.count(b"\n")
        self._last = data[-1:]
