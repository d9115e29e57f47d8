"""A run that waits for others of its pipeline: it begins nothing, comes in when there is room, and can be cancelled."""

from __future__ import annotations

from run.fakes import plan_of, task

from treadle.run.commands import AdmitRun, LookUpCache, QueueRun
from treadle.run.decide import decide
from treadle.run.events import CancelRequested, Event, Recorded, RunQueued, RunStarted
from treadle.run.room import Capacity
from treadle.run.roster import Roster
from treadle.run.state import RunState, fold

PLAN = plan_of(task("a"))
FREE = Capacity(4.0, 100)
FULL = Capacity(4.0, 100, runs_ahead="another run of p goes on")


def state_of(*events: Event) -> RunState:
    begun = RunStarted("run", "p", tuple(PLAN.tasks), {})
    return fold(Recorded(seq, 0.0, event) for seq, event in enumerate([begun, *events], 1))


def test_a_run_with_others_before_it_is_queued_with_the_reason() -> None:
    assert decide(Roster(PLAN), state_of(), FULL, 0.0) == [QueueRun("another run of p goes on")]


def test_a_queued_run_waits_until_there_is_room() -> None:
    queued = state_of(RunQueued("another run of p goes on"))

    assert decide(Roster(PLAN), queued, FULL, 0.0) == []
    assert decide(Roster(PLAN), queued, FREE, 0.0) == [AdmitRun()]


def test_a_queued_run_that_is_to_be_cancelled_comes_in_to_end() -> None:
    queued = state_of(RunQueued("another run of p goes on"), CancelRequested("user", None))

    assert decide(Roster(PLAN), queued, FULL, 0.0) == [AdmitRun()]


def test_a_run_with_room_begins() -> None:
    assert decide(Roster(PLAN), state_of(), FREE, 0.0) == [LookUpCache("a")]
