"""Maps in simulation: crashed after every event, cancelled, retried, nested; what comes of them is what it would be."""

from __future__ import annotations

import copy
import random
from dataclasses import replace

import pytest
from simulation.promises import assert_cancelled_it_ends_and_can_be_resumed, assert_crashes_change_nothing
from simulation.world import World, items_in, plan_of, ref, source_of, task

from treadle.execute.protocol import Failed, Succeeded, Usage
from treadle.run.commands import Command, Gather, LookUpCache, MarkCancelled
from treadle.run.decide import decide, next_commands
from treadle.run.event_codec import decode, encode
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    CacheMissed,
    CancelRequested,
    Event,
    MapEnded,
    Recorded,
    TaskExpanded,
)
from treadle.run.expansion import expand, owner_of
from treadle.run.plan import Plan, PlanMap, PlanTask, TaskInput
from treadle.run.resuming import resumed, tasks_to_retry
from treadle.run.room import Capacity
from treadle.run.roster import Roster, roster_of
from treadle.run.schedule import Schedule
from treadle.run.state import RunStatus, TaskStatus, fold


def mapped(*body: PlanTask, end: str, needs: tuple[str, ...] = (), parallel: int | None = None) -> PlanTask:
    """A map over what feeds `data`, called what the body's tasks begin with."""
    name = body[0].id.partition("/")[0] if "/" in body[0].id else body[0].id
    over = PlanMap(body, {"value": TaskInput(end, "value")}, port="data", parallel=parallel)
    over = replace(over, params={each.id: {"x": "x"} for each in body})
    return task(name, needs, map=over)


def within(prefix: str, name: str, *needs: str, **settings: object) -> PlanTask:
    return task(f"{prefix}/{name}", tuple(f"{prefix}/{need}" for need in needs), **settings)


def random_map(chance: random.Random, name: str, needs: tuple[str, ...]) -> PlanTask:
    """Over one node, or a few that wait for each other, of which one may be mapped again."""
    parallel = chance.choice([None, 1, 2])
    settings = {"retries": chance.randrange(2), "retry_delay": chance.choice([0.0, 3.0])}
    if chance.random() < 0.5:
        return mapped(task(name, **settings), end=name, parallel=parallel, needs=needs)
    inner = within(name, "b", "a")
    if chance.random() < 0.5:
        over = mapped(task(f"{name}/b", **settings), end=f"{name}/b", needs=(f"{name}/a",)).map
        inner = replace(inner, map=over, retries=0)
    body = (within(name, "a", **settings), inner, within(name, "c", "a", "b"))
    return mapped(*body, end=f"{name}/c", parallel=parallel, needs=needs)


def random_maps(chance: random.Random, size: int) -> Plan:
    tasks: list[PlanTask] = []
    for number in range(size):
        needs = tuple(each.id for each in chance.sample(tasks, min(len(tasks), chance.randrange(3))))
        name = f"t{number}"
        tasks.append(random_map(chance, name, needs) if chance.random() < 0.5 else task(name, needs))
    return plan_of(*tasks)


def everything(plan: Plan, items: dict[str, int]) -> dict[str, PlanTask]:
    """Every task that there will be, where each map has as many items as `items` says, else two."""
    found: dict[str, PlanTask] = {}
    ahead = list(plan.tasks.values())
    while ahead:
        each = ahead.pop(0)
        found[each.id] = each
        if each.map is not None:
            ahead += expand(each, items_in(source_of(items.get(each.id, 2))))
    return found


def world(seed: int, crash_at: int | None = None, journal: list[Recorded] | None = None, luck: int = 0) -> World:
    chance = random.Random(seed)
    plan = random_maps(chance, 3 + seed % 4)
    items = {name: chance.randrange(4) for name in plan.tasks}
    every = everything(plan, items)
    bad = frozenset(name for name in every if chance.random() < 0.06)
    flaky = {name: chance.randint(0, each.retries) for name, each in every.items()}
    known = frozenset(name for name in every if chance.random() < 0.1)
    made = World(plan, random.Random(seed + luck), bad, flaky, known, journal=list(journal or ()), crash_at=crash_at)
    made.items = items
    return made


@pytest.mark.parametrize("seed", range(12))
def test_maps_crashed_after_every_event_and_again_in_recovery_come_to_the_same(seed: int) -> None:
    """I3, I4, I5."""
    assert_crashes_change_nothing(world, seed)


@pytest.mark.parametrize("seed", range(20, 60))
def test_a_run_of_maps_that_is_cancelled_leaves_nothing_open_and_can_be_resumed(seed: int) -> None:
    assert_cancelled_it_ends_and_can_be_resumed(world, seed)


@pytest.mark.parametrize("seed", range(60, 90))
def test_replayed_and_counted_anew_a_map_stands_where_the_live_one_does(seed: int) -> None:
    live = world(seed)
    live.run()
    replayed = fold(decode(encode(recorded)) for recorded in live.journal)
    assert replayed.tasks == live.state.tasks
    for name, state in live.state.maps.items():
        members = [each.status for id_, each in live.state.tasks.items() if owner_of(id_) == name]
        assert {status: count for status, count in state.counts.items() if count} == {
            status: members.count(status) for status in members
        }
        assert state.counts == replayed.maps[name].counts
        assert (state.done, state.fraction) == (state.items, 1.0)


@pytest.mark.parametrize("seed", range(90, 120))
def test_a_schedule_that_grew_with_every_map_decides_as_one_made_afresh(seed: int) -> None:
    whole = world(seed)
    whole.cancel_at = 20 if seed % 3 == 0 else None
    whole.run()
    state = fold(whole.journal[:1])
    roster = Roster(whole.plan)
    following = Schedule(roster, state)
    for recorded in whole.journal[1:]:
        if isinstance(recorded.event, TaskExpanded):
            mapped_task = roster.tasks[recorded.event.task]
            roster.admit(mapped_task.id, expand(mapped_task, items_in(recorded.event.source)))
        following.follow(state.advance(recorded))
        if seed % 2:
            following.grow(most=1)  # so that things happen to the items of a map while others have not entered
        afresh = decide(roster_of(whole.plan, state, items_in), state, whole.capacity, 1e9)
        followed = next_commands(copy.deepcopy(following), copy.deepcopy(state), whole.capacity, 1e9)
        assert sorted(map(repr, followed)) == sorted(map(repr, afresh))


def run_of(plan: Plan, **settings: object) -> World:
    made = World(plan, random.Random(1), **settings)
    made.run()
    return made


def over_three(**settings: object) -> Plan:
    fit = mapped(task("fit", **settings), end="fit", needs=("load",))
    return plan_of(task("load"), fit, task("best", ("fit",)))


def ended(made: World, name: str) -> object:
    return next(
        each.event.outcome for each in made.journal if isinstance(each.event, MapEnded) and each.event.task == name
    )


def test_what_the_items_gave_is_a_list_in_their_order() -> None:
    made = run_of(over_three(), items={"fit": 3})
    assert made.state.status is RunStatus.SUCCEEDED
    given = ended(made, "fit")
    assert isinstance(given, Succeeded)
    assert [name in str(given.outputs["value"]) for name in ("fit[0]", "fit[1]", "fit[2]")] == [True] * 3
    assert str(given.outputs["value"]).index("fit[0]") < str(given.outputs["value"]).index("fit[2]")


def test_of_no_items_the_map_succeeds_with_empty_lists() -> None:
    made = run_of(over_three(), items={"fit": 0})
    assert made.state.status is RunStatus.SUCCEEDED
    assert ended(made, "fit") == Succeeded({"value": ref("[]")})


def test_a_map_says_how_many_of_its_items_failed_and_which_first() -> None:
    made = run_of(over_three(), items={"fit": 6}, bad=frozenset(f"fit[{n}]" for n in (1, 2, 4, 5)))
    failed = ended(made, "fit")
    assert isinstance(failed, Failed)
    assert failed.message.startswith("4 of 6 items failed: fit[1] (")
    assert failed.message.endswith("; and 1 more")
    assert made.state.tasks["best"].status is TaskStatus.UPSTREAM_FAILED
    assert made.state.tasks["best"].cause == "fit"
    assert made.state.maps["fit"].failed == 4


def test_items_are_tried_again_one_by_one_as_their_policy_says() -> None:
    made = run_of(over_three(retries=2), items={"fit": 3}, flaky={"fit[1]": 2})
    assert made.state.status is RunStatus.SUCCEEDED
    assert [made.state.tasks[f"fit[{n}]"].number for n in range(3)] == [1, 3, 1]


@pytest.mark.parametrize("seed", range(10))
def test_no_more_items_are_open_at_once_than_the_map_allows(seed: int) -> None:
    fit = mapped(task("fit"), end="fit", parallel=2)
    made = World(plan_of(fit), random.Random(seed), items={"fit": 9}, capacity=Capacity(8.0, 100))
    made.run()  # the world checks each pool at every launch
    assert made.state.status is RunStatus.SUCCEEDED
    assert made.roster.tasks["fit[8]"].pools == {"fit": 2}


def test_cancelling_a_map_cancels_its_items_and_nothing_else() -> None:
    plan = plan_of(*over_three().tasks.values(), task("other"))
    lasting = frozenset({"fit[1]", "fit[3]"})
    made = World(plan, random.Random(3), items={"fit": 4}, lasting=lasting)
    made.say = (lambda world: lasting <= world.open.keys(), CancelRequested("user", "fit"))
    made.run()
    assert made.state.tasks["fit"].status is TaskStatus.CANCELLED
    assert made.state.tasks["fit[1]"].status is TaskStatus.CANCELLED
    assert made.state.tasks["other"].status is TaskStatus.SUCCEEDED


def test_one_item_that_is_tried_again_leaves_the_others_and_makes_the_list_anew() -> None:
    made = run_of(over_three(), items={"fit": 3}, bad=frozenset({"fit[1]"}))
    roster = roster_of(made.plan, made.state, items_in)
    again = tasks_to_retry(roster, made.state, lambda _: True, "fit[1]")
    event = resumed(roster, made.state, again, "user", "fit[1]")
    assert set(event.tasks) == {"fit", "fit[1]", "best"}
    assert event.expanded == ("fit",)
    then = World(made.plan, random.Random(2), items={"fit": 3}, journal=made.journal)
    then.resume_with = event
    assert then.run() is RunStatus.SUCCEEDED
    assert [then.state.tasks[f"fit[{n}]"].number for n in range(3)] == [1, 2, 1]


def test_where_what_it_is_mapped_over_is_made_again_a_map_expands_anew() -> None:
    made = run_of(over_three(), items={"fit": 3})
    roster = roster_of(made.plan, made.state, items_in)
    event = resumed(roster, made.state, tasks_to_retry(roster, made.state, lambda _: True, "load"), "user", "load")
    assert (event.expanded, set(event.tasks)) == ((), {"load", "fit", "best"})
    then = World(made.plan, random.Random(2), items={"fit": 2}, journal=made.journal)
    then.resume_with = event
    assert then.run() is RunStatus.SUCCEEDED
    assert [id_ for id_ in then.state.tasks if owner_of(id_)] == ["fit[0]", "fit[1]"]
    assert then.state.tasks["fit[0]"].number == 2, "no log of the first time is overwritten"


def test_a_map_without_its_items_list_is_expanded_anew() -> None:
    made = run_of(over_three(), items={"fit": 2}, bad=frozenset({"fit[1]"}))
    roster = roster_of(made.plan, made.state, lambda _: None)
    assert "fit[0]" not in roster.tasks
    event = resumed(roster, made.state, tasks_to_retry(roster, made.state, lambda _: True, "fit"), "user")
    assert event.expanded == ()


def test_the_items_of_a_map_go_where_their_node_stands_in_order() -> None:
    urgent = mapped(task("urgent"), end="urgent", needs=("load",))
    first = replace(urgent, priority=5)
    others = [task(f"other{number}", ("load",)) for number in range(8)]
    nested = mapped(within("deep", "a"), end="deep/a", needs=("load",))
    made = World(
        plan_of(task("load"), *others, nested, first),
        random.Random(5),
        items={"urgent": 6},
        capacity=Capacity(1.0, 100),
    )
    made.run()
    queued = [each.event.task for each in made.journal if isinstance(each.event, AttemptQueued)]
    assert made.state.status is RunStatus.SUCCEEDED
    begun = [name for name in queued if name.startswith("urgent[")]
    assert len(begun) == 6
    last = max(map(queued.index, begun))
    assert sum(name.startswith("other") for name in queued[:last]) <= 3, "but for those that began before it expanded"


class Growing:
    """`fit` over so many items, of which none has entered the schedule yet; `load` is done."""

    def __init__(self, items: int, **settings: object) -> None:
        plan = over_three(**settings)
        self.roster, self.now = Roster(plan), 0.0
        made = World(plan, random.Random(1), items={"fit": items})
        made.run()
        until = next(at for at, each in enumerate(made.journal) if isinstance(each.event, TaskExpanded))
        self.state = fold(made.journal[:until])
        self.schedule = Schedule(self.roster, self.state)
        self.roster.admit("fit", expand(plan.tasks["fit"], items_in(source_of(items))))
        self.take(made.journal[until].event)

    def take(self, *events: Event) -> None:
        for event in events:
            recorded = Recorded(self.state.seq + 1, self.now, event)
            self.schedule.follow(self.state.advance(recorded))

    def decided(self, most: int | None = None) -> list[Command]:
        return next_commands(self.schedule, self.state, Capacity(99.0, 100), self.now, most)


def test_a_turn_takes_in_a_part_of_a_maps_items_and_the_next_turns_the_rest() -> None:
    run = Growing(100)
    looked_up: list[Command] = []
    turns = 0
    while run.schedule.is_growing:
        turns += 1
        looked_up += run.decided(most=5)
    assert turns == 10
    assert looked_up == [LookUpCache(f"fit[{index}]") for index in range(len(looked_up))]
    assert looked_up
    assert not run.schedule.is_settled


def test_an_item_that_is_cancelled_before_it_has_entered_is_not_begun() -> None:
    run = Growing(6)
    run.schedule.grow(most=2)
    run.take(CancelRequested("user", "fit[4]"))
    assert run.decided()[0] == MarkCancelled("fit[4]")


def test_items_of_a_cancelled_map_are_cancelled_as_they_enter() -> None:
    run = Growing(6)
    run.schedule.grow(most=2)
    run.take(CancelRequested("user", "fit"))
    assert run.decided() == [MarkCancelled(f"fit[{index}]") for index in range(6)]


def test_an_item_of_a_cancelled_map_is_not_tried_again() -> None:
    run = Growing(1, retries=3)
    attempt = (CacheMissed("fit[0]", "k", ""), AttemptQueued("fit[0]", 1), AttemptLaunched("fit[0]", 1, 7))
    run.schedule.grow()
    run.take(*attempt, CancelRequested("user", "fit"), AttemptEnded("fit[0]", 1, Failed("E", "no"), Usage()))
    assert run.decided() == [Gather("fit")]
