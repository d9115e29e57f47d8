"""How long nodes took: noted at a run's end, known at the next one's start."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from run.fakes import Bench, plan_of, task

from treadle.execute.protocol import Failed, Succeeded, Usage
from treadle.run.durations import took, with_durations
from treadle.run.events import AttemptEnded, AttemptQueued, Recorded, RunStarted
from treadle.run.plan import Plan
from treadle.run.state import fold


def expected(plan: Plan) -> dict[str, float | None]:
    return {id_: each.expected for id_, each in plan.tasks.items()}


def test_the_next_run_knows_how_long_the_last_took(bench: Bench) -> None:
    plan = plan_of(task("a"), task("b"))
    assert expected(with_durations(bench.project, plan)) == {"a": None, "b": None}

    asyncio.run(bench.begin(plan_of(task("a"))).run())

    assert expected(with_durations(bench.project, plan)) == {"a": 0.1, "b": None}
    assert with_durations(bench.project, replace(plan, pipeline="another")).tasks == plan.tasks


def test_what_is_damaged_says_nothing(bench: Bench) -> None:
    plan = plan_of(task("a"))
    asyncio.run(bench.begin(plan).run())
    (file,) = (bench.project.cache / "durations").iterdir()
    for damage in (b"\xff", b"[1]", b'{"a": "long"}', b'{"a": -1}', b'{"a": true}'):
        file.write_bytes(damage)
        assert expected(with_durations(bench.project, plan)) == {"a": None}


def test_items_of_a_mapped_node_count_by_their_mean_and_failures_not_at_all() -> None:
    items = [replace(task(f"fit[{number}]"), node="fit") for number in range(2)]
    tasks = [*items, task("bad")]
    ended = [
        each
        for one, wall in zip(tasks, (1.0, 3.0, 9.0), strict=True)
        for outcome in [Failed("E", "m") if one.id == "bad" else Succeeded({})]
        for each in (AttemptQueued(one.id, 1), AttemptEnded(one.id, 1, outcome, Usage(wall=wall)))
    ]
    begun = RunStarted("run", "p", tuple(each.id for each in tasks), {})
    state = fold(Recorded(seq, 0.0, event) for seq, event in enumerate([begun, *ended], 1))
    assert took(tasks, state) == {"fit": 2.0}
