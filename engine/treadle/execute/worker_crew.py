"""WorkerCrew: the processes that serve attempts which want the same surroundings, and those attempts that wait.

    submit ─► one that idles, or a new one │ no place: the shortest line of its like │ waits ─► the first that is free
    given back, by a process that ends or that is slower than another ─► goes before what waits

A line is short work that lies ready (see `Places`). Where there is a place for one more, and somebody idles beside a
line, it is shared out anew.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Protocol

from treadle.execute.frames import BadFrame
from treadle.execute.places import Alike, alike
from treadle.execute.protocol import AttemptFinished, AttemptId, AttemptRequest, Cancelled, Crashed, OnMessage
from treadle.execute.reused_worker import ReusedWorker

__all__ = ["Office", "WorkerCrew"]

_LINE: Final = 24
"""The most attempts of a line."""
_SOON: Final = 0.0003
"""Seconds of work for which nobody else is woken up: that costs the engine a tenth of it."""
_EVEN_OUT: Final = 0.001  # seconds that a line may go on beside somebody who idles


class Office(Protocol):
    """What crews share."""

    def has_place(self, kind: Alike) -> bool:
        """Whether one more of `kind` may be carried out now."""

    def hire(self, crew: WorkerCrew, first: AttemptRequest) -> ReusedWorker | None:
        """One more process, with an empty line; None where there are as many as may be. Raises OSError, BadFrame."""

    def rested(self) -> None:
        """A process idles."""


class WorkerCrew:
    """For one event loop."""

    def __init__(self, office: Office, tell: OnMessage) -> None:
        self.workers: list[ReusedWorker] = []
        """The one that idles longest goes first among those that idle."""
        self.waiting: deque[AttemptRequest] = deque()
        self._office = office
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._soon: asyncio.Handle | None = None

    def submit(self, request: AttemptRequest) -> None:
        """Begins the attempt, or has it wait; whatever goes wrong is its outcome."""
        self.waiting.append(request)
        self.spread()

    def cancel(self, attempt: AttemptId, by: str) -> bool:
        """Ends an attempt; False where it is none of ours."""
        for worker in self.workers:
            if any(request.attempt == attempt for request in worker.line):
                worker.end(attempt, Cancelled(by))
                return True
        for request in self.waiting:
            if request.attempt == attempt:
                self.waiting.remove(request)
                self._tell(AttemptFinished(attempt, Cancelled(by)))
                return True
        return False

    def idle(self) -> list[ReusedWorker]:
        return [worker for worker in self.workers if not worker.line and not worker.retired]

    def spread(self) -> None:
        """Gives what waits to whom can take it."""
        while self.waiting:
            request = self.waiting.popleft()
            try:
                worker = self._one_for(request)
                if worker is None or not worker.put(request):
                    self.waiting.appendleft(request)
                    return
            except (BadFrame, OSError, TypeError, ValueError) as error:
                outcome = Crashed(f"the attempt could not be started: {error}")
                self._loop.call_soon(self._tell, AttemptFinished(request.attempt, outcome))

    def freed(self, worker: ReusedWorker) -> None:
        """Its line is empty."""
        self.workers.remove(worker)
        self.workers.append(worker)
        self._office.rested()
        if not worker.line and self._longest() is not None:
            self._look_soon()

    def take_back(self, _: ReusedWorker, requests: list[AttemptRequest]) -> None:
        """These were never begun. Not at once to another: more may be cancelled in this turn."""
        self.waiting.extendleft(reversed(requests))
        self._loop.call_soon(self.spread)

    def gone(self, worker: ReusedWorker) -> None:
        self.workers.remove(worker)

    def _one_for(self, request: AttemptRequest) -> ReusedWorker | None:
        """Raises OSError, BadFrame."""
        like = alike(request)
        best, shortest = None, _LINE
        for worker in self.workers:
            if worker.like == like and len(worker.line) < shortest and not worker.retired:
                best, shortest = worker, len(worker.line)
        if not self._office.has_place(like):
            return best
        idle = self.idle()
        if idle and best is not None and request.together is not None and best.is_soon_free(_SOON):
            self._look_soon()
            return best
        return idle[-1] if idle else self._hired(request)

    def _hired(self, first: AttemptRequest) -> ReusedWorker | None:
        hired = self._office.hire(self, first)
        if hired is not None:
            self.workers.append(hired)
        return hired

    def _longest(self) -> ReusedWorker | None:
        """Whose line is longest, where another may take a part of it."""
        longest = max(self.workers, key=_length)
        has_more = len(longest.line) > 1  # than the one that it is at
        return longest if has_more and self._office.has_place(alike(longest.line[0])) else None

    def _look_soon(self) -> None:
        """Whether a line goes on beside somebody who idles."""
        if self._soon is None:
            self._soon = self._loop.call_later(_EVEN_OUT, self._even_out)

    def _even_out(self) -> None:
        self._soon = None
        for idle in self.idle():
            longest = self._longest()
            if longest is None:
                return
            taken = longest.take_back()
            self.waiting.extendleft(reversed(taken))
            for worker in (idle, longest):
                for _ in range((len(taken) + 1) // 2):
                    if self.waiting and worker.put(self.waiting[0]):
                        self.waiting.popleft()
        self.spread()


def _length(worker: ReusedWorker) -> int:
    return len(worker.line)
