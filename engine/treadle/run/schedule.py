"""Schedule: what could happen next in a run, kept up to date a task at a time.

It is an index over (plan, state) and nothing more: a new one made from the same two stands where one that followed
every event stands. `decide` takes from it; each event costs its task's own edges, never the whole plan.

    waiting on inputs ─► to_look_up ─► to_launch ─► open ─► settled
                                          ▲  delayed ◄─ to_retry ┘
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator

from treadle.run.order import Order
from treadle.run.plan import Plan, PlanTask
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.spec.pipeline import Resources

__all__ = ["Schedule"]

_PENDING, _RETRYING = TaskStatus.PENDING, TaskStatus.RETRYING


class Schedule:
    """Tasks by what they wait for. Heaps hold ranks (see `Order`); what went stale in one is passed over."""

    def __init__(self, plan: Plan, state: RunState, order: Order | None = None) -> None:
        self._state = state
        self._order = order or Order.of(plan)
        ids = self._order.ids
        self._plan_tasks = [plan.tasks[task] for task in ids]
        self._to_look_up: list[int] = []
        self._to_launch: list[tuple[int, int]] = []
        self._delayed: list[tuple[float, int, int]] = []
        self._to_retry: dict[int, None] = {}
        self._doomed: deque[tuple[int, str]] = deque()
        self._to_stop: deque[int] = deque()
        self._to_drop: deque[int] = deque()
        self._looking: set[int] = set()
        self._leaving: set[int] = set()
        self._holding: set[int] = set()
        self._stopping = False
        self._unsettled = len(ids)
        self.cpu, self.memory, self.gpu = 0.0, 0, 0
        """What the open attempts asked for."""
        self.overtakes = 0
        """Launches since the first ready task was found not to fit."""
        self.failures = 0
        self.cancellations = 0
        self._seen = [state.tasks[task].status for task in ids]
        self._has_key = [state.tasks[task].cache_key is not None for task in ids]
        self._waiting = [
            sum(not self._seen[upstream].is_success for upstream in needs) for needs in self._order.upstream
        ]
        for rank, task in enumerate(ids):
            self._enter(rank, state.tasks[task])

    @property
    def open(self) -> int:
        """How many attempts are with the executor."""
        return len(self._holding)

    @property
    def is_settled(self) -> bool:
        """Nothing can happen any more: every task has ended and none is to be retried."""
        return self._unsettled == 0

    @property
    def looking(self) -> int:
        """How many cache look-ups are under way."""
        return len(self._looking)

    def follow(self, changed: str | None) -> None:
        """Takes note that the task `changed` (what `RunState.advance` returned) is another now."""
        if changed is None:
            return
        rank = self._order.rank_of[changed]
        task, before = self._state.tasks[changed], self._seen[rank]
        if task.status is not before:
            self._seen[rank] = task.status
            self._enter(rank, task)
            if task.status.is_success:
                self._release_downstream(rank)
        elif task.cache_key is not None and not self._has_key[rank]:
            self._has_key[rank] = True
            self._enter(rank, task)
        if task.cancel_requested:
            self._cancel(rank)

    def stop(self) -> None:
        """Everything that has not settled is to be cancelled; harmless the second time."""
        if self._stopping:
            return
        self._stopping = True
        for rank in self._to_retry:
            self._settle(rank)
        self._to_retry.clear()
        for rank in range(len(self._seen)):
            self._cancel(rank)

    def next_delay(self) -> float | None:
        """When the earliest delayed retry is due (epoch seconds); None where none waits."""
        while self._delayed:
            due, rank, number = self._delayed[0]
            if self._seen[rank] is _RETRYING and number == self._next_number(rank):
                return due
            heapq.heappop(self._delayed)
        return None

    def take_stops(self) -> Iterator[tuple[str, int]]:
        """Open attempts to be ended: (task, number), each once."""
        while self._to_stop:
            rank = self._to_stop.popleft()
            if self._seen[rank].is_open:
                task = self._order.ids[rank]
                yield task, self._state.tasks[task].number

    def take_drops(self) -> Iterator[str]:
        """Tasks that are cancelled before an attempt, each once."""
        while self._to_drop:
            rank = self._to_drop.popleft()
            if self._seen[rank] in (_PENDING, _RETRYING) and rank not in self._leaving:
                self._leaving.add(rank)
                yield self._order.ids[rank]

    def take_doomed(self) -> Iterator[tuple[str, str]]:
        """Tasks that can't run any more: (task, the one whose failure is the cause), each once."""
        while self._doomed:
            rank, cause = self._doomed.popleft()
            if self._seen[rank] is _PENDING and rank not in self._leaving:
                self._leaving.add(rank)
                yield self._order.ids[rank], cause

    def take_retries(self) -> Iterator[tuple[PlanTask, int]]:
        """Tasks to be tried again: (task, the next attempt's number), each once."""
        while self._to_retry:
            rank = next(iter(self._to_retry))
            del self._to_retry[rank]
            yield self._plan_tasks[rank], self._next_number(rank)

    def take_lookups(self, most: int) -> Iterator[str]:
        """Tasks whose inputs are there, first in order first, while fewer than `most` look-ups are under way."""
        while self._to_look_up and len(self._looking) < most:
            rank = heapq.heappop(self._to_look_up)
            if self._seen[rank] is _PENDING and not self._has_key[rank] and rank not in self._leaving:
                self._looking.add(rank)
                yield self._order.ids[rank]

    def wake(self, now: float) -> None:
        """Retries that are due by `now` may be launched."""
        while self._delayed and self._delayed[0][0] <= now:
            _, rank, number = heapq.heappop(self._delayed)
            heapq.heappush(self._to_launch, (rank, number))

    def take_ready(self) -> int | None:
        """The rank of the first task that may be launched, taken out; None where there is none."""
        while self._to_launch:
            rank, number = heapq.heappop(self._to_launch)
            may_begin = self._seen[rank] in (_PENDING, _RETRYING) and rank not in self._leaving
            if may_begin and number == self._next_number(rank):
                return rank
        return None

    def put_back(self, rank: int) -> None:
        """The task did not fit and stays ready, for the attempt that is next now."""
        heapq.heappush(self._to_launch, (rank, self._next_number(rank)))

    def resources(self, rank: int) -> Resources:
        return self._plan_tasks[rank].resources

    def hold(self, rank: int) -> tuple[str, int]:
        """Books the task's resources; returns (task, the attempt's number)."""
        wanted = self.resources(rank)
        self._holding.add(rank)
        self.cpu += cpu_of(wanted)
        self.memory += wanted.memory or 0
        self.gpu += wanted.gpu or 0
        return self._order.ids[rank], self._next_number(rank)

    def _next_number(self, rank: int) -> int:
        return self._state.tasks[self._order.ids[rank]].number + 1

    def _let_go(self, rank: int) -> None:
        if rank in self._holding:
            self._holding.remove(rank)
            wanted = self.resources(rank)
            self.cpu -= cpu_of(wanted)
            self.memory -= wanted.memory or 0
            self.gpu -= wanted.gpu or 0

    def _enter(self, rank: int, task: TaskState) -> None:
        status = task.status
        self._looking.discard(rank)
        self._leaving.discard(rank)
        if status is _PENDING:
            self._make_ready(rank, task)
        elif status.is_open:
            if rank not in self._holding:
                self.hold(rank)
        elif status is _RETRYING:
            self._to_retry.pop(rank, None)
            heapq.heappush(self._delayed, (task.retry_at or 0.0, rank, task.number + 1))
        elif status.is_done:
            self._let_go(rank)
            if status.is_failure and self._may_retry(rank, task):
                self._to_retry[rank] = None
            else:
                self._settle(rank)

    def _make_ready(self, rank: int, task: TaskState) -> None:
        if self._waiting[rank] == 0 and task.cache_key is None:
            heapq.heappush(self._to_look_up, rank)
        elif self._waiting[rank] == 0:
            self.put_back(rank)

    def _may_retry(self, rank: int, task: TaskState) -> bool:
        tried = task.number - task.spent
        return tried <= self._plan_tasks[rank].retries and not task.cancel_requested and not self._stopping

    def _settle(self, rank: int) -> None:
        status = self._seen[rank]
        self._unsettled -= 1
        self.failures += status.is_failure
        self.cancellations += status is TaskStatus.CANCELLED
        if not status.is_success:
            cause = self._state.tasks[self._order.ids[rank]].cause or self._order.ids[rank]
            self._doomed.extend((downstream, cause) for downstream in self._order.downstream[rank])

    def _release_downstream(self, rank: int) -> None:
        for downstream in self._order.downstream[rank]:
            self._waiting[downstream] -= 1
            if self._waiting[downstream] == 0 and self._seen[downstream] is _PENDING:
                self._make_ready(downstream, self._state.tasks[self._order.ids[downstream]])

    def _cancel(self, rank: int) -> None:
        status = self._seen[rank]
        if status.is_open:
            self._to_stop.append(rank)
        elif not status.is_done:
            self._to_drop.append(rank)
        elif rank in self._to_retry:
            del self._to_retry[rank]
            self._settle(rank)


def cpu_of(resources: Resources) -> float:
    """Cores an attempt counts for: one where nothing is said."""
    return 1.0 if resources.cpu is None else resources.cpu
