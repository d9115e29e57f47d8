"""A disk that fills up during a run, on a small file system of its own (which only root can mount)."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.scene import KILLS, SEED, Witness, kill_processes, no_process_left
from faults.synthetic import Layers, layers, make_project
from host.sample import end_host

from treadle.host.api import RunRequest
from treadle.host.client import RemoteEngine
from treadle.host.trust import trust
from treadle.run.events import RunFinished
from treadle.run.state import RunStatus, TaskStatus, fold
from treadle.store.project import Project

STANDSTILL = 2.0  # seconds without an event (samples come twice a second) that mean the journal takes none


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all the room but `leave` bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        file.write(bytes(max(0, shutil.disk_usage(disk).free - leave)))
    return ballast


async def run_into_the_wall(engine: RemoteEngine, witness: Witness, chance: random.Random, disk: Path) -> Path:
    """Fills the disk some way into the run, and returns when it has ended or stands still."""
    enough, ballast = chance.randint(2, 40), disk / "ballast"
    events = engine.subscribe(witness.run).__aiter__()
    while True:
        try:
            witness.told.append(await asyncio.wait_for(anext(events), STANDSTILL))
        except (TimeoutError, StopAsyncIteration):
            return ballast
        if len(witness.told) == enough:
            fill(disk, chance.choice([0, 0, 5_000, 30_000]))


async def see_through(engine: RemoteEngine, witness: Witness) -> None:
    """What was left, once there is room: a run that stood still goes on, one that ended is resumed."""
    async for recorded in engine.subscribe(witness.run, witness.last):
        witness.told.append(recorded)
    ended = witness.told[-1].event
    if isinstance(ended, RunFinished) and ended.state == "succeeded":
        return
    crashed = [task for task in fold(witness.told).tasks.values() if task.status.is_failure]
    assert all("space" in str(task.outcome) for task in crashed), crashed
    await engine.resume(witness.run)
    async for recorded in engine.subscribe(witness.run, witness.last):
        witness.told.append(recorded)


def test_a_full_disk_loses_and_redoes_nothing_and_the_run_goes_on_when_there_is_room(small_disk: Path) -> None:
    """I1, I3, I4: from any event on, and with any number of bytes left."""
    chance = random.Random(SEED)

    async def scenario(project: Project, drawn: Layers) -> None:
        engine = RemoteEngine(project)
        try:
            witness = Witness(project, await engine.start(RunRequest(drawn.text, use_cache=False)))
            ballast = await run_into_the_wall(engine, witness, chance, small_disk)
            witness.check()
            ballast.unlink()
            async with asyncio.timeout(40):
                await see_through(engine, witness)
            witness.check()
            tasks = fold(witness.journal()).tasks.values()
            assert {task.status for task in tasks} == {TaskStatus.SUCCEEDED}
        finally:
            await engine.close()

    for turn in range(max(1, KILLS // 7)):
        project = make_project(small_disk / f"project{turn}")
        trust(project)
        try:
            asyncio.run(scenario(project, layers(chance)))
            end_host(project)
            no_process_left(project)
        finally:
            kill_processes(project)
            shutil.rmtree(project.root)


GIVING = '''
import os
import time

import pyarrow as pa
from treadle import Json, component


@component(category="Demo")
def give(size: int, text: str = "x") -> Json:
    """A value of so many bytes, made after a while; notes each time that it is made."""
    with open(os.environ["MARKS"], "a") as marks:
        marks.write("give\\n")
    return text * size


@component(category="Demo")
def table(rows: int) -> pa.Table:
    """A table of so many rows of eight bytes."""
    with open(os.environ["MARKS"], "a") as marks:
        marks.write("table\\n")
    return pa.table({"x": pa.array(range(rows))})


@component(category="Demo")
def parts(size: int) -> list[int]:
    """Many numbers."""
    return list(range(size))


@component(category="Demo")
def next_one(number: int) -> int:
    """One more."""
    return number + 1
'''
LARGE = """treadle: 1
name: large
nodes:
  small: {uses: giving.give, with: {size: 10}}
  gate: {uses: flow.approval, after: [small]}
  value: {uses: giving.give, with: {size: 1500000}, after: [gate]}
  table: {uses: giving.table, with: {rows: 200000}, after: [gate]}
  numbers: {uses: giving.parts, with: {size: 3}, after: [gate]}
  many: {uses: giving.next_one, in: {number: numbers.json}, map: {over: number}}
"""


@pytest.fixture
def giving(small_disk: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """On the small disk; its nodes leave their marks elsewhere."""
    monkeypatch.setenv("MARKS", str(home / "marks"))
    project = make_project(small_disk / "project")
    (project.components / "giving.py").write_text(GIVING)
    trust(project)
    yield project
    end_host(project)
    kill_processes(project)


async def until_paused(engine: RemoteEngine, run: str) -> str:
    """In words, where it is."""
    async with asyncio.timeout(20):
        while not (summary := await engine.summary(run)).paused:
            await asyncio.sleep(0.05)
    return summary.paused


def test_a_run_that_has_no_room_for_what_its_nodes_give_pauses_and_goes_on_when_there_is(giving: Project) -> None:
    """I1, I3, I4: no node fails for it, none that had succeeded runs again, and the answer of a person is kept."""

    async def scenario() -> Witness:
        engine = RemoteEngine(giving)
        try:
            witness = Witness(giving, await engine.start(RunRequest(LARGE, use_cache=False)))
            async with asyncio.timeout(20):
                while "gate" not in (tasks := fold(witness.journal()).tasks) or not tasks["gate"].is_asked:
                    await asyncio.sleep(0.05)
            ballast = fill(giving.root, 200_000)
            await engine.answer(witness.run, "gate", approved=True, note="go", by="ann")
            assert await until_paused(engine, witness.run) == "paused, for the disk is full"
            witness.told = list(witness.journal())
            ballast.unlink()
            async with asyncio.timeout(40):
                witness.told += [each async for each in engine.subscribe(witness.run, witness.last)]
            return witness
        finally:
            await engine.close()

    witness = asyncio.run(scenario())
    state = fold(witness.journal())
    assert state.status is RunStatus.SUCCEEDED, state.counts()
    assert state.tasks["small"].number == 1
    assert state.tasks["gate"].answer is not None
    assert state.tasks["gate"].number == 1
    made = (giving.root.parent.parent / "marks").read_text().split()
    assert made.count("give") >= 3, "what had no room was made again"
    assert made.count("give") + made.count("table") <= 6


def test_a_run_that_waits_for_room_can_be_cancelled(giving: Project) -> None:
    """I4, I6: it ends, and nothing of it is left."""

    async def scenario() -> str:
        engine = RemoteEngine(giving)
        try:
            ballast = fill(giving.root, 400_000)
            run = await engine.start(RunRequest(LARGE.replace("after: [gate]", "after: [small]"), use_cache=False))
            await until_paused(engine, run)
            await engine.cancel(run)
            ballast.unlink()  # for the journal; what was waited for is cancelled
            async with asyncio.timeout(20):
                assert [each async for each in engine.subscribe(run)]
            return (await engine.summary(run)).state
        finally:
            await engine.close()

    assert asyncio.run(scenario()) == "cancelled"
    end_host(giving)
    no_process_left(giving)
