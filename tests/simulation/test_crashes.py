"""The engine crashes after every event, and again while it recovers; the run comes to what it would have come to.

`TREADLE_CRASHES` says how many crashes at least (2,000 where it is not set).
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable

import pytest
from simulation.promises import (
    assert_a_follower_stands_where_a_fresh_look_stands,
    assert_cancelled_it_ends_and_can_be_resumed,
    assert_crashes_change_nothing,
    assert_no_success_was_redone,
    outcome,
)
from simulation.world import NO_ROOM, EngineCrashed, World, random_plan

from treadle.run.commands import Command, PauseRun, ScheduleRetry
from treadle.run.event_codec import decode, encode
from treadle.run.events import AttemptEnded, Recorded, RunPaused
from treadle.run.state import RunState, fold

CRASHES = int(os.environ.get("TREADLE_CRASHES", "2000"))
GRAPHS = max(1, CRASHES // 100)


def world(seed: int, crash_at: int | None = None, journal: list[Recorded] | None = None, luck: int = 0) -> World:
    chance = random.Random(seed)
    plan = random_plan(chance, 4 + seed % 12)
    bad = frozenset(name for name in plan.tasks if chance.random() < 0.1)
    flaky = {name: chance.randint(0, task.retries) for name, task in plan.tasks.items()}
    known = frozenset(name for name in plan.tasks if chance.random() < 0.1)
    return World(plan, random.Random(seed + luck), bad, flaky, known, journal=list(journal or ()), crash_at=crash_at)


def run_until_crash(seed: int, crash_at: int, journal: list[Recorded], luck: int, now: float = 0.0) -> list[Recorded]:
    crashing = world(seed, crash_at, journal, luck)
    crashing.now = now
    with pytest.raises(EngineCrashed):
        crashing.run()
    return crashing.journal


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_crashed_after_every_event_and_again_in_recovery_a_run_comes_to_the_same(seed: int) -> None:
    """I3, I4, I5: about 40 events, each with 2 to 5 crashes."""
    assert_crashes_change_nothing(world, seed, again=4)


@pytest.mark.parametrize("seed", range(100, 140))
def test_a_cancelled_run_ends_with_nothing_open_and_can_be_resumed(seed: int) -> None:
    assert_cancelled_it_ends_and_can_be_resumed(world, seed)


def visible(state: RunState) -> tuple[object, ...]:
    return state.status, state.tasks, state.seq, state.started_at, state.finished_at, state.cancel_requested


@pytest.mark.parametrize("seed", range(200, 230))
def test_live_late_and_replayed_folds_agree(seed: int) -> None:
    live = world(seed)
    live.run()
    replayed = fold(decode(encode(recorded)) for recorded in live.journal)
    late = RunState()
    for recorded in [*live.journal[: seed % 20], *live.journal]:
        late.advance(recorded)
    assert visible(live.state) == visible(replayed) == visible(late)


@pytest.mark.parametrize("seed", range(300, 330))
def test_a_schedule_that_followed_every_event_decides_as_one_made_afresh(seed: int) -> None:
    whole = world(seed)
    whole.cancel_at = 20 if seed % 3 == 0 else None
    whole.run()
    assert_a_follower_stands_where_a_fresh_look_stands(whole)


@pytest.mark.parametrize("seed", range(500, 540))
def test_where_the_disk_is_full_a_run_pauses_and_comes_to_the_same_when_there_is_room(seed: int) -> None:
    """I4, I5: also crashed after any event of it; and no retry of the node's own is spent on it."""
    alone = world(seed)
    wanted = alone.run()
    roomless = frozenset(random.Random(seed).sample(sorted(alone.plan.tasks), min(3, len(alone.plan.tasks))))
    whole = world(seed)
    whole.roomless = roomless
    assert whole.run() is wanted
    assert outcome(whole.state) == outcome(alone.state)
    paused = [recorded.event for recorded in whole.journal if isinstance(recorded.event, RunPaused)]
    found = {name for name in roomless if any(map(met_no_room(name), whole.journal))}
    assert bool(paused) is bool(found)
    for crash_at in range(1, len(whole.journal), 5):
        crashing = world(seed, crash_at)
        crashing.roomless = roomless
        with pytest.raises(EngineCrashed):
            crashing.run()
        last = world(seed, None, crashing.journal, 1)
        last.roomless = roomless
        assert last.run() is wanted
        assert outcome(last.state) == outcome(alone.state)
        assert_no_success_was_redone(last.journal)


def met_no_room(name: str) -> Callable[[Recorded], bool]:
    return lambda each: (
        isinstance(each.event, AttemptEnded)
        and each.event == AttemptEnded(name, each.event.number, NO_ROOM, each.event.usage)
    )


@pytest.mark.parametrize("seed", range(540, 560))
def test_a_schedule_that_followed_a_full_disk_pauses_as_one_made_afresh(seed: int) -> None:
    whole = world(seed)
    whole.roomless = frozenset(list(whole.plan.tasks)[:3])
    whole.run()
    assert_a_follower_stands_where_a_fresh_look_stands(whole, pauses)


def pauses(commands: Iterable[Command]) -> list[str]:
    return sorted(repr(each) for each in commands if isinstance(each, PauseRun | ScheduleRetry))
