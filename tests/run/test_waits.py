"""What a task that may begin waits for, in words."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from simulation.world import plan_of, task

from treadle.run.bookings import Booking
from treadle.run.events import AttemptQueued, CacheMissed, Recorded, RunStarted
from treadle.run.plan import Plan, PlanTask
from treadle.run.room import Capacity, Held
from treadle.run.roster import Roster
from treadle.run.state import fold
from treadle.run.waits import waits_of
from treadle.spec.pipeline import Resources

MACHINE = Capacity(4.0, 4 << 30, 1)
ONE = Resources(cpu=0.1, pools={"db": 1})


def waits(
    tasks: Iterable[PlanTask], running: Iterable[str], takers: dict[str, list[str]] | None = None, **settings: object
) -> dict[str, str]:
    plan = Plan("run", "p", None, {}, {each.id: each for each in tasks}, plan_of().slices, pools={"db": 2})
    others = settings.pop("others", ())
    missed = [CacheMissed(name, "k", "never ran before") for name in plan.tasks]
    begun = [RunStarted("run", "p", tuple(plan.tasks), {}), *missed, *(AttemptQueued(name, 1) for name in running)]
    state = fold(Recorded(seq, 0.0, event) for seq, event in enumerate(begun, 1))
    return waits_of(Roster(plan), state, MACHINE, others, takers or {})  # type: ignore[arg-type]


def test_a_full_pool_is_named_with_who_has_its_slots() -> None:
    tasks = [task(name, resources=ONE) for name in "abc"]
    told = waits(tasks, "ab", {"db": ["a", "b"]})
    assert told == {"c": "waits for pool db (2 of 2 taken by a, b)"}


def test_slots_that_other_runs_have_count() -> None:
    tasks = [task(name, resources=ONE) for name in "ac"]
    others = [Booking("r2", "p2", True, Held(0.1, attempts=1, pools={"db": 1}))]
    told = waits(tasks, "a", {"db": ["a", "x of run r2"]}, others=others)
    assert told == {"c": "waits for pool db (2 of 2 taken by a, x of run r2)"}


def test_of_many_takers_some_are_named() -> None:
    tasks = [task(f"i{number}", pools={"fit": 9}, resources=Resources(cpu=0.1)) for number in range(10)]
    told = waits(tasks, [each.id for each in tasks[:9]], {"/fit": [each.id for each in tasks[:9]]})
    assert told == {"i9": "waits for pool fit (9 of 9 taken by i0, i1, i2, i3 and 5 more)"}


@pytest.mark.parametrize(
    ("running", "waiting", "said"),
    [
        (Resources(cpu=3), Resources(cpu=2), "waits for 2 CPUs (1 free)"),
        (Resources(memory=3 << 30), Resources(memory=2 << 30), "waits for 2048 MiB of memory (1024 MiB free)"),
        (Resources(gpu=1), Resources(gpu=1), "waits for 1 GPU (0 free)"),
        (Resources(), Resources(), "waits for its turn"),
    ],
)
def test_what_the_machine_has_too_little_of_is_named(running: Resources, waiting: Resources, said: str) -> None:
    assert waits([task("a", resources=running), task("b", resources=waiting)], "a") == {"b": said}


def test_as_many_as_may_run_at_once() -> None:
    told = waits([task(name, resources=Resources(cpu=0.1)) for name in "abcde"], "abcd")
    assert told == {"e": "waits for a place: 4 run at once, as many as may"}
