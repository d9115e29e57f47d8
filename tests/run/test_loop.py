"""The shell around the core: what it submits, writes, tells, and survives."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from run.fakes import FAILED, FAST, Bench, FakeMachine, plan_of, task

from treadle.execute.protocol import (
    AttemptFinished,
    AttemptId,
    Crashed,
    Failed,
    Metric,
    Progress,
    Sample,
    Succeeded,
    TimedOut,
)
from treadle.run.committer import Timing
from treadle.run.events import AttemptEnded, CacheMissed, MachineSampled, MetricReported, RetryScheduled, RunInterrupted
from treadle.run.history import read_events, read_state
from treadle.run.interventions import CancelRequested
from treadle.run.loop import RunLoop
from treadle.run.resolve import Unresolvable
from treadle.run.start import NothingToResume, begin, go_on, interrupt
from treadle.run.state import RunStatus, TaskStatus
from treadle.store.journal import JournalUnwritable, OsDisk
from treadle.store.secrets import EnvironmentSecrets


def statuses(loop: RunLoop) -> dict[str, str]:
    return {name: str(state.status) for name, state in loop.state.tasks.items()}


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)


def test_a_run_goes_through_its_tasks_in_order_and_hands_outputs_on(bench: Bench) -> None:
    loop = bench.begin(plan_of(task("load"), task("clean", ("load",)), task("fit", ("clean",), after=("load",))))
    assert asyncio.run(loop.run()) is RunStatus.SUCCEEDED
    assert bench.executor.tasks() == ["load", "clean", "fit"]
    request = bench.executor.requests[AttemptId("run-1", "fit", 1)]
    assert request.inputs == {"data": (bench.executor.artifact("clean"),)}
    assert request.cwd == str(bench.project.root)
    assert bench.executor.closed


def test_what_is_told_is_what_the_journal_has(bench: Bench) -> None:
    loop = bench.begin(plan_of(task("load"), task("clean", ("load",))))
    asyncio.run(loop.run())
    journal = read_events(bench.project.run("run-1").events)
    assert tuple(bench.published) == journal
    assert [recorded.seq for recorded in journal] == list(range(1, len(journal) + 1))


def test_a_failure_fails_the_run_and_only_what_depends_on_it(bench: Bench) -> None:
    bench.executor.work = {"bad": lambda _: Failed("ValueError", "no such column")}
    loop = bench.begin(plan_of(task("bad"), task("after", ("bad",)), task("last", ("after",)), task("other")))
    assert asyncio.run(loop.run()) is RunStatus.FAILED
    assert statuses(loop) == {
        "bad": "failed",
        "after": "upstream_failed",
        "last": "upstream_failed",
        "other": "succeeded",
    }
    assert loop.state.tasks["last"].cause == "bad"


@pytest.mark.parametrize("outcome", [Failed("E", "m"), Crashed("killed", "SIGKILL"), TimedOut(1.0)])
def test_a_task_is_tried_again_after_its_delay(bench: Bench, outcome: object) -> None:
    bench.executor.work = {
        "flaky": lambda request: outcome if request.attempt.number < 3 else bench.executor.success("x")
    }
    loop = bench.begin(plan_of(task("flaky", retries=2, retry_delay=0.02)))
    assert asyncio.run(loop.run()) is RunStatus.SUCCEEDED
    at = {type(each.event).__name__ + str(getattr(each.event, "number", "")): each.at for each in bench.published}
    assert at["AttemptQueued3"] - at["AttemptEnded2"] >= 0.02
    folders = {request.folder for request in bench.executor.requests.values()}
    assert len(folders) == 3


def test_when_tries_are_spent_the_task_has_failed(bench: Bench) -> None:
    bench.executor.work = {"bad": lambda _: Failed("E", "m")}
    loop = bench.begin(plan_of(task("bad", retries=1)))
    assert asyncio.run(loop.run()) is RunStatus.FAILED
    assert bench.executor.tasks() == ["bad", "bad"]


def test_cancelling_a_run_ends_what_is_open_and_begins_nothing_more(bench: Bench) -> None:
    bench.executor.work = {"long": lambda _: None}

    async def scenario() -> RunLoop:
        loop = bench.begin(plan_of(task("long"), task("next", ("long",)), task("done")))
        running = asyncio.create_task(loop.run())
        await until(lambda: statuses(loop)["done"] == "succeeded" and statuses(loop)["long"] == "running")
        loop.ask(CancelRequested("user"))
        assert await running is RunStatus.CANCELLED
        return loop

    assert statuses(asyncio.run(scenario())) == {"long": "cancelled", "next": "cancelled", "done": "succeeded"}
    assert bench.executor.cancelled == [(AttemptId("run-1", "long", 1), "run")]


def test_cancelling_one_task_lets_the_rest_go_on(bench: Bench) -> None:
    bench.executor.work = {"long": lambda _: None}

    async def scenario() -> RunLoop:
        loop = bench.begin(plan_of(task("long", retries=5), task("next", ("long",)), task("other")))
        running = asyncio.create_task(loop.run())
        await until(lambda: statuses(loop)["long"] == "running")
        loop.ask(CancelRequested("user", "long"))
        assert await running is RunStatus.CANCELLED
        return loop

    assert statuses(asyncio.run(scenario())) == {"long": "cancelled", "next": "upstream_failed", "other": "succeeded"}


def test_no_more_attempts_are_open_than_the_machine_has_cores(bench: Bench) -> None:
    most = 0

    def count(_: object) -> object:
        nonlocal most
        most = max(most, len(bench.executor.open))
        return bench.executor.success("x")

    names = [f"t{number}" for number in range(12)]
    bench.executor.work = dict.fromkeys(names, count)
    bench.options = replace(bench.options, machine=FakeMachine(2.0))
    asyncio.run(bench.begin(plan_of(*map(task, names))).run())
    assert most == 2


def test_reports_of_an_attempt_become_events_and_strangers_none(bench: Bench) -> None:
    def work(request: object) -> object:
        attempt = AttemptId("run-1", "fit", 1)
        tell = bench.executor.tell
        for message in (
            Progress(attempt, 0.5, "epoch 1"), Metric(attempt, "loss", 0.25, 1), Sample(attempt, 99.0, 5, 1, 2, 3, 4),
            Progress(AttemptId("run-1", "fit", 7), 0.9), AttemptFinished(AttemptId("run-0", "fit", 1), Crashed("x")),
        ):  # fmt: skip
            tell(message)
        return bench.executor.success("x")

    bench.executor.work = {"fit": work}
    loop = bench.begin(plan_of(task("fit")))
    assert asyncio.run(loop.run()) is RunStatus.SUCCEEDED
    assert loop.state.tasks["fit"].fraction == 0.5
    assert MetricReported("fit", 1, "loss", 0.25, 1) in [each.event for each in bench.published]
    assert MachineSampled(50.0, 1, 2) in [each.event for each in bench.published]


def test_an_attempt_that_says_twice_that_it_ended_ended_once(bench: Bench) -> None:
    def work(request: object) -> object:
        for _ in range(2):
            bench.executor.tell(AttemptFinished(AttemptId("run-1", "fit", 1), bench.executor.success("x")))
        return None

    bench.executor.work = {"fit": work}
    assert asyncio.run(bench.begin(plan_of(task("fit"))).run()) is RunStatus.SUCCEEDED
    assert sum(isinstance(each.event, AttemptEnded) for each in bench.published) == 1


def test_a_success_without_a_declared_output_is_a_crash(bench: Bench) -> None:
    bench.executor.work = {"fit": lambda _: Succeeded({})}
    loop = bench.begin(plan_of(task("fit"), task("next", ("fit",))))
    assert asyncio.run(loop.run()) is RunStatus.FAILED
    assert loop.state.tasks["fit"].outcome == Crashed("it ended well but gave no value")


def test_the_second_run_comes_from_the_cache_and_says_from_where(bench: Bench) -> None:
    tasks = task("load"), task("fit", ("load",))
    asyncio.run(bench.begin(plan_of(*tasks)).run())
    second = bench.begin(plan_of(*tasks, run="run-2"))
    assert asyncio.run(second.run()) is RunStatus.SUCCEEDED
    assert statuses(second) == {"load": "cached", "fit": "cached"}
    assert second.state.tasks["fit"].cached_from == "run-1"
    assert bench.executor.tasks() == ["load", "fit"]


def test_where_the_same_comes_out_the_rebuild_stops(bench: Bench) -> None:
    bench.executor.work = {"load": lambda _: bench.executor.success("same")}
    asyncio.run(bench.begin(plan_of(task("load"), task("fit", ("load",)))).run())
    changed = plan_of(task("load", params={"skip": 1}), task("fit", ("load",)), run="run-2")
    second = bench.begin(changed)
    asyncio.run(second.run())
    assert statuses(second) == {"load": "succeeded", "fit": "cached"}
    reasons = [each.event.reason for each in bench.published if isinstance(each.event, CacheMissed)]
    assert reasons == ["never ran before", "never ran before", "parameter skip is new"]


def test_without_cache_everything_runs_and_is_kept_for_the_next(bench: Bench) -> None:
    tasks = task("load"), task("never", cache=False)
    asyncio.run(bench.begin(plan_of(*tasks)).run())
    bench.options = replace(bench.options, use_cache=False)
    second = bench.begin(plan_of(*tasks, run="run-2"))
    asyncio.run(second.run())
    assert second.state.tasks["load"].reason == "cache switched off"
    assert second.state.tasks["never"].reason == "cache switched off for this node"
    bench.options = replace(bench.options, use_cache=True)
    third = bench.begin(plan_of(*tasks, run="run-3"))
    asyncio.run(third.run())
    assert statuses(third) == {"load": "cached", "never": "succeeded"}
    assert third.state.tasks["load"].cached_from == "run-2"


def test_a_failed_run_goes_on_in_its_folder_and_successes_stand(bench: Bench) -> None:
    bench.executor.work = {
        "fit": lambda request: Failed("E", "m") if request.attempt.number == 1 else bench.executor.success("x")
    }
    plan = plan_of(task("load"), task("fit", ("load",)), task("report", ("fit",)))
    assert asyncio.run(bench.begin(plan).run()) is RunStatus.FAILED
    loop = go_on(bench.project, "run-1", bench.executor, bench.published.append, bench.options)
    assert asyncio.run(loop.run()) is RunStatus.SUCCEEDED
    tried = [(attempt.task, attempt.number) for attempt in bench.executor.submitted]
    assert tried == [("load", 1), ("fit", 1), ("fit", 2), ("report", 1)]
    with pytest.raises(NothingToResume):
        go_on(bench.project, "run-1", bench.executor, bench.published.append, bench.options)


def test_a_success_whose_artifact_is_gone_is_made_again(bench: Bench) -> None:
    asyncio.run(bench.begin(plan_of(task("load"), task("fit", ("load",)))).run())
    for blob in bench.project.artifacts.rglob("*"):
        if blob.is_file() and blob.read_bytes() == b"load":
            blob.unlink()
    loop = go_on(bench.project, "run-1", bench.executor, bench.published.append, bench.options)
    asyncio.run(loop.run())
    assert statuses(loop) == {"load": "succeeded", "fit": "cached"}


def test_a_run_left_by_a_killed_engine_is_interrupted_and_goes_on(bench: Bench) -> None:
    bench.executor.work = {"fit": bench.failing_before(2, None)}

    async def killed() -> None:
        loop = bench.begin(plan_of(task("load"), task("fit", ("load",))))
        running = asyncio.create_task(loop.run())
        await until(lambda: statuses(loop)["fit"] == "running")
        left = bench.project.run("run-1").events.read_bytes()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        bench.project.run("run-1").events.write_bytes(left[:-7])

    asyncio.run(killed())
    folder = bench.project.run("run-1")
    assert read_state(folder).status is RunStatus.RUNNING
    assert interrupt(bench.project, "run-1", "killed")
    assert not interrupt(bench.project, "run-1", "killed")
    state = read_state(folder)
    assert (state.status, state.tasks["fit"].status) == (RunStatus.INTERRUPTED, TaskStatus.CRASHED)
    loop = go_on(bench.project, "run-1", bench.executor, bench.published.append, bench.options)
    assert asyncio.run(loop.run()) is RunStatus.SUCCEEDED
    assert bench.executor.tasks() == ["load", "fit", "fit"]


def test_an_engine_that_closes_ends_its_attempts_and_leaves_the_run_interrupted(bench: Bench) -> None:
    bench.executor.work = {"long": lambda _: None}

    async def scenario() -> None:
        loop = bench.begin(plan_of(task("long")))
        running = asyncio.create_task(loop.run())
        await until(lambda: statuses(loop)["long"] == "running")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(scenario())
    assert bench.executor.cancelled == [(AttemptId("run-1", "long", 1), "engine")]
    assert read_state(bench.project.run("run-1")).status is RunStatus.INTERRUPTED
    assert bench.published[-1].event == RunInterrupted("the engine was closed")


def test_a_clock_set_back_an_hour_delays_no_retry(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.executor.work = {
        "flaky": lambda request: Failed("E", "m") if request.attempt.number == 1 else bench.executor.success("x")
    }
    loop = bench.begin(plan_of(task("flaky", retries=1, retry_delay=0.05)))
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert asyncio.run(asyncio.wait_for(loop.run(), 5)) is RunStatus.SUCCEEDED
    times = [each.at for each in bench.published]
    assert times == sorted(times)
    assert sum(isinstance(each.event, RetryScheduled) for each in bench.published) == 1


class FullDisk(OsDisk):
    """Takes `room` bytes and then no more, until there is room again."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = super().write(descriptor, data[: self.room])
        self.room -= taken
        return taken


def with_disk(loop: RunLoop, disk: OsDisk) -> None:
    loop._recorder._journal._disk = disk


def test_on_a_full_disk_a_run_stands_still_and_goes_on_when_there_is_room(bench: Bench) -> None:
    async def scenario() -> RunLoop:
        loop = bench.begin(plan_of(*(task(f"t{number}") for number in range(6))))
        disk = FullDisk(700)
        with_disk(loop, disk)
        running = asyncio.create_task(loop.run())
        await until(lambda: loop.trouble != "")
        told = list(bench.published)
        assert read_events(bench.project.run("run-1").events)[: len(told)] == tuple(told)
        await asyncio.sleep(0.05)
        assert bench.published == told
        disk.room = 1 << 30
        assert await running is RunStatus.SUCCEEDED
        return loop

    loop = asyncio.run(scenario())
    assert loop.trouble == ""
    assert tuple(bench.published) == read_events(bench.project.run("run-1").events)
    assert sorted(bench.executor.tasks()) == [f"t{number}" for number in range(6)]


def test_where_the_disk_stays_full_the_run_gives_up_and_can_be_resumed(bench: Bench) -> None:
    bench.options = replace(bench.options, timing=Timing(sync=0.005, sample=10.0, journal_retry=0.01, patience=0.05))

    async def scenario() -> None:
        loop = bench.begin(plan_of(*(task(f"t{number}") for number in range(6))))
        with_disk(loop, FullDisk(700))
        with pytest.raises(JournalUnwritable):
            await loop.run()

    asyncio.run(scenario())
    assert tuple(bench.published) == read_events(bench.project.run("run-1").events)
    loop = go_on(bench.project, "run-1", bench.executor, bench.published.append, replace(bench.options, timing=FAST))
    assert asyncio.run(loop.run()) is RunStatus.SUCCEEDED


def test_a_run_whose_journal_cannot_be_made_does_not_begin(bench: Bench, tmp_path: Path) -> None:
    bench.project.run_folder("run-1").mkdir(parents=True)
    bench.project.run("run-1").events.mkdir()
    with pytest.raises(JournalUnwritable):
        begin(bench.project, plan_of(task("load")), "", bench.executor, bench.published.append, bench.options)
    assert bench.published == []


def test_a_disk_that_cannot_sync_is_told_and_forgotten_when_it_can(bench: Bench) -> None:
    class Sick(OsDisk):
        sick = True

        def sync(self, descriptor: int) -> None:
            if self.sick:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().sync(descriptor)

    bench.executor.work = {"long": lambda _: None}

    async def scenario() -> RunStatus:
        loop = bench.begin(plan_of(task("long")))
        disk = Sick()
        with_disk(loop, disk)
        running = asyncio.create_task(loop.run())
        await until(lambda: "Input/output error" in loop.trouble)
        disk.sick = False
        await until(lambda: loop.trouble == "")
        loop.ask(CancelRequested("user"))
        return await running

    assert asyncio.run(scenario()) is RunStatus.CANCELLED


def test_a_run_whose_secret_is_missing_does_not_begin(bench: Bench) -> None:
    door = task("door", params={"key": "$secrets.door"}, secrets={"key": "door"})
    with pytest.raises(Unresolvable, match=r"door.key needs the secret door, and there is none"):
        bench.begin(plan_of(door))
    assert list(bench.project.state.glob("runs/*")) == []


class Forgetful:
    """Secrets that can be taken away."""

    def __init__(self, **known: str) -> None:
        self.known = known

    def find(self, name: str) -> str | None:
        return self.known.get(name)


def test_a_resumed_run_asks_for_the_secrets_of_what_is_still_to_run(bench: Bench) -> None:
    door = task("door", params={"key": "$secrets.door"}, secrets={"key": "door"})
    vault = task("vault", ("door",), params={"key": "$secrets.vault"}, secrets={"key": "vault"})
    plan = plan_of(door, vault)
    bench.executor.work["vault"] = lambda request: (
        FAILED if request.secrets["key"] == "old" else bench.executor.success("x")
    )
    bench.options = replace(bench.options, secrets=Forgetful(door="d", vault="old"))
    assert asyncio.run(bench.begin(plan).run()) is RunStatus.FAILED
    bench.options = replace(bench.options, secrets=Forgetful(door="d"))
    with pytest.raises(Unresolvable, match=r"vault.key needs the secret vault"):
        go_on(bench.project, plan.run, bench.executor, bench.published.append, bench.options)
    bench.options = replace(bench.options, secrets=Forgetful(vault="new"))
    again = go_on(bench.project, plan.run, bench.executor, bench.published.append, bench.options)
    assert asyncio.run(again.run()) is RunStatus.SUCCEEDED


def test_a_secret_goes_with_the_request_and_into_no_file(bench: Bench) -> None:
    bench.options = replace(bench.options, secrets=EnvironmentSecrets({"TREADLE_SECRET_DOOR": "hunter2"}))
    loop = bench.begin(plan_of(task("door", params={"key": "$secrets.door"}, secrets={"key": "door"})))
    assert asyncio.run(loop.run()) is RunStatus.SUCCEEDED
    [request] = bench.executor.requests.values()
    assert request.secrets == {"key": "hunter2"}
    assert "hunter2" not in repr(request)
    files = [path for path in bench.project.state.rglob("*") if path.is_file()]
    assert not any(b"hunter2" in path.read_bytes() for path in files)
