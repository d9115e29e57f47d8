"""What a no-op node costs, engine and workers apart, with journal, logs, artifacts and cache on.

    python benchmarks/node_cost.py [SHAPE] [ISOLATION] [ROUNDS]        fan2000 reuse 3

Nodes a second from the first node's mark to the last one's; CPU microseconds a node of the engine's process, of its
loop's thread alone, and of its workers with the fork server (all from the run's start to its end). Every round is a
project of its own.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from measure import marks_of
from peers.treadle_run import write_project
from shapes import graph_of

from treadle.host.api import RunRequest
from treadle.host.facade import LocalEngine
from treadle.host.garbage import collect_mostly_the_young
from treadle.host.trust import consented
from treadle.run.state import RunStatus
from treadle.store.project import Project


@dataclass
class Spent:
    """CPU seconds."""

    engine: float = 0.0
    loop: float = 0.0
    workers: float = 0.0


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


@contextmanager
def spending() -> Iterator[Spent]:
    """Those of this process, of the thread that asks, and of the children that end meanwhile."""
    spent, loop = Spent(), time.thread_time()
    engine, workers = _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN)
    yield spent
    spent.loop = time.thread_time() - loop
    spent.engine = _cpu(resource.RUSAGE_SELF) - engine
    spent.workers = _cpu(resource.RUSAGE_CHILDREN) - workers


async def go_through(project: Project, text: str) -> None:
    """Raises AssertionError where the run does not succeed."""
    engine = LocalEngine(project, gate=consented)
    run = await engine.start(RunRequest(text, None, {}))
    async for _ in engine.follow(run):
        pass
    state = await engine.state(run)
    await engine.close()
    assert state.status is RunStatus.SUCCEEDED


def one_round(shape: str, isolation: str) -> tuple[float, Spent]:
    """(nodes a second, what was spent)."""
    with tempfile.TemporaryDirectory(prefix="treadle-cost-") as folder:
        marks = Path(folder, "marks")
        os.environ.update(BENCH_SHAPE=shape, BENCH_MARKS=str(marks), BENCH_ISOLATION=isolation)
        file = write_project(Path(folder, "project"))
        with spending() as spent:
            asyncio.run(go_through(Project(file.parent), file.read_text(encoding="utf-8")))
        read = marks_of(graph_of(shape), marks)
    assert read.complete, "not every node ran once and in order"
    return 1e3 / read.per_node, spent


def main() -> None:
    shape, isolation, rounds = (*sys.argv[1:], *("fan2000", "reuse", "3")[len(sys.argv) - 1 :])
    collect_mostly_the_young()  # as who goes on with runs does
    count, rates, costs = len(graph_of(shape)), [], []
    for _ in range(int(rounds)):
        rate, spent = one_round(shape, isolation)
        rates.append(rate)
        costs.append([each / count * 1e6 for each in (spent.engine, spent.loop, spent.workers)])
    engine, loop, workers = (median(each) for each in zip(*costs, strict=True))
    print(
        f"{shape}, {isolation}: {median(rates):,.0f} nodes/s ({1e3 / median(rates):.2f} ms each); CPU a node: "
        f"{engine:,.0f} µs engine, of which {loop:,.0f} µs its loop, {workers:,.0f} µs workers; "
        f"load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
