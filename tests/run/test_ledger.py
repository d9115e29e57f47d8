"""Runs of one engine share its machine: never more than there is, and none starves."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from run.fakes import Bench, plan_of, task

from treadle.execute.protocol import AttemptId, AttemptRequest, Outcome
from treadle.host.sharing import SharedExecutor
from treadle.run.beginning import Beginnings
from treadle.run.commands import Launch
from treadle.run.decide import decide
from treadle.run.events import CacheMissed, Recorded, RunStarted
from treadle.run.ledger import Ledger, Share
from treadle.run.loop import RunLoop
from treadle.run.plan import Plan, PlanTask
from treadle.run.room import Capacity, Demand, Held
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.start import begin
from treadle.run.state import RunState, RunStatus, fold
from treadle.spec.pipeline import Resources

WHOLE = Capacity(4.0, 1 << 30, 1)


def schedule(held: Held | None = None, wanted: Demand | None = None) -> Beginnings:
    """As a run's schedule says what it holds and waits for."""
    made = Schedule(Roster(plan_of()), RunState()).beginnings
    made.held, made.wanted = held or Held(), wanted
    return made


def test_a_run_has_what_the_others_leave() -> None:
    ledger = Ledger()
    first, second = (ledger.share(plan_of(run=run), WHOLE, lambda: None) for run in "ab")
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
    wide = ledger.share(plan_of(run="wide"), WHOLE, lambda: None)
    small = ledger.share(plan_of(run="small"), WHOLE, lambda: woken.append("small"))
    wide.open()
    small.open()
    wide.book(schedule(Held(4.0, attempts=4)))
    small.book(schedule(wanted=Demand(2.0)))

    assert wide.room().cpu == 2.0
    woken.clear()
    wide.book(schedule(Held(2.0, attempts=2)))
    assert woken == ["small"]
    small.book(schedule(Held(2.0, attempts=1)))
    assert wide.room().cpu == 2.0


def ledger_with(*foreign: object) -> Ledger:
    """A ledger with another process's runs on its board."""
    return Ledger(Board(list(foreign)))


@dataclass
class Board:
    foreign: list[object]
    told: object = None

    def locked(self) -> AbstractContextManager[None]:
        return nullcontext()

    def others(self) -> list[object]:
        return self.foreign

    def write(self, record: object) -> None:
        self.told = record

    def close(self) -> None:
        self.foreign = []


def share_of(ledger: Ledger, run: str, whole: Capacity = WHOLE, **settings: object) -> Share:
    share = ledger.share(replace(plan_of(run=run), **settings), whole, lambda: None)
    share.open()
    return share


def pooled(pools: dict[str, int], waiting: bool = False) -> Beginnings:
    plan = plan_of(task("a", resources=Resources(pools={"db": 1})))
    made = Schedule(Roster(plan), fold([Recorded(1, 0.0, RunStarted("run", "p", ("a",), {}))])).beginnings
    made.held = Held(float(len(pools)), attempts=len(pools), pools=pools)
    if waiting:
        line = made.ready.line_of(plan.tasks["a"])
        made.ready.put(line, 0, 0, 1)
        made.ready._may_begin = lambda rank, number: True
        assert made.ready.take_line() is line
        made.ready.park(line)
    return made


def test_a_pool_is_shared_and_a_slot_kept_for_who_has_none() -> None:
    ledger = Ledger()
    one, two = (share_of(ledger, run, pools={"db": 3}) for run in "ab")
    one.book(pooled({"db": 2, "/own": 1}))
    assert one.booking.held.pools == {"db": 2}
    assert two.room().pools == {"db": 1}
    two.book(pooled({}, waiting=True))
    assert one.room().pools == {"db": 2}


def test_what_other_processes_hold_is_not_to_be_had() -> None:
    elsewhere = Ledger(other := Board([]))
    share_of(elsewhere, "there", replace(WHOLE, devices=("0", "1")), pools={"db": 3}).book(
        with_devices(pooled({"db": 2}), "1")
    )
    here = share_of(ledger_with(other.told, "what is this", [{"run": 1}]), "here", pools={"db": 3})
    here._whole = replace(here._whole, devices=("0", "1"))
    with here.turn() as room:
        assert (room.cpu, room.pools, room.devices, room.shared) == (3.0, {"db": 1}, ("0",), True)
    assert here.must_look_again


def test_what_a_run_of_another_process_waits_for_is_kept_free_for_it() -> None:
    elsewhere = Ledger(other := Board([]))
    share_of(elsewhere, "small").book(schedule(wanted=Demand(2.0)))
    wide = share_of(ledger_with(other.told), "wide")
    wide.book(schedule(Held(4.0, attempts=4)))
    with wide.turn() as room:
        assert (room.cpu, room.shared) == (2.0, True)


def with_devices(made: Beginnings, *devices: str) -> Beginnings:
    made.devices = {0: devices}
    return made


def test_runs_of_one_pipeline_begin_one_after_the_other() -> None:
    ledger = Ledger()
    shares = {run: share_of(ledger, run, most_runs=1) for run in ("r1", "r2", "r3")}
    other = share_of(ledger, "r0", pipeline="another", most_runs=1)

    def ahead() -> list[int | None]:
        for share in shares.values():
            share.book(schedule())
        return [share.room().runs_ahead for share in shares.values()]

    assert ahead() == [None, 1, 2]
    assert other.room().runs_ahead is None
    shares.pop("r1").close()
    assert ahead() == [None, 1]
    shares.pop("r2").close()
    assert ahead() == [None]


def test_two_attempts_are_given_different_gpus() -> None:
    plan = plan_of(
        *(task(name, resources=Resources(gpu=1)) for name in "abc"), task("none", resources=Resources(gpu=0))
    )
    plan = replace(plan, tasks={**plan.tasks, "plain": task("plain")})
    given = launched(plan, Capacity(8.0, 100, 2, devices=("0", "1")))
    assert given == {"a": ("0",), "b": ("1",), "none": (), "plain": None}
    assert launched(plan, Capacity(8.0, 100, 1, devices=("1",))) == {"a": ("1",), "none": (), "plain": None}


def launched(plan: Plan, capacity: Capacity) -> dict[str, tuple[str, ...] | None]:
    missed = [CacheMissed(name, "k", "never ran before") for name in plan.tasks]
    state = fold(Recorded(n, 0.0, e) for n, e in enumerate([RunStarted("run", "p", tuple(plan.tasks), {}), *missed], 1))
    return {each.task: each.devices for each in decide(Roster(plan), state, capacity, 0.0) if isinstance(each, Launch)}


class Together:
    """Two runs on one machine of four cores. Attempts stay open until they are let go; `most` was open at once."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.ledger = Ledger()
        self.order: list[str] = []
        self.most = 0

    def begin(self, run: str, *tasks: PlanTask, shared: SharedExecutor | None = None) -> RunLoop:
        self.bench.executor.work = {**self.bench.executor.work, **{each.id: self.hold for each in tasks}}
        options = replace(self.bench.options, ledger=self.ledger)
        executor = self.bench.executor if shared is None else shared.share(run)
        return begin(self.bench.project, plan_of(*tasks, run=run), "treadle: 1\n", executor, _deaf, options)

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
        loops = [together.begin(run, *tasks, shared=shared) for run, tasks in (("a", first), ("b", second))]
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
