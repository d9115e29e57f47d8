"""What to do next in a run: commands, from the roster, the state, the machine's capacity and the time passed in.

No effect, no clock, no randomness. Each rule below takes from the Schedule what it speaks for; a command is given
once, and what comes of it returns as an event. After a crash a Schedule made from the folded state gives every
command again whose event was never written.

    TimeOutRun      the run went beyond its limit       → RunTimedOut
    CancelAttempt   an open attempt is to end           → AttemptEnded
    MarkCancelled   a task is not to begin              → TaskCancelled
    MarkUpstream…   a failure keeps a task from running → TaskUpstreamFailed
    MarkSkipped     a task is not to run                → TaskSkipped
    ScheduleRetry   a failed attempt has tries left     → RetryScheduled
    LookUpCache     a task's trigger says run           → TaskCached | CacheMissed
    Defer           the engine itself is to wait        → TaskDeferred …
    Launch          it has to run, and there is room    → AttemptQueued …
    FinishRun       nothing is left to do               → RunFinished
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from treadle.run.retrying import pause
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule, cpu_of
from treadle.run.state import RunState, RunStatus

__all__ = [
    "CancelAttempt", "Capacity", "Command", "Defer", "FinishRun", "Launch", "LookUpCache", "MarkCancelled",
    "MarkSkipped", "MarkUpstreamFailed", "ScheduleRetry", "TimeOutRun", "decide", "next_commands",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the machine has for attempts: cores, bytes, devices. `parallel` attempts at once; None for the cores.

    `shared` where it is what other runs leave: then nothing that asks for more may run.
    """

    cpu: float
    memory: int
    gpu: int = 0
    parallel: int | None = None
    shared: bool = False

    @property
    def attempts(self) -> int:
        return max(1, int(self.cpu)) if self.parallel is None else self.parallel


@dataclass(frozen=True, slots=True)
class CancelAttempt:
    task: str
    number: int


@dataclass(frozen=True, slots=True)
class MarkCancelled:
    task: str


@dataclass(frozen=True, slots=True)
class MarkUpstreamFailed:
    task: str
    cause: str


@dataclass(frozen=True, slots=True)
class MarkSkipped:
    task: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScheduleRetry:
    """`at` in epoch seconds."""

    task: str
    number: int
    at: float


@dataclass(frozen=True, slots=True)
class LookUpCache:
    task: str


@dataclass(frozen=True, slots=True)
class Launch:
    task: str
    number: int


@dataclass(frozen=True, slots=True)
class Defer:
    """It takes no room: no process works on it."""

    task: str
    number: int


@dataclass(frozen=True, slots=True)
class TimeOutRun:
    """`limit` in seconds."""

    limit: float


@dataclass(frozen=True, slots=True)
class FinishRun:
    status: RunStatus
    reason: str = ""


Command = (
    TimeOutRun | CancelAttempt | MarkCancelled | MarkUpstreamFailed | MarkSkipped | ScheduleRetry | LookUpCache
    | Defer | Launch | FinishRun
)  # fmt: skip

_LOOK_UPS: Final = 16
"""Cache look-ups under way at once; each may read a file."""
_LOOK_BEHIND: Final = 32
"""How many ready tasks that don't fit are passed over in search of one that does."""
_OVERTAKES: Final = 16
"""After so many launches out of order the machine is left to drain for the first."""
_ROUNDING: Final = 1e-9


def decide(roster: Roster, state: RunState, capacity: Capacity, now: float) -> list[Command]:
    """Every command that (roster, state) calls for, from nothing else: what a new engine does with an old journal."""
    return list(next_commands(Schedule(roster, state), state, capacity, now))


def next_commands(
    schedule: Schedule, state: RunState, capacity: Capacity, now: float, most: int | None = None
) -> list[Command]:
    """Up to `most` commands, taken from `schedule`, which follows `state`. `now` in epoch seconds."""
    if state.status is not RunStatus.RUNNING:
        return []
    if (limit := schedule.overdue(now)) is not None:
        return [TimeOutRun(limit)]
    if state.cancel_requested:
        schedule.stop()
    rules = chain(
        _cancel(schedule),
        _spread(schedule),
        _retry(schedule, state.run, now),
        map(LookUpCache, schedule.take_lookups(_LOOK_UPS)),
        _defer(schedule, now),
    )
    commands = list(islice(rules, most))
    commands += _launch(schedule, capacity, now)
    if not commands and schedule.is_settled:
        return [FinishRun(schedule.ending.status(state), schedule.ending.reason(state))]
    return commands


def _cancel(schedule: Schedule) -> Iterator[Command]:
    for task, number in schedule.take_stops():
        yield CancelAttempt(task, number)
    for task in schedule.take_drops():
        yield MarkCancelled(task)


def _spread(schedule: Schedule) -> Iterator[Command]:
    for task, cause in schedule.take_doomed():
        yield MarkUpstreamFailed(task, cause)
    for task, reason in schedule.take_skips():
        yield MarkSkipped(task, reason)


def _retry(schedule: Schedule, run: str, now: float) -> Iterator[Command]:
    for task, failed in schedule.take_retries():
        wait = pause(task, run, failed.number - failed.spent)
        yield ScheduleRetry(task.id, failed.number + 1, now + wait)


def _defer(schedule: Schedule, now: float) -> Iterator[Command]:
    schedule.wake(now)
    for task, number in schedule.take_deferrals():
        yield Defer(task, number)


def _launch(schedule: Schedule, capacity: Capacity, now: float) -> list[Command]:
    """First in order first. Where that one doesn't fit a smaller one may overtake it, but not for ever."""
    schedule.wake(now)
    launches: list[Command] = []
    waiting: list[int] = []
    while schedule.open < capacity.attempts and len(waiting) < _LOOK_BEHIND:
        if waiting and schedule.overtakes >= _OVERTAKES:
            break
        rank = schedule.take_ready()
        if rank is None:
            break
        if not _fits(schedule, capacity, rank):
            waiting.append(rank)
            continue
        schedule.overtakes = schedule.overtakes + 1 if waiting else 0
        launches.append(Launch(*schedule.hold(rank)))
    schedule.wanted = schedule.resources(waiting[0]) if waiting else None
    for rank in waiting:
        schedule.put_back(rank)
    return launches


def _fits(schedule: Schedule, capacity: Capacity, rank: int) -> bool:
    """One that asks for more than the machine has runs alone."""
    wanted = schedule.resources(rank)
    return (schedule.open == 0 and not capacity.shared) or (
        schedule.cpu + cpu_of(wanted) <= capacity.cpu + _ROUNDING
        and schedule.memory + (wanted.memory or 0) <= capacity.memory
        and schedule.gpu + (wanted.gpu or 0) <= capacity.gpu
    )
