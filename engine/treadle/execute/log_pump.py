"""LogPump: what an attempt prints, from a pipe into its append-only `output.log`.

Bytes pass through in bounded chunks, so one line of 100 MB costs no more memory than a short one. The file appears
with the first byte (making one costs more than starting a process). What goes beyond its cap is read all the same, so
that the attempt does not block, and the end of that is kept: a marker says where the head ends, and the last lines
follow it once the attempt has ended. So a log takes its cap, two markers and `END` bytes at most. Standard library,
Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH103, PTH120

from __future__ import annotations

import os
from typing import Callable  # noqa: UP035 (runs under Python 3.9 too)

from .masking import Mask
from .progress_bars import BarReader

__all__ = ["CHUNK", "END", "LogPump"]

CHUNK = 256 * 1024
END = 1024 * 1024
"""The most bytes beyond the cap that are kept, of the last ones; of a small cap a quarter."""
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
        self._beyond = 0
        self._end = bytearray()
        self._end_limit = min(END, cap // 4)
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
        taken = 0
        while taken < limit:
            try:
                data = os.read(self.source, CHUNK)
            except BlockingIOError:
                break
            if not data:
                break
            taken += len(data)
            self._take(data)
        self._keep(self._mask.rest())
        self._bars.read()
        self._append_end()
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
        room = max(0, self._cap - self.size)
        if room:
            self._append(data[:room])
        if len(data) <= room:
            return
        if not self._beyond:
            self._append(self._line(f"this log reached its limit of {self._cap:,} bytes; its end follows at the end"))
        self._beyond += len(data) - room
        self._end += data[room:]
        if len(self._end) > 2 * self._end_limit:  # not each time: moving it costs as much as it holds
            del self._end[: -self._end_limit]

    def _append_end(self) -> None:
        """What is kept of what went beyond the cap: whole lines, where it has any."""
        end = bytes(self._end[-self._end_limit :]) if self._end_limit else b""
        if len(end) < self._beyond:
            end = end[end.find(b"\n") + 1 :]
        missing = self.dropped + self._beyond - len(end)
        if missing:
            self._append(self._line(f"{missing:,} more bytes were not kept"))
        if end:
            self._append(end)

    def _line(self, words: str) -> bytes:
        return (b"\n" if self.mid_line else b"") + f"[Treadle: {words}]\n".encode()

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
