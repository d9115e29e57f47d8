"""Pools: never more at once than there are slots, nobody starves, and who waits for one costs nothing."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from simulation.world import World, plan_of, random_plan, task

from treadle.execute.protocol import Succeeded, Usage
from treadle.run.commands import Launch
from treadle.run.decide import next_commands
from treadle.run.events import (
    AttemptEnded,
    AttemptQueued,
    CacheMissed,
    CancelRequested,
    Event,
    Recorded,
    RunStarted,
    TaskCancelled,
)
from treadle.run.plan import Plan, PlanTask
from treadle.run.ready import ReadyTasks
from treadle.run.room import Capacity
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus, fold
from treadle.spec.pipeline import Resources

SIZES = {"fit[0]": 1, "fit[1]": 2, "prep": 3}


def pooled(seed: int) -> Plan:
    chance = random.Random(seed)
    plan = random_plan(chance, 4 + seed % 20)

    def some(each: PlanTask) -> PlanTask:
        names = chance.sample(sorted(SIZES), chance.choice([0, 0, 1, 1, 2]))
        return replace(each, pools={name: SIZES[name] for name in names})

    return replace(plan, tasks={name: some(each) for name, each in plan.tasks.items()})


@pytest.mark.parametrize("seed", range(120))
def test_no_pool_is_ever_overfull_and_every_task_gets_its_turn(seed: int) -> None:
    run = World(pooled(seed), random.Random(seed), capacity=Capacity(9.0, 1000))
    if seed % 3 == 0:
        run.cancel_at = 5 + seed % 20
    run.run()
    assert all(each.status.is_done for each in run.state.tasks.values())
    if seed % 3:
        assert run.state.status is RunStatus.SUCCEEDED


@pytest.mark.parametrize("seed", range(120))
def test_pools_that_runs_share_are_never_overfull_whatever_others_hold_when(seed: int) -> None:
    chance = random.Random(seed)
    sizes = {"db": 3, "net": 2}
    plan = random_plan(chance, 4 + seed % 20)

    def some(each: PlanTask) -> PlanTask:
        names = chance.sample(sorted(sizes), chance.choice([0, 1, 1, 2]))
        pools = {name: chance.randint(1, sizes[name]) for name in names}
        return replace(each, resources=replace(each.resources, pools=pools), priority=chance.randrange(3))

    plan = replace(plan, tasks={name: some(each) for name, each in plan.tasks.items()})
    run = World(plan, chance, capacity=Capacity(9.0, 1000, pools=sizes))
    assert run.run() is RunStatus.SUCCEEDED


def test_a_slot_that_another_run_lets_go_of_is_taken() -> None:
    waiting = task("a", resources=Resources(pools={"db": 1}))
    run = Following(plan_of(waiting, task("b")), Capacity(9.0, 100, pools={"db": 0}))
    assert run.launched() == ["b"]
    assert run.launched() == []
    run.capacity = replace(run.capacity, pools={"db": 1})
    assert run.launched() == ["a"]


def test_in_a_pool_the_urgent_goes_first() -> None:
    names = ("first", "second", "urgent")
    tasks = [task(name, resources=Resources(pools={"db": 1}), priority=int(name == "urgent")) for name in names]
    run = Following(plan_of(*tasks), Capacity(9.0, 100, pools={"db": 1}))
    order = []
    for _ in tasks:
        (name,) = run.launched()
        order.append(name)
        run.end(name)
    assert order == ["urgent", "first", "second"]


class Following:
    """A run of which every step is told here."""

    def __init__(self, plan: Plan, capacity: Capacity) -> None:
        self.capacity = capacity
        missed = [CacheMissed(name, "k", "never ran before") for name in plan.tasks]
        begun = RunStarted("run", "p", tuple(plan.tasks), {})
        self.state: RunState = fold(Recorded(seq, 0.0, event) for seq, event in enumerate([begun, *missed], 1))
        self.schedule = Schedule(Roster(plan), self.state)

    def take(self, event: Event) -> None:
        self.schedule.follow(self.state.advance(Recorded(self.state.seq + 1, 0.0, event)))

    def launched(self) -> list[str]:
        """What begins now."""
        commands = next_commands(self.schedule, self.state, self.capacity, 0.0)
        names = [each.task for each in commands if isinstance(each, Launch)]
        for name in names:
            self.take(AttemptQueued(name, 1))
        return names

    def end(self, name: str) -> None:
        self.take(AttemptEnded(name, 1, Succeeded({}), Usage()))


def test_ten_thousand_behind_a_pool_keep_nobody_waiting() -> None:
    parked = [task(f"item{number}", pools={"fit": 4}) for number in range(10_000)]
    others = [task(f"other{number}") for number in range(10)]
    run = Following(plan_of(*parked, *others), Capacity(100.0, 100))
    assert run.launched() == ["item0", "item1", "item2", "item3", *(each.id for each in others)]
    run.end("item2")
    assert run.launched() == ["item4"]
    assert run.launched() == []


def test_what_waits_for_a_pool_costs_nothing_an_event() -> None:
    def cost(waiting: int) -> float:
        parked = [task(f"item{number}", pools={"fit": 4}) for number in range(waiting)]
        chain = [task(f"c{number}") for number in range(500)]
        run = Following(plan_of(*parked, *chain), Capacity(5.0, 100))
        run.launched()
        began = time.process_time()
        for each in chain[:-1]:
            run.end(each.id)
            assert len(run.launched()) == 1
        return time.process_time() - began

    assert min(cost(20_000) for _ in range(3)) < 4 * min(cost(20) for _ in range(3))


def test_ten_thousand_pools_that_are_full_cost_nothing_an_event() -> None:
    parked = [task(f"p{pool}[{number}]", pools={f"p{pool}": 1}) for pool in range(5_000) for number in range(2)]
    chain = [task(f"c{number}") for number in range(100)]
    run = Following(plan_of(*parked, *chain), Capacity(5_001.0, 100))
    run.launched()
    began = time.process_time()
    for each in chain[:-1]:
        run.end(each.id)
        assert run.launched() == [f"c{int(each.id[1:]) + 1}"]
    assert (time.process_time() - began) / 100 < 2e-3


def test_in_a_pool_the_first_in_order_goes_first() -> None:
    urgent = task("urgent", pools={"fit": 1})
    plan = plan_of(*(task(f"item{number}", pools={"fit": 1}) for number in range(3)), urgent, task("next", ("urgent",)))
    run = Following(plan, Capacity(9.0, 100))
    assert run.launched() == ["urgent"]
    run.end("urgent")
    assert run.launched() == ["item0", "next"] or run.launched() == ["next", "item0"]


def test_a_task_in_two_pools_is_passed_by_in_neither() -> None:
    both = task("both", pools={"a": 1, "b": 1})
    plan = plan_of(task("a1", pools={"a": 1}), task("b1", pools={"b": 1}), both, task("b2", pools={"b": 1}))
    run = Following(plan, Capacity(9.0, 100))
    assert run.launched() == ["a1", "b1"]
    run.end("b1")
    assert run.launched() == []
    run.end("a1")
    assert run.launched() == ["both"]
    run.end("both")
    assert run.launched() == ["b2"]


def test_who_was_cancelled_keeps_nobody_waiting() -> None:
    both = task("both", pools={"a": 1, "b": 1})
    plan = plan_of(task("a1", pools={"a": 1}), both, task("b1", pools={"b": 1}))
    run = Following(plan, Capacity(9.0, 100))
    assert run.launched() == ["a1"]
    run.take(CancelRequested("user", "both"))
    run.take(TaskCancelled("both"))
    assert run.launched() == ["b1"]


def test_a_retry_that_goes_first_in_its_pool_is_not_waited_for_for_ever() -> None:
    """I4: what is let go of goes to the first in order, also where that came while its line stood parked."""
    ready = ReadyTasks(lambda _rank, _number: True)
    outer, inner = ready.line_of(task("a", pools={"m": 1})), ready.line_of(task("b", pools={"m": 1, "n": 1}))
    for line, turn, rank in ((inner, 2.0, 8), (outer, 3.0, 9)):
        ready.put(line, turn, rank, 1)
        assert ready.take_line() is line
        ready.park(line)
    ready.freed("/m")
    ready.put(outer, 1.0, 7, 2)
    assert ready.take_line() is outer
    assert ready.take_first(outer) == 7
