"""What to do next in a run: commands, from the roster, the state, the machine's capacity and the time passed in.

No effect, no clock, no randomness. Each rule below takes from the Schedule what it speaks for; a command is given
once, and what comes of it returns as an event. After a crash a Schedule made from the folded state gives every
command again whose event was never written. While a run is paused nothing begins but what was stepped to, and
what an engine that went away had been waiting for.

    QueueRun        others of its pipeline go on        → RunQueued
    AdmitRun        its turn has come                   → RunAdmitted
    TimeOutRun      the run went beyond its limit       → RunTimedOut
    CancelAttempt   an open attempt is to end           → AttemptEnded
    MarkCancelled   a task is not to begin              → TaskCancelled
    MarkUpstream…   a failure keeps a task from running → TaskUpstreamFailed
    MarkSkipped     a task is not to run                → TaskSkipped
    ScheduleRetry   a failed attempt has tries left     → RetryScheduled
    LookUpCache     a task's trigger says run           → TaskCached | CacheMissed
    Expand          a mapped task's trigger says run    → TaskExpanded | MapEnded
    Gather          all its items have ended            → MapEnded
    Defer           the engine itself is to wait        → TaskDeferred …
    Launch          it has to run, and there is room    → AttemptQueued …
    PauseRun        a breakpoint, or a full disk        → RunPaused
    FinishRun       nothing is left to do               → RunFinished
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice, starmap
from typing import Final

from treadle.run.beginning import Beginnings, Stage
from treadle.run.commands import (
    AdmitRun,
    CancelAttempt,
    Command,
    Defer,
    Expand,
    FinishRun,
    Gather,
    Launch,
    LookUpCache,
    MarkCancelled,
    MarkSkipped,
    MarkUpstreamFailed,
    PauseRun,
    QueueRun,
    ScheduleRetry,
    TimeOutRun,
)
from treadle.run.ready import Line
from treadle.run.retrying import pause
from treadle.run.room import Capacity
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus

__all__ = ["decide", "next_commands", "next_step"]


_LOOK_UPS: Final = 32
"""Cache look-ups under way at once; each may read a file."""
_GROWN: Final = 2
"""Tasks of a map that enter in a turn, for each command that it has room for: each costs some 5 µs."""
_LOOK_BEHIND: Final = 32
"""How many lines of ready tasks that don't fit are passed over in search of one that does."""
_OVERTAKES: Final = 16
"""After so many launches out of order the machine is left to drain for the first."""


def decide(roster: Roster, state: RunState, capacity: Capacity, now: float) -> list[Command]:
    """Every command that (roster, state) calls for, from nothing else: what a new engine does with an old journal."""
    return list(next_commands(Schedule(roster, state), state, capacity, now))


def next_commands(
    schedule: Schedule, state: RunState, capacity: Capacity, now: float, most: int | None = None
) -> list[Command]:
    """Up to `most` commands, taken from `schedule`, which follows `state`. `now` in epoch seconds."""
    if state.status is RunStatus.QUEUED:
        return [AdmitRun()] if capacity.runs_ahead is None or state.cancel_requested else []
    if state.status is not RunStatus.RUNNING:
        return []
    if capacity.runs_ahead is not None and not state.cancel_requested:
        return [QueueRun(capacity.runs_ahead)]
    if (limit := schedule.overdue(now)) is not None:
        return [TimeOutRun(limit)]
    if schedule.lacks_room and state.paused is None and not state.cancel_requested:
        return [PauseRun(None)]
    if state.cancel_requested:
        schedule.stop()
    schedule.grow(None if most is None else most * _GROWN)
    schedule.beginnings.wake(now)
    commands = list(islice(_follow_up(schedule, state.run, now), most)) if schedule.has_news else []
    if state.paused is not None:
        commands += _step(schedule.beginnings, state, capacity)
    elif not schedule.is_settled and (here := schedule.beginnings.take_breakpoint()) is not None:
        commands.append(PauseRun(here))
    else:
        commands += _begin(schedule.beginnings, capacity, None if most is None else most - len(commands))
    if not commands and schedule.is_settled:
        return [FinishRun(schedule.ending.status(state), schedule.ending.reason(state))]
    return commands


def _follow_up(schedule: Schedule, run: str, now: float) -> Iterator[Command]:
    """What comes of what has happened so far, in a pause as well."""
    yield from _cancel(schedule)
    yield from _spread(schedule)
    yield from _retry(schedule, run, now)
    yield from map(Gather, schedule.take_gatherings())
    yield from starmap(Defer, schedule.beginnings.take_up())


def _begin(beginnings: Beginnings, capacity: Capacity, most: int | None) -> list[Command]:
    rules: Iterator[Command] = chain(
        map(Expand, beginnings.take_expansions()),
        map(LookUpCache, beginnings.take_lookups(_LOOK_UPS)),
        starmap(Defer, beginnings.take_deferrals()),
    )
    return [*islice(rules, most), *_launch(beginnings, capacity)]


def _step(beginnings: Beginnings, state: RunState, capacity: Capacity) -> Iterator[Command]:
    """What may begin in a paused run, each as soon as there is room for it."""
    beginnings.wanted = None
    for task in sorted(state.pausing.stepped) if state.pausing is not None else ():
        rank = beginnings.rank_of(task)
        match beginnings.stage(rank):
            case Stage.LOOK_UP:
                yield LookUpCache(beginnings.look_up(rank))
            case Stage.EXPAND:
                yield Expand(beginnings.expand(rank))
            case Stage.DEFER:
                yield Defer(*beginnings.defer(rank))
            case Stage.LAUNCH if capacity.has_room(beginnings.demand(rank), beginnings.held):
                yield _launched(beginnings, rank, capacity)


def next_step(schedule: Schedule, state: RunState, named: str | None = None) -> str | None:
    """The task that a step begins in a paused run: the `named` one where it is ready, else the one that a breakpoint
    holds, else the first in order; None where there is none."""
    if state.pausing is None or state.paused is None:
        return None
    ready = [task for task in schedule.beginnings.candidates() if task not in state.pausing.stepped]
    wanted = named or (state.paused.task if state.paused.task in ready else None)
    return next((task for task in ready if wanted in (None, task)), None)


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


def _launch(beginnings: Beginnings, capacity: Capacity) -> list[Command]:
    """First in order first. Where that one doesn't fit a smaller one may overtake it, but not for ever."""
    ready, held = beginnings.ready, beginnings.held
    ready.see(capacity.pools)
    launches: list[Command] = []
    passed: list[Line] = []
    attempts = capacity.attempts
    back: Line | None = None
    while held.attempts < attempts and len(passed) < _LOOK_BEHIND:
        if (passed and beginnings.overtakes >= _OVERTAKES) or (line := ready.take_line(back)) is None:
            break
        demand, back = line.demand, None
        if demand.places and (ready.is_behind(line) or any(capacity.full_pools(demand, held))):
            ready.park(line)
            continue
        if not capacity.fits(demand, held):
            passed.append(line)
        else:
            beginnings.overtakes = beginnings.overtakes + 1 if passed else 0
            launches.append(_launched(beginnings, ready.take_first(line), capacity))
            if demand.places:
                ready.give_back(line)
            else:
                back = line
        for place in demand.places:
            ready.freed(place.pool)
    if back is not None:
        ready.give_back(back)
    beginnings.wanted = passed[0].demand if passed else None
    for line in passed:
        ready.give_back(line)
    if ready.lines_up and not capacity.shared:
        launches += _line_up(beginnings, capacity.lines)
    return launches


def _line_up(beginnings: Beginnings, most: int) -> Iterator[Command]:
    """Short ones that go early, where there is no room and they are the first in order."""
    ready = beginnings.ready
    while (line := ready.take_line()) is not None:
        may = line.may_go_early(most)
        if may:
            rank = ready.take_first(line)
            yield Launch(*beginnings.line_up(rank), together=beginnings.together(rank))
        ready.give_back(line)
        if not may:
            return


def _launched(beginnings: Beginnings, rank: int, capacity: Capacity) -> Launch:
    devices = beginnings.give_devices(rank, capacity.devices) if beginnings.says_gpus(rank) else None
    return Launch(*beginnings.hold(rank), devices, beginnings.together(rank))
