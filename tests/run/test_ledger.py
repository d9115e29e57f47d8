"""Runs of one engine share its machine: never more than there is, and none starves."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from run.fakes import Bench, plan_of, task

from treadle.execute.protocol import AttemptId, AttemptRequest, Outcome
from treadle.host.sharing import SharedExecutor
from treadle.run.ledger import Ledger
from treadle.run.loop import RunLoop
from treadle.run.plan import PlanTask
from treadle.run.room import Capacity, Demand, Held
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.start import begin
from treadle.run.state import RunState, RunStatus
from treadle.spec.pipeline import Resources

WHOLE = Capacity(4.0, 1 << 30, 1)


def schedule(held: Held | None = None, wanted: Demand | None = None) -> Schedule:
    """As a run's schedule says what it holds and waits for."""
    made = Schedule(Roster(plan_of()), RunState())
    made.held, made.wanted = held or Held(), wanted
    return made


def test_a_run_has_what_the_others_leave() -> None:
    ledger = Ledger()
    first, second = ledger.share(WHOLE, lambda: None), ledger.share(WHOLE, lambda: None)
    first.open()
    second.open()
    first.book(schedule(Held(3.0, gpu=1, attempts=2)))

    assert second.room() == Capacity(1.0, 1 << 30, 0, parallel=4, shared=True)
    assert first.room() == Capacity(4.0, 1 << 30, 1, parallel=4)
    first.close()
    assert second.room() == Capacity(4.0, 1 << 30, 1, parallel=4)


def test_what_a_smaller_run_waits_for_is_kept_free_for_it() -> None:
    woken: list[str] = []
    ledger = Ledger()
    wide, small = ledger.share(WHOLE, lambda: None), ledger.share(WHOLE, lambda: woken.append("small"))
    wide.open()
    small.open()
    wide.book(schedule(Held(4.0, attempts=4)))
    small.book(schedule(wanted=Demand(2.0)))

    assert wide.room().cpu == 2.0
    wide.book(schedule(Held(2.0, attempts=2)))
    assert woken == ["small"]
    small.book(schedule(Held(2.0, attempts=1)))
    assert wide.room().cpu == 2.0


class Together:
    """Two runs on one machine of four cores. Attempts stay open until they are let go; `most` was open at once."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.ledger = Ledger()
        self.order: list[str] = []
        self.most = 0

    def begin(self, run: str, *tasks: PlanTask) -> RunLoop:
        self.bench.executor.work = {**self.bench.executor.work, **{each.id: self.hold for each in tasks}}
        options = replace(self.bench.options, ledger=self.ledger)
        return begin(self.bench.project, plan_of(*tasks, run=run), "treadle: 1\n", self.bench.executor, _deaf, options)

    def hold(self, request: AttemptRequest) -> Outcome | None:
        self.order.append(request.attempt.task)
        self.most = max(self.most, len(self.bench.executor.open))
        asyncio.get_running_loop().call_later(0.01, self.let_go, request.attempt)
        return None

    def let_go(self, attempt: AttemptId) -> None:
        self.bench.executor.end(attempt, self.bench.executor.success(attempt.task))


def _deaf(_: object) -> None:
    """Nobody listens to these runs."""


def run_both(together: Together, first: tuple[PlanTask, ...], second: tuple[PlanTask, ...]) -> list[RunStatus]:
    async def scenario() -> list[RunStatus]:
        shared = SharedExecutor(together.bench.executor)
        loops = []
        for run, tasks in (("a", first), ("b", second)):
            loop = together.begin(run, *tasks)
            loop._executor = shared.share(run)
            loops.append(loop)
        async with asyncio.timeout(20):
            return list(await asyncio.gather(*(loop.run() for loop in loops)))

    return asyncio.run(scenario())


def test_two_runs_never_take_more_than_the_machine(bench: Bench) -> None:
    together = Together(bench)
    ended = run_both(
        together,
        tuple(task(f"a{number}") for number in range(12)),
        tuple(task(f"b{number}") for number in range(12)),
    )
    assert ended == [RunStatus.SUCCEEDED] * 2
    assert together.most == 4


def test_a_narrow_run_does_not_starve_beside_a_wide_one(bench: Bench) -> None:
    together = Together(bench)
    run_both(
        together,
        tuple(task(f"a{number}") for number in range(40)),
        (task("b0"), task("b1", ("b0",))),
    )
    assert together.order.index("b1") < 20


def test_a_task_that_wants_the_whole_machine_gets_it_alone_between_two_runs(bench: Bench) -> None:
    together = Together(bench)
    alone: list[int] = []
    whole = task("whole", resources=Resources(cpu=8.0))
    held = together.hold

    def watch(request: AttemptRequest) -> Outcome | None:
        if request.attempt.task == "whole":
            alone.append(len(bench.executor.open))
        return held(request)

    together.hold = watch  # type: ignore[method-assign]
    ended = run_both(together, tuple(task(f"a{number}") for number in range(20)), (whole,))
    assert ended == [RunStatus.SUCCEEDED] * 2
    assert alone == [1]
    assert together.order.index("whole") < 20
