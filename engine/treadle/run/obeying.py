"""Obeying: what each command of the core notes, and what it does to the world once that is written.

    command ──► event, noted at once ──commit──► effect: executor, deferrals, maps, the cache's thread

No effect happens here before its caller runs it: a crash between the two is made good by who goes on with the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from treadle.execute.protocol import AttemptFinished, AttemptId, Failed
from treadle.run import decide
from treadle.run.attempts import OpenAttempts
from treadle.run.cache import Inputs
from treadle.run.deferrals import Deferrals, first_words
from treadle.run.events import (
    AttemptQueued,
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
from treadle.run.look_ups import LookUps
from treadle.run.map_work import MapWork
from treadle.run.means import Means
from treadle.run.plan import PlanTask
from treadle.run.recorder import Recorder
from treadle.run.requests import MissingSecret, Workplace, inputs_of, request_for, with_devices
from treadle.run.roster import Roster
from treadle.spec.flow import Kind

__all__ = ["Effect", "Obeying"]

Effect = Callable[[], None]
"""What a command does to the world once its event is written."""


class Obeying:
    """Carries out commands through `means.executor` and what waits and looks beside the loop.

    `put` takes what an attempt comes to that could not be asked for.
    """

    def __init__(
        self,
        roster: Roster,
        recorder: Recorder,
        means: Means,
        place: Workplace,
        open_: OpenAttempts,
        put: Callable[[AttemptFinished], None],
        *,
        look_ups: LookUps,
        deferrals: Deferrals,
        maps: MapWork,
    ) -> None:
        self._roster = roster
        self._recorder = recorder
        self._executor = means.executor
        self._secrets = means.secrets
        self._place = place
        self._open = open_
        self._put = put
        self._look_ups = look_ups
        self._deferrals = deferrals
        self._maps = maps
        self._given: dict[str, Inputs] = {}

    def obey(self, command: decide.Command) -> Effect | None:
        """Notes the command's event; returns what is to be done once that is written."""
        note = self._recorder.note
        match command:
            case decide.CancelAttempt(task, number):
                by = "run" if self._recorder.state.cancel_requested else "user"
                return lambda: self.end(self.id_of(task, number), by)
            case decide.LookUpCache(task):
                return lambda: self._look_up(self._roster.tasks[task])
            case decide.Expand(task):
                return lambda: self._maps.expand(self._roster.tasks[task], self._inputs(self._roster.tasks[task]))
            case decide.Gather(task):
                items = self._recorder.state.maps[task].items
                return lambda: self._maps.gather(self._roster.tasks[task], items, self._recorder.state.tasks)
            case decide.Launch(task, number, devices):
                note(AttemptQueued(task, number))
                return lambda: self._submit(self._roster.tasks[task], number, devices)
            case decide.Defer(task, number):
                planned = self._roster.tasks[task]
                note(TaskDeferred(task, number, first_words(planned), planned.kind is Kind.APPROVAL))
                return lambda: self._wait_for(self._roster.tasks[task], number)
            case decide.MarkCancelled(task):
                note(TaskCancelled(task))
            case decide.MarkUpstreamFailed(task, cause):
                note(TaskUpstreamFailed(task, cause))
            case decide.MarkSkipped(task, reason):
                note(TaskSkipped(task, reason))
            case decide.QueueRun(ahead):
                note(RunQueued(_queued_behind(ahead)))
            case decide.AdmitRun():
                note(RunAdmitted())
            case decide.TimeOutRun(limit):
                note(RunTimedOut(limit))
            case decide.ScheduleRetry(task, number, at):
                note(RetryScheduled(task, number, at))
            case decide.PauseRun(here):
                note(RunPaused("breakpoint", here.task, here.when))
            case decide.FinishRun(status, reason):
                note(RunFinished(status.value, reason))
            case _:
                assert_never(command)
        return None

    def _submit(self, task: PlanTask, number: int, devices: tuple[str, ...] | None) -> None:
        attempt = self.id_of(task.id, number)
        self._open.add(attempt)
        checkpoint = self._recorder.state.tasks[task.id].checkpoint
        try:
            request = request_for(self._roster, attempt, self._inputs(task), self._place, self._secrets, checkpoint)
            request = with_devices(request, devices)
        except MissingSecret as error:
            self._put(AttemptFinished(attempt, Failed("MissingSecret", str(error))))
        else:
            self._executor.submit(request)

    def _wait_for(self, task: PlanTask, number: int) -> None:
        attempt = self.id_of(task.id, number)
        self._open.add(attempt)
        self._deferrals.begin(task, attempt, self._inputs(task), self._recorder.state.tasks[task.id])

    def end(self, attempt: AttemptId, by: str) -> None:
        """Somebody, or the engine, wants this open attempt to end."""
        if not self._deferrals.cancel(attempt, by):
            self._executor.cancel(attempt, by)

    def _inputs(self, task: PlanTask) -> Inputs:
        """What there is to read when it is first asked. It stays so: the cache is told what the attempts were given."""
        if task.id not in self._given:
            self._given[task.id] = inputs_of(task, self._recorder.state.tasks)
        return self._given[task.id]

    def _look_up(self, task: PlanTask) -> None:
        self._look_ups.begin(task, self._inputs(task), self._recorder.state.tasks[task.id].anew)

    def id_of(self, task: str, number: int) -> AttemptId:
        return AttemptId(self._roster.plan.run, task, number)


def _queued_behind(ahead: int) -> str:
    runs = "another run" if ahead == 1 else f"{ahead} other runs"
    return f"it waits for {runs} of the same pipeline, which lets no more go on at once"
