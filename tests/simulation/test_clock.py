"""The wall clock jumps between one engine and the next: an hour back, a day on, to 1970, past 2038."""

from __future__ import annotations

import random

import pytest
from simulation.promises import assert_no_success_was_redone, outcome
from simulation.test_crashes import run_until_crash, world

HOUR = 3600.0
NOON = 1_800_000_000.0
JUMPS = {"hour_back": -HOUR, "25_hours_on": 25 * HOUR, "to_1970": -NOON, "past_2038": 20 * 365 * 24 * HOUR}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
@pytest.mark.parametrize("seed", range(400, 412))
def test_a_clock_that_jumped_between_two_engines_changes_no_outcome_and_delays_nothing(seed: int, jump: float) -> None:
    """I3, I5; and I4: what is left of a run takes no longer by the clock it has now than the whole did, retries that
    were waiting when the first engine went included. The order of events is that of their numbers.
    """
    whole = world(seed)
    whole.now = NOON
    wanted = whole.run()
    took = whole.now - NOON
    for crash_at in random.Random(seed).sample(range(1, len(whole.journal)), 5):
        journal = run_until_crash(seed, crash_at, [], 0, NOON)
        last = world(seed, None, journal, 1)
        last.now = began = journal[-1].at + jump
        assert last.run() is wanted
        assert outcome(last.state) == outcome(whole.state)
        assert_no_success_was_redone(last.journal)
        assert [each.seq for each in last.journal] == list(range(1, len(last.journal) + 1))
        assert last.now - began < 2 * took + 60
