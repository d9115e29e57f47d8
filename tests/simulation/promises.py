"""What every simulated run has to keep, whatever its plan is made of. `world` makes one from a seed, or goes on with
the journal of one."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterable
from typing import Protocol

import pytest
from simulation.world import EngineCrashed, World

from treadle.execute.protocol import Succeeded
from treadle.run.commands import Command
from treadle.run.decide import decide, next_commands
from treadle.run.events import AttemptEnded, AttemptQueued, Recorded, TaskCached
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus, fold

Counted = Callable[[Iterable[Command]], list[str]]


def _all(commands: Iterable[Command]) -> list[str]:
    return sorted(map(repr, commands))


class MakeWorld(Protocol):
    def __call__(
        self, seed: int, crash_at: int | None = None, journal: list[Recorded] | None = None, luck: int = 0
    ) -> World: ...


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


def assert_crashes_change_nothing(world: MakeWorld, seed: int, step: int = 1, again: int = 3) -> None:
    """I3: no success is begun again. I4: the run ends. I5: with the outcomes of a run that was left alone.

    It crashes at every `step`-th event, and up to `again` times more while it recovers.
    """
    whole = world(seed)
    wanted = whole.run()
    for crash_at in range(1 + seed % step, len(whole.journal), step):
        journal = _until_crash(world, seed, crash_at, [], 0)
        for later in range(crash_at, crash_at + 1 + crash_at % again):
            journal = _until_crash(world, seed, later, journal, crash_at)
        last = world(seed, None, journal, 1)
        assert last.run() is wanted
        assert outcome(last.state) == outcome(whole.state)
        assert_no_success_was_redone(last.journal)


def assert_cancelled_it_ends_and_can_be_resumed(world: MakeWorld, seed: int) -> None:
    """I4, I3 and I5 for a run that somebody cancels anywhere."""
    whole = world(seed)
    wanted = whole.run()
    cancelled = world(seed)
    cancelled.cancel_at = random.Random(seed).randrange(1, len(whole.journal) - 1)
    assert cancelled.run() in (RunStatus.CANCELLED, wanted)
    assert all(each.status.is_done for each in cancelled.state.tasks.values())
    if cancelled.state.status is RunStatus.CANCELLED:
        resumed = world(seed, None, cancelled.journal, 7)
        assert resumed.run() is wanted
        assert outcome(resumed.state) == outcome(whole.state)
        assert_no_success_was_redone(resumed.journal)


def assert_a_follower_stands_where_a_fresh_look_stands(whole: World, counted: Counted = _all) -> None:
    """A schedule that followed every event of the run decides as one made afresh, in what is `counted` of that."""
    state = fold(whole.journal[:1])
    following = Schedule(Roster(whole.plan), state)
    for recorded in whole.journal[1:]:
        following.follow(state.advance(recorded))
        afresh = decide(Roster(whole.plan), state, whole.capacity, 1e9)
        followed = next_commands(copy.deepcopy(following), copy.deepcopy(state), whole.capacity, 1e9)
        assert counted(followed) == counted(afresh)


def _until_crash(world: MakeWorld, seed: int, crash_at: int, journal: list[Recorded], luck: int) -> list[Recorded]:
    crashing = world(seed, crash_at, journal, luck)
    with pytest.raises(EngineCrashed):
        crashing.run()
    return crashing.journal
