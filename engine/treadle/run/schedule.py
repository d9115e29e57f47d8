"""Schedule: what could happen next in a run, kept up to date a task at a time.

It is an index over (roster, state) and nothing more: a new one made from the same two stands where one that followed
every event stands. `decide` takes from it; each event costs its task's own edges, never the whole run.

    waiting ─► to_look_up ─► to_launch or to_defer ─► open ─► settled
       │                         ▲  delayed ◄─ to_retry ┘
       │   └─► to_pause  where a breakpoint stands before it
       └─► to_skip, doomed

A mapped task is never launched: it becomes the tasks of its items (see `Bodies`).
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from treadle.run.bodies import Bodies
from treadle.run.ending import Ending, is_cleaning
from treadle.run.interventions import Breakpoint
from treadle.run.order import Order
from treadle.run.plan import PlanTask
from treadle.run.ready import Line, ReadyTasks
from treadle.run.retrying import is_retried
from treadle.run.room import Demand, Held
from treadle.run.roster import Roster
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.run.stops import Stops
from treadle.run.triggers import Verdict
from treadle.run.waiting import Waiting
from treadle.spec.values import Value

__all__ = ["Schedule", "Stage"]

_PENDING, _RETRYING, _DEFERRED = TaskStatus.PENDING, TaskStatus.RETRYING, TaskStatus.DEFERRED
_PAUSED, _RUNNING = TaskStatus.PAUSED, TaskStatus.RUNNING


class Stage(Enum):
    """What is next for a task that may begin."""

    LOOK_UP = "look up"
    EXPAND = "expand"
    DEFER = "defer"
    LAUNCH = "launch"


class Schedule:
    """Tasks by what they wait for. Heaps hold ranks (see `Order`); what went stale in one is passed over."""

    def __init__(self, roster: Roster, state: RunState, order: Order | None = None) -> None:
        self._state = state
        self._roster = roster
        self._order = order or Order.of(roster.plan.tasks)
        ids = self._order.ids
        planned = [roster.plan.tasks[task] for task in ids]
        self._plan_tasks: list[PlanTask] = []
        self._waits: list[bool] = []
        self._lines: list[Line] = []
        self._seen: list[TaskStatus] = []
        self._has_key: list[bool] = []
        self._is_ready = bytearray()
        self._to_look_up: list[int] = []
        self._to_defer: list[tuple[int, int]] = []
        self._delayed: list[tuple[float, int, int]] = []
        self._to_retry: dict[int, None] = {}
        self._doomed: deque[int] = deque()
        self._to_skip: deque[tuple[int, str]] = deque()
        self._to_stop: deque[int] = deque()
        self._to_drop: deque[int] = deque()
        self._looking: dict[int, Mapping[str, Value]] = {}
        """What is being looked up, with the values that somebody had changed of it by then."""
        self._stops = Stops(state, ids)
        self._leaving: set[int] = set()
        self._holding: set[int] = set()
        self._at_the_end = [rank for rank, task in enumerate(planned) if task.at_end is not None]
        self._stopping = False
        self._forced = False
        self._limit = roster.plan.timeout
        self._unsettled = 0
        self._bodies = Bodies()
        self.ready = ReadyTasks(self._may_begin)
        self.held = Held()
        """What the open attempts asked for."""
        self.devices: dict[int, tuple[str, ...]] = {}
        """The GPUs that open attempts were given, by rank."""
        self.wanted: Demand | None = None
        """What the first ready task that found no room asks for."""
        self.overtakes = 0
        """Launches since the first ready task was found not to fit."""
        self.ending = Ending(planned, self._order)
        self._waiting = Waiting(planned, self._order, state)
        self._take_in(planned)
        for mapped in state.maps:
            if mapped in roster.bodies and state.tasks[mapped].status is _RUNNING:
                self._grow(self._order.rank_of[mapped])
        for done in (True, False):
            for rank, task in enumerate(ids):
                if self._seen[rank].is_done is done:
                    self._enter(rank, state.tasks[task])

    def _take_in(self, tasks: Iterable[PlanTask]) -> None:
        """The next ranks."""
        for task in tasks:
            state = self._state.tasks[task.id]
            self._plan_tasks.append(task)
            self._waits.append(task.kind.waits)
            self._lines.append(self.ready.line_of(task))
            self._seen.append(state.status)
            self._has_key.append(state.cache_key is not None)
            self._is_ready.append(False)
            self._unsettled += 1

    def _grow(self, mapped: int) -> range:
        """The ranks of what a map became, which has not entered yet."""
        body = self._roster.bodies[self._order.ids[mapped]]
        members = self._order.grow(body)
        self._waiting.grow(body)
        self.ending.grow(len(body))
        self._take_in(body)
        self._bodies.open(mapped, members)
        return members

    @property
    def is_settled(self) -> bool:
        """Nothing can happen any more: every task has ended and none is to be retried."""
        return self._unsettled == 0

    def follow(self, changed: str | None) -> None:
        """Takes note that the task `changed` (what `RunState.advance` returned) is another now."""
        if changed is None:
            return
        rank = self._order.rank_of[changed]
        task, before = self._state.tasks[changed], self._seen[rank]
        if task.status is not before:
            self._seen[rank] = task.status
            self._enter(rank, task)
        elif task.cache_key is not None and not self._has_key[rank]:
            self._has_key[rank] = True
            self._looking.pop(rank, None)
            if task.status is _PENDING:
                self._make_ready(rank, task)
        elif self._state.pausing is not None:
            self._line_up_again(rank, task)
        if task.cancel_requested:
            self._cancel(rank)

    def stop(self) -> None:
        """What has not settled is to be cancelled, but for what cleans up: that too where the state says so.

        Harmless when it was said before.
        """
        forced = self._state.cancel_forced
        if self._stopping and self._forced is forced:
            return
        self._stopping, self._forced = True, forced
        self._stop(range(len(self._seen)))
        for rank in self._stops.waiting():
            self._line_up_again(rank, self._task(rank))

    def _stop(self, ranks: Iterable[int]) -> None:
        for rank in ranks:
            if self._forced or not is_cleaning(self._plan_tasks[rank]):
                self._cancel_alone(rank)

    def overdue(self, now: float) -> float | None:
        """The run's limit in seconds where it has gone beyond it, else None."""
        due = self._deadline()
        return self._limit if due is not None and now >= due else None

    def next_delay(self) -> float | None:
        """When time alone makes something happen next (epoch seconds): a retry or the run's limit; None for never."""
        dues = [due for due in (self._next_retry(), self._deadline()) if due is not None]
        return min(dues, default=None)

    def _deadline(self) -> float | None:
        state = self._state
        if self._limit is None or state.cancel_requested or state.going_since is None or state.paused is not None:
            return None
        return state.going_since + self._limit

    def _next_retry(self) -> float | None:
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
            if self._seen[rank] in (_PENDING, _RETRYING, _PAUSED) and rank not in self._leaving:
                self._leaving.add(rank)
                yield self._order.ids[rank]

    def take_doomed(self) -> Iterator[tuple[str, str]]:
        """Tasks that can't run any more: (task, the one whose failure is the cause), each once."""
        while self._doomed:
            rank = self._doomed.popleft()
            if self._seen[rank] is _PENDING and rank not in self._leaving:
                self._leaving.add(rank)
                yield self._order.ids[rank], self._waiting.cause(rank)

    def take_skips(self) -> Iterator[tuple[str, str]]:
        """Tasks that are not to run: (task, why), each once."""
        while self._to_skip:
            rank, reason = self._to_skip.popleft()
            if self._seen[rank] is _PENDING and rank not in self._leaving:
                self._leaving.add(rank)
                yield self._order.ids[rank], reason

    def take_expansions(self) -> Iterator[str]:
        """Mapped tasks that are to become the tasks of their items, each once."""
        queue = self._bodies.to_expand
        while queue:
            rank = queue.popleft()
            if self.stage(rank) is Stage.EXPAND and not self._stops.is_before(rank):
                yield self.expand(rank)

    def take_gatherings(self) -> Iterator[str]:
        """Mapped tasks all of whose items have ended, each once."""
        queue = self._bodies.to_gather
        while queue:
            rank = queue.popleft()
            if self._seen[rank] is _RUNNING:
                yield self._order.ids[rank]

    def take_retries(self) -> Iterator[tuple[PlanTask, TaskState]]:
        """Tasks to be tried again, with their state after the attempt that failed, each once."""
        while self._to_retry:
            rank = next(iter(self._to_retry))
            del self._to_retry[rank]
            task = self._plan_tasks[rank]
            yield task, self._state.tasks[task.id]

    def take_lookups(self, most: int) -> Iterator[str]:
        """Tasks whose inputs are there, first in order first, while fewer than `most` look-ups are under way."""
        while self._to_look_up and len(self._looking) < most:
            rank = heapq.heappop(self._to_look_up)
            may = self._seen[rank] is _PENDING and not self._has_key[rank] and rank not in self._leaving
            if may and rank not in self._looking and not self._stops.is_before(rank):
                yield self.look_up(rank)

    def wake(self, now: float) -> None:
        """Retries that are due by `now` may be launched."""
        while self._delayed and self._delayed[0][0] <= now:
            _, rank, number = heapq.heappop(self._delayed)
            if self._seen[rank] is not _RETRYING or not self._stops.is_before(rank):
                self._queue(rank, number)
            else:
                self._stops.wait(rank)

    def take_deferrals(self) -> Iterator[tuple[str, int]]:
        """Tasks that the engine itself is to wait for now: (task, the attempt's number), each once."""
        while self._to_defer:
            rank, number = heapq.heappop(self._to_defer)
            if self._may_begin(rank, number):
                yield self.defer(rank)

    def take_breakpoint(self) -> Breakpoint | None:
        """Where the run is to pause now; None for nowhere."""
        return self._stops.take(self._leaving)

    def stage(self, rank: int) -> Stage | None:
        """What is next for the task, where it may begin but for a pause, a breakpoint or a retry that isn't due yet."""
        status = self._seen[rank]
        may_begin = status is _RETRYING or (status is _PENDING and self._is_ready[rank])
        if not may_begin or rank in self._leaving or rank in self._looking or rank in self._holding:
            return None
        if self._plan_tasks[rank].map is not None:
            return None if rank in self._bodies.expanding else Stage.EXPAND
        if status is _PENDING and not self._has_key[rank]:
            return Stage.LOOK_UP
        return Stage.DEFER if self._waits[rank] else Stage.LAUNCH

    def candidates(self) -> Iterator[str]:
        """Every task that might begin but for a pause, first in order first; O(tasks)."""
        for rank, task in enumerate(self._order.ids):
            if self._seen[rank] is _PAUSED or self.stage(rank) is not None:
                yield task

    def rank_of(self, task: str) -> int:
        return self._order.rank_of[task]

    def demand(self, rank: int) -> Demand:
        return self._lines[rank].demand

    def look_up(self, rank: int) -> str:
        """The task, which is being looked up from now on."""
        self._looking[rank] = self._task(rank).params
        return self._order.ids[rank]

    def expand(self, rank: int) -> str:
        """The mapped task, whose items are being found from now on."""
        self._bodies.expanding.add(rank)
        return self._order.ids[rank]

    def defer(self, rank: int) -> tuple[str, int]:
        """(task, the attempt's number) of one that the engine waits for from now on."""
        self._leaving.add(rank)
        return self._order.ids[rank], self._next_number(rank)

    def says_gpus(self, rank: int) -> bool:
        return self._plan_tasks[rank].resources.gpu is not None

    def give_devices(self, rank: int, free: Iterable[str]) -> tuple[str, ...]:
        """The first of the `free` GPUs that no open attempt of the run has, as many as the task asks for."""
        used = {device for devices in self.devices.values() for device in devices}
        given = tuple(device for device in free if device not in used)[: self._lines[rank].demand.gpu]
        if given:
            self.devices[rank] = given
        return given

    def hold(self, rank: int) -> tuple[str, int]:
        """Books what the task asks for; returns (task, the attempt's number)."""
        self._holding.add(rank)
        self.held.take(self._lines[rank].demand)
        return self._order.ids[rank], self._next_number(rank)

    def _queue(self, rank: int, number: int) -> None:
        if self._waits[rank]:
            heapq.heappush(self._to_defer, (rank, number))
        else:
            self.ready.put(self._lines[rank], rank, number)

    def _may_begin(self, rank: int, number: int) -> bool:
        status = self._seen[rank]
        if status not in (_PENDING, _RETRYING) or rank in self._leaving or rank in self._holding:
            return False
        is_looked_up = status is _RETRYING or self._has_key[rank]
        return is_looked_up and number == self._next_number(rank) and not self._stops.is_before(rank)

    def _next_number(self, rank: int) -> int:
        return self._task(rank).number + 1

    def _task(self, rank: int) -> TaskState:
        return self._state.tasks[self._order.ids[rank]]

    def _line_up_again(self, rank: int, task: TaskState) -> None:
        """A breakpoint at a task, or its values, may be others now. What stands in a line it left is passed over."""
        if self._looking.get(rank) is task.params:
            return
        self._looking.pop(rank, None)
        self._stops.leave(rank)
        if task.status is _RETRYING:
            heapq.heappush(self._delayed, (task.retry_at or 0.0, rank, task.number + 1))
        elif task.status is _PENDING and self._is_ready[rank]:
            self._make_ready(rank, task)

    def _let_go(self, rank: int) -> None:
        demand = self._lines[rank].demand
        if rank in self._holding:
            self._holding.remove(rank)
            self.held.let_go(demand)
            self.devices.pop(rank, None)
        for place in demand.places:
            self.ready.freed(place.pool)

    def _enter(self, rank: int, task: TaskState) -> None:
        status = task.status
        self._looking.pop(rank, None)
        self._leaving.discard(rank)
        self._bodies.expanding.discard(rank)
        self._stops.leave(rank)
        if status is _PENDING:
            if not self._is_ready[rank]:
                self._consider(rank)
            else:
                self._make_ready(rank, task)
        elif status.is_open:
            if self._plan_tasks[rank].map is not None:
                self._expand(rank)
            elif rank not in self._holding and status is not _DEFERRED:
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

    def _expand(self, mapped: int) -> None:
        if not self._bodies.has(mapped):
            members = self._grow(mapped)
            for rank in members:
                self._enter(rank, self._task(rank))
            if self._stopping:
                self._stop(members)

    def _make_ready(self, rank: int, task: TaskState) -> None:
        self._is_ready[rank] = True
        self._has_key[rank] = task.cache_key is not None
        if self._stops.is_before(rank):
            self._stops.wait(rank)
        elif self._plan_tasks[rank].map is not None:
            self._bodies.to_expand.append(rank)
        elif task.cache_key is None:
            heapq.heappush(self._to_look_up, rank)
        else:
            self._queue(rank, self._next_number(rank))

    def _consider(self, rank: int) -> None:
        """What becomes of a pending task that is not ready yet."""
        at_end = self._plan_tasks[rank].at_end
        if at_end is not None and not self.ending.is_near:
            return
        if at_end is not None and (reason := self.ending.misses(at_end, self._state)) is not None:
            self._to_skip.append((rank, reason))
            return
        match self._waiting.verdict(rank) if at_end is None else self._waiting.verdict_at_the_end(rank):
            case Verdict.RUN:
                self._make_ready(rank, self._task(rank))
            case Verdict.SKIP:
                self._to_skip.append((rank, self._waiting.reason(rank)))
            case Verdict.UPSTREAM_FAILED:
                self._doomed.append(rank)
            case Verdict.WAIT:
                pass

    def _may_retry(self, rank: int, task: TaskState) -> bool:
        plan = self._plan_tasks[rank]
        stopping = self._stopping and (self._forced or not is_cleaning(plan))
        tried = task.number - task.spent
        if plan.map is not None or tried > plan.retries or task.cancel_requested or stopping or self._is_unwanted(rank):
            return False
        return is_retried(plan, task.outcome)

    def _is_unwanted(self, rank: int) -> bool:
        """Whether somebody asked a map that it belongs to to be cancelled."""
        mapped = self._bodies.owner(rank)
        while mapped is not None:
            if self._task(mapped).cancel_requested:
                return True
            mapped = self._bodies.owner(mapped)
        return False

    def _settle(self, rank: int) -> None:
        self._unsettled -= 1
        self._bodies.settle(rank)
        task = self._task(rank)
        self._stops.end(rank, task.status)
        cause = self._state.tasks[task.cause].status if task.cause in self._state.tasks else None
        affected: Iterable[int] = self._waiting.end(rank)
        if self.ending.settle(rank, task, cause):
            affected = (*affected, *self._at_the_end)
        for other in affected:
            if self._seen[other] is _PENDING and not self._is_ready[other]:
                self._consider(other)

    def _cancel(self, rank: int) -> None:
        """The task, or where it is an open map all that it became."""
        self._cancel_alone(rank)
        for member in self._bodies.members(rank):
            self._cancel(member)

    def _cancel_alone(self, rank: int) -> None:
        status = self._seen[rank]
        if status.is_open:
            if self._plan_tasks[rank].map is None:
                self._to_stop.append(rank)
        elif not status.is_done:
            self._to_drop.append(rank)
        elif rank in self._to_retry:
            del self._to_retry[rank]
            self._settle(rank)
