"""A disk that fills up during a run, on a small file system of its own (which only root can mount)."""

from __future__ import annotations

import asyncio
import random
import shutil
from pathlib import Path

from faults.scene import KILLS, SEED, Witness, kill_processes, no_process_left
from faults.synthetic import Layers, layers, make_project
from host.sample import end_host

from treadle.host.api import RunRequest
from treadle.host.client import RemoteEngine
from treadle.host.trust import trust
from treadle.run.events import RunFinished
from treadle.run.state import TaskStatus, fold
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
