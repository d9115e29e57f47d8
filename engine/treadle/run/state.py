"""What a run has come to: RunState, folded from its events.

The state is never set. `advance` is the only way to move one, an event at a time and in O(1), so a live run,
a late subscriber and a replay of last month's journal cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import assert_never

from msgspec.structs import replace

from treadle.execute.protocol import Crashed
from treadle.run.events import (
    BreakpointSet,
    Event,
    MachineSampled,
    MetricReported,
    Recorded,
    ResourcesSampled,
    RunAdmitted,
    RunContinued,
    RunFinished,
    RunInterrupted,
    RunPaused,
    RunQueued,
    RunResumed,
    RunStarted,
    RunTimedOut,
    TaskExpanded,
    TaskStepped,
)
from treadle.run.expansion import item_ids, owner_of
from treadle.run.interventions import Breakpoint, When
from treadle.run.map_state import MapState, recount
from treadle.run.pausing import Pausing
from treadle.run.status import RunStatus, TaskStatus
from treadle.run.task_state import MOVES, TaskState, ended_as
from treadle.spec.values import Value

__all__ = ["RunState", "RunStatus", "TaskState", "TaskStatus", "fold"]

_RunEvent = RunStarted | RunQueued | RunAdmitted | RunFinished | RunTimedOut | RunInterrupted | RunResumed
_PausingEvent = RunPaused | RunContinued | BreakpointSet | TaskStepped


class RunState:
    """A run, as far as its events go. Read anything; only `advance` changes it.

    `tasks` holds frozen TaskStates, replaced one at a time: an unchanged task is the same object.
    """

    __slots__ = (
        "_last_at",
        "_planned",
        "cancel_forced",
        "cancel_requested",
        "finished_at",
        "going_since",
        "idle",
        "interrupted_because",
        "maps",
        "params",
        "pausing",
        "pipeline",
        "reason",
        "run",
        "seq",
        "started_at",
        "status",
        "tasks",
        "timed_out",
    )

    def __init__(self) -> None:
        self.run = ""
        self.pipeline = ""
        self.status = RunStatus.PENDING
        self.params: Mapping[str, Value] = {}
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.idle = 0.0
        """Seconds between its start and its end in which no engine was at it: before each resume or retry."""
        self._last_at = 0.0
        self.seq = 0
        self.tasks: dict[str, TaskState] = {}
        self._planned: tuple[str, ...] = ()
        self.maps: dict[str, MapState] = {}
        """What the mapped tasks that expanded became, in the order they did."""
        self.cancel_requested = False
        self.cancel_forced = False
        """Somebody asked again: what cleans up is to end too."""
        self.going_since: float | None = None
        """When it started or was last resumed; the time for which it was paused doesn't count."""
        self.pausing: Pausing | None = None
        """None where it was never paused and has no breakpoint."""
        self.timed_out: float | None = None
        """The limit in seconds that it went beyond."""
        self.interrupted_because = ""
        self.reason = ""
        """Why it finished as it did, where the tasks alone don't say."""

    @property
    def paused(self) -> RunPaused | None:
        """What keeps anything new from beginning; None while nothing does."""
        return None if self.pausing is None else self.pausing.paused

    @property
    def breakpoints(self) -> frozenset[Breakpoint]:
        return frozenset() if self.pausing is None else self.pausing.breakpoints

    def duration(self, now: float) -> float | None:
        """Seconds for which it went on from its start, up to `now` while it runs; None before it started."""
        if self.started_at is None:
            return None
        end = now if self.finished_at is None else self.finished_at
        return max(0.0, end - self.started_at - self.idle)

    def counts(self) -> dict[TaskStatus, int]:
        """How many tasks of the plan stand where, for the states that occur; O(those). A map counts as one."""
        counts: dict[TaskStatus, int] = {}
        for task in self.planned().values():
            counts[task.status] = counts.get(task.status, 0) + 1
        return counts

    def planned(self) -> Mapping[str, TaskState]:
        """The tasks that the run began with, without what maps became."""
        if not self.maps:
            return self.tasks
        return {id_: self.tasks[id_] for id_ in self._planned}

    def advance(self, recorded: Recorded) -> str | None:
        """Takes the next event; returns the id of the task that changed, None where no single one did.

        RunStarted, RunInterrupted and RunResumed may change every task and return None too. An event that was
        already taken (`seq` not above the last), or that tells of a task or attempt which isn't the current
        one, changes nothing.
        """
        if recorded.seq <= self.seq:
            return None
        self.seq = recorded.seq
        event = recorded.event
        move = MOVES.get(type(event))
        if move is None:
            changed = self._advance_rarely(event, recorded.at)
            self._last_at = recorded.at
            return changed
        self._last_at = recorded.at
        task: str | None = event.task  # type: ignore[union-attr]  # what is about a task names it
        if task is None:
            return self._cancel()
        before = self.tasks.get(task)
        after = None if before is None else move(before, event, recorded.at)
        if before is None or after is None:
            return None
        self.tasks[task] = after
        if after.status is not before.status:
            if self.pausing is not None:
                self.pausing = self.pausing.follow(task, after.status)
            if self.maps:
                self._count(task, before.status, after.status)
        return task

    def _advance_rarely(self, event: Event, at: float) -> str | None:
        match event:
            case MetricReported() | ResourcesSampled() | MachineSampled():  # what is measured changes nothing
                return None
            case (
                RunStarted()
                | RunQueued()
                | RunAdmitted()
                | RunFinished()
                | RunTimedOut()
                | RunInterrupted()
                | RunResumed()
            ):
                self._advance_run(event, at)
                return None
            case TaskExpanded():
                return self._expand(event, at)
            case RunPaused() | RunContinued() | BreakpointSet() | TaskStepped():
                return self._advance_pausing(event, at)
            case _:  # nor does what only a newer version knows
                return None

    def _cancel(self) -> str | None:
        self.cancel_forced = self.cancel_requested
        self.cancel_requested = True
        return self._end_pausing()

    def _advance_run(self, event: _RunEvent, at: float) -> None:
        match event:
            case RunStarted():
                self.run, self.pipeline, self.params = event.run, event.pipeline, event.params
                self.status, self.started_at, self.going_since = RunStatus.RUNNING, at, at
                self._planned = event.tasks
                self.tasks = dict.fromkeys(event.tasks, TaskState())
                self.tasks.update(dict.fromkeys(event.anew, TaskState(anew=True)))
            case RunQueued():
                self.status, self.reason = RunStatus.QUEUED, event.reason
            case RunAdmitted():
                self.status, self.going_since, self.reason = RunStatus.RUNNING, at, ""
            case RunFinished():
                self.status, self.finished_at, self.reason = RunStatus(event.state), at, event.reason
                self._end_pausing()
            case RunTimedOut():
                self.timed_out, self.cancel_requested = event.limit, True
                self._end_pausing()
            case RunInterrupted():
                self._stand_still(self._last_at, at)  # found now; its engine was gone since what it last wrote
                self.status, self.finished_at = RunStatus.INTERRUPTED, at
                self.interrupted_because = event.reason
                self._end_pausing()
                self._lose_open_attempts(event.reason, at)
            case RunResumed():
                self._stand_still(self.finished_at, at)
                self.status, self.finished_at, self.going_since = RunStatus.RUNNING, None, at
                self.cancel_requested, self.cancel_forced, self.timed_out = False, False, None
                self.interrupted_because, self.reason = "", ""
                self._resume(event, at)
            case _:
                assert_never(event)

    def _stand_still(self, since: float | None, until: float) -> None:
        if since is not None:
            self.idle += max(0.0, until - since)

    def _resume(self, event: RunResumed, at: float) -> None:
        if self.pausing is not None:
            self.pausing = self.pausing.resume(event.tasks)
        self._fold_up(set(event.tasks) & self.maps.keys() - set(event.expanded))
        for task in event.tasks:
            if (before := self.tasks.get(task)) is not None:
                self.tasks[task] = TaskState(
                    number=before.number,
                    spent=max(before.number, before.spent),
                    checkpoint=before.checkpoint,
                    anew=before.anew or task in event.anew,
                    deferred_since=before.deferred_since,
                    answer=before.answer if before.deferred_since is not None else None,
                    reason=before.reason if before.deferred_since is not None else "",
                    params=before.params,
                )
        for task in self.maps.keys() & set(event.expanded):
            self.tasks[task] = replace(self.tasks[task], status=TaskStatus.RUNNING, started_at=at)
        recount(self.maps, self.tasks)

    def _fold_up(self, mapped: AbstractSet[str]) -> None:
        """Forgets what these became. What they become next counts its attempts on from there."""
        spent = dict.fromkeys(mapped, 0)
        for id_ in list(self.tasks) if mapped else ():
            owner = owner_of(id_)
            while owner is not None and owner not in mapped:
                owner = owner_of(owner)
            if owner is not None:
                gone = self.tasks.pop(id_)
                self.maps.pop(id_, None)
                spent[owner] = max(spent[owner], gone.number, gone.spent)
        for id_ in mapped & self.tasks.keys():
            self.maps.pop(id_)
            self.tasks[id_] = replace(self.tasks[id_], spent=max(spent[id_], self.tasks[id_].spent))

    def _expand(self, event: TaskExpanded, at: float) -> str | None:
        before = self.tasks.get(event.task)
        if before is None or before.status is not TaskStatus.PENDING:
            return None
        params = before.params if event.body == ("",) else {}
        first = TaskState(number=before.spent, spent=before.spent, anew=before.anew, params=params)
        self.tasks.update(dict.fromkeys(item_ids(event.task, event.items, event.body), first))
        self.tasks[event.task] = replace(before, status=TaskStatus.RUNNING, started_at=at)
        self.maps[event.task] = MapState(event.items, event.source, event.body)
        self._count(event.task, before.status, TaskStatus.RUNNING)
        return event.task

    def _count(self, task: str, before: TaskStatus, after: TaskStatus) -> None:
        if self.maps and (owner := owner_of(task)) is not None:
            self.maps[owner].count(task, before, after)

    def _lose_open_attempts(self, reason: str, at: float) -> None:
        for id_, task in self.tasks.items():
            if task.status.is_open and (task.status is TaskStatus.DEFERRED or id_ in self.maps):
                self.tasks[id_] = replace(task, status=TaskStatus.PENDING, started_at=None, message="")
            elif task.status.is_open:
                lost = replace(task, status=TaskStatus.CRASHED, outcome=Crashed(reason), finished_at=at, pid=None)
                self.tasks[id_] = lost
            elif task.status is TaskStatus.RETRYING:
                self.tasks[id_] = replace(task, status=ended_as(task.outcome), retry_at=None)
        recount(self.maps, self.tasks)

    def _advance_pausing(self, event: _PausingEvent, at: float) -> str | None:
        pausing = self.pausing or Pausing()
        match event:
            case RunPaused():
                self.pausing = pausing.pause(event, at)
                return self._hold(event.task) if self.pausing is not pausing and event.when is When.BEFORE else None
            case RunContinued():
                if self.going_since is not None and pausing.paused is not None:
                    self.going_since += at - pausing.since
                self.pausing = pausing.go_on()
                return self._let_go(pausing)
            case BreakpointSet(task=task):
                if task in self.tasks:
                    self.pausing = pausing.set(event, self.tasks[task].status)
                return task if task in self.tasks else None
            case TaskStepped(task=task):
                self.pausing = pausing.step(task)
                return self._release(task) if self.pausing is not pausing else None
            case _:
                assert_never(event)

    def _end_pausing(self) -> str | None:
        """Returns the task that was held, if one was."""
        if (pausing := self.pausing) is None:
            return None
        self.pausing = pausing.end()
        return self._let_go(pausing)

    def _let_go(self, pausing: Pausing) -> str | None:
        return None if pausing.paused is None else self._release(pausing.paused.task)

    def _hold(self, task: str | None) -> str | None:
        found = None if task is None else self.tasks.get(task)
        if task is None or found is None or found.status not in (TaskStatus.PENDING, TaskStatus.RETRYING):
            return None
        self.tasks[task] = replace(found, status=TaskStatus.PAUSED)
        self._count(task, found.status, TaskStatus.PAUSED)
        return task

    def _release(self, task: str | None) -> str | None:
        """What the breakpoint before `task` held is where it was."""
        found = None if task is None else self.tasks.get(task)
        if task is None or found is None:
            return None
        if found.status is not TaskStatus.PAUSED:
            return task
        was = TaskStatus.PENDING if found.retry_at is None else TaskStatus.RETRYING
        self.tasks[task] = replace(found, status=was)
        self._count(task, found.status, was)
        return task


def fold(events: Iterable[Recorded]) -> RunState:
    """The state after all `events`, in order."""
    state = RunState()
    for recorded in events:
        state.advance(recorded)
    return state
