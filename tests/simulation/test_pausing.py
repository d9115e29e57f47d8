"""Runs that somebody pauses, steps through and changes as they go, in random plans: nothing begins behind their back,
and in the end they come to what they would have come to.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from simulation.world import EngineCrashed, World, plan_of, random_plan, task

from treadle.execute.protocol import Failed, Succeeded, Usage
from treadle.run.commands import Defer, Expand, Launch, LookUpCache, MarkCancelled, PauseRun
from treadle.run.decide import decide, next_commands, next_step
from treadle.run.events import (
    AttemptEnded,
    AttemptQueued,
    BreakpointSet,
    CacheMissed,
    CancelRequested,
    Event,
    ParamsChanged,
    Recorded,
    RetryScheduled,
    RunContinued,
    RunFinished,
    RunInterrupted,
    RunPaused,
    RunResumed,
    RunStarted,
    RunTimedOut,
    TaskCached,
    TaskDeferred,
    TaskStepped,
)
from treadle.run.interventions import Breakpoint, When
from treadle.run.plan import Plan, PlanMap, TaskInput
from treadle.run.room import Capacity
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus, TaskStatus, fold
from treadle.spec.flow import Kind

ROOM = Capacity(3.0, 100)


def mixed_plan(seed: int) -> Plan:
    chance = random.Random(seed)
    plan = random_plan(chance, 4 + seed % 9)
    kinds = [Kind.FUNCTION, Kind.FUNCTION, Kind.SENSOR]
    return replace(plan, tasks={id_: replace(each, kind=chance.choice(kinds)) for id_, each in plan.tasks.items()})


def world(seed: int, luck: int = 0, **settings: object) -> World:
    plan = mixed_plan(seed)
    chance = random.Random(seed)
    bad = frozenset(name for name in plan.tasks if chance.random() < 0.1)
    flaky = {name: chance.randint(0, each.retries) for name, each in plan.tasks.items()}
    known = frozenset(name for name in plan.tasks if chance.random() < 0.1)
    return World(plan, random.Random(seed + luck), bad, flaky, known, **settings)  # type: ignore[arg-type]


def meddler(chance: random.Random) -> Callable[[World], None]:
    """Somebody who sets breakpoints, pauses, steps, changes values and goes on, as chance has it."""

    def meddle(run: World) -> None:
        if run.state.paused is None:
            if chance.random() < 0.1:
                run.emit(RunPaused("ann"))
            elif chance.random() < 0.2:
                when, name = chance.choice(list(When)), chance.choice(list(run.plan.tasks))
                run.emit(BreakpointSet(name, when, chance.random() < 0.7, "ann"))
        elif chance.random() < 0.3:
            run.emit(_in_a_pause(run, chance))

    return meddle


def _in_a_pause(run: World, chance: random.Random) -> Event:
    unbegun = [name for name, each in run.state.tasks.items() if each.status in ("pending", "paused", "retrying")]
    if unbegun and chance.random() < 0.4:
        return ParamsChanged(chance.choice(unbegun), {"x": chance.random()}, "ann")
    if chance.random() < 0.6 and (name := next_step(run.schedule, run.state)) is not None:
        return TaskStepped(name, "ann")
    return RunContinued("ann")


def assert_nothing_began_in_a_pause(journal: list[Recorded]) -> None:
    """But one attempt of a task for each step to it, what had been looked up before, and what an engine that went away
    had been waiting for."""
    is_paused, steps, waits, lost = False, set[str](), set[str](), set[str]()
    for recorded in journal:
        lost = lost | waits if isinstance(recorded.event, RunInterrupted) else lost
        match recorded.event:
            case RunPaused():
                is_paused = True
            case TaskDeferred(task=name) if name in lost:
                lost.remove(name)
            case RunContinued() | RunInterrupted() | RunFinished() | RunTimedOut() | CancelRequested(task=None):
                is_paused, steps = False, set()
            case TaskStepped(task=name):
                assert name not in steps
                steps.add(name)
            case AttemptQueued(task=name) | TaskDeferred(task=name) if is_paused:
                assert name in steps
                steps.remove(name)
            case TaskCached(task=name):
                steps.discard(name)
        match recorded.event:
            case TaskDeferred(task=name):
                waits.add(name)
            case AttemptEnded(task=name):
                waits.discard(name)


def outcome(state: RunState) -> dict[str, bool]:
    return {name: each.status.is_success for name, each in state.tasks.items()}


@pytest.mark.parametrize("seed", range(60))
def test_paused_stepped_and_changed_a_run_comes_to_the_same_and_nothing_begins_in_a_pause(seed: int) -> None:
    alone = world(seed)
    wanted = alone.run()
    meddled = world(seed, person=meddler(random.Random(seed)))
    assert meddled.run() is wanted
    assert outcome(meddled.state) == outcome(alone.state)
    assert_nothing_began_in_a_pause(meddled.journal)


@pytest.mark.parametrize("seed", range(24))
def test_crashed_after_every_event_of_pauses_and_steps_a_run_comes_to_the_same(seed: int) -> None:
    """I4, I5."""
    alone = world(seed)
    wanted = alone.run()
    whole = world(seed, person=meddler(random.Random(seed)))
    whole.run()
    for crash_at in range(1, len(whole.journal)):
        crashing = world(seed, person=meddler(random.Random(seed)), crash_at=crash_at)
        with pytest.raises(EngineCrashed):
            crashing.run()
        last = world(seed, 1, journal=crashing.journal, person=meddler(random.Random(crash_at)))
        assert last.run() is wanted
        assert outcome(last.state) == outcome(alone.state)
        assert_nothing_began_in_a_pause(last.journal)


@pytest.mark.parametrize("seed", range(60, 100))
def test_cancelled_in_the_middle_a_paused_run_ends(seed: int) -> None:
    run = world(seed, person=meddler(random.Random(seed)), cancel_at=4 + seed % 20)
    run.run()
    assert all(each.status.is_done for each in run.state.tasks.values())
    assert run.state.paused is None


@pytest.mark.parametrize("seed", range(100, 130))
def test_a_schedule_that_followed_pauses_decides_as_one_made_afresh(seed: int) -> None:
    whole = world(seed, person=meddler(random.Random(seed)))
    whole.run()
    state = fold(whole.journal[:1])
    roster = Roster(whole.plan)
    following = Schedule(roster, state)
    for recorded in whole.journal[1:]:
        following.follow(state.advance(recorded))
        afresh = decide(roster, state, ROOM, 1e9)
        followed = next_commands(copy.deepcopy(following), copy.deepcopy(state), ROOM, 1e9)
        assert sorted(map(repr, followed)) == sorted(map(repr, afresh))


# What a pause is, case by case


def journal(*events: Event) -> list[Recorded]:
    return [Recorded(number + 1, float(number), event) for number, event in enumerate(events)]


BEGUN = RunStarted("run", "p", ("a", "b", "c"), {})
CHAIN = plan_of(task("a"), task("b", ("a",)), task("c", ("b",)))
WIDE = plan_of(task("a"), task("b"), task("c"))
MISSED = [CacheMissed(name, "key", "never ran") for name in "abc"]
DONE = AttemptEnded("a", 1, Succeeded({"value": None}), Usage())  # type: ignore[dict-item]
BROKE = AttemptEnded("a", 1, Failed("ValueError", "no"), Usage())
PAUSED = RunPaused("ann")


def decided(plan: Plan, *events: Event, now: float = 100.0) -> list[object]:
    return list(decide(Roster(plan), fold(journal(*events)), ROOM, now))


def stepped(plan: Plan, *events: Event, named: str | None = None) -> str | None:
    state = fold(journal(*events))
    return next_step(Schedule(Roster(plan), state), state, named)


def test_a_paused_run_begins_nothing_and_looks_nothing_up() -> None:
    assert decided(WIDE, BEGUN, *MISSED, PAUSED) == []
    assert decided(WIDE, BEGUN, PAUSED) == []
    assert decided(WIDE, BEGUN, PAUSED, RunContinued("ann")) == [LookUpCache(name) for name in "abc"]


def test_a_breakpoint_pauses_before_its_task_is_looked_up_and_holds_it() -> None:
    here = BreakpointSet("b", When.BEFORE, True, "ann")
    ended = (MISSED[0], AttemptQueued("a", 1), DONE)
    assert decided(CHAIN, BEGUN, here, *ended) == [PauseRun(Breakpoint("b"))]
    state = fold(journal(BEGUN, here, *ended, RunPaused("breakpoint", "b", When.BEFORE)))
    assert state.tasks["b"].status is TaskStatus.PAUSED
    assert state.status is RunStatus.RUNNING
    assert decided(CHAIN, BEGUN, here, *ended, state.paused, RunContinued("ann")) == [LookUpCache("b")]  # type: ignore[arg-type]


def test_a_breakpoint_after_a_task_pauses_before_what_waits_for_it_begins() -> None:
    here = BreakpointSet("a", When.AFTER, True, "ann")
    ended = (MISSED[0], AttemptQueued("a", 1), DONE)
    assert decided(CHAIN, BEGUN, here, *ended) == [PauseRun(Breakpoint("a", When.AFTER))]
    assert decided(CHAIN, BEGUN, here, *ended, RunPaused("breakpoint", "a", When.AFTER), RunContinued("ann")) == [
        LookUpCache("b")
    ]


def test_a_breakpoint_after_a_task_that_has_ended_already_pauses_nothing() -> None:
    ended = (MISSED[0], AttemptQueued("a", 1), DONE)
    assert decided(CHAIN, BEGUN, *ended, BreakpointSet("a", When.AFTER, True, "ann")) == [LookUpCache("b")]


def test_a_breakpoint_that_was_taken_away_pauses_nothing() -> None:
    on, off = (BreakpointSet("a", When.BEFORE, flag, "ann") for flag in (True, False))
    assert decided(CHAIN, BEGUN, on) == [PauseRun(Breakpoint("a"))]
    assert decided(CHAIN, BEGUN, on, off) == [LookUpCache("a")]


def test_a_retry_waits_for_the_pause_to_end_and_stops_at_its_breakpoint_again() -> None:
    plan = plan_of(task("a", retries=1))
    one = RunStarted("run", "p", ("a",), {})
    failed = (one, MISSED[0], AttemptQueued("a", 1), BROKE, RetryScheduled("a", 2, 5.0))
    assert decided(plan, *failed, PAUSED) == []
    assert decided(plan, *failed, PAUSED, RunContinued("ann")) == [Launch("a", 2)]
    on = BreakpointSet("a", When.BEFORE, True, "ann")
    held = RunPaused("breakpoint", "a", When.BEFORE)
    assert decided(plan, *failed, on) == [PauseRun(Breakpoint("a"))]
    assert decided(plan, *failed, on, now=1.0) == []
    assert fold(journal(*failed, on, held)).tasks["a"].status is TaskStatus.PAUSED
    assert decided(plan, *failed, on, held, RunContinued("ann")) == [Launch("a", 2)]


def test_a_step_begins_the_held_task_else_the_named_one_else_the_first() -> None:
    assert stepped(WIDE, BEGUN, *MISSED, PAUSED) == "a"
    assert stepped(WIDE, BEGUN, *MISSED, PAUSED, named="c") == "c"
    at_b = (BreakpointSet("b", When.BEFORE, True, "ann"), RunPaused("breakpoint", "b", When.BEFORE))
    assert stepped(WIDE, BEGUN, *MISSED, *at_b) == "b"
    assert decided(WIDE, BEGUN, *MISSED, *at_b, TaskStepped("b", "ann")) == [Launch("b", 1)]
    assert stepped(CHAIN, BEGUN, PAUSED, named="c") is None
    assert stepped(WIDE, BEGUN, *MISSED) is None


def test_two_steps_begin_two_tasks() -> None:
    once = (BEGUN, *MISSED, PAUSED, TaskStepped("a", "ann"))
    assert stepped(WIDE, *once) == "b"
    assert decided(WIDE, *once, TaskStepped("b", "ann")) == [Launch("a", 1), Launch("b", 1)]


def test_a_step_to_a_mapped_task_has_its_items_found() -> None:
    over = PlanMap((task("a"),), {"value": TaskInput("a", "value")}, values=({"x": 1},), params={"a": {"x": "x"}})
    plan = plan_of(task("a", map=over), task("b"), task("c"))
    assert stepped(plan, BEGUN, PAUSED) == "a"
    assert decided(plan, BEGUN, PAUSED, TaskStepped("a", "ann")) == [Expand("a")]


def test_a_step_waits_for_room() -> None:
    plan = plan_of(task("a"), task("b"), parallel=1)
    state = fold(journal(RunStarted("run", "p", ("a", "b"), {}), *MISSED[:2], AttemptQueued("a", 1), PAUSED,
                         TaskStepped("b", "ann")))  # fmt: skip
    assert decide(Roster(plan), state, replace(ROOM, parallel=1), 9.0) == []
    assert decide(Roster(plan), state, replace(ROOM, parallel=2), 9.0) == [Launch("b", 1)]


def test_changed_values_are_looked_up_anew_and_stay_through_attempts_and_engines() -> None:
    changed = ParamsChanged("a", {"depth": 4}, "ann")
    assert decided(WIDE, BEGUN, *MISSED, PAUSED, changed, RunContinued("ann"))[0] == LookUpCache("a")
    again = (changed, MISSED[0], AttemptQueued("a", 1), RunInterrupted("gone"), RunResumed(("a", "b", "c")))
    assert fold(journal(BEGUN, PAUSED, *again)).tasks["a"].params == {"depth": 4}
    more = fold(journal(BEGUN, PAUSED, changed, ParamsChanged("a", {"seed": 1}, "ann")))
    assert more.tasks["a"].params == {"depth": 4, "seed": 1}


def test_what_has_begun_keeps_its_values() -> None:
    state = fold(journal(BEGUN, MISSED[0], AttemptQueued("a", 1), PAUSED, ParamsChanged("a", {"depth": 4}, "ann")))
    assert state.tasks["a"].params == {}


def test_an_answer_about_values_that_changed_meanwhile_is_waited_for_no_longer() -> None:
    state = fold(journal(BEGUN))
    schedule = Schedule(Roster(CHAIN), state)
    assert next_commands(schedule, state, ROOM, 1.0) == [LookUpCache("a")]
    for number, event in enumerate((PAUSED, ParamsChanged("a", {"x": 1}, "ann"), RunContinued("ann")), 2):
        schedule.follow(state.advance(Recorded(number, 1.0, event)))
    assert next_commands(schedule, state, ROOM, 1.0) == [LookUpCache("a")]


def test_the_runs_limit_stands_still_while_it_is_paused() -> None:
    plan = plan_of(task("a"), task("b"), task("c"), timeout=10.0)
    begun = [Recorded(1, 0.0, BEGUN), Recorded(2, 4.0, PAUSED)]
    assert decide(Roster(plan), fold(begun), ROOM, 99.0) == []
    going = fold([*begun, Recorded(3, 99.0, RunContinued("ann"))])
    assert going.going_since == 95.0
    assert LookUpCache("a") in decide(Roster(plan), going, ROOM, 104.0)
    assert LookUpCache("a") not in decide(Roster(plan), going, ROOM, 106.0)


def test_who_resumes_goes_on_and_stops_at_the_breakpoints_that_were_set() -> None:
    at_b = (BreakpointSet("b", When.BEFORE, True, "ann"), RunPaused("breakpoint", "b", When.BEFORE))
    resumed = (BEGUN, *at_b, RunInterrupted("gone"), RunResumed(("a", "b", "c")))
    assert decided(plan_of(task("b")), RunStarted("run", "p", ("b",), {}), *resumed[1:]) == [PauseRun(Breakpoint("b"))]
    assert fold(journal(BEGUN, PAUSED, RunInterrupted("gone"), RunResumed(("a",)))).paused is None


def test_what_an_engine_that_went_away_was_waiting_for_is_waited_for_again_in_a_pause() -> None:
    """A person who was asked is asked again at once, at a breakpoint of another task, or of its own, and in a pause."""
    plan = plan_of(task("ask", kind=Kind.APPROVAL), task("b"))
    begun = (RunStarted("run", "p", ("ask", "b"), {}), CacheMissed("ask", "key", "never"))
    at_b = BreakpointSet("b", When.BEFORE, True, "ann")
    killed = (TaskDeferred("ask", 1, "approve?", asks=True), RunInterrupted("gone"), RunResumed(("ask", "b")))
    assert decided(plan, *begun, at_b, *killed) == [Defer("ask", 2), PauseRun(Breakpoint("b"))]
    assert decided(plan, *begun, *killed, PAUSED) == [Defer("ask", 2)]
    at_itself = BreakpointSet("ask", When.BEFORE, True, "ann")
    assert Defer("ask", 2) in decided(plan, *begun, at_itself, *killed)
    state = fold(journal(*begun, *killed, PAUSED, TaskDeferred("ask", 2, "approve?", asks=True)))
    assert state.tasks["ask"].is_asked
    assert state.tasks["ask"].reason == "never"


def test_what_is_cancelled_is_not_waited_for_again() -> None:
    plan = plan_of(task("ask", kind=Kind.APPROVAL))
    one = (RunStarted("run", "p", ("ask",), {}), CacheMissed("ask", "key", "never"))
    killed = (TaskDeferred("ask", 1, "approve?", asks=True), RunInterrupted("gone"), RunResumed(("ask",)))
    assert decided(plan, *one, *killed, CancelRequested("ann")) == [MarkCancelled("ask")]


def test_a_run_with_nothing_left_to_do_ends_although_it_is_paused() -> None:
    plan = plan_of(task("a"))
    one = RunStarted("run", "p", ("a",), {})
    on = BreakpointSet("a", When.AFTER, True, "ann")
    ended = (one, on, MISSED[0], AttemptQueued("a", 1), DONE)
    assert [type(each).__name__ for each in decided(plan, *ended)] == ["FinishRun"]
    assert [type(each).__name__ for each in decided(plan, *ended, PAUSED)] == ["FinishRun"]
