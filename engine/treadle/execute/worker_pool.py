"""WorkerPool: the processes that serve `isolation: reuse`, each a series of attempts that want the same surroundings.

submit ─► a worker that idles, or a new one while there are few, or the queue ─► the next that is free
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Final

from treadle.execute.frames import BadFrame
from treadle.execute.protocol import AttemptFinished, AttemptId, AttemptRequest, Cancelled, Crashed, OnMessage, Usage
from treadle.execute.reused_worker import ReusedWorker
from treadle.execute.server_process import ServerProcess

__all__ = ["WorkerPool"]

_MOST_WORKERS: Final = 2 * (os.cpu_count() or 1)
_IDLE: Final = 8
"""Workers kept for later, of all kinds; the longest idle goes first."""

StartWorker = Callable[[ServerProcess, Callable[[ReusedWorker], None], Callable[[ReusedWorker], None]], ReusedWorker]
"""`start(server, on_free, on_gone)`; raises OSError."""


class WorkerPool:
    """All methods are for one event loop."""

    def __init__(self, artifacts: Path, models: str, tell: OnMessage, start: StartWorker) -> None:
        self._artifacts = artifacts
        self._models = models
        self._tell = tell
        self._start = start
        self._kind: dict[ReusedWorker, Hashable] = {}
        self._idle: dict[Hashable, list[ReusedWorker]] = {}
        self._queue: deque[tuple[Hashable, ServerProcess, AttemptRequest]] = deque()
        self._busy: dict[AttemptId, ReusedWorker] = {}

    def submit(self, request: AttemptRequest, server: ServerProcess) -> None:
        """Begins the attempt, or has it wait for a worker. Raises OSError, BadFrame."""
        kind = (
            server.tier.name, request.cwd, request.resources.cpu or 1, frozenset(request.environment.items())
        )  # fmt: skip
        idle = self._idle.get(kind)
        if idle:
            self._serve(idle.pop(), request)
        elif len(self._kind) < _MOST_WORKERS:
            self._serve(self._new(kind, server), request)
        else:
            self._queue.append((kind, server, request))
            self._make_room()

    def cancel(self, attempt: AttemptId, by: str) -> bool:
        """Ends an attempt; False where it is none of ours."""
        worker = self._busy.get(attempt)
        if worker is not None:
            worker.end(Cancelled(by))
            return True
        for position, (_, _, request) in enumerate(self._queue):
            if request.attempt == attempt:
                del self._queue[position]
                self._tell(AttemptFinished(attempt, Cancelled(by), Usage()))
                return True
        return False

    def open(self) -> list[AttemptId]:
        """The attempts that have not ended."""
        return [*self._busy, *(request.attempt for _, _, request in self._queue)]

    def _new(self, kind: Hashable, server: ServerProcess) -> ReusedWorker:
        worker = self._start(server, self._freed, self._gone)
        self._kind[worker] = kind
        return worker

    def _serve(self, worker: ReusedWorker, request: AttemptRequest) -> None:
        self._busy[request.attempt] = worker
        try:
            worker.serve(request, self._artifacts, self._models)
        except (BadFrame, TypeError, ValueError):
            del self._busy[request.attempt]
            self._idle.setdefault(self._kind[worker], []).append(worker)
            raise

    def _freed(self, worker: ReusedWorker) -> None:
        for attempt in [attempt for attempt, busy in self._busy.items() if busy is worker]:
            del self._busy[attempt]
        if worker.retired:
            return
        kind = self._kind[worker]
        for position, (wanted, _, request) in enumerate(self._queue):
            if wanted == kind:
                del self._queue[position]
                self._begin(worker, request)
                return
        self._idle.setdefault(kind, []).append(worker)
        self._make_room()

    def _begin(self, worker: ReusedWorker, request: AttemptRequest) -> None:
        try:
            self._serve(worker, request)
        except (BadFrame, OSError, TypeError, ValueError) as error:
            self._tell(AttemptFinished(request.attempt, Crashed(f"the attempt could not be started: {error}")))

    def _make_room(self) -> None:
        """Lets idle workers go: those over the limit, and one where another kind waits for its place."""
        idle = [worker for workers in self._idle.values() for worker in workers]
        most = 0 if self._queue else _IDLE
        for worker in idle[: max(0, len(idle) - most)]:
            self._idle[self._kind[worker]].remove(worker)
            worker.retire()

    def _gone(self, worker: ReusedWorker) -> None:
        kind = self._kind.pop(worker)
        if worker in self._idle.get(kind, []):
            self._idle[kind].remove(worker)
        if not self._queue:
            return
        wanted, server, request = self._queue.popleft()
        try:
            fresh = self._new(wanted, server)
        except OSError as error:
            self._tell(AttemptFinished(request.attempt, Crashed(f"the attempt could not be started: {error}")))
            return
        self._begin(fresh, request)
