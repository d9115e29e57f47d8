"""Commands: what the core wants done next. `decide.py` says which and when, `obeying.py` carries them out."""

from __future__ import annotations

from typing import TypeAlias

from treadle.run.interventions import Breakpoint
from treadle.run.state import RunStatus
from treadle.spec.facts import Fact

__all__ = [
    "AdmitRun", "CancelAttempt", "Command", "Defer", "Expand", "FinishRun", "Gather", "Launch", "LookUpCache",
    "MarkCancelled", "MarkSkipped", "MarkUpstreamFailed", "PauseRun", "QueueRun", "ScheduleRetry", "TimeOutRun",
]  # fmt: skip


class CancelAttempt(Fact, frozen=True):
    task: str
    number: int


class MarkCancelled(Fact, frozen=True):
    task: str


class MarkUpstreamFailed(Fact, frozen=True):
    task: str
    cause: str


class MarkSkipped(Fact, frozen=True):
    task: str
    reason: str


class ScheduleRetry(Fact, frozen=True):
    """`at` in epoch seconds."""

    task: str
    number: int
    at: float


class LookUpCache(Fact, frozen=True):
    task: str


class Expand(Fact, frozen=True):
    """Its items are to be found."""

    task: str


class Gather(Fact, frozen=True):
    """What its items gave is to be put into lists."""

    task: str


class Launch(Fact, frozen=True):
    """`devices` are the GPUs that it is given, None where it said nothing of any and sees what the engine sees. Where
    processes serve many, so many of its like have room to go on `together`, and one more than that waits in line."""

    task: str
    number: int
    devices: tuple[str, ...] | None = None
    together: int | None = None


class Defer(Fact, frozen=True):
    """It takes no room: no process works on it."""

    task: str
    number: int


class QueueRun(Fact, frozen=True):
    """The run is to wait: so many of the same pipeline are `ahead` of it."""

    ahead: int


class AdmitRun(Fact, frozen=True):
    """Its turn has come, or it was cancelled while it waited, and need not wait for that."""


class TimeOutRun(Fact, frozen=True):
    """`limit` in seconds."""

    limit: float


class PauseRun(Fact, frozen=True):
    """None: the disk is full."""

    at: Breakpoint | None


class FinishRun(Fact, frozen=True):
    status: RunStatus
    reason: str = ""


Command: TypeAlias = (
    QueueRun | AdmitRun | TimeOutRun | CancelAttempt | MarkCancelled | MarkUpstreamFailed | MarkSkipped
    | ScheduleRetry | LookUpCache | Expand | Gather | Defer | Launch | PauseRun | FinishRun
)  # fmt: skip
