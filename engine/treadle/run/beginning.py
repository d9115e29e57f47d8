"""Beginnings: the tasks of a run that may begin, by what is next for each of them, and what those that did hold.

    ready ─► to_look_up ─► to_launch or to_defer ─► begun
      │           ▲  delayed, until a retry is due
      ├─► to_pause  where a breakpoint stands before it
      └─► to_take_up  what an engine that went away was waiting for: it had begun, so no pause keeps it

Lines hold ranks (see `Order`). What went stale in one is passed over when it is taken.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from treadle.execute.protocol import Usage
from treadle.run.bodies import Bodies
from treadle.run.interventions import Breakpoint
from treadle.run.order import Order
from treadle.run.plan import PlanTask
from treadle.run.ready import Line, ReadyTasks
from treadle.run.room import Demand, Held
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.run.stops import Stops
from treadle.spec.values import Value

__all__ = ["Beginnings", "Stage"]

_PENDING, _RETRYING, _PAUSED = TaskStatus.PENDING, TaskStatus.RETRYING, TaskStatus.PAUSED


class Stage(Enum):
    """What is next for a task that may begin."""

    LOOK_UP = "look up"
    EXPAND = "expand"
    DEFER = "defer"
    LAUNCH = "launch"


class Beginnings:
    """Shares with its Schedule the `tasks` by rank, and their statuses as last `seen`."""

    def __init__(
        self, state: RunState, order: Order, tasks: Sequence[PlanTask], seen: Sequence[TaskStatus], bodies: Bodies
    ) -> None:
        self._state = state
        self._order = order
        self._plan_tasks = tasks
        self._seen = seen
        self._bodies = bodies
        self._waits: list[bool] = []
        self._is_plain: list[bool] = []
        self._lines: list[Line] = []
        self._has_key: list[bool] = []
        self._to_look_up: list[tuple[float, int]] = []
        self._to_defer: list[tuple[int, int]] = []
        self.to_take_up: deque[int] = deque()
        self._delayed: list[tuple[float, int, int]] = []
        self._looking: dict[int, Mapping[str, Value]] = {}
        """What is being looked up, with the values that somebody had changed of it by then."""
        self._stops = Stops(state, order.ids)
        self._holding: set[int] = set()
        self.is_ready = bytearray()
        """By rank, whether its trigger has said that it runs."""
        self.leaving: set[int] = set()
        """Those whose next event is decided, and not yet followed."""
        self.ready = ReadyTasks(self._may_begin)
        self.held = Held()
        """What the open attempts asked for."""
        self.devices: dict[int, tuple[str, ...]] = {}
        """The GPUs that open attempts were given, by rank."""
        self.wanted: Demand | None = None
        """What the first ready task that found no room asks for."""
        self.overtakes = 0
        """Launches since the first ready task was found not to fit."""

    def take_in(self, task: PlanTask) -> None:
        """The next rank."""
        waits = task.kind.waits
        self._waits.append(waits)
        self._is_plain.append(task.map is None and not waits)
        self._lines.append(self.ready.line_of(task))
        self._has_key.append(self._state.tasks[task.id].cache_key is not None)
        self.is_ready.append(False)

    def note(self, rank: int, task: TaskState) -> None:
        """Takes note that a task whose status is what it was is another now: looked up, or changed by somebody."""
        if task.cache_key is not None and not self._has_key[rank]:
            self._has_key[rank] = True
            self._looking.pop(rank, None)
            if task.status is _PENDING:
                self.make_ready(rank, task)
        elif self._state.pausing is not None:
            self._line_up_again(rank, task)

    def leave(self, rank: int) -> None:
        """The task's status is another now: whatever was next for it is done."""
        if self._looking:
            self._looking.pop(rank, None)
        if self.leaving:
            self.leaving.discard(rank)
        if self._bodies.expanding:
            self._bodies.expanding.discard(rank)
        if self._state.pausing is not None:
            self._stops.leave(rank)

    def open(self, rank: int) -> None:
        """An attempt of it is with the executor."""
        if rank not in self._holding:
            self.hold(rank)

    def delay(self, rank: int, task: TaskState) -> None:
        """It is to be tried again when that is due."""
        heapq.heappush(self._delayed, (task.retry_at or 0.0, rank, task.number + 1))

    def settle(self, rank: int, status: TaskStatus) -> None:
        """It has ended for good, in a run that pauses."""
        self._stops.end(rank, status)

    def stop(self) -> None:
        """The run is ending: no breakpoint holds anything any more."""
        for rank in self._stops.waiting():
            self._line_up_again(rank, self._task(rank))

    def next_retry(self) -> float | None:
        """When the next retry is due; None where none waits."""
        while self._delayed:
            due, rank, number = self._delayed[0]
            if self._seen[rank] is _RETRYING and number == self._next_number(rank):
                return due
            heapq.heappop(self._delayed)
        return None

    def take_expansions(self) -> Iterator[str]:
        """Mapped tasks that are to become the tasks of their items, each once."""
        queue = self._bodies.to_expand
        while queue:
            rank = queue.popleft()
            if self.stage(rank) is Stage.EXPAND and not self._stops.is_before(rank):
                yield self.expand(rank)

    def take_lookups(self, most: int) -> Iterator[str]:
        """Tasks whose inputs are there, first in order first, while fewer than `most` look-ups are under way."""
        while self._to_look_up and len(self._looking) < most:
            _, rank = heapq.heappop(self._to_look_up)
            may = self._seen[rank] is _PENDING and not self._has_key[rank] and rank not in self.leaving
            if may and rank not in self._looking and (self._state.pausing is None or not self._stops.is_before(rank)):
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

    def take_up(self) -> Iterator[tuple[str, int]]:
        """Tasks that an earlier engine waited for, to be waited for again: (task, the attempt's number), each once."""
        while self.to_take_up:
            rank = self.to_take_up.popleft()
            if self._seen[rank] is _PENDING and rank not in self.leaving:
                yield self.defer(rank)

    def take_breakpoint(self) -> Breakpoint | None:
        """Where the run is to pause now; None for nowhere."""
        return self._stops.take(self.leaving)

    def stage(self, rank: int) -> Stage | None:
        """What is next for the task, where it may begin but for a pause, a breakpoint or a retry that isn't due yet."""
        status = self._seen[rank]
        may_begin = status is _RETRYING or (status is _PENDING and self.is_ready[rank])
        if not may_begin or rank in self.leaving or rank in self._looking or rank in self._holding:
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
        task = self._order.ids[rank]
        self._looking[rank] = self._state.tasks[task].params
        return task

    def expand(self, rank: int) -> str:
        """The mapped task, whose items are being found from now on."""
        self._bodies.expanding.add(rank)
        return self._order.ids[rank]

    def defer(self, rank: int) -> tuple[str, int]:
        """(task, the attempt's number) of one that the engine waits for from now on."""
        self.leaving.add(rank)
        return self._order.ids[rank], self._next_number(rank)

    def says_gpus(self, rank: int) -> bool:
        return self._plan_tasks[rank].resources.gpu is not None

    def give_devices(self, rank: int, free: Iterable[str]) -> tuple[str, ...]:
        """The first of the `free` GPUs that no open attempt of the run has, as many as the task asks for."""
        asked = self._lines[rank].demand.gpu
        if not asked:
            return ()
        used = {device for devices in self.devices.values() for device in devices}
        given = tuple(device for device in free if device not in used)[:asked]
        if given:
            self.devices[rank] = given
        return given

    def hold(self, rank: int) -> tuple[str, int]:
        """Books what the task asks for; returns (task, the attempt's number)."""
        line = self._lines[rank]
        line.held += 1
        self._holding.add(rank)
        self.held.take(line.demand)
        task = self._order.ids[rank]
        return task, self._state.tasks[task].number + 1

    def _queue(self, rank: int, number: int) -> None:
        if self._waits[rank]:
            heapq.heappush(self._to_defer, (rank, number))
        else:
            self.ready.put(self._lines[rank], self._order.turns[rank], rank, number)

    def _may_begin(self, rank: int, number: int) -> bool:
        status = self._seen[rank]
        is_looked_up = status is _RETRYING or (status is _PENDING and self._has_key[rank])
        if not is_looked_up or rank in self.leaving or rank in self._holding:
            return False
        is_current = number == self._state.tasks[self._order.ids[rank]].number + 1
        return is_current and (self._state.pausing is None or not self._stops.is_before(rank))

    def _line_up_again(self, rank: int, task: TaskState) -> None:
        """A breakpoint at a task, or its values, may be others now. What stands in a line it left is passed over."""
        if self._looking.get(rank) is task.params:
            return
        self._looking.pop(rank, None)
        self._stops.leave(rank)
        if task.status is _RETRYING:
            self.delay(rank, task)
        elif task.status is _PENDING and self.is_ready[rank]:
            self.make_ready(rank, task)

    def line_up(self, rank: int) -> tuple[str, int]:
        """As `hold`, of one that goes early: it books nothing, for it takes the room of another that ends."""
        self._holding.add(rank)
        self._lines[rank].early += 1
        return self._order.ids[rank], self._next_number(rank)

    @property
    def can_launch(self) -> bool:
        """Whether there are tasks that wait for nothing but room, or for a time that may have come."""
        return bool(self._delayed) or self.ready.has_any or self._state.pausing is not None

    def together(self, rank: int) -> int | None:
        """How many that ask for the same as the task have room now; None where none of them may go early."""
        line = self._lines[rank]
        return line.held if line.demand.lines_up else None

    def let_go(self, rank: int, usage: Usage | None) -> None:
        """It has ended. What its attempt held is free again, or held by the next of its line that went early."""
        line = self._lines[rank]
        demand = line.demand
        if rank in self._holding:
            self._holding.remove(rank)
            if demand.lines_up and usage is not None:
                line.took(usage.wall)
            if line.early:
                line.early -= 1
                return
            line.held -= 1
            self.held.let_go(demand)
            if demand.gpu:
                self.devices.pop(rank, None)
        for place in demand.places:
            self.ready.freed(place.pool)

    def make_ready(self, rank: int, task: TaskState) -> None:
        """Its trigger says that it runs, or what held it up has let it go."""
        self.is_ready[rank] = True
        looked_up = self._has_key[rank] = task.cache_key is not None
        if self._is_plain[rank] and self._state.pausing is None:
            if looked_up:
                self.ready.put(self._lines[rank], self._order.turns[rank], rank, task.number + 1)
            else:
                heapq.heappush(self._to_look_up, (self._order.turns[rank], rank))
        elif self._waits[rank] and task.deferred_since is not None:
            self.to_take_up.append(rank)
        elif self._stops.is_before(rank):
            self._stops.wait(rank)
        elif self._plan_tasks[rank].map is not None:
            self._bodies.to_expand.append(rank)
        elif not looked_up:
            heapq.heappush(self._to_look_up, (self._order.turns[rank], rank))
        else:
            self._queue(rank, task.number + 1)

    def _next_number(self, rank: int) -> int:
        return self._task(rank).number + 1

    def _task(self, rank: int) -> TaskState:
        return self._state.tasks[self._order.ids[rank]]
