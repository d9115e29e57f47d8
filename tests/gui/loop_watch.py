"""LoopWatch: how long Qt's loop stands still, and whose doing that is.

    gap ─┬─ work      this thread computed (time.thread_time)
         ├─ machine   a thread of ours was ready and had no processor: the kernel's own count of it (schedstat)
         └─ waiting   the rest: for Python's lock, a file, another thread, and up to 2 ms for the watch's own timer

A busy machine makes gaps, never work; so `held` (a gap less what the machine took) is the app's own doing, on any
machine. Work is held against the limit by itself as well. Where each thread stood in a turn over the limit is kept, for
a message.
"""

from __future__ import annotations

import faulthandler
import os
import tempfile
import threading
import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

__all__ = ["LIMIT", "LoopWatch", "Turn"]

LIMIT = 0.050
"""Seconds: what a person doesn't notice."""
EVERY_MS = 2


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the loop, in seconds."""

    gap: float
    work: float
    machine: float

    @property
    def held(self) -> float:
        return max(self.gap - self.machine, self.work)


class LoopWatch(QObject):
    """Measures once, from `start` to `stop`. Made and used on the thread that it watches."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[Turn] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turned)
        self._at = self._worked = 0.0
        self._delays: dict[str, int] = {}
        self.stacks = ""
        """Where each thread stood when a turn had lasted as long as the limit, innermost first; known once stopped."""

    def start(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (faulthandler writes to it until `stop`)
        faulthandler.dump_traceback_later(LIMIT, file=self._file)
        self._delays = _delays()
        self._worked, self._at = time.thread_time(), time.perf_counter()
        self._timer.start(EVERY_MS)

    def stop(self) -> None:
        self._timer.stop()
        faulthandler.cancel_dump_traceback_later()
        with self._file:
            self._file.seek(0)
            self.stacks = self._file.read().decode()

    @property
    def worst(self) -> Turn:
        """The longest of each, for a message."""
        return Turn(
            max(turn.gap for turn in self.turns),
            max(turn.work for turn in self.turns),
            max(turn.machine for turn in self.turns),
        )

    @property
    def held(self) -> float:
        """The longest that the app itself stood still."""
        return max(turn.held for turn in self.turns)

    def _turned(self) -> None:
        gap, work, delays = time.perf_counter() - self._at, time.thread_time() - self._worked, _delays()
        late = {thread: delay - self._delays.get(thread, 0) for thread, delay in delays.items()}
        ours = late.pop(str(threading.get_native_id()), 0)
        # The one that had Python's lock may have been the one without a processor.
        self.turns.append(Turn(gap, work, (ours + max(late.values(), default=0)) / 1e9))
        self._delays = delays
        faulthandler.dump_traceback_later(LIMIT, file=self._file)
        # What the watch itself takes is nobody's turn.
        self._worked, self._at = time.thread_time(), time.perf_counter()


def _delays() -> dict[str, int]:
    """Nanoseconds that each thread of this process has waited for a processor so far."""
    found = {}
    for thread in os.listdir("/proc/self/task"):  # noqa: PTH208 (hundreds of times a second)
        try:
            with open(f"/proc/self/task/{thread}/schedstat", "rb") as file:  # noqa: PTH123
                found[thread] = int(file.read().split()[1])
        except (OSError, IndexError):
            continue  # it has ended
    return found
