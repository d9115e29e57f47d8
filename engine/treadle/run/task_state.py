"""TaskState: where one task of a run stands, and how an event about it moves it.

An event that tells of another attempt than the current one moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec.structs import replace

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
from treadle.run.retrying import lacks_room
from treadle.run.status import TaskStatus
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["MOVES", "TaskEvent", "TaskState", "ended_as"]

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


class TaskState(msgspec.Struct, frozen=True, gc=False):
    """A task's last attempt and what came of it. Times are epoch seconds; `fraction` is in 0..1.

    A Struct as the events are, for every event makes one.
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
    """Attempts made before the last resume, and those that a full disk undid: they don't count against `retries`."""
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


_QUEUED, _RUNNING = TaskStatus.QUEUED, TaskStatus.RUNNING  # found anew in the enum they cost as much as all the rest


def _missed(task: TaskState, event: CacheMissed, at: float) -> TaskState:
    return replace(task, cache_key=event.key, reason=event.reason)


def _cached(task: TaskState, event: TaskCached, at: float) -> TaskState:
    return replace(
        task,
        status=TaskStatus.CACHED,
        finished_at=at,
        cache_key=event.key,
        outputs=event.outputs,
        cached_from=event.run,
        kept=event.kept,
    )


def _queued(task: TaskState, event: AttemptQueued, at: float) -> TaskState:
    """An attempt begins with nothing of the one before but where it may go on from."""
    return replace(
        _FIRST, status=_QUEUED, number=event.number, queued_at=at, reason=task.reason,
        cache_key=task.cache_key, spent=task.spent, cancel_requested=task.cancel_requested,
        checkpoint=task.checkpoint, params=task.params,
    )  # fmt: skip


def _launched(task: TaskState, event: AttemptLaunched, at: float) -> TaskState | None:
    if event.number != task.number or task.status is not _QUEUED:
        return None
    return replace(task, status=_RUNNING, started_at=at, pid=event.pid)


def _progressed(task: TaskState, event: ProgressReported, at: float) -> TaskState | None:
    return replace(task, fraction=event.fraction, message=event.message) if _is_open(task, event.number) else None


def _kept(task: TaskState, event: ArtifactReported, at: float) -> TaskState | None:
    return replace(task, kept={**task.kept, event.name: event.artifact}) if _is_open(task, event.number) else None


def _saved(task: TaskState, event: CheckpointSaved, at: float) -> TaskState | None:
    return replace(task, checkpoint=event.artifact) if _is_open(task, event.number) else None


def _ended(task: TaskState, event: AttemptEnded, at: float) -> TaskState | None:
    if event.number != task.number or not task.status.is_open:
        return None
    outcome, outputs, checkpoint = event.outcome, _FIRST.outputs, task.checkpoint
    if isinstance(outcome, Succeeded):
        outputs, checkpoint = outcome.outputs, None
    return replace(
        task, status=_ENDS[type(outcome)], finished_at=at, outcome=outcome, usage=event.usage, pid=None,
        deferred_since=None, outputs=outputs, checkpoint=checkpoint, spent=task.spent + lacks_room(outcome),
    )  # fmt: skip


def _map_ended(task: TaskState, event: MapEnded, at: float) -> TaskState:
    outcome = event.outcome
    outputs = outcome.outputs if isinstance(outcome, Succeeded) else {}
    return replace(
        task, status=ended_as(outcome), finished_at=at, outcome=outcome, outputs=outputs, fraction=None, anew=False
    )


def _to_be_retried(task: TaskState, event: RetryScheduled, at: float) -> TaskState:
    return replace(task, status=TaskStatus.RETRYING, retry_at=event.at)


def _deferred(task: TaskState, event: TaskDeferred, at: float) -> TaskState:
    since, answer = (at, None) if task.deferred_since is None else (task.deferred_since, task.answer)
    return TaskState(
        TaskStatus.DEFERRED, event.number, at, at, message=event.message, reason=task.reason,
        cache_key=task.cache_key, spent=task.spent, cancel_requested=task.cancel_requested,
        deferred_since=since, asks=event.asks, answer=answer, params=task.params,
    )  # fmt: skip


def _poked(task: TaskState, event: SensorPoked, at: float) -> TaskState | None:
    current = event.number == task.number and task.status is TaskStatus.DEFERRED
    return replace(task, message=event.message) if current else None


def _answered(task: TaskState, event: ApprovalAnswered, at: float) -> TaskState | None:
    return replace(task, answer=event, message=_told(event)) if task.is_asked else None


def _skipped(task: TaskState, event: TaskSkipped, at: float) -> TaskState:
    return replace(task, status=TaskStatus.SKIPPED, finished_at=at, reason=event.reason)


def _doomed(task: TaskState, event: TaskUpstreamFailed, at: float) -> TaskState:
    return replace(task, status=TaskStatus.UPSTREAM_FAILED, finished_at=at, cause=event.cause)


def _cancelled(task: TaskState, event: TaskCancelled, at: float) -> TaskState:
    return replace(task, status=TaskStatus.CANCELLED, finished_at=at, retry_at=None)


def _to_be_cancelled(task: TaskState, event: CancelRequested, at: float) -> TaskState:
    return replace(task, cancel_requested=True)


def _changed(task: TaskState, event: ParamsChanged, at: float) -> TaskState | None:
    """A task that has not begun is looked up anew, and one that waits for its next attempt waits no longer."""
    if not task.status.is_unbegun:
        return None
    return replace(
        task, status=TaskStatus.PENDING if task.status is TaskStatus.RETRYING else task.status,
        params={**task.params, **event.params}, cache_key=None, reason="", retry_at=None,
    )  # fmt: skip


MOVES: Final[Mapping[type, Callable[[TaskState, Any, float], TaskState | None]]] = {
    CacheMissed: _missed, TaskCached: _cached, AttemptQueued: _queued, AttemptLaunched: _launched,
    ProgressReported: _progressed, ArtifactReported: _kept, CheckpointSaved: _saved, AttemptEnded: _ended,
    MapEnded: _map_ended, RetryScheduled: _to_be_retried, TaskDeferred: _deferred, SensorPoked: _poked,
    ApprovalAnswered: _answered, TaskSkipped: _skipped, TaskUpstreamFailed: _doomed, TaskCancelled: _cancelled,
    CancelRequested: _to_be_cancelled, ParamsChanged: _changed,
}  # fmt: skip
"""How each kind of event about a task moves it: the task after an event that came at a time; None where it tells of
another attempt than the current one. A table and no `match`, for a run of 100,000 tasks goes through it half a million
times."""

_FIRST: Final = TaskState()


def _is_open(task: TaskState, number: int) -> bool:
    return number == task.number and task.status.is_open


def _told(answer: ApprovalAnswered) -> str:
    said = f": {answer.note}" if answer.note else ""
    return f"{'approved' if answer.approved else 'rejected'} by {answer.by}{said}"


_ENDS: Final[Mapping[type[Outcome | None], TaskStatus]] = {
    Succeeded: TaskStatus.SUCCEEDED, Failed: TaskStatus.FAILED, Crashed: TaskStatus.CRASHED,
    TimedOut: TaskStatus.TIMED_OUT, Cancelled: TaskStatus.CANCELLED, type(None): TaskStatus.CRASHED,
}  # fmt: skip


def ended_as(outcome: Outcome | None) -> TaskStatus:
    """What a task is whose attempt came to `outcome`; without one its process was lost."""
    return _ENDS[type(outcome)]
