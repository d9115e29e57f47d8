"""An engine that stands still for a while (SIGSTOP, a sleeping laptop) and goes on."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

from faults.scene import KILLS, Witness, at_once, kill_processes, no_process_left
from faults.synthetic import layers, make_project
from host.sample import end_host, host_pid

from treadle.host.api import RunRequest
from treadle.host.client import RemoteEngine
from treadle.host.trust import trust
from treadle.run.state import RunStatus, fold
from treadle.store.project import Project


async def run_and_stop(project: Project, text: str, chance: random.Random) -> Witness:
    engine = RemoteEngine(project)
    enough = chance.randint(1, 60)
    try:
        witness = Witness(project, await engine.start(RunRequest(text, use_cache=False)))
        async with asyncio.timeout(60):
            async for recorded in engine.subscribe(witness.run):
                witness.told.append(recorded)
                enough -= 1
                if enough == 0:
                    await stand_still(host_pid(project), 0.5)
    finally:
        await engine.close()
    return witness


async def stand_still(pid: int, seconds: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


def test_an_engine_that_stood_still_goes_on_as_if_it_had_not(home: Path) -> None:
    """I1, I3, I5: attempts that ended meanwhile have ended once, and the values are those of a run left alone."""

    def scenario(chance: random.Random, name: str) -> None:
        project = make_project(home / name)
        trust(project)
        drawn = layers(chance, depth=3)
        try:
            witness = asyncio.run(run_and_stop(project, drawn.text, chance))
            witness.check()
            state = fold(witness.told)
            assert state.status is RunStatus.SUCCEEDED
            assert {each.number for each in state.tasks.values()} == {1}
            no_process_left(project, host_pid(project))
            end_host(project)
            no_process_left(project)
        finally:
            kill_processes(project)

    at_once(scenario, max(1, KILLS // 5))
