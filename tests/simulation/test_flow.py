"""Triggers, branches, teardowns and nodes at the end in random plans: as they must come out, whatever crashes when."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from simulation.flows import Flow, expected, random_flow, with_teardown
from simulation.promises import assert_a_follower_stands_where_a_fresh_look_stands
from simulation.world import EngineCrashed, World, plan_of, task

from treadle.run.events import AttemptQueued, Recorded
from treadle.run.state import RunState, RunStatus, TaskStatus
from treadle.spec.flow import AtEnd, Retry, Trigger

BAD = (TaskStatus.CRASHED, TaskStatus.TIMED_OUT)


def flow_of(seed: int) -> Flow:
    chance = random.Random(seed)
    flow = random_flow(chance, 3 + seed % 12, ends=seed % 3)
    return with_teardown(flow, chance) if seed % 4 == 3 and seed % 3 == 0 else flow


def world(seed: int, journal: list[Recorded] | None = None, crash_at: int | None = None) -> World:
    flow = flow_of(seed)
    luck = random.Random(seed + len(journal or ()))
    return World(flow.plan, luck, flow.bad, taken=flow.taken, journal=list(journal or ()), crash_at=crash_at)


def statuses(state: RunState) -> dict[str, str]:
    return {name: "failed" if each.status in BAD else each.status.value for name, each in state.tasks.items()}


@pytest.mark.parametrize("seed", range(300))
def test_a_run_comes_to_what_its_triggers_say(seed: int) -> None:
    run = world(seed)
    status = run.run()
    assert (statuses(run.state), status.value) == expected(flow_of(seed))


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_crashed_after_any_event_it_comes_to_the_same(seed: int) -> None:
    """I3, I4, I5: triggers, branches, teardowns and what runs at the end included."""
    whole = world(seed)
    whole.run()
    for crash_at in range(1, len(whole.journal)):
        crashing = world(seed, crash_at=crash_at)
        with pytest.raises(EngineCrashed):
            crashing.run()
        last = world(seed, crashing.journal)
        last.run()
        assert (statuses(last.state), last.state.status.value) == expected(flow_of(seed))


@pytest.mark.parametrize("seed", range(40))
def test_following_every_event_stands_where_a_fresh_look_stands(seed: int) -> None:
    whole = world(seed)
    whole.cancel_at = 12 if seed % 3 == 0 else None
    whole.run()
    assert_a_follower_stands_where_a_fresh_look_stands(whole)


@pytest.mark.parametrize("seed", range(60))
def test_cancelled_at_any_time_a_run_ends_with_nothing_open_and_is_cleaned_up(seed: int) -> None:
    chance = random.Random(seed)
    flow = with_teardown(random_flow(chance, 8), chance)
    run = World(flow.plan, chance, flow.bad, taken=flow.taken)
    run.cancel_at = chance.randrange(1, 30)
    run.run()
    tasks = run.state.tasks
    assert all(each.status.is_done for each in tasks.values())
    if tasks["up"].status is TaskStatus.SUCCEEDED:
        assert tasks["down"].status is TaskStatus.SUCCEEDED
    again = World(flow.plan, chance, flow.bad, taken=flow.taken, journal=run.journal)
    again.run()
    assert (statuses(again.state), again.state.status.value) == expected(flow)


def launches(journal: list[Recorded], name: str) -> list[float]:
    return [each.at for each in journal if isinstance(each.event, AttemptQueued) and each.event.task == name]


@pytest.mark.parametrize("seed", range(20))
def test_a_run_beyond_its_limit_is_ended_and_says_so(seed: int) -> None:
    tasks = task("long"), task("never", ("long",)), task("tell", at_end=AtEnd.FAILURE)
    plan = plan_of(*tasks, timeout=600.0)
    run = World(plan, random.Random(seed), lasting=frozenset({"long"}))
    assert run.run() is RunStatus.FAILED
    assert run.state.reason == "the run took longer than its limit of 10m"
    assert {name: each.status.value for name, each in run.state.tasks.items()} == {
        "long": "cancelled", "never": "cancelled", "tell": "succeeded",
    }  # fmt: skip
    later = World(plan, random.Random(seed), journal=run.journal, now=run.now + 1000)
    assert later.run() is RunStatus.SUCCEEDED
    assert later.state.tasks["tell"].status is TaskStatus.SKIPPED


@pytest.mark.parametrize("seed", range(20))
def test_retries_wait_as_long_as_they_say_each_time_longer(seed: int) -> None:
    retry = Retry(backoff=3.0, maximum=40.0, jitter=0.1)
    plan = plan_of(task("shaky", retries=4, retry_delay=5.0, retry=retry))
    run = World(plan, random.Random(seed), flaky={"shaky": 4})
    assert run.run() is RunStatus.SUCCEEDED
    began = launches(run.journal, "shaky")
    waits = [later - earlier for earlier, later in pairwise(began)]
    assert all(wait >= least * 0.9 for wait, least in zip(waits, (5.0, 15.0, 40.0, 40.0), strict=True))


@pytest.mark.parametrize("seed", range(10))
def test_a_set_up_is_made_anew_for_work_that_is_resumed(seed: int) -> None:
    tasks = (
        task("up"),
        task("done", after=("up",)),
        task("fit", ("done",), after=("up",)),
        task("down", after=("fit", "up"), teardown_of=("up",), trigger=Trigger.ALL_DONE_SETUP_SUCCESS),
    )
    plan = plan_of(*tasks)
    first = World(plan, random.Random(seed), bad=frozenset({"fit"}))
    assert first.run() is RunStatus.FAILED
    second = World(plan, random.Random(seed), journal=first.journal)
    assert second.run() is RunStatus.SUCCEEDED
    tries = {name: each.number for name, each in second.state.tasks.items()}
    assert tries == {"up": 2, "done": 1, "fit": 2, "down": 2}
