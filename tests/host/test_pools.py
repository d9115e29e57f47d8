"""Pools and queued runs on real processes: of one engine, and of several on one project."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from host.sample import collect, until

from treadle.host.api import RunRequest
from treadle.host.facade import LocalEngine
from treadle.run.events import RunAdmitted, RunFinished, RunQueued, TaskCancelled
from treadle.run.state import RunStatus
from treadle.store.project import Project

COMPONENT = '''
import os, time
from treadle import component


@component
def visit(seconds: float = 0.15) -> str:
    """Say when it came and went."""
    def say(what: str) -> None:
        log = os.open("visits.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(log, f"{what}\\n".encode())
        os.close(log)

    say("in")
    time.sleep(seconds)
    say("out")
    return os.environ.get("CUDA_VISIBLE_DEVICES", "-")
'''


def pipeline(count: int, name: str = "visits", **settings: str) -> str:
    said = "".join(f"{key}: {value}\n" for key, value in settings.items())
    nodes = "".join(
        f"  v{number}:\n    uses: visits.visit\n    cache: false\n    resources: {{cpu: 0.1, pools: {{db: 1}}}}\n"
        for number in range(count)
    )
    return f"treadle: 1\nname: {name}\n{said}pools: {{db: 2}}\nnodes:\n{nodes}"


def most_at_once(project: Project) -> tuple[int, int]:
    """(visits, how many were in at once at most)."""
    now = most = came = 0
    for line in (project.root / "visits.txt").read_text().splitlines():
        came += line == "in"
        now += 1 if line == "in" else -1
        most = max(most, now)
    return came, most


def with_component(project: Project) -> Project:
    (project.root / "components" / "visits.py").write_text(COMPONENT)
    return project


async def see_through(engine: LocalEngine, *texts: str) -> list[RunStatus]:
    runs = [await engine.start(RunRequest(text)) for text in texts]
    for run in runs:
        await collect(engine.subscribe(run), 60)
    return [(await engine.state(run)).status for run in runs]


def test_a_pool_is_never_overfull_by_two_runs_of_one_engine(project: Project) -> None:
    async def scenario() -> list[RunStatus]:
        engine = LocalEngine(with_component(project), gate=lambda *_: None)
        try:
            return await see_through(engine, pipeline(6), pipeline(6, "others"))
        finally:
            await engine.close()

    assert asyncio.run(scenario()) == [RunStatus.SUCCEEDED] * 2
    assert most_at_once(project) == (12, 2)


def run_in_a_process(project: Project, name: str, text: str) -> subprocess.Popen[bytes]:
    file = project.root / f"{name}.treadle.yaml"
    file.write_text(text)
    return subprocess.Popen(
        [sys.executable, "-m", "treadle.cli", "run", file.name], cwd=project.root, stdout=subprocess.DEVNULL
    )


def test_a_pool_is_never_overfull_by_two_processes(project: Project) -> None:
    with_component(project)
    started = [run_in_a_process(project, name, pipeline(6, name)) for name in ("a", "b", "c")]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    assert most_at_once(project) == (18, 2)


def test_a_killed_process_leaves_no_slot_taken(project: Project) -> None:
    with_component(project)
    first = run_in_a_process(project, "a", pipeline(2, "a").replace("cache: false", "with: {seconds: 60}"))
    visits = project.root / "visits.txt"
    until(lambda: visits.exists() and visits.read_text().count("in") == 2)
    second = run_in_a_process(project, "b", pipeline(1, "b"))
    until(lambda: len(list((project.state / "engines").iterdir())) == 3)
    assert second.poll() is None
    first.kill()
    first.wait()
    assert second.wait(30) == 0


def test_runs_of_a_pipeline_that_lets_one_go_on_wait_in_order(project: Project) -> None:
    text = pipeline(2, concurrency="{runs: 1}").replace("cache: false", "cache: false\n    with: {seconds: 0.5}")

    async def scenario() -> list[list[type]]:
        engine = LocalEngine(with_component(project), gate=lambda *_: None)
        try:
            runs = [await engine.start(RunRequest(text)) for _ in range(3)]
            for run in runs[1:]:
                await until_state(engine, run, "queued")
            return [[type(each.event) for each in await collect(engine.subscribe(run), 60)] for run in runs]
        finally:
            await engine.close()

    first, second, third = asyncio.run(scenario())
    assert RunQueued not in first
    for events in (second, third):
        assert events.index(RunQueued) < events.index(RunAdmitted) < events.index(RunFinished)
    assert most_at_once(project) == (6, 2)


def test_a_queued_run_is_cancelled_before_its_turn(project: Project) -> None:
    text = pipeline(1, concurrency="{runs: 1}").replace("cache: false", "with: {seconds: 60}")

    async def scenario() -> None:
        engine = LocalEngine(with_component(project), gate=lambda *_: None)
        try:
            await engine.start(RunRequest(text))
            second = await engine.start(RunRequest(text))
            await until_state(engine, second, "queued")
            await engine.cancel(second)
            events = await collect(engine.subscribe(second), 10)
            assert TaskCancelled("v0") in [each.event for each in events]
            assert (await engine.state(second)).status is RunStatus.CANCELLED
        finally:
            await engine.close()

    asyncio.run(scenario())


async def until_state(engine: LocalEngine, run: str, state: str) -> None:
    async with asyncio.timeout(10):
        while (await engine.summary(run)).state != state:
            await asyncio.sleep(0.01)


def test_a_queued_run_of_another_process_waits_and_an_engine_that_closes_leaves_it_interrupted(
    project: Project,
) -> None:
    text = pipeline(1, concurrency="{runs: 1}").replace("cache: false", "with: {seconds: 60}")

    async def scenario(start: Callable[[], subprocess.Popen[bytes]]) -> None:
        engine = LocalEngine(with_component(project), gate=lambda *_: None)
        file = str(project.root / "visits.treadle.yaml")
        first = await engine.start(RunRequest(text, file))
        await until_state(engine, first, "running")
        process = start()
        try:
            async with asyncio.timeout(20):
                while "queued" not in {each.state for each in await engine.runs()}:
                    await asyncio.sleep(0.05)
        finally:
            process.kill()
            process.wait()
            await engine.close()

    asyncio.run(scenario(lambda: run_in_a_process(project, "visits", text)))
    later = LocalEngine(project)

    async def states() -> set[str]:
        await later.recover()
        return {each.state for each in await later.runs()}

    assert asyncio.run(states()) == {"interrupted"}


def test_the_projects_size_of_a_pool_counts(project: Project) -> None:
    with_component(project)
    Path(project.root / "treadle.toml").write_text("[pools]\ndb = 1\n")
    assert run_in_a_process(project, "a", pipeline(3)).wait(60) == 0
    assert most_at_once(project) == (3, 1)


def test_a_run_takes_as_many_at_once_as_it_is_told(project: Project) -> None:
    with_component(project)

    async def scenario() -> None:
        engine = LocalEngine(project, gate=lambda *_: None)
        try:
            run = await engine.start(RunRequest(pipeline(4, concurrency="{tasks: 4}"), parallel=1))
            await collect(engine.subscribe(run), 60)
        finally:
            await engine.close()

    asyncio.run(scenario())
    assert most_at_once(project) == (4, 1)
