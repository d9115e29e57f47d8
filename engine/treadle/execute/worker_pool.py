"""WorkerPool: the processes that serve `isolation: reuse`, in a crew for each kind of surroundings.

How many there are of all kinds is bounded: where another kind waits, one that idles makes room for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import Any, Final

from treadle.execute.places import Alike, Places
from treadle.execute.protocol import AttemptFinished, AttemptId, AttemptMessage, AttemptRequest, OnMessage
from treadle.execute.request_frames import surroundings_frame
from treadle.execute.reused_worker import ReusedWorker
from treadle.execute.server_process import ServerProcess
from treadle.execute.tiers import Tier
from treadle.execute.worker_crew import WorkerCrew

__all__ = ["StartWorker", "WorkerPool"]

_MOST_WORKERS: Final = 2 * (os.cpu_count() or 1)
_IDLE: Final = 8
"""Workers kept for later, of all kinds."""

StartWorker = Callable[[Tier, dict[str, Any], WorkerCrew, OnMessage, Callable[[ReusedWorker], None]], ReusedWorker]
"""`start(tier, surroundings, crew, tell, on_gone)`; raises OSError, BadFrame."""


class WorkerPool:
    """All methods are for one event loop."""

    def __init__(self, artifacts: Path, models: str, tell: OnMessage, start: StartWorker) -> None:
        self._store = {"artifacts": str(artifacts), "models": models}
        self._tell = tell
        self._start = start
        self._places = Places()
        self._crews: dict[Hashable, WorkerCrew] = {}
        self._tiers: dict[WorkerCrew, Tier] = {}

    def submit(self, request: AttemptRequest, server: ServerProcess) -> None:
        """Begins the attempt, or has it wait; whatever goes wrong is its outcome."""
        kind = (
            server.tier.name, request.cwd, request.resources.cpu or 1, frozenset(request.environment.items())
        )  # fmt: skip
        crew = self._crews.get(kind)
        if crew is None:
            crew = self._crews[kind] = WorkerCrew(self, self._told)
            self._tiers[crew] = server.tier
        self._places.enter(request)
        crew.submit(request)

    def cancel(self, attempt: AttemptId, by: str) -> bool:
        """Ends an attempt; False where it is none of ours."""
        return attempt in self._places and any(crew.cancel(attempt, by) for crew in self._crews.values())

    def open(self) -> list[AttemptId]:
        """The attempts that have not ended."""
        return self._places.open()

    def has_place(self, kind: Alike) -> bool:
        places = self._places.of(kind)
        for crew in self._crews.values():
            for worker in crew.workers:
                places -= worker.like == kind
        return places > 0

    def hire(self, crew: WorkerCrew, first: AttemptRequest) -> ReusedWorker | None:
        if sum(len(each.workers) for each in self._crews.values()) >= _MOST_WORKERS:
            self._make_room(1)
            return None
        surroundings = {**surroundings_frame(first), **self._store}
        return self._start(self._tiers[crew], surroundings, crew, self._told, partial(self._gone, crew))

    def rested(self) -> None:
        self._spread()
        self._make_room(0)

    def _told(self, message: AttemptMessage) -> None:
        if isinstance(message, AttemptFinished):
            self._places.leave(message.attempt)
        self._tell(message)

    def _make_room(self, wanted: int) -> None:
        """Lets workers go that idle: those over the limit, or as many as are `wanted`."""
        idle = [worker for crew in self._crews.values() for worker in crew.idle()]
        for worker in idle[: max(wanted, len(idle) - _IDLE)]:
            worker.retire()

    def _gone(self, crew: WorkerCrew, worker: ReusedWorker) -> None:
        crew.gone(worker)
        self._spread()

    def _spread(self) -> None:
        for crew in self._crews.values():
            crew.spread()
