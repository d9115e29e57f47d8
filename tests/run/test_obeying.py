"""Each command of the core is written down first; what it does to the world waits until that is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest
from run.fakes import plan_of, task

from treadle.execute.protocol import AttemptId, Succeeded
from treadle.run import commands
from treadle.run.attempts import OpenAttempts
from treadle.run.clock import AnchoredClock
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    CancelRequested,
    Event,
    RetryScheduled,
    RunAdmitted,
    RunFinished,
    RunPaused,
    RunQueued,
    RunStarted,
    RunTimedOut,
    TaskCancelled,
    TaskDeferred,
    TaskExpanded,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.interventions import FULL_DISK, Breakpoint, When
from treadle.run.obeying import Beside, Obeying
from treadle.run.plan import PlanMap, TaskInput
from treadle.run.recorder import Recorder
from treadle.run.roster import Roster
from treadle.run.state import RunState, RunStatus
from treadle.spec.flow import Kind
from treadle.store.journal import Journal
from treadle.store.references import ArtifactRef

GIVEN = ArtifactRef("a" * 64, "Any", "json", 1)
OTHER = ArtifactRef("b" * 64, "Any", "json", 1)
MAP = PlanMap((task("each"),), {"value": TaskInput("each", "value")}, values=({},))
PLAN = plan_of(task("load"), task("fit", ("load",)), task("gate", kind=Kind.APPROVAL), task("each", map=MAP))

DONE = [
    (commands.MarkCancelled("fit"), TaskCancelled("fit")),
    (commands.MarkUpstreamFailed("fit", "load"), TaskUpstreamFailed("fit", "load")),
    (commands.MarkSkipped("fit", "not taken"), TaskSkipped("fit", "not taken")),
    (commands.AdmitRun(), RunAdmitted()),
    (commands.TimeOutRun(60.0), RunTimedOut(60.0)),
    (commands.ScheduleRetry("fit", 2, 9.0), RetryScheduled("fit", 2, 9.0)),
    (commands.PauseRun(Breakpoint("fit", When.AFTER)), RunPaused("breakpoint", "fit", When.AFTER)),
    (commands.PauseRun(None), RunPaused(FULL_DISK)),
    (commands.FinishRun(RunStatus.FAILED, "why"), RunFinished("failed", "why")),
]
"""Commands that are done when they are written down."""

DEEDS = [
    (commands.Launch("fit", 1), [AttemptQueued("fit", 1)], ("submit", "fit")),
    (commands.LookUpCache("fit"), [], ("look up", "fit")),
    (commands.Expand("each"), [], ("expand", "each")),
    (commands.Gather("each"), [], ("gather", "each")),
    (commands.CancelAttempt("fit", 1), [], ("cancel", "fit")),
]
"""Commands that do something once their events, if they have any, are written."""


@dataclass
class Heard:
    """What works beside the loop, written down instead of done."""

    done: list[tuple[str, str]] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    waiting: set[AttemptId] = field(default_factory=set)


class Submitting(Heard):
    def submit(self, attempt: AttemptId, inputs: Any, launch: Any) -> None:
        self.done.append(("submit", attempt.task))
        self.inputs.append(inputs)

    def cancel(self, attempt: AttemptId, by: str) -> None:
        self.done.append(("cancel", attempt.task))
        self.by.append(by)


class LookUps(Heard):
    def begin(self, task: Any, inputs: Any, anew: bool) -> None:
        self.done.append(("look up", task.id))
        self.inputs.append(inputs)


class Deferrals(Heard):
    def begin(self, task: Any, attempt: AttemptId, inputs: Any, state: Any) -> None:
        self.done.append(("wait for", task.id))
        self.waiting.add(attempt)

    def cancel(self, attempt: AttemptId, by: str) -> bool:
        return attempt in self.waiting


class Maps(Heard):
    def expand(self, task: Any, inputs: Any) -> None:
        self.done.append(("expand", task.id))

    def gather(self, task: Any, items: int, tasks: Any) -> None:
        self.done.append(("gather", task.id))


class Loop:
    """A run that has begun, obeying by hand."""

    def __init__(self, folder: Path) -> None:
        self.told: list[Event] = []
        roster = Roster(PLAN)
        journal = Journal(folder / "events.jsonl")
        self.recorder = Recorder(journal, RunState(), AnchoredClock(), lambda each: self.told.append(each.event))
        self.open = OpenAttempts(roster)
        self.submitting, self.look_ups, self.deferrals, self.maps = Submitting(), LookUps(), Deferrals(), Maps()
        beside: Any = Beside(self.submitting, self.look_ups, self.deferrals, self.maps)  # type: ignore[arg-type]
        self.obeying = Obeying(roster, self.recorder, self.open, beside)
        self.note(
            RunStarted("run-1", "p", tuple(PLAN.tasks), {}), *ended("load", GIVEN), TaskExpanded("each", 1, GIVEN)
        )

    def note(self, *events: Event) -> None:
        for event in events:
            self.recorder.note(event)
        self.recorder.commit()
        self.told.clear()

    def written(self) -> list[Event]:
        self.recorder.commit()
        return list(self.told)

    @property
    def done(self) -> list[tuple[str, str]]:
        return [*self.submitting.done, *self.look_ups.done, *self.deferrals.done, *self.maps.done]

    def carry_out(self, command: commands.Command) -> None:
        effect = self.obeying.obey(command)
        self.recorder.commit()
        if effect is not None:
            effect()


def ended(name: str, given: ArtifactRef) -> tuple[Event, ...]:
    return (
        AttemptQueued(name, 1), AttemptLaunched(name, 1, 7), AttemptEnded(name, 1, Succeeded({"value": given}), None),
    )  # fmt: skip


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    made = Loop(tmp_path)
    yield made
    made.recorder.close()


@pytest.mark.parametrize(("command", "fact"), DONE)
def test_what_is_done_by_writing_it_down_has_no_effect_besides(
    loop: Loop, command: commands.Command, fact: Event
) -> None:
    assert loop.obeying.obey(command) is None
    assert (loop.written(), loop.done) == ([fact], [])


@pytest.mark.parametrize(("ahead", "words"), [(1, "another run"), (3, "3 other runs")])
def test_a_run_that_waits_says_for_how_many(loop: Loop, ahead: int, words: str) -> None:
    loop.obeying.obey(commands.QueueRun(ahead))
    (queued,) = loop.written()
    assert isinstance(queued, RunQueued)
    assert words in queued.reason


@pytest.mark.parametrize(("command", "facts", "deed"), DEEDS)
def test_a_command_does_nothing_until_its_effect_is_run(
    loop: Loop, command: commands.Command, facts: list[Event], deed: tuple[str, str]
) -> None:
    effect = loop.obeying.obey(command)
    assert (loop.written(), loop.done) == (facts, [])
    assert effect is not None
    effect()
    assert loop.done == [deed]


def test_every_command_of_the_core_is_obeyed_here() -> None:
    tried = {type(command) for command, *_ in [*DONE, *DEEDS]} | {commands.QueueRun, commands.Defer}
    assert tried == set(get_args(commands.Command))


def test_what_waits_for_a_person_says_so_and_is_ended_where_it_waits(loop: Loop) -> None:
    effect = loop.obeying.obey(commands.Defer("gate", 1))
    (deferred,) = loop.written()
    assert isinstance(deferred, TaskDeferred)
    assert (deferred.task, deferred.asks, loop.done) == ("gate", True, [])
    assert effect is not None
    effect()
    assert loop.open.has(AttemptId("run-1", "gate", 1))
    loop.carry_out(commands.CancelAttempt("gate", 1))
    assert loop.done == [("wait for", "gate")]


@pytest.mark.parametrize(("asked", "by"), [((), "user"), ((CancelRequested("ada"),), "run")])
def test_an_attempt_is_ended_by_the_run_where_all_of_it_is_cancelled(
    loop: Loop, asked: tuple[Event, ...], by: str
) -> None:
    loop.note(*asked)
    loop.carry_out(commands.CancelAttempt("fit", 1))
    assert loop.submitting.by == [by]


def test_a_retry_reads_what_the_first_attempt_read(loop: Loop) -> None:
    """The cache is told what a success was made of: that has to be what it was looked up by."""
    loop.carry_out(commands.LookUpCache("fit"))
    loop.note(*ended("load", OTHER))
    loop.carry_out(commands.Launch("fit", 1))
    assert loop.submitting.inputs == loop.look_ups.inputs == [{"data": (GIVEN,)}]
