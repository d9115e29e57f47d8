"""What to do next, from plan and state alone."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from simulation.world import SLICE, plan_of, ref, task

from treadle.execute.protocol import Crashed, Failed, Succeeded, Usage
from treadle.run.commands import (
    CancelAttempt,
    Command,
    FinishRun,
    Launch,
    LookUpCache,
    MarkCancelled,
    MarkUpstreamFailed,
    ScheduleRetry,
)
from treadle.run.decide import decide, next_commands
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    CacheMissed,
    CancelRequested,
    Event,
    Recorded,
    RetryScheduled,
    RunFinished,
    RunStarted,
    TaskCached,
)
from treadle.run.plan import Plan
from treadle.run.room import Capacity
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus, fold
from treadle.spec.pipeline import Resources

MACHINE = Capacity(4.0, 100)
FAILED = Failed("E", "m")


def missed(*names: str) -> list[Event]:
    return [CacheMissed(name, "k", "never ran before") for name in names]


def ended(name: str, outcome: object, number: int = 1) -> list[Event]:
    return [*missed(name), AttemptQueued(name, number), AttemptEnded(name, number, outcome, Usage())]


def succeeded(name: str) -> list[Event]:
    return ended(name, Succeeded({"value": ref(name)}))


def state_of(plan: Plan, events: Iterable[Event]) -> RunState:
    begun = RunStarted("run", "p", tuple(plan.tasks), {})
    return fold(Recorded(seq, 0.0, event) for seq, event in enumerate([begun, *events], 1))


def commands(plan: Plan, *events: Event, machine: Capacity = MACHINE, now: float = 0.0) -> list[Command]:
    return decide(Roster(plan), state_of(plan, events), machine, now)


def launched(plan: Plan, *events: Event, machine: Capacity = MACHINE, now: float = 0.0) -> list[str]:
    return [each.task for each in commands(plan, *events, machine=machine, now=now) if isinstance(each, Launch)]


CHAIN = plan_of(task("a"), task("b", ("a",)), task("c", ("b",)))


def test_only_what_has_its_inputs_is_looked_up() -> None:
    assert commands(CHAIN) == [LookUpCache("a")]
    assert commands(CHAIN, *succeeded("a")) == [LookUpCache("b")]
    assert commands(CHAIN, TaskCached("a", "k", {}, "r0")) == [LookUpCache("b")]


def test_order_without_data_counts_alike() -> None:
    plan = plan_of(task("a"), task("b", after=("a",)))
    assert commands(plan) == [LookUpCache("a")]
    assert commands(plan, *succeeded("a")) == [LookUpCache("b")]


def test_what_is_not_in_the_cache_is_launched() -> None:
    assert commands(CHAIN, *missed("a")) == [Launch("a", 1)]
    assert commands(CHAIN, *missed("a"), AttemptQueued("a", 1), AttemptLaunched("a", 1, 1)) == []


def test_the_longest_chain_goes_first_then_the_files_order() -> None:
    plan = plan_of(task("x"), task("y"), task("long"), task("next", ("long",)))
    assert launched(plan, *missed("x", "y", "long"), machine=Capacity(2.0, 100)) == ["long", "x"]


def test_the_plans_limit_counts_before_the_cores() -> None:
    plan = plan_of(*(task(name) for name in "abc"))
    assert launched(plan, *missed(*"abc"), machine=Capacity(4.0, 100, parallel=2)) == ["a", "b"]


@pytest.mark.parametrize(
    ("big", "small"),
    [
        (Resources(cpu=3), Resources(cpu=2)),
        (Resources(memory=70), Resources(memory=40)),
        (Resources(gpu=1), Resources(gpu=1)),
    ],
)
def test_resources_are_shared_out_and_a_smaller_one_may_overtake(big: Resources, small: Resources) -> None:
    plan = plan_of(task("big", resources=big), task("second", resources=small), task("tiny"))
    assert launched(plan, *missed("big", "second", "tiny"), machine=Capacity(4.0, 100, gpu=1)) == ["big", "tiny"]


def test_fractions_of_a_core_add_up() -> None:
    plan = plan_of(*(task(name, resources=Resources(cpu=0.1)) for name in "abcdefghij"))
    assert len(launched(plan, *missed(*"abcdefghij"), machine=Capacity(1.0, 100, parallel=10))) == 10


def test_one_that_asks_for_more_than_the_machine_has_runs_alone() -> None:
    plan = plan_of(task("huge", resources=Resources(cpu=64)), task("other"))
    assert launched(plan, *missed("huge", "other")) == ["huge"]


def test_the_first_is_not_overtaken_for_ever() -> None:
    names = [f"small{number}" for number in range(60)]
    wide = task("wide", resources=Resources(cpu=2))
    plan = plan_of(task("first"), wide, *map(task, names), task("end", ("wide",)))
    state = state_of(plan, [*missed("first", "wide", *names), AttemptQueued("first", 1)])
    schedule = Schedule(Roster(plan), state)

    def take(event: Event) -> None:
        schedule.follow(state.advance(Recorded(state.seq + 1, 0.0, event)))

    order: list[str] = []
    for step in range(80):
        for command in next_commands(schedule, state, Capacity(2.0, 100), 0.0):
            if isinstance(command, Launch):
                order.append(command.task)
                take(AttemptQueued(command.task, 1))
                take(AttemptEnded(command.task, 1, Succeeded({}), Usage()))
        if step == 30:
            take(AttemptEnded("first", 1, Succeeded({}), Usage()))
    assert order.index("wide") == 16
    assert len(order) == 61


def test_look_ups_are_bounded() -> None:
    plan = plan_of(*(task(f"t{number}") for number in range(100)))
    assert len(commands(plan)) == 32


def test_a_failed_task_is_tried_again_after_its_delay() -> None:
    plan = plan_of(task("a", retries=1, retry_delay=30.0))
    failed = ended("a", FAILED)
    assert commands(plan, *failed, now=100.0) == [ScheduleRetry("a", 2, 130.0)]
    waiting = [*failed, RetryScheduled("a", 2, 130.0)]
    assert commands(plan, *waiting, now=129.0) == []
    assert Schedule(Roster(plan), state_of(plan, waiting)).next_delay() == 130.0
    assert commands(plan, *waiting, now=130.0) == [Launch("a", 2)]
    spent = [*waiting, AttemptQueued("a", 2), AttemptEnded("a", 2, Crashed("died"), Usage())]
    assert commands(plan, *spent) == [FinishRun(RunStatus.FAILED)]


def test_nothing_waits_where_no_retry_does() -> None:
    plan = plan_of(task("a", retries=1))
    schedule = Schedule(Roster(plan), state_of(plan, ended("a", FAILED)))
    assert schedule.next_delay() is None


def test_a_failure_spreads_naming_the_one_that_failed() -> None:
    assert commands(CHAIN, *ended("a", FAILED)) == [MarkUpstreamFailed("b", "a")]
    diamond = plan_of(task("a"), task("b"), task("c", ("a", "b")))
    assert commands(diamond, *ended("a", FAILED), *ended("b", FAILED)) == [MarkUpstreamFailed("c", "a")]


def test_cancelling_a_run_ends_what_is_open_and_drops_the_rest() -> None:
    plan = plan_of(task("a"), task("b"), task("c", retries=3), task("d", ("c",)))
    events = [*missed("a"), AttemptQueued("a", 1), *ended("c", FAILED), CancelRequested("user")]
    assert commands(plan, *events) == [CancelAttempt("a", 1), MarkCancelled("b"), MarkCancelled("d")]


def test_cancelling_one_task_waiting_for_its_retry_lets_the_others_be() -> None:
    plan = plan_of(task("a", retries=3), task("b"))
    failed = ended("a", FAILED)
    cancelled = CancelRequested("user", "a")
    state = state_of(plan, failed)
    schedule = Schedule(Roster(plan), state)
    schedule.follow(state.advance(Recorded(99, 0.0, cancelled)))
    assert next_commands(schedule, state, MACHINE, 0.0) == [LookUpCache("b")]
    waiting = state_of(plan, [*failed, RetryScheduled("a", 2, 9.0)])
    schedule = Schedule(Roster(plan), waiting)
    schedule.follow(waiting.advance(Recorded(99, 0.0, cancelled)))
    assert MarkCancelled("a") in next_commands(schedule, waiting, MACHINE, 99.0)


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([*succeeded("a"), *succeeded("b")], RunStatus.SUCCEEDED),
        ([*succeeded("a"), *ended("b", FAILED)], RunStatus.FAILED),
        ([*succeeded("a"), *succeeded("b"), CancelRequested("user")], RunStatus.SUCCEEDED),
    ],
)
def test_a_run_finishes_when_nothing_is_left(events: list[Event], status: RunStatus) -> None:
    assert commands(plan_of(task("a"), task("b")), *events) == [FinishRun(status)]


def test_a_run_that_has_finished_is_left_alone() -> None:
    assert commands(plan_of(task("a")), *succeeded("a"), RunFinished("succeeded")) == []


def test_a_plan_without_tasks_succeeds() -> None:
    assert commands(plan_of()) == [FinishRun(RunStatus.SUCCEEDED)]


def test_a_turn_gives_no_more_commands_than_asked_and_loses_none() -> None:
    plan = plan_of(*(task(f"t{number}") for number in range(10)))
    state = state_of(plan, [])
    schedule = Schedule(Roster(plan), state)
    given = [each.task for _ in range(5) for each in next_commands(schedule, state, MACHINE, 0.0, 3)]
    assert given == [f"t{number}" for number in range(10)]


def test_a_large_plan_costs_microseconds_a_task() -> None:
    size = 10_000
    plan = plan_of(*(task(f"t{number}", (f"t{number - 100}",) if number >= 100 else ()) for number in range(size)))
    state = state_of(plan, [])
    began = time.process_time()
    schedule = Schedule(Roster(plan), state)
    done = 0
    while done < size:
        for command in next_commands(schedule, state, Capacity(64.0, 100), 0.0, 64):
            if isinstance(command, LookUpCache):
                event = TaskCached(command.task, "k", {}, "r0")
                schedule.follow(state.advance(Recorded(state.seq + 1, 0.0, event)))
                done += 1
    assert (time.process_time() - began) / size < 100e-6
    assert SLICE.digest in plan.slices
