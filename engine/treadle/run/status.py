"""Where a task and a run stand, in a word. Derived from events only; DESIGN's table has the words.

pending ─► queued ─► running ─► succeeded | failed | crashed | timed_out | cancelled
   ▲                               │ (retry)
   └── resumed        retrying ◄───┘
pending ─► deferred ─► succeeded | failed | timed_out | cancelled      (the engine itself waits)
pending ─► cached | skipped | upstream_failed | cancelled
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["RunStatus", "TaskStatus"]


class TaskStatus(StrEnum):
    """Where a task stands. Derived from events only."""

    is_open: bool
    """An attempt of it is with the executor, or the engine itself waits for it."""
    is_unbegun: bool
    """No attempt of it is open, and another may come: its values may still be changed."""
    is_done: bool
    """It has ended, well or not; only a retry or a resume changes it again."""
    is_success: bool
    is_failure: bool
    """It makes the run fail: its own attempt went wrong."""

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

    def __init__(self, word: str) -> None:
        # Known once and for all: these are asked several times an event.
        self.is_open = word in ("queued", "running", "deferred")
        self.is_unbegun = word in ("pending", "paused", "retrying")
        self.is_success = word in ("succeeded", "cached")
        self.is_failure = word in ("failed", "crashed", "timed_out")
        self.is_done = not (self.is_open or self.is_unbegun)


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
