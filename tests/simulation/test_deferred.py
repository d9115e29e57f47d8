"""Tasks that the engine itself waits for, in random plans: they take no room and come to what others come to."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from simulation.world import EngineCrashed, World, plan_of, random_plan, task

from treadle.run.commands import Defer, Launch
from treadle.run.decide import decide
from treadle.run.events import (
    ApprovalAnswered,
    AttemptQueued,
    CacheMissed,
    Recorded,
    RunInterrupted,
    RunResumed,
    RunStarted,
    TaskDeferred,
)
from treadle.run.plan import Plan
from treadle.run.room import Capacity
from treadle.run.roster import Roster
from treadle.run.state import RunState, RunStatus, TaskStatus, fold
from treadle.spec.flow import Kind
from treadle.spec.pipeline import Resources

ONE = Capacity(1.0, 100)


def waiting_plan(seed: int) -> Plan:
    chance = random.Random(seed)
    plan = random_plan(chance, 4 + seed % 10)
    kinds = [Kind.FUNCTION, Kind.SENSOR, Kind.APPROVAL]
    return replace(plan, tasks={id_: replace(each, kind=chance.choice(kinds)) for id_, each in plan.tasks.items()})


def world(seed: int, **settings: object) -> World:
    plan = waiting_plan(seed)
    chance = random.Random(seed)
    bad = frozenset(name for name in plan.tasks if chance.random() < 0.15)
    return World(plan, random.Random(seed), bad, **settings)  # type: ignore[arg-type]


def successes(state: RunState) -> dict[str, bool]:
    return {name: each.status.is_success for name, each in state.tasks.items()}


def journal(*events: object) -> list[Recorded]:
    return [Recorded(number + 1, float(number), event) for number, event in enumerate(events)]  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(60))
def test_crashed_after_any_event_a_run_that_waits_comes_to_the_same(seed: int) -> None:
    """I4, I5."""
    whole = world(seed)
    wanted = whole.run()
    assert not any(isinstance(each.event, AttemptQueued) and whole.plan.tasks[each.event.task].kind.waits
                   for each in whole.journal)  # fmt: skip
    for crash_at in range(1, len(whole.journal), 3):
        crashing = world(seed, crash_at=crash_at)
        with pytest.raises(EngineCrashed):
            crashing.run()
        last = world(seed, journal=crashing.journal)
        assert last.run() is wanted
        assert successes(last.state) == successes(whole.state)


@pytest.mark.parametrize("seed", range(40))
def test_cancelled_at_any_time_nothing_is_waited_for_any_more(seed: int) -> None:
    run = world(seed, cancel_at=2 + seed)
    run.run()
    assert all(each.status.is_done for each in run.state.tasks.values())


def test_what_is_waited_for_takes_no_room() -> None:
    waits = [task(f"w{number}", kind=Kind.SENSOR, resources=Resources(cpu=9)) for number in range(50)]
    plan = plan_of(*waits, task("work"))
    missed = (CacheMissed(name, "key", "never ran") for name in plan.tasks)
    state = fold(journal(RunStarted("run", "p", tuple(plan.tasks), {}), *missed))
    commands = decide(Roster(plan), state, ONE, 0.0)
    assert [each.task for each in commands if isinstance(each, Defer)] == [each.id for each in waits]
    assert [each.task for each in commands if isinstance(each, Launch)] == ["work"]


def test_the_wait_counts_from_its_first_deferral_whatever_engine_goes_on() -> None:
    state = fold(
        journal(
            RunStarted("run", "p", ("w",), {}),
            TaskDeferred("w", 1, "waiting"),
            RunInterrupted("gone"),
            RunResumed(("w",)),
            TaskDeferred("w", 2, "waiting"),
        )
    )
    assert state.status is RunStatus.RUNNING
    assert state.tasks["w"].status is TaskStatus.DEFERRED
    assert state.tasks["w"].deferred_since == 1.0


def test_the_first_answer_stands_and_is_kept_by_who_goes_on() -> None:
    first, second = ApprovalAnswered("w", False, "no", "ann"), ApprovalAnswered("w", True, "", "bob")
    state = fold(
        journal(
            RunStarted("run", "p", ("w",), {}),
            TaskDeferred("w", 1, "waiting for approval", True),
            first,
            second,
            RunInterrupted("gone"),
            RunResumed(("w",)),
            TaskDeferred("w", 2, "waiting for approval", True),
        )
    )
    assert state.tasks["w"].answer == first


def test_who_is_not_asked_is_not_answered() -> None:
    begun = RunStarted("run", "p", ("w",), {})
    sensor = fold(journal(begun, TaskDeferred("w", 1, "waiting for x"), ApprovalAnswered("w", True, "", "ann")))
    assert sensor.tasks["w"].answer is None
