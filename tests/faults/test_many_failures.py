"""Thousands of tasks that all fail (`TREADLE_FAILING`, 500 where it is not set), in processes of their own."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from faults.scene import kill_processes, no_process_left
from faults.synthetic import make_project
from host.sample import end_host, host_pid

from treadle.host.api import RunRequest
from treadle.host.client import RemoteEngine
from treadle.host.trust import trust
from treadle.run.events import Recorded
from treadle.run.state import RunStatus, fold
from treadle.store.project import Project

FAILING = int(os.environ.get("TREADLE_FAILING", "500"))
JOURNAL = 3_000
"""Bytes that each may cost in the journal: 30 MB for 10,000."""

FAIL = '''
from treadle import component

@component(category="Demo")
def fail(number: int) -> str:
    """Fail."""
    raise ValueError(f"no use for {number}")
'''


def resident(pid: int) -> int:
    """MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


async def fail_all(project: Project) -> tuple[list[Recorded], list[float], int]:
    """The events, how long the engine took to answer meanwhile, and what memory it came to."""
    nodes = "".join(f"  f{n}: {{uses: failing.fail, with: {{number: {n}}}}}\n" for n in range(FAILING))
    engine = RemoteEngine(project)
    answers = []

    async def ask() -> None:
        while True:
            began = time.monotonic()
            await engine.summary(run)
            answers.append(time.monotonic() - began)
            await asyncio.sleep(0.1)

    try:
        run = await engine.start(RunRequest(f"treadle: 1\nname: failing\nnodes:\n{nodes}"))
        asking = asyncio.create_task(ask())
        told = [recorded async for recorded in engine.subscribe(run)]
        asking.cancel()
        return told, answers, resident(host_pid(project))
    finally:
        await engine.close()


def test_a_run_of_which_every_task_fails_ends_in_order(home: Path) -> None:
    """I1, I4, I9, I10: each failure is told once, with its words; the run has failed; journal and memory stay bounded;
    the engine answers all the while; no process is left.
    """
    project = make_project(home / "project")
    (project.root / "components" / "failing.py").write_text(FAIL)
    trust(project)
    try:
        told, answers, memory = asyncio.run(fail_all(project))
        state = fold(told)
        assert state.status is RunStatus.FAILED
        assert [str(each.status) for each in state.tasks.values()] == ["failed"] * FAILING
        assert all(f"no use for {name[1:]}" in str(each.outcome) for name, each in state.tasks.items())
        assert project.run(state.run).events.stat().st_size < JOURNAL * FAILING
        assert memory < 300, f"the engine holds {memory} MiB"
        assert sorted(answers)[len(answers) // 2] < 0.25
        no_process_left(project, host_pid(project))
        end_host(project)
        no_process_left(project)
    finally:
        kill_processes(project)
