"""Obeying: what each command of the core notes, and what it does to the world once that is written.

    command ──► event, noted at once ──commit──► effect: executor, deferrals, maps, the cache's thread

No effect happens here before its caller runs it: a crash between the two is made good by who goes on with the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from treadle.execute.protocol import AttemptId
from treadle.run import commands
from treadle.run.attempts import OpenAttempts
from treadle.run.cache import Inputs
from treadle.run.deferrals import Deferrals, first_words
from treadle.run.events import (
    AttemptQueued,
    Event,
    RetryScheduled,
    RunAdmitted,
    RunFinished,
    RunPaused,
    RunQueued,
    RunTimedOut,
    TaskCancelled,
    TaskDeferred,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.interventions import FULL_DISK
from treadle.run.look_ups import LookUps
from treadle.run.map_work import MapWork
from treadle.run.plan import PlanTask
from treadle.run.recorder import Recorder
from treadle.run.requests import inputs_of
from treadle.run.roster import Roster
from treadle.run.submitting import Submitting
from treadle.spec.flow import Kind

__all__ = ["Beside", "Effect", "Obeying"]

Effect = Callable[[], None]
"""What a command does to the world once its event is written."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What works beside the loop, and puts into its inbox what it comes to."""

    submitting: Submitting
    look_ups: LookUps
    deferrals: Deferrals
    maps: MapWork


class Obeying:
    """Carries out commands through what works `beside` the loop."""

    def __init__(self, roster: Roster, recorder: Recorder, open_: OpenAttempts, beside: Beside) -> None:
        self._roster = roster
        self._recorder = recorder
        self._open = open_
        self._beside = beside
        self._given: dict[str, Inputs] = {}

    def obey(self, command: commands.Command) -> Effect | None:
        """Notes the command's event; returns what is to be done once that is written."""
        beside, tasks = self._beside, self._roster.tasks
        match command:
            case commands.CancelAttempt(task, number):
                by = "run" if self._recorder.state.cancel_requested else "user"
                return lambda: self.end(self.id_of(task, number), by)
            case commands.LookUpCache(task):
                return lambda: self._look_up(tasks[task])
            case commands.Expand(task):
                return lambda: beside.maps.expand(tasks[task], self._inputs(tasks[task]))
            case commands.Gather(task):
                items = self._recorder.state.maps[task].items
                return lambda: beside.maps.gather(tasks[task], items, self._recorder.state.tasks)
            case commands.Launch(task, number):
                self._recorder.note(AttemptQueued(task, number))
                return lambda: self._submit(tasks[task], command)
            case commands.Defer(task, number):
                planned = tasks[task]
                self._recorder.note(TaskDeferred(task, number, first_words(planned), planned.kind is Kind.APPROVAL))
                return lambda: self._wait_for(tasks[task], number)
            case _:
                self._recorder.note(_fact(command))
                return None

    def _submit(self, task: PlanTask, launch: commands.Launch) -> None:
        attempt = self.id_of(task.id, launch.number)
        self._open.add(attempt)
        self._beside.submitting.submit(attempt, self._inputs(task), launch)

    def _wait_for(self, task: PlanTask, number: int) -> None:
        attempt = self.id_of(task.id, number)
        self._open.add(attempt)
        self._beside.deferrals.begin(task, attempt, self._inputs(task), self._recorder.state.tasks[task.id])

    def end(self, attempt: AttemptId, by: str) -> None:
        """Somebody, or the engine, wants this open attempt to end."""
        if not self._beside.deferrals.cancel(attempt, by):
            self._beside.submitting.cancel(attempt, by)

    def _inputs(self, task: PlanTask) -> Inputs:
        """What there is to read when it is first asked. It stays so: the cache is told what the attempts were given."""
        if task.id not in self._given:
            self._given[task.id] = inputs_of(task, self._recorder.state.tasks)
        return self._given[task.id]

    def _look_up(self, task: PlanTask) -> None:
        self._beside.look_ups.begin(task, self._inputs(task), self._recorder.state.tasks[task.id].anew)

    def id_of(self, task: str, number: int) -> AttemptId:
        return AttemptId(self._roster.plan.run, task, number)


Marking: TypeAlias = (
    commands.MarkCancelled
    | commands.MarkUpstreamFailed
    | commands.MarkSkipped
    | commands.QueueRun
    | commands.AdmitRun
    | commands.TimeOutRun
    | commands.ScheduleRetry
    | commands.PauseRun
    | commands.FinishRun
)
"""Commands that are done when they are written down."""


def _fact(command: Marking) -> Event:
    match command:
        case commands.MarkCancelled(task):
            return TaskCancelled(task)
        case commands.MarkUpstreamFailed(task, cause):
            return TaskUpstreamFailed(task, cause)
        case commands.MarkSkipped(task, reason):
            return TaskSkipped(task, reason)
        case commands.QueueRun(ahead):
            return RunQueued(_queued_behind(ahead))
        case commands.AdmitRun():
            return RunAdmitted()
        case commands.TimeOutRun(limit):
            return RunTimedOut(limit)
        case commands.ScheduleRetry(task, number, at):
            return RetryScheduled(task, number, at)
        case commands.PauseRun(here):
            return RunPaused(FULL_DISK) if here is None else RunPaused("breakpoint", here.task, here.when)
        case commands.FinishRun(status, reason):
            return RunFinished(status.value, reason)
        case _:
            assert_never(command)


def _queued_behind(ahead: int) -> str:
    runs = "another run" if ahead == 1 else f"{ahead} other runs"
    return f"it waits for {runs} of the same pipeline, which lets no more go on at once"
