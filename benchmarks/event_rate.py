"""What a thousand events a second cost the engine: a node that reports a metric each millisecond, for ten seconds.

    python benchmarks/event_rate.py [SECONDS]

The engine's own CPU, in percent of one core, with the journal on and one subscriber; beside it that of a node which
reports nothing as long. The worker's is not in it. Counted: every metric came, in order.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

from treadle.host.api import RunRequest
from treadle.host.facade import LocalEngine
from treadle.host.garbage import collect_mostly_the_young
from treadle.host.trust import consented
from treadle.run.events import AttemptEnded, AttemptLaunched, MetricReported
from treadle.store.project import Project

RATE = 1_000
COMPONENTS = """import time

from treadle import component
from treadle.report import metric


@component()
def report(seconds: float, rate: int) -> int:
    begun = time.monotonic()
    for step in range(int(seconds * rate)):
        metric("loss", 1.0 / (step + 1), step=step)
        time.sleep(max(0.0, begun + (step + 1) / rate - time.monotonic()))
    time.sleep(max(0.0, begun + seconds - time.monotonic()))
    return 0
"""
TEXT = """treadle: 1
name: events
nodes:
  report: {{uses: bench.report, with: {{seconds: {seconds}, rate: {rate}}}, cache: false}}
"""


def own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def percent(project: Project, seconds: float, rate: int) -> float:
    """Of a core, from the node's start to its end. Raises AssertionError where a metric is missing or out of order."""
    engine, steps, begun, used, share = LocalEngine(project, gate=consented), [], 0.0, 0.0, 0.0
    run = await engine.start(RunRequest(TEXT.format(seconds=seconds, rate=rate), None, {}))
    async for recorded in engine.subscribe(run):
        match recorded.event:
            case AttemptLaunched():
                begun, used = time.perf_counter(), own_cpu()
            case MetricReported(step=step):
                steps.append(step)
            case AttemptEnded():
                share = (own_cpu() - used) / (time.perf_counter() - begun) * 100
            case _:
                pass
    await engine.close()
    assert steps == list(range(int(seconds * rate)))
    return share


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    collect_mostly_the_young()
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.components.mkdir()
        (project.components / "bench.py").write_text(COMPONENTS, encoding="utf-8")
        still = asyncio.run(percent(project, seconds, 0))
        busy = asyncio.run(percent(project, seconds, RATE))
    print(f"{RATE:,} events/s: {busy:.1f} % of a core, {busy - still:.1f} % above that of a node which reports nothing")


if __name__ == "__main__":
    main()
