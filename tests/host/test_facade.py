"""The engine in this process: what may run, how it is told, how it is stopped, and how it goes on."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import pytest
from host.sample import BROKEN, CHAIN, SLOW, collect, request

from treadle.host.api import NotTrusted, RunBusy, RunRefused, RunRequest, UnknownRun
from treadle.host.facade import LocalEngine
from treadle.host.holding import is_held
from treadle.host.trust import consented
from treadle.run.events import AttemptLaunched, RunInterrupted, TaskCached
from treadle.run.state import RunStatus, TaskStatus, fold
from treadle.store.journal import OsDisk
from treadle.store.project import Project


async def run_to_the_end(engine: LocalEngine, text: str = CHAIN) -> str:
    run = await engine.start(request(text))
    await collect(engine.subscribe(run))
    return run


async def launched(engine: LocalEngine, run: str, task: str) -> None:
    async with asyncio.timeout(20):
        async for recorded in engine.subscribe(run):
            if isinstance(recorded.event, AttemptLaunched) and recorded.event.task == task:
                return


def with_engine(project: Project, test) -> None:
    async def go() -> None:
        engine = LocalEngine(project, gate=consented)
        try:
            await test(engine)
        finally:
            await engine.close()

    asyncio.run(go())


def test_nothing_runs_before_trust(project: Project) -> None:
    async def test() -> None:
        engine = LocalEngine(project)
        with pytest.raises(NotTrusted):
            await engine.start(request())
        assert not project.runs.exists()
        await engine.trust()
        await run_to_the_end(engine)
        await engine.close()

    asyncio.run(test())


def test_a_run_is_told_from_start_to_finish(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await engine.start(request(wait=0.1))
        state = fold(await collect(engine.subscribe(run)))

        assert state.status is RunStatus.SUCCEEDED
        assert {task.status for task in state.tasks.values()} == {TaskStatus.SUCCEEDED}
        assert (await engine.summary(run)).state == "succeeded"
        assert not engine.is_running

    with_engine(project, test)


def test_live_late_and_partial_subscribers_are_told_the_same(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await engine.start(request(wait=0.3))
        live = asyncio.ensure_future(collect(engine.subscribe(run)))
        other = asyncio.ensure_future(collect(engine.subscribe(run, 3)))
        told = await live

        assert await other == told[3:]
        assert await collect(engine.subscribe(run)) == told
        assert [recorded.seq for recorded in told] == list(range(1, len(told) + 1))

    with_engine(project, test)


def test_what_is_unchanged_comes_from_the_cache(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        first = await run_to_the_end(engine)
        second = await engine.start(request())
        cached = [r.event for r in await collect(engine.subscribe(second)) if isinstance(r.event, TaskCached)]
        assert {(event.task, event.run) for event in cached} == {("first", first), ("second", first)}

        third = await engine.start(RunRequest(CHAIN, use_cache=False))
        assert not [r for r in await collect(engine.subscribe(third)) if isinstance(r.event, TaskCached)]

    with_engine(project, test)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (RunRequest("nodes: ["), None),
        (RunRequest(CHAIN.replace("demo.shout", "demo.nothing")), None),
        (RunRequest(CHAIN, to="nowhere"), "unknown-node"),
        (RunRequest(CHAIN, params={"wait": "soon"}), None),
        (RunRequest(CHAIN, params={"unknown": 1}), "unknown-parameter"),
    ],
)
def test_what_cannot_run_is_refused_with_its_problems(project: Project, wrong: RunRequest, code: str | None) -> None:
    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await engine.start(wrong)
        assert refused.value.problems
        assert code in (None, refused.value.problems[0].code)
        assert await engine.runs() == ()

    with_engine(project, test)


def test_a_broken_component_file_explains_an_unknown_component(project: Project) -> None:
    (project.components / "demo.py").write_text("def broken(:\n")

    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await engine.start(request())
        assert any((problem.where.file or "").endswith("demo.py") for problem in refused.value.problems)

    with_engine(project, test)


def test_only_what_a_node_needs_is_checked_and_run(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await engine.start(RunRequest(CHAIN.replace("demo.shout", "demo.nothing"), to="first"))
        assert set(fold(await collect(engine.subscribe(run))).tasks) == {"first"}

    with_engine(project, test)


def test_cancel_ends_a_run_within_a_second(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await engine.start(request(SLOW))
        await launched(engine, run, "second")
        await engine.cancel(run)
        state = fold(await collect(engine.subscribe(run), seconds=2))
        assert state.status is RunStatus.CANCELLED
        await engine.cancel(run)  # harmless

    with_engine(project, test)


def test_another_engine_sees_and_cancels_a_run(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await engine.start(request(SLOW))
        await launched(engine, run, "second")
        other = LocalEngine(project, gate=consented)
        told = asyncio.ensure_future(collect(other.subscribe("last")))
        assert (await other.summary("last")).state == "running"
        with pytest.raises(RunBusy):
            await other.resume(run)
        await other.cancel(run)

        assert fold(await told).status is RunStatus.CANCELLED
        await other.close()

    with_engine(project, test)


def test_runs_go_on_side_by_side(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        slow = await engine.start(request(SLOW))
        await run_to_the_end(engine, CHAIN.replace("name: chain", "name: other"))
        assert (await engine.summary(slow)).state == "running"

    with_engine(project, test)


def test_a_closed_engine_leaves_its_run_interrupted_and_resume_redoes_no_success(project: Project) -> None:
    run = ""

    async def leave(engine: LocalEngine) -> None:
        nonlocal run
        run = await engine.start(request(SLOW))
        await launched(engine, run, "second")

    async def resume(engine: LocalEngine) -> None:
        assert (await engine.summary(run)).state == "interrupted"
        before = len(await collect(engine.subscribe(run)))
        assert await engine.resume("last") == run
        await launched_again(engine, before)
        await engine.cancel(run)
        await collect(engine.subscribe(run))

    async def launched_again(engine: LocalEngine, since: int) -> None:
        async for recorded in engine.subscribe(run, since):
            if isinstance(recorded.event, AttemptLaunched):
                assert (recorded.event.task, recorded.event.number) == ("second", 2)
                return

    with_engine(project, leave)
    assert not is_held(project.run_folder(run))
    with_engine(project, resume)


def test_a_failed_run_can_be_resumed_after_a_fix_and_a_finished_one_can_not(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await run_to_the_end(engine, BROKEN)
        assert (await engine.summary(run)).state == "failed"
        assert await engine.resume(run) == run
        await collect(engine.subscribe(run))

        finished = await run_to_the_end(engine)
        with pytest.raises(RunRefused, match="has succeeded"):
            await engine.resume(finished)
        assert (await engine.summary(finished)).state == "succeeded"

    with_engine(project, test)


def test_runs_are_named_in_short(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        with pytest.raises(UnknownRun, match="no runs yet"):
            await engine.summary("last")
        first, second = await run_to_the_end(engine), await run_to_the_end(engine)

        assert (await engine.summary("last")).run == second
        assert (await engine.summary(first.rpartition("-")[2])).run == first
        assert (await engine.summary(first[:-1])).run == first
        with pytest.raises(UnknownRun, match="2 runs"):
            await engine.summary(first[:6])
        for wrong in ("", "../..", "nothing", "/"):
            with pytest.raises(UnknownRun):
                await engine.summary(wrong)

    with_engine(project, test)


def test_an_artifact_is_shown_by_its_digest(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await run_to_the_end(engine)
        made = (await engine.state(run)).tasks["second"].outputs["value"]

        assert (await engine.preview(made.digest)).value == "HELLO"
        with pytest.raises(KeyError):
            await engine.preview("0" * 64)

    with_engine(project, test)


def test_a_run_that_nobody_holds_is_found_interrupted(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await run_to_the_end(engine)
        events = project.run(run).events
        lines = events.read_bytes().splitlines(keepends=True)
        events.write_bytes(b"".join(lines[:-1]))  # as a kill would leave it

        told = await collect(engine.subscribe(run))

        assert isinstance(told[-1].event, RunInterrupted)
        assert [r.state for r in await engine.runs()] == ["interrupted"]

    with_engine(project, test)


def test_a_run_is_kept_with_the_text_it_was_started_from(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        summary = await engine.summary(await run_to_the_end(engine))
        assert (Path(summary.folder) / "pipeline.yaml").read_text() == CHAIN

    with_engine(project, test)


def test_a_run_that_stands_still_says_why(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    full = True
    write = OsDisk.write

    def write_if_room(self: OsDisk, descriptor: int, data: bytes | memoryview) -> int:
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, descriptor, data)

    async def test(engine: LocalEngine) -> None:
        nonlocal full
        run = await engine.start(request(wait=0.5))
        monkeypatch.setattr(OsDisk, "write", write_if_room)
        async with asyncio.timeout(20):
            while not (await engine.summary(run)).trouble:
                await asyncio.sleep(0.05)
            [listed] = await engine.runs()
            assert "No space left on device" in listed.trouble
            assert listed.state == "running"
            full = False
            await collect(engine.subscribe(run))
        ended = await engine.summary(run)
        assert (ended.state, ended.trouble) == ("succeeded", "")

    with_engine(project, test)
