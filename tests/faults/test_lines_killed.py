"""kill -9 of processes that serve many short attempts, and of their engine, while others lie ready for them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

from faults.scene import KILLS, Witness, at_once, kill_processes, no_process_left
from faults.synthetic import make_project
from faults.test_command_killed import begin, kill_while_it_tells, told_by

from treadle.execute.protocol import Crashed, Succeeded
from treadle.host.api import RunRequest
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.run.events import AttemptEnded, AttemptLaunched
from treadle.run.state import RunStatus, fold
from treadle.store.project import Project

NODES = 300
KILLS_A_RUN = 5


def wide(nodes: int, retries: int = 0) -> str:
    """Nodes of a tenth of a millisecond, so that many lie ready."""
    defaults = f"{{isolation: reuse, retries: {retries}, retry_delay: 1ms}}"
    lines = (f"  n{n}: {{uses: layers.begin, with: {{name: n{n}, seconds: 0.0}}}}" for n in range(nodes))
    return "\n".join(["treadle: 1", "name: wide", f"defaults: {defaults}", "nodes:", *lines]) + "\n"


def marks(project: Project, node: str, what: str) -> int:
    path = project.root / "marks" / f"{node}.{what}"
    return path.read_text().count("\n") if path.exists() else 0


async def run_and_kill(project: Project, chance: random.Random) -> Witness:
    """Runs to the end, killing the process of some attempt now and then."""
    engine = LocalEngine(project, gate=consented)
    moments = {chance.randint(1, NODES) for _ in range(KILLS_A_RUN)}
    try:
        witness = Witness(project, await engine.start(RunRequest(wide(NODES, retries=KILLS_A_RUN), use_cache=False)))
        launched = 0
        async with asyncio.timeout(60):
            async for recorded in engine.subscribe(witness.run):
                witness.told.append(recorded)
                if isinstance(recorded.event, AttemptLaunched):
                    launched += 1
                    if launched in moments:
                        with contextlib.suppress(ProcessLookupError):  # it had just left
                            os.kill(recorded.event.pid, signal.SIGKILL)
    finally:
        await engine.close()
    return witness


def test_a_killed_process_takes_one_attempt_with_it_and_none_that_lay_ready(tmp_path: Path) -> None:
    """I1, I4, I6: each kill is a crash of one attempt at most, and no node is begun more often than it was tried."""

    def scenario(chance: random.Random, name: str) -> None:
        project = make_project(tmp_path / name)
        try:
            witness = asyncio.run(run_and_kill(project, chance))
            witness.check()
            state = fold(witness.told)
            assert state.status is RunStatus.SUCCEEDED, state.counts()
            ended = [each.event for each in witness.told if isinstance(each.event, AttemptEnded)]
            crashed = [event.task for event in ended if isinstance(event.outcome, Crashed)]
            assert len(crashed) <= KILLS_A_RUN
            assert len(ended) == NODES + len(crashed)
            assert sum(isinstance(event.outcome, Succeeded) for event in ended) == NODES
            for node in state.tasks:
                assert 1 <= marks(project, node, "begun") <= 1 + crashed.count(node)
            no_process_left(project)
        finally:
            kill_processes(project)

    at_once(scenario, max(2, KILLS // KILLS_A_RUN))


def test_an_engine_killed_while_attempts_lie_ready_loses_and_redoes_nothing(tmp_path: Path) -> None:
    """I1, I2, I3, I6: what had been told of stands, and `treadle resume` goes on from there."""

    def scenario(chance: random.Random, name: str) -> None:
        project = make_project(tmp_path / name)
        (project.root / "wide.treadle.yaml").write_text(wide(4 * NODES))
        witness = Witness(project)
        try:
            for turn in range(2):
                words = ("resume", witness.run) if turn else ("run", "wide.treadle.yaml")
                kill_while_it_tells(begin(project, *words), witness, chance, events=NODES)
                no_process_left(project)
                witness.check()
            (summary,) = told_by(project, "runs")
            if summary["state"] == "interrupted":
                told_by(project, "resume", "last")
            assert told_by(project, "show", "last")["state"] == "succeeded"
            witness.check_end()
            no_process_left(project)
        finally:
            kill_processes(project)

    at_once(scenario, max(1, KILLS // KILLS_A_RUN))
