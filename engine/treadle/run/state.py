"""What a run has come to: RunState, folded from its events.

The state is never set. `advance` is the only way to move one, an event at a time and in O(1), so a live run,
a late subscriber and a replay of last month's journal cannot disagree.

    pending ─► queued ─► running ─► succeeded | failed | crashed | timed_out | cancelled
       ▲                               │ (retry)
       └── resumed        retrying ◄───┘
    pending ─► deferred ─► succeeded | failed | timed_out | cancelled      (the engine itself waits)
    pending ─► cached | skipped | upstream_failed | cancelled
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from treadle.execute.protocol import Cancelled, Crashed, Failed, Outcome, Succeeded, TimedOut, Usage
from treadle.run.events import (
    ApprovalAnswered,
    ArtifactReported,
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    CacheMissed,
    CancelRequested,
    CheckpointSaved,
    MachineSampled,
    MetricReported,
    ProgressReported,
    Recorded,
    ResourcesSampled,
    RetryScheduled,
    RunFinished,
    RunInterrupted,
    RunResumed,
    RunStarted,
    RunTimedOut,
    SensorPoked,
    TaskCached,
    TaskCancelled,
    TaskDeferred,
    TaskSkipped,
    TaskUpstreamFailed,
    UnknownEvent,
)
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["RunState", "RunStatus", "TaskState", "TaskStatus", "fold"]


class TaskStatus(StrEnum):
    """Where a task stands; see DESIGN's words. Derived from events only."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    DEFERRED = "deferred"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    CACHED = "cached"
    FAILED = "failed"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"

    # An enum's own hash is Python code, and these are looked up several times an event.
    __hash__ = str.__hash__

    @property
    def is_open(self) -> bool:
        """An attempt of it is with the executor, or the engine itself waits for it."""
        return self in _OPEN

    @property
    def is_done(self) -> bool:
        """It has ended, well or not; only a retry or a resume changes it again."""
        return self in _DONE

    @property
    def is_success(self) -> bool:
        return self in _SUCCESS

    @property
    def is_failure(self) -> bool:
        """It makes the run fail: its own attempt went wrong."""
        return self in _FAILURE


_OPEN: Final = frozenset({TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.DEFERRED})
_SUCCESS: Final = frozenset({TaskStatus.SUCCEEDED, TaskStatus.CACHED})
_FAILURE: Final = frozenset({TaskStatus.FAILED, TaskStatus.CRASHED, TaskStatus.TIMED_OUT})
_DONE: Final = _SUCCESS | _FAILURE | {TaskStatus.CANCELLED, TaskStatus.SKIPPED, TaskStatus.UPSTREAM_FAILED}


class RunStatus(StrEnum):
    """Where a run stands. `interrupted`: its engine went away before it had finished."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_done(self) -> bool:
        """No engine works on it any more."""
        return self not in (RunStatus.PENDING, RunStatus.RUNNING)


class TaskState(NamedTuple):
    """A task's last attempt and what came of it. Times are epoch seconds; `fraction` is in 0..1.

    A named tuple and no dataclass, as is the rule here: every event makes one, and a copy costs a third.
    """

    status: TaskStatus = TaskStatus.PENDING
    number: int = 0
    """The last attempt; 0 where there was none. It counts on through a resume, so that no log is overwritten."""
    queued_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    fraction: float | None = None
    message: str = ""
    pid: int | None = None
    outcome: Outcome | None = None
    usage: Usage | None = None
    outputs: Mapping[str, ArtifactRef] = {}
    reason: str = ""
    """Why it ran (not from the cache) or was skipped."""
    cause: str | None = None
    """The task whose failure keeps this one from running."""
    cached_from: str | None = None
    """The run in which the cached success ran."""
    cache_key: str | None = None
    """The key that was looked up; None before."""
    retry_at: float | None = None
    spent: int = 0
    """Attempts made before the last resume: they don't count against `retries`."""
    cancel_requested: bool = False
    checkpoint: ArtifactRef | None = None
    """Where the next attempt may go on from; gone once the task has succeeded."""
    anew: bool = False
    """Somebody asked for it to run whatever the cache has; so until its next attempt."""
    kept: Mapping[str, ArtifactRef] = {}
    """What the code of the last attempt kept besides its outputs, by name."""
    deferred_since: float | None = None
    """Since when it has been waited for; an engine that goes on with the run counts on from there."""
    asks: bool = False
    """While it is deferred: a person is to decide."""
    answer: ApprovalAnswered | None = None
    """What a person decided of it."""

    @property
    def is_asked(self) -> bool:
        """A person is to decide, and none has yet."""
        return self.status is TaskStatus.DEFERRED and self.asks and self.answer is None

    def duration(self, now: float) -> float | None:
        """Seconds of the last attempt, up to `now` while it runs; None where nothing ran."""
        if self.started_at is None:
            return None
        end = now if self.finished_at is None else self.finished_at
        return max(0.0, end - self.started_at)


class RunState:
    """A run, as far as its events go. Read anything; only `advance` changes it.

    `tasks` holds frozen TaskStates, replaced one at a time: an unchanged task is the same object.
    """

    __slots__ = (
        "cancel_forced",
        "cancel_requested",
        "finished_at",
        "going_since",
        "interrupted_because",
        "params",
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
        self.seq = 0
        self.tasks: dict[str, TaskState] = {}
        self.cancel_requested = False
        self.cancel_forced = False
        """Somebody asked again: what cleans up is to end too."""
        self.going_since: float | None = None
        """When it started or was last resumed."""
        self.timed_out: float | None = None
        """The limit in seconds that it went beyond."""
        self.interrupted_because = ""
        self.reason = ""
        """Why it finished as it did, where the tasks alone don't say."""

    def duration(self, now: float) -> float | None:
        """Seconds from start to finish, up to `now` while it runs; None before it started."""
        if self.started_at is None:
            return None
        end = now if self.finished_at is None else self.finished_at
        return max(0.0, end - self.started_at)

    def counts(self) -> dict[TaskStatus, int]:
        """How many tasks stand where, for the states that occur; O(tasks)."""
        counts: dict[TaskStatus, int] = {}
        for task in self.tasks.values():
            counts[task.status] = counts.get(task.status, 0) + 1
        return counts

    def advance(self, recorded: Recorded) -> str | None:
        """Takes the next event; returns the id of the task that changed, None where no single one did.

        RunStarted, RunInterrupted and RunResumed may change every task and return None too. An event that was
        already taken (`seq` not above the last), or that tells of a task or attempt which isn't the current
        one, changes nothing.
        """
        if recorded.seq <= self.seq:
            return None
        self.seq = recorded.seq
        match recorded.event:
            # First what comes most: of 100,000 tasks each has four of these.
            case AttemptQueued() | AttemptLaunched() | AttemptEnded() | CacheMissed() | TaskCached() as event:
                return self._advance_task(event, recorded.at)
            case RunStarted() | RunFinished() | RunTimedOut() | RunInterrupted() | RunResumed() as event:
                self._advance_run(event, recorded.at)
                return None
            case CancelRequested(task=None):
                self.cancel_forced = self.cancel_requested
                self.cancel_requested = True
                return None
            case MetricReported() | ResourcesSampled() | MachineSampled() | UnknownEvent():
                return None
            case event:
                return self._advance_task(event, recorded.at)

    def _advance_run(self, event: _RunEvent, at: float) -> None:
        match event:
            case RunStarted():
                self.run, self.pipeline, self.params = event.run, event.pipeline, event.params
                self.status, self.started_at, self.going_since = RunStatus.RUNNING, at, at
                self.tasks = dict.fromkeys(event.tasks, TaskState())
                self.tasks.update(dict.fromkeys(event.anew, TaskState(anew=True)))
            case RunFinished():
                self.status, self.finished_at, self.reason = RunStatus(event.state), at, event.reason
            case RunTimedOut():
                self.timed_out, self.cancel_requested = event.limit, True
            case RunInterrupted():
                self.status, self.finished_at = RunStatus.INTERRUPTED, at
                self.interrupted_because = event.reason
                self._lose_open_attempts(event.reason, at)
            case RunResumed():
                self.status, self.finished_at, self.going_since = RunStatus.RUNNING, None, at
                self.cancel_requested, self.cancel_forced, self.timed_out = False, False, None
                self.interrupted_because, self.reason = "", ""
                for task in event.tasks:
                    if (before := self.tasks.get(task)) is not None:
                        self.tasks[task] = TaskState(
                            number=before.number,
                            spent=before.number,
                            checkpoint=before.checkpoint,
                            anew=before.anew or task in event.anew,
                            deferred_since=before.deferred_since,
                            answer=before.answer if before.deferred_since is not None else None,
                        )
            case _:
                assert_never(event)

    def _lose_open_attempts(self, reason: str, at: float) -> None:
        for id_, task in self.tasks.items():
            if task.status is TaskStatus.DEFERRED:
                self.tasks[id_] = task._replace(status=TaskStatus.PENDING, started_at=None, message="")
            elif task.status.is_open:
                lost = task._replace(status=TaskStatus.CRASHED, outcome=Crashed(reason), finished_at=at, pid=None)
                self.tasks[id_] = lost
            elif task.status is TaskStatus.RETRYING:
                self.tasks[id_] = task._replace(status=_ended_as(task.outcome), retry_at=None)

    def _advance_task(self, event: _TaskEvent, at: float) -> str | None:
        before = None if event.task is None else self.tasks.get(event.task)
        after = None if before is None else _advanced(before, event, at)
        if event.task is None or after is None:
            return None
        self.tasks[event.task] = after
        return event.task


_RunEvent = RunStarted | RunFinished | RunTimedOut | RunInterrupted | RunResumed
_TaskEvent = (
    AttemptQueued
    | AttemptLaunched
    | AttemptEnded
    | ProgressReported
    | ArtifactReported
    | CheckpointSaved
    | CacheMissed
    | TaskCached
    | RetryScheduled
    | TaskDeferred
    | SensorPoked
    | ApprovalAnswered
    | TaskSkipped
    | TaskUpstreamFailed
    | TaskCancelled
    | CancelRequested
)


def _advanced(task: TaskState, event: _TaskEvent, at: float) -> TaskState | None:
    """`task` after `event`; None where the event tells of another attempt than the current one."""
    match event:
        case AttemptQueued(number=number):
            return TaskState(
                TaskStatus.QUEUED, number, at, reason=task.reason, cache_key=task.cache_key, spent=task.spent,
                cancel_requested=task.cancel_requested, checkpoint=task.checkpoint,
            )  # fmt: skip
        case AttemptLaunched(number=number, pid=pid):
            current = number == task.number and task.status is TaskStatus.QUEUED
            return task._replace(status=TaskStatus.RUNNING, started_at=at, pid=pid) if current else None
        case AttemptEnded(number=number):
            return _ended(task, event, at) if number == task.number and task.status.is_open else None
        case ProgressReported(number=number, fraction=fraction, message=message):
            current = number == task.number and task.status.is_open
            return task._replace(fraction=fraction, message=message) if current else None
        case ArtifactReported(number=number, name=name, artifact=artifact):
            current = number == task.number and task.status.is_open
            return task._replace(kept={**task.kept, name: artifact}) if current else None
        case CheckpointSaved(number=number, artifact=artifact):
            current = number == task.number and task.status.is_open
            return task._replace(checkpoint=artifact) if current else None
        case CacheMissed(key=key, reason=reason):
            return task._replace(cache_key=key, reason=reason)
        case TaskCached(key=key, outputs=outputs, run=run):
            return task._replace(
                status=TaskStatus.CACHED, finished_at=at, cache_key=key, outputs=outputs, cached_from=run
            )
        case RetryScheduled(at=retry_at):
            return task._replace(status=TaskStatus.RETRYING, retry_at=retry_at)
        case TaskDeferred():
            return _deferred(task, event, at)
        case SensorPoked(number=number, message=message):
            current = number == task.number and task.status is TaskStatus.DEFERRED
            return task._replace(message=message) if current else None
        case ApprovalAnswered():
            first = task.is_asked
            return task._replace(answer=event, message=_told(event)) if first else None
        case TaskSkipped(reason=reason):
            return task._replace(status=TaskStatus.SKIPPED, finished_at=at, reason=reason)
        case TaskUpstreamFailed(cause=cause):
            return task._replace(status=TaskStatus.UPSTREAM_FAILED, finished_at=at, cause=cause)
        case TaskCancelled():
            return task._replace(status=TaskStatus.CANCELLED, finished_at=at, retry_at=None)
        case CancelRequested():
            return task._replace(cancel_requested=True)
        case _:
            assert_never(event)


def _deferred(task: TaskState, event: TaskDeferred, at: float) -> TaskState:
    since, answer = (at, None) if task.deferred_since is None else (task.deferred_since, task.answer)
    return TaskState(
        TaskStatus.DEFERRED, event.number, at, at, message=event.message, reason=task.reason,
        cache_key=task.cache_key, spent=task.spent, cancel_requested=task.cancel_requested,
        deferred_since=since, asks=event.asks, answer=answer,
    )  # fmt: skip


def _told(answer: ApprovalAnswered) -> str:
    said = f": {answer.note}" if answer.note else ""
    return f"{'approved' if answer.approved else 'rejected'} by {answer.by}{said}"


def _ended(task: TaskState, event: AttemptEnded, at: float) -> TaskState:
    succeeded = isinstance(event.outcome, Succeeded)
    return task._replace(
        status=_ended_as(event.outcome), finished_at=at, outcome=event.outcome, usage=event.usage,
        outputs=event.outcome.outputs if isinstance(event.outcome, Succeeded) else {}, pid=None,
        checkpoint=None if succeeded else task.checkpoint, deferred_since=None,
    )  # fmt: skip


def _ended_as(outcome: Outcome | None) -> TaskStatus:
    match outcome:
        case Succeeded():
            return TaskStatus.SUCCEEDED
        case Failed():
            return TaskStatus.FAILED
        case Crashed() | None:
            return TaskStatus.CRASHED
        case TimedOut():
            return TaskStatus.TIMED_OUT
        case Cancelled():
            return TaskStatus.CANCELLED
        case _:
            assert_never(outcome)


def fold(events: Iterable[Recorded]) -> RunState:
    """The state after all `events`, in order."""
    state = RunState()
    for recorded in events:
        state.advance(recorded)
    return state
