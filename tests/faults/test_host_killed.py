"""kill -9 of a project's engine at random moments of a run, and again while it is resumed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

from faults.scene import KILLS, Witness, at_once, kill_processes, no_process_left, until
from faults.synthetic import layers, make_project
from host.sample import end_host, host_pid, is_alive

from treadle.host.api import EngineLost, RunRefused, RunRequest
from treadle.host.client import RemoteEngine
from treadle.host.facade import LocalEngine
from treadle.host.trust import trust
from treadle.run.state import fold
from treadle.store.project import Project

KILLS_A_RUN = 5
EVENTS = 25  # at most, between one kill and the next; a run left alone has about 90


async def watch(engine: RemoteEngine, witness: Witness, enough: int, seen: asyncio.Event) -> None:
    """Takes what the engine tells, until the run or the engine ends; sets `seen` after `enough` events."""
    try:
        async for recorded in engine.subscribe(witness.run, witness.last):
            witness.told.append(recorded)
            enough -= 1
            if enough <= 0:
                seen.set()
    finally:
        seen.set()


async def run_and_kill(project: Project, text: str, witness: Witness, chance: random.Random) -> None:
    """Begins the run, or goes on with it, and kills its engine some time after some event of it."""
    engine = RemoteEngine(project)
    pid = 0
    try:
        await engine.reach()
        pid = host_pid(project)
        if witness.run:
            with contextlib.suppress(RunRefused):  # it had all succeeded before the last kill
                await engine.resume(witness.run)
        else:
            witness.run = await engine.start(RunRequest(text))
        single = RemoteEngine(project, start=False)  # a watcher that goes when the engine does
        seen = asyncio.Event()
        watching = asyncio.create_task(watch(single, witness, chance.randint(1, EVENTS), seen))
        await asyncio.wait_for(seen.wait(), 30)
        await asyncio.sleep(chance.uniform(0, 0.03))
        os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(EngineLost):
            await asyncio.wait_for(watching, 30)
        await single.close()
    finally:
        await engine.close()
    until(lambda: not is_alive(pid), 5)


async def finish(project: Project, witness: Witness) -> None:
    engine = RemoteEngine(project)
    try:
        summary = await engine.summary(witness.run)
        if summary.state != "succeeded":
            assert summary.state == "interrupted"
            await engine.resume(witness.run)
        async with asyncio.timeout(60):
            witness.told += [recorded async for recorded in engine.subscribe(witness.run, witness.last)]
        assert (await engine.summary(witness.run)).state == "succeeded"
        last = fold(witness.journal()).tasks["last"].outputs["json"]
        witness.value = (await engine.preview(last.digest)).value
    finally:
        await engine.close()


async def states(project: Project) -> list[str]:
    """What a process that holds nothing says of the project's runs."""
    engine = LocalEngine(project)
    try:
        return [summary.state for summary in await engine.runs()]
    finally:
        await engine.close()


def test_a_host_killed_at_any_moment_loses_and_redoes_nothing(home: Path) -> None:
    """I1, I2, I3, I4, I5, I6: at any event, and again while it resumes; the last value is that of a run left alone."""

    def scenario(chance: random.Random, name: str) -> None:
        project = make_project(home / name)
        trust(project)
        drawn = layers(chance)
        witness = Witness(project)
        try:
            for _ in range(min(KILLS_A_RUN, KILLS)):
                asyncio.run(run_and_kill(project, drawn.text, witness, chance))
                no_process_left(project)
                witness.check()
                assert asyncio.run(states(project)) in (["interrupted"], ["succeeded"])
            asyncio.run(finish(project, witness))
            witness.check_end()
            assert witness.value == drawn.value()
            end_host(project)
            no_process_left(project)
        finally:
            kill_processes(project)

    at_once(scenario, max(1, KILLS // KILLS_A_RUN))
