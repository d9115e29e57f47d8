"""TaskState: where one task of a run stands, and how an event about it moves it.

An event that tells of another attempt than the current one moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

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
    MapEnded,
    ParamsChanged,
    ProgressReported,
    RetryScheduled,
    SensorPoked,
    TaskCached,
    TaskCancelled,
    TaskDeferred,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.status import TaskStatus
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["TaskEvent", "TaskState", "advanced", "ended_as"]

TaskEvent: TypeAlias = (
    AttemptQueued
    | AttemptLaunched
    | AttemptEnded
    | ProgressReported
    | ArtifactReported
    | CheckpointSaved
    | CacheMissed
    | TaskCached
    | MapEnded
    | RetryScheduled
    | TaskDeferred
    | SensorPoked
    | ApprovalAnswered
    | TaskSkipped
    | TaskUpstreamFailed
    | TaskCancelled
    | CancelRequested
    | ParamsChanged
)


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
    """What the code of the last attempt, or of the cached success, kept besides its outputs, by name."""
    deferred_since: float | None = None
    """Since when it has been waited for; an engine that goes on with the run counts on from there."""
    asks: bool = False
    """While it is deferred: a person is to decide."""
    answer: ApprovalAnswered | None = None
    """What a person decided of it."""
    params: Mapping[str, Value] = {}
    """Values that somebody changed for this run alone."""

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


def advanced(task: TaskState, event: TaskEvent, at: float) -> TaskState | None:
    """`task` after `event`; None where the event tells of another attempt than the current one."""
    match event:
        case AttemptQueued(number=number):
            return _queued(task, number, at)
        case AttemptLaunched(number=number, pid=pid):
            current = number == task.number and task.status is TaskStatus.QUEUED
            return _launched(task, at, pid) if current else None
        case AttemptEnded(number=number):
            return _ended(task, event, at) if number == task.number and task.status.is_open else None
        case CacheMissed(key=key, reason=reason):
            return _missed(task, key, reason)
        case ProgressReported(number=number, fraction=fraction, message=message):
            current = number == task.number and task.status.is_open
            return task._replace(fraction=fraction, message=message) if current else None
        case ArtifactReported(number=number, name=name, artifact=artifact):
            current = number == task.number and task.status.is_open
            return task._replace(kept={**task.kept, name: artifact}) if current else None
        case CheckpointSaved(number=number, artifact=artifact):
            current = number == task.number and task.status.is_open
            return task._replace(checkpoint=artifact) if current else None
        case TaskCached():
            return task._replace(
                status=TaskStatus.CACHED, finished_at=at, cache_key=event.key, outputs=event.outputs,
                cached_from=event.run, kept=event.kept,
            )  # fmt: skip
        case MapEnded(outcome=outcome):
            return _map_ended(task, outcome, at)
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
        case ParamsChanged(params=params):
            return _changed(task, params)
        case _:
            assert_never(event)


def _changed(task: TaskState, params: Mapping[str, Value]) -> TaskState | None:
    """A task that has not begun is looked up anew, and one that waits for its next attempt waits no longer."""
    if not task.status.is_unbegun:
        return None
    return task._replace(
        status=TaskStatus.PENDING if task.status is TaskStatus.RETRYING else task.status,
        params={**task.params, **params}, cache_key=None, reason="", retry_at=None,
    )  # fmt: skip


def _map_ended(task: TaskState, outcome: Outcome, at: float) -> TaskState:
    outputs = outcome.outputs if isinstance(outcome, Succeeded) else {}
    return task._replace(
        status=ended_as(outcome), finished_at=at, outcome=outcome, outputs=outputs, fraction=None, anew=False
    )


def _deferred(task: TaskState, event: TaskDeferred, at: float) -> TaskState:
    since, answer = (at, None) if task.deferred_since is None else (task.deferred_since, task.answer)
    return TaskState(
        TaskStatus.DEFERRED, event.number, at, at, message=event.message, reason=task.reason,
        cache_key=task.cache_key, spent=task.spent, cancel_requested=task.cancel_requested,
        deferred_since=since, asks=event.asks, answer=answer, params=task.params,
    )  # fmt: skip


def _told(answer: ApprovalAnswered) -> str:
    said = f": {answer.note}" if answer.note else ""
    return f"{'approved' if answer.approved else 'rejected'} by {answer.by}{said}"


_FIRST: Final = TaskState()
_STATUS, _NUMBER, _QUEUED_AT, _STARTED_AT, _FINISHED_AT, _PID, _OUTCOME, _USAGE, _OUTPUTS, _REASON, _CACHE_KEY = map(
    TaskState._fields.index,
    ("status", "number", "queued_at", "started_at", "finished_at", "pid", "outcome", "usage", "outputs", "reason",
     "cache_key"),
)  # fmt: skip
_SPENT, _CANCEL_REQUESTED, _CHECKPOINT, _DEFERRED_SINCE, _PARAMS = map(
    TaskState._fields.index, ("spent", "cancel_requested", "checkpoint", "deferred_since", "params")
)

# What follows happens to every task of a run, and goes by place: `_replace` costs four times as much.


def _queued(task: TaskState, number: int, at: float) -> TaskState:
    values: list[Any] = list(_FIRST)
    values[_STATUS], values[_NUMBER], values[_QUEUED_AT] = TaskStatus.QUEUED, number, at
    for place in (_REASON, _CACHE_KEY, _SPENT, _CANCEL_REQUESTED, _CHECKPOINT, _PARAMS):
        values[place] = task[place]
    return tuple.__new__(TaskState, values)


def _launched(task: TaskState, at: float, pid: int) -> TaskState:
    values: list[Any] = list(task)
    values[_STATUS], values[_STARTED_AT], values[_PID] = TaskStatus.RUNNING, at, pid
    return tuple.__new__(TaskState, values)


def _missed(task: TaskState, key: str, reason: str) -> TaskState:
    values: list[Any] = list(task)
    values[_CACHE_KEY], values[_REASON] = key, reason
    return tuple.__new__(TaskState, values)


def _ended(task: TaskState, event: AttemptEnded, at: float) -> TaskState:
    values: list[Any] = list(task)
    values[_STATUS], values[_FINISHED_AT] = ended_as(event.outcome), at
    values[_OUTCOME], values[_USAGE], values[_PID], values[_DEFERRED_SINCE] = event.outcome, event.usage, None, None
    if isinstance(event.outcome, Succeeded):
        values[_OUTPUTS], values[_CHECKPOINT] = event.outcome.outputs, None
    else:
        values[_OUTPUTS] = {}
    return tuple.__new__(TaskState, values)


def ended_as(outcome: Outcome | None) -> TaskStatus:
    """What a task is whose attempt came to `outcome`; without one its process was lost."""
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
