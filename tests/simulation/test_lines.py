"""Short tasks whose processes serve many go early: more lie ready than there is room for, and never more goes on."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from simulation.world import World, plan_of, random_plan, task

from treadle.execute.protocol import Succeeded, Usage
from treadle.run.commands import Launch
from treadle.run.decide import next_commands
from treadle.run.events import AttemptEnded, AttemptQueued, CacheMissed, Recorded, RunStarted
from treadle.run.plan import PlanTask
from treadle.run.room import Capacity, demand_of
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState
from treadle.spec.environments import Environment, Isolation
from treadle.spec.flow import Kind
from treadle.spec.pipeline import Resources

LINES = Capacity(2.0, 100, lines=3)
SHORT, LONG = Usage(wall=0.001), Usage(wall=1.0)


def shared(name: str, **settings: object) -> PlanTask:
    return task(name, isolation=Isolation.REUSE, **settings)


class Run:
    """A run of which `done` have succeeded as quickly as `usage` says, and nothing else has begun."""

    def __init__(self, *tasks: PlanTask, done: int = 1, usage: Usage = SHORT) -> None:
        plan = plan_of(*tasks)
        self.state = RunState()
        self._tell(RunStarted("run", "p", tuple(plan.tasks), {}))
        self.schedule = Schedule(Roster(plan), self.state)
        for each in tasks:
            self.follow(CacheMissed(each.id, "k", "never ran before"))
        for each in tasks[:done]:
            self.follow(AttemptQueued(each.id, 1))
            self.end(each.id, usage)

    def _tell(self, event: object) -> str | None:
        return self.state.advance(Recorded(self.state.seq + 1, 0.0, event))

    def follow(self, event: object) -> None:
        self.schedule.follow(self._tell(event))

    def end(self, name: str, usage: Usage = SHORT) -> None:
        self.follow(AttemptEnded(name, 1, Succeeded({}), usage))

    def launches(self, room: Capacity = LINES) -> list[tuple[str, bool]]:
        """(task, early) of each that begins now."""
        before = self.open
        found = [each for each in next_commands(self.schedule, self.state, room, 0.0) if isinstance(each, Launch)]
        for each in found:
            self.follow(AttemptQueued(each.task, each.number))
        early = range(before + 1, before + 1 + len(found))
        return [
            (each.task, each.together is not None and number > each.together)
            for number, each in zip(early, found, strict=True)
        ]

    @property
    def open(self) -> int:
        return sum(each.status.is_open for each in self.state.tasks.values())

    @property
    def held(self) -> float:
        return self.schedule.beginnings.held.cpu


def many(count: int = 20) -> list[PlanTask]:
    return [shared(f"t{number:02}") for number in range(count)]


def test_a_few_stand_in_line_behind_each_that_has_room() -> None:
    run = Run(*many())
    launched = run.launches()
    assert launched == [("t01", False), ("t02", False), *((f"t{number:02}", True) for number in range(3, 9))]
    assert run.held == 2.0
    assert run.launches() == []


def test_one_that_ends_leaves_its_room_to_the_next_in_line() -> None:
    run = Run(*many())
    run.launches()
    run.end("t05")
    assert run.held == 2.0
    assert run.launches() == [("t09", True)]


def test_when_all_have_ended_nothing_is_held() -> None:
    run = Run(*many(8))
    for name, _ in run.launches():
        run.end(name)
    assert run.held == 0.0
    assert run.schedule.is_settled


@pytest.mark.parametrize("usage", [LONG, None], ids=["long", "unknown"])
def test_what_is_not_known_to_be_short_waits_for_room(usage: Usage | None) -> None:
    run = Run(*many(), done=0 if usage is None else 1, usage=usage or SHORT)
    assert [early for _, early in run.launches()] == [False, False]


def test_what_gets_longer_goes_early_no_more() -> None:
    run = Run(*many(40))
    for name, _ in run.launches():
        run.end(name, LONG)
    assert [early for _, early in run.launches()] == [False, False]


def test_nothing_goes_early_beside_another_run() -> None:
    run = Run(*many())
    assert all(not early for _, early in run.launches(Capacity(2.0, 100, shared=True, lines=3)))


def test_nothing_goes_early_before_what_is_weightier_and_waits_for_room() -> None:
    run = Run(shared("t0", priority=2), task("big", priority=1, resources=Resources(cpu=2)), *many(6))
    run.launches(Capacity(1.0, 100, lines=3))
    assert not any(early for _, early in run.launches())


@pytest.mark.parametrize(
    "settings",
    [
        {"isolation": Isolation.FRESH},
        {"kind": Kind.SHELL},
        {"resources": Resources(memory=1)},
        {"resources": Resources(gpu=1)},
        {"pools": {"p": 1}},
        {"secrets": {"password": "s"}},
        {"environment": Environment(python="3.12")},
        {"environment": Environment(requirements=("six",))},
    ],
    ids=str,
)
def test_only_what_may_have_another_ones_process_stands_in_line(settings: dict[str, object]) -> None:
    assert demand_of(shared("a")).lines_up
    assert not demand_of(task("a", **{"isolation": Isolation.REUSE, **settings})).lines_up


def successes(run: World) -> list[str]:
    return [name for name, each in run.state.tasks.items() if each.status.is_success]


def world(seed: int, lines: int) -> World:
    chance = random.Random(seed)
    plain = {"resources": Resources(), "isolation": Isolation.REUSE}
    tasks = random_plan(chance, 50).tasks.values()
    plan = plan_of(*(replace(each, **plain) if chance.random() < 0.7 else each for each in tasks))
    flaky = {name: chance.randint(0, task.retries) for name, task in plan.tasks.items()}
    bad = frozenset(name for name in plan.tasks if chance.random() < 0.05)
    return World(plan, chance, bad, flaky, capacity=Capacity(3.0, 100, lines=lines))


def test_with_lines_runs_come_to_the_same() -> None:
    early = 0
    for seed in range(60):
        with_, without = world(seed, 4), world(seed, 0)
        assert with_.run() is without.run()
        assert successes(with_) == successes(without)
        early += with_.most_early
    assert early > 60


def test_cancelled_in_the_middle_what_stood_in_line_is_cancelled_too() -> None:
    early = 0
    for seed in range(60):
        run = World(plan_of(*many(30)), random.Random(seed), capacity=LINES, cancel_at=30 + 2 * seed)
        run.run()
        assert all(each.status.is_done for each in run.state.tasks.values())
        early += run.most_early
    assert early > 30
