"""Pipelines of pipelines in simulation: nested, from files, mapped; with failures, retries, cancels and crashes."""

from __future__ import annotations

import random

import pytest
from simulation.pipelines import Nested, nested, waits
from simulation.promises import assert_cancelled_it_ends_and_can_be_resumed, assert_crashes_change_nothing
from simulation.test_maps import everything
from simulation.world import World

from treadle.run.event_codec import decode, encode
from treadle.run.events import AttemptQueued, CancelRequested, Recorded, TaskCached, TaskExpanded
from treadle.run.plan_codec import plan_from_json, plan_to_json
from treadle.run.state import RunStatus, fold


def drawn(seed: int) -> Nested:
    return nested(random.Random(seed), 2 + seed % 4, depth=1 + seed % 3)


def world(seed: int, crash_at: int | None = None, journal: list[Recorded] | None = None, luck: int = 0) -> World:
    chance = random.Random(seed)
    plan = drawn(seed).plan()
    items = {name: chance.randrange(4) for name in plan.tasks}
    every = everything(plan, items)
    bad = frozenset(name for name in every if chance.random() < 0.04)
    flaky = {name: chance.randint(0, each.retries) for name, each in every.items()}
    known = frozenset(name for name in every if chance.random() < 0.1)
    made = World(plan, random.Random(seed + luck), bad, flaky, known, journal=list(journal or ()), crash_at=crash_at)
    made.items = items
    return made


def assert_in_order(made: Nested, journal: list[Recorded]) -> None:
    """No task began before what the pipelines, as they were drawn, say has ended before it."""
    began: dict[str, int] = {}
    for recorded in journal:
        if isinstance(recorded.event, AttemptQueued | TaskCached | TaskExpanded):
            began.setdefault(recorded.event.task, recorded.seq)
    for task, need in waits(made.pipeline, made.files):
        if task in began:
            state = fold(journal[: began[task] - 1])
            assert state.tasks[need].status.is_success, f"{task} began before {need} had succeeded"


@pytest.mark.parametrize("seed", range(60))
def test_what_is_inside_waits_for_what_stands_before_its_pipeline_and_is_waited_for_by_what_stands_behind(
    seed: int,
) -> None:
    """I5: however it is nested, and from a plan that was written down too, work goes in the order that was drawn."""
    whole = world(seed)
    whole.run()
    assert_in_order(drawn(seed), whole.journal)
    assert plan_from_json(plan_to_json(whole.plan)) == whole.plan


@pytest.mark.parametrize("seed", range(100, 116))
def test_crashed_after_every_event_and_again_in_recovery_pipelines_of_pipelines_come_to_the_same(seed: int) -> None:
    """I3, I4, I5. However deep it stands; at a hundred places of a long run."""
    whole = world(seed)
    whole.run()
    assert_crashes_change_nothing(world, seed, step=1 + len(whole.journal) // 100)


@pytest.mark.parametrize("seed", range(200, 240))
def test_pipelines_of_pipelines_that_are_cancelled_leave_nothing_open_and_can_be_resumed(seed: int) -> None:
    """I3, I4, I5."""
    assert_cancelled_it_ends_and_can_be_resumed(world, seed)


@pytest.mark.parametrize("seed", range(300, 330))
def test_one_task_inside_that_is_cancelled_keeps_only_what_waits_for_it_from_running(seed: int) -> None:
    """I4, I5: the rest of the pipelines around it comes to what it would have come to."""
    plain = world(seed)
    plain.bad = frozenset()
    chosen = random.Random(seed).choice([name for name, each in plain.plan.tasks.items() if each.map is None])
    plain.known -= {chosen}
    plain.lasting = frozenset({chosen})
    plain.say = (lambda run: chosen in run.open, CancelRequested("user", chosen))
    status = plain.run()
    tasks = plain.state.tasks
    assert str(tasks[chosen].status) == "cancelled"
    assert status in (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SUCCEEDED)
    unrun = {name for name, each in tasks.items() if not each.status.is_success}
    assert {tasks[name].cause for name in unrun - {chosen}} <= {chosen}


@pytest.mark.parametrize("seed", range(400, 430))
def test_replayed_pipelines_of_pipelines_stand_where_the_live_ones_do(seed: int) -> None:
    """I2: what is read back from the journal is what was seen."""
    live = world(seed)
    live.run()
    assert fold(decode(encode(recorded)) for recorded in live.journal).tasks == live.state.tasks


def test_the_pipelines_that_are_drawn_have_every_shape() -> None:
    """Nested to the third level, from files and in place, mapped, mapped inside of mapped."""
    ids = {name for seed in range(60) for name in drawn(seed).plan().tasks}
    maps = [each.map for seed in range(60) for each in drawn(seed).plan().tasks.values() if each.map is not None]
    assert max(name.count("/") for name in ids) == 3
    assert any(len(each.body) > 1 for each in maps)
    assert any(inside.map is not None for each in maps for inside in each.body)
    assert any(drawn(seed).files for seed in range(60))
    assert any(node.pipeline for seed in range(60) for node in drawn(seed).pipeline.nodes.values())
