"""Where a task and a run stand, in a word. Derived from events only; DESIGN's table has the words.

pending ─► queued ─► running ─► succeeded | failed | crashed | timed_out | cancelled
   ▲                               │ (retry)
   └── resumed        retrying ◄───┘
pending ─► deferred ─► succeeded | failed | timed_out | cancelled      (the engine itself waits)
pending ─► cached | skipped | upstream_failed | cancelled
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["RunStatus", "TaskStatus"]


class TaskStatus(StrEnum):
    """Where a task stands. Derived from events only."""

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
    def is_unbegun(self) -> bool:
        """No attempt of it is open, and another may come: its values may still be changed."""
        return self in _UNBEGUN

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


_UNBEGUN: Final = frozenset({TaskStatus.PENDING, TaskStatus.PAUSED, TaskStatus.RETRYING})
_OPEN: Final = frozenset({TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.DEFERRED})
_SUCCESS: Final = frozenset({TaskStatus.SUCCEEDED, TaskStatus.CACHED})
_FAILURE: Final = frozenset({TaskStatus.FAILED, TaskStatus.CRASHED, TaskStatus.TIMED_OUT})
_DONE: Final = _SUCCESS | _FAILURE | {TaskStatus.CANCELLED, TaskStatus.SKIPPED, TaskStatus.UPSTREAM_FAILED}


class RunStatus(StrEnum):
    """Where a run stands. `queued`: it waits for other runs of its pipeline. `interrupted`: its engine went away before
    it had finished."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_done(self) -> bool:
        """No engine works on it any more."""
        return self not in (RunStatus.PENDING, RunStatus.QUEUED, RunStatus.RUNNING)

    @property
    def is_going_on(self) -> bool:
        """An engine works on it, or it waits for its turn there."""
        return self in (RunStatus.QUEUED, RunStatus.RUNNING)
