"""Schedule: what could happen next in a run, kept up to date a task at a time.

It is an index over (roster, state) and nothing more: a new one made from the same two stands where one that followed
every event stands, but for which short attempts went early (see `ReadyTasks`), and that changes no outcome. `decide`
takes from it; each event costs its task's own edges, never the whole run.

    waiting ─► ready (see `Beginnings`) ─► open ─► settled
       │          ▲              to_retry ◄─┘
       └─► to_skip, doomed

A mapped task is never launched: it becomes the tasks of its items (see `Bodies`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from treadle.run.beginning import Beginnings
from treadle.run.bodies import Bodies
from treadle.run.ending import Ending, is_cleaning
from treadle.run.order import Order
from treadle.run.plan import PlanTask
from treadle.run.retrying import is_retried, lacks_room
from treadle.run.roster import Roster
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.run.triggers import Verdict
from treadle.run.waiting import Waiting

__all__ = ["Schedule"]

_PENDING, _RETRYING = TaskStatus.PENDING, TaskStatus.RETRYING
_RUN, _SKIP, _UPSTREAM_FAILED = Verdict.RUN, Verdict.SKIP, Verdict.UPSTREAM_FAILED
_PAUSED, _QUEUED, _RUNNING = TaskStatus.PAUSED, TaskStatus.QUEUED, TaskStatus.RUNNING


class Schedule:
    """Tasks by what they wait for. Heaps hold ranks (see `Order`); what went stale in one is passed over."""

    def __init__(self, roster: Roster, state: RunState, order: Order | None = None) -> None:
        self._state = state
        self._roster = roster
        self._order = order or Order.of(roster.plan.tasks)
        self._rank_of = self._order.rank_of
        ids = self._order.ids
        planned = [roster.plan.tasks[task] for task in ids]
        self._plan_tasks: list[PlanTask] = []
        self._seen: list[TaskStatus] = []
        self._to_retry: dict[int, None] = {}
        self._without_room: set[int] = set()
        self._doomed: deque[int] = deque()
        self._to_skip: deque[tuple[int, str]] = deque()
        self._to_stop: deque[int] = deque()
        self._to_drop: deque[int] = deque()
        self._at_the_end = [rank for rank, task in enumerate(planned) if task.at_end is not None]
        self._stopping = False
        self._forced = False
        self._limit = roster.plan.timeout
        self._unsettled = len(planned)
        self._bodies = Bodies()
        self._growing: deque[int] = deque()
        """Maps of whose tasks not all have entered, one after the other."""
        self.beginnings = Beginnings(state, self._order, self._plan_tasks, self._seen, self._bodies)
        self.ending = Ending(planned, self._order)
        self._waiting = Waiting(planned, self._order, state)
        self._take_in(planned)
        for mapped in state.maps:
            if mapped in roster.bodies and state.tasks[mapped].status is _RUNNING:
                self._open(self._order.rank_of[mapped])
                while self._growing:
                    self._take_slice(None)
        for done in (True, False):
            for rank, task in enumerate(ids):
                if self._seen[rank].is_done is done:
                    self._enter(rank, state.tasks[task])

    def _take_in(self, tasks: Iterable[PlanTask]) -> None:
        """The next ranks."""
        for task in tasks:
            self._plan_tasks.append(task)
            self._seen.append(self._state.tasks[task.id].status)
            self.beginnings.take_in(task)

    def _open(self, mapped: int) -> None:
        """The tasks that a map became are to enter."""
        size = len(self._roster.bodies[self._order.ids[mapped]])
        self._unsettled += size
        self._bodies.open(mapped, size)
        if size:
            self._growing.append(mapped)

    def _take_slice(self, most: int | None) -> range:
        """The ranks of the next tasks of the map that grows, whole items; they have not entered yet."""
        mapped = self._growing[0]
        id_ = self._order.ids[mapped]
        whole, before = self._roster.bodies[id_], len(self._bodies.members(mapped))
        of_one = len(self._state.maps[id_].body)
        body = whole[before:] if most is None else whole[before : before + max(1, most // of_one) * of_one]
        ranks = self._order.grow(mapped, body, before, len(whole))
        self._waiting.grow(body)
        self.ending.grow(len(body))
        self._take_in(body)
        self._bodies.join(mapped, ranks)
        if before + len(body) == len(whole):
            self._growing.popleft()
        return ranks

    @property
    def is_growing(self) -> bool:
        """There are tasks of maps that have not entered."""
        return bool(self._growing)

    def grow(self, most: int | None = None) -> None:
        """Tasks that maps became enter: all, or about `most` of them, for each takes its time."""
        while self._growing:
            ranks = self._take_slice(most)
            for rank in ranks:
                task = self._task(rank)
                self._enter(rank, task)
                if task.cancel_requested or self._is_unwanted(rank):
                    self._cancel_alone(rank)
            if self._stopping:
                self._stop(ranks)
            if most is not None:
                break

    @property
    def is_settled(self) -> bool:
        """Nothing can happen any more: every task has ended and none is to be retried."""
        return self._unsettled == 0

    @property
    def lacks_room(self) -> bool:
        """A task is to be tried again for which there was no room on the disk."""
        return bool(self._without_room) and not self._without_room.isdisjoint(self._to_retry)

    def follow(self, changed: str | None) -> None:
        """Takes note that the task `changed` (what `RunState.advance` returned) is another now."""
        if changed is None:
            return
        rank = self._rank_of.get(changed)
        if rank is None:  # of a map that grows: it enters as it then is
            return
        task, before = self._state.tasks[changed], self._seen[rank]
        status = task.status
        if status is before:
            self.beginnings.note(rank, task)
        else:
            self._seen[rank] = status
            if before is not _QUEUED or status is not _RUNNING:  # that its process runs makes nothing else happen
                self._enter(rank, task)
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
        self.beginnings.stop()

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
        dues = [due for due in (self.beginnings.next_retry(), self._deadline()) if due is not None]
        return min(dues, default=None)

    def _deadline(self) -> float | None:
        state = self._state
        if self._limit is None or state.cancel_requested or state.going_since is None or state.paused is not None:
            return None
        return state.going_since + self._limit

    @property
    def has_news(self) -> bool:
        """Something has come to an end, or to nothing, and more follows from that."""
        return bool(
            self._to_stop or self._to_drop or self._doomed or self._to_skip or self._to_retry
            or self._bodies.to_gather or self.beginnings.to_take_up
        )  # fmt: skip

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
            if self._seen[rank] in (_PENDING, _RETRYING, _PAUSED) and rank not in self.beginnings.leaving:
                self.beginnings.leaving.add(rank)
                yield self._order.ids[rank]

    def take_doomed(self) -> Iterator[tuple[str, str]]:
        """Tasks that can't run any more: (task, the one whose failure is the cause), each once."""
        while self._doomed:
            rank = self._doomed.popleft()
            if self._seen[rank] is _PENDING and rank not in self.beginnings.leaving:
                self.beginnings.leaving.add(rank)
                yield self._order.ids[rank], self._waiting.cause(rank)

    def take_skips(self) -> Iterator[tuple[str, str]]:
        """Tasks that are not to run: (task, why), each once."""
        while self._to_skip:
            rank, reason = self._to_skip.popleft()
            if self._seen[rank] is _PENDING and rank not in self.beginnings.leaving:
                self.beginnings.leaving.add(rank)
                yield self._order.ids[rank], reason

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

    def _task(self, rank: int) -> TaskState:
        return self._state.tasks[self._order.ids[rank]]

    def _enter(self, rank: int, task: TaskState) -> None:
        status, beginnings = task.status, self.beginnings
        beginnings.leave(rank)
        if status is _QUEUED:
            beginnings.open(rank)
        elif status.is_done:
            beginnings.let_go(rank, task.usage)
            if status.is_failure and self._may_retry(rank, task):
                self._to_retry[rank] = None
                (self._without_room.add if lacks_room(task.outcome) else self._without_room.discard)(rank)
            else:
                self._settle(rank, task)
        elif status is _PENDING:
            if not beginnings.is_ready[rank]:
                self._consider(rank)
            else:
                beginnings.make_ready(rank, task)
        elif status is _RETRYING:
            self._to_retry.pop(rank, None)
            beginnings.delay(rank, task)
        elif status is _RUNNING:
            if self._plan_tasks[rank].map is not None:
                self._expand(rank)
            else:
                beginnings.open(rank)

    def _expand(self, mapped: int) -> None:
        if not self._bodies.has(mapped):
            self._open(mapped)

    def _consider(self, rank: int) -> None:
        """What becomes of a pending task that is not ready yet."""
        at_end = self._plan_tasks[rank].at_end
        if at_end is None:
            verdict = self._waiting.verdict(rank)
        elif not self.ending.is_near:
            return
        elif (reason := self.ending.misses(at_end, self._state)) is not None:
            self._to_skip.append((rank, reason))
            return
        else:
            verdict = self._waiting.verdict_at_the_end(rank)
        if verdict is _RUN:
            self.beginnings.make_ready(rank, self._task(rank))
        elif verdict is _SKIP:
            self._to_skip.append((rank, self._waiting.reason(rank)))
        elif verdict is _UPSTREAM_FAILED:
            self._doomed.append(rank)

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

    def _settle(self, rank: int, task: TaskState) -> None:
        self._unsettled -= 1
        if self._state.maps:
            self._bodies.settle(rank)
        if self._state.pausing is not None:
            self.beginnings.settle(rank, task.status)
        cause = None if task.cause is None else self._state.tasks.get(task.cause)
        affected: Iterable[int] = self._waiting.end(rank, task.status)
        if self.ending.settle(rank, task, None if cause is None else cause.status):
            affected = (*affected, *self._at_the_end)
        seen, is_ready = self._seen, self.beginnings.is_ready
        for other in affected:
            if seen[other] is _PENDING and not is_ready[other]:
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
            self._settle(rank, self._task(rank))
