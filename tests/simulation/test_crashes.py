"""The engine crashes after every event, and again while it recovers; the run comes to what it would have come to.

`TREADLE_CRASHES` says how many crashes at least (2,000 where it is not set).
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable

import pytest
from simulation.world import NO_ROOM, EngineCrashed, World, random_plan

from treadle.execute.protocol import Succeeded
from treadle.run.decide import Command, PauseRun, ScheduleRetry, decide, next_commands
from treadle.run.event_codec import decode, encode
from treadle.run.events import AttemptEnded, AttemptQueued, Recorded, RunPaused, TaskCached
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus, fold

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


def assert_no_success_was_redone(journal: list[Recorded]) -> None:
    succeeded: set[str] = set()
    for recorded in journal:
        match recorded.event:
            case AttemptEnded(task=task, outcome=Succeeded()) | TaskCached(task=task):
                assert task not in succeeded
                succeeded.add(task)
            case AttemptQueued(task=task):
                assert task not in succeeded


def outcome(state: RunState) -> dict[str, bool]:
    return {name: task.status.is_success for name, task in state.tasks.items()}


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_crashed_after_every_event_and_again_in_recovery_a_run_comes_to_the_same(seed: int) -> None:
    """I3: no success is begun again. I4: the run ends. I5: with the outcomes of a run that was left alone."""
    whole = world(seed)
    wanted = whole.run()
    for crash_at in range(1, len(whole.journal)):  # about 40 events, each with 2 to 5 crashes
        journal = run_until_crash(seed, crash_at, [], 0)
        for again in range(crash_at, crash_at + 1 + crash_at % 4):
            journal = run_until_crash(seed, again, journal, crash_at)
        last = world(seed, None, journal, 1)
        assert last.run() is wanted
        assert outcome(last.state) == outcome(whole.state)
        assert_no_success_was_redone(last.journal)


@pytest.mark.parametrize("seed", range(100, 140))
def test_a_cancelled_run_ends_with_nothing_open_and_can_be_resumed(seed: int) -> None:
    whole = world(seed)
    wanted = whole.run()
    cancelled = world(seed)
    cancelled.cancel_at = random.Random(seed).randrange(1, len(whole.journal) - 1)
    assert cancelled.run() in (RunStatus.CANCELLED, wanted)
    assert all(task.status.is_done for task in cancelled.state.tasks.values())
    if cancelled.state.status is RunStatus.CANCELLED:
        resumed = world(seed, None, cancelled.journal, 7)
        assert resumed.run() is wanted
        assert outcome(resumed.state) == outcome(whole.state)
        assert_no_success_was_redone(resumed.journal)


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
    state = fold(whole.journal[:1])
    following = Schedule(Roster(whole.plan), state)
    for recorded in whole.journal[1:]:
        following.follow(state.advance(recorded))
        afresh = decide(Roster(whole.plan), state, whole.capacity, 1e9)
        followed = next_commands(copy.deepcopy(following), copy.deepcopy(state), whole.capacity, 1e9)
        assert sorted(map(repr, followed)) == sorted(map(repr, afresh))


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
    state = fold(whole.journal[:1])
    following = Schedule(Roster(whole.plan), state)
    for recorded in whole.journal[1:]:
        following.follow(state.advance(recorded))
        afresh = decide(Roster(whole.plan), state, whole.capacity, 1e9)
        followed = next_commands(copy.deepcopy(following), copy.deepcopy(state), whole.capacity, 1e9)
        assert pauses(followed) == pauses(afresh)


def pauses(commands: list[Command]) -> list[str]:
    return sorted(repr(each) for each in commands if isinstance(each, PauseRun | ScheduleRetry))
