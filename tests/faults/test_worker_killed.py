"""kill -9 of an attempt's process, or of the fork server that made it, at random moments of a run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

from faults.scene import KILLS, Witness, at_once, kill_processes, no_process_left
from faults.synthetic import Layers, layers, make_project
from host.sample import end_host, host_pid

from treadle.execute.process_tree import children
from treadle.execute.protocol import Crashed, Outcome, Succeeded
from treadle.host.api import RunRequest
from treadle.host.client import RemoteEngine
from treadle.host.trust import trust
from treadle.run.events import AttemptEnded, AttemptLaunched, RunFinished
from treadle.run.state import RunState, RunStatus, TaskStatus, fold
from treadle.store.project import Project

KILLS_A_PROJECT = 5


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def fork_servers(project: Project) -> set[int]:
    return set(children(host_pid(project)))


async def run_and_kill(project: Project, text: str, chance: random.Random, *, server: bool) -> tuple[Witness, str]:
    """Runs to the end, killing some attempt (or its fork server) after some time. The witness, and whom it struck."""
    engine = RemoteEngine(project)
    struck, number = "", chance.randint(1, 12)
    try:
        witness = Witness(project, await engine.start(RunRequest(text, use_cache=False)))
        async with asyncio.timeout(60):
            async for recorded in engine.subscribe(witness.run):
                witness.told.append(recorded)
                if isinstance(recorded.event, AttemptLaunched):
                    number -= 1
                    if number == 0:
                        struck = recorded.event.task
                        await asyncio.sleep(chance.uniform(0, 0.05))
                        strike(recorded.event.pid, server)
    finally:
        await engine.close()
    return witness, struck


def strike(pid: int, server: bool) -> None:
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # it had just ended
        os.kill(parent_of(pid) if server else pid, signal.SIGKILL)


def outcomes(witness: Witness, task: str) -> list[Outcome]:
    events = [recorded.event for recorded in witness.told]
    return [event.outcome for event in events if isinstance(event, AttemptEnded) and event.task == task]


def below(drawn: Layers, node: str) -> set[str]:
    found = {node}
    for task, sources in drawn.above.items():
        if not found.isdisjoint(sources):
            found.add(task)
    return found - {node}


def check_without_retries(drawn: Layers, state: RunState, struck: str, outcome: Outcome) -> None:
    """Only what needs the one that was struck has not run."""
    if isinstance(outcome, Succeeded):  # the kill came too late
        assert state.status is RunStatus.SUCCEEDED
        return
    assert isinstance(outcome, Crashed)
    assert outcome.signal == "SIGKILL"
    assert "SIGKILL" in outcome.reason
    assert state.status is RunStatus.FAILED
    assert state.tasks[struck].status is TaskStatus.CRASHED
    unable = {task for task, each in state.tasks.items() if each.status is TaskStatus.UPSTREAM_FAILED}
    assert unable == below(drawn, struck)
    others = {each.status for task, each in state.tasks.items() if task not in {struck, *unable}}
    assert others <= {TaskStatus.SUCCEEDED}


def test_a_killed_attempt_crashes_alone(home: Path) -> None:
    """I1, I4, I5, I6: it is tried again as its policy says; only what needs it is kept from running."""

    def scenario(chance: random.Random, name: str) -> None:
        project = make_project(home / name)
        trust(project)
        try:
            servers: set[int] = set()
            for turn in range(min(KILLS_A_PROJECT, KILLS)):
                drawn = layers(chance, depth=3, retries=turn % 2)
                witness, struck = asyncio.run(run_and_kill(project, drawn.text, chance, server=False))
                witness.check()
                state = fold(witness.told)
                if turn % 2:
                    assert state.status is RunStatus.SUCCEEDED
                    assert isinstance(outcomes(witness, struck)[-1], Succeeded)
                else:
                    check_without_retries(drawn, state, struck, outcomes(witness, struck)[-1])
                servers = servers or fork_servers(project)
                assert servers <= fork_servers(project), "a fork server did not survive its worker's kill"
                no_process_left(project, host_pid(project))
            end_host(project)
            no_process_left(project)
        finally:
            kill_processes(project)

    at_once(scenario, max(1, KILLS // KILLS_A_PROJECT))


def test_a_killed_fork_server_crashes_its_attempts_and_nothing_else(home: Path) -> None:
    """I1, I4, I6: the next attempt gets another server."""

    def scenario(chance: random.Random, name: str) -> None:
        project = make_project(home / name)
        trust(project)
        try:
            for turn in range(min(KILLS_A_PROJECT, KILLS)):
                drawn = layers(chance, depth=3, retries=turn % 2)
                witness, _ = asyncio.run(run_and_kill(project, drawn.text, chance, server=True))
                witness.check()
                state = fold(witness.told)
                assert isinstance(witness.told[-1].event, RunFinished)
                ended = [r.event.outcome for r in witness.told if isinstance(r.event, AttemptEnded)]
                assert {type(outcome) for outcome in ended} <= {Succeeded, Crashed}
                crashed = any(isinstance(outcome, Crashed) for outcome in ended)
                assert state.status is (RunStatus.FAILED if crashed and not turn % 2 else RunStatus.SUCCEEDED)
                no_process_left(project, host_pid(project))
            end_host(project)
            no_process_left(project)
        finally:
            kill_processes(project)

    at_once(scenario, max(1, KILLS // KILLS_A_PROJECT))
