"""What an item of a map costs: 10,000 no-op items over reused processes, with journal, logs, artifacts and cache on.

    python benchmarks/map_items.py [ITEMS]

The engine's own CPU an item (the workers' is not in it), the longest pause of its event loop, and the same again from
the cache. Counted: every item ran once, and the list is in order.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from treadle.host.api import RunRequest
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.run.state import RunState
from treadle.store.artifacts import ArtifactStore, from_fields
from treadle.store.project import Project

COMPONENTS = """from treadle import component


@component()
def numbers(count: int) -> list[int]:
    return list(range(count))


@component()
def same(x: int) -> int:
    return x
"""
TEXT = """treadle: 1
name: items
defaults: {{isolation: reuse}}
nodes:
  numbers: {{uses: bench.numbers, with: {{count: {items}}}}}
  same: {{uses: bench.same, in: {{x: numbers.json}}, map: {{over: x}}}}
"""
_TICK = 0.001


@dataclass
class Pauses:
    """How late a timer of a millisecond is at most: the longest that nothing else of the loop could go on."""

    longest: float = 0.0

    async def watch(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(_TICK)
            self.longest = max(self.longest, time.perf_counter() - begun - _TICK)


def own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def run(project: Project, items: int) -> tuple[RunState, float, float, Pauses]:
    """The run's state, its wall and engine seconds, and the pauses of its loop."""
    engine, pauses = LocalEngine(project, gate=consented), Pauses()
    watching = asyncio.create_task(pauses.watch())
    begun, used = time.perf_counter(), own_cpu()
    started = await engine.start(RunRequest(TEXT.format(items=items), None, {}))
    async for _ in engine.subscribe(started):
        pass
    took, cost = time.perf_counter() - begun, own_cpu() - used
    state = await engine.state(started)
    watching.cancel()
    await engine.close()
    return state, took, cost, pauses


def check(project: Project, state: RunState, items: int) -> None:
    """Raises AssertionError where an item did not run once, or the list is not in order."""
    store = ArtifactStore(project.artifacts)
    given = [from_fields(entry) for entry in store.members(state.tasks["same"].outputs["value"])]
    assert [json.loads(store.path(each).read_bytes()) for each in given] == list(range(items))
    assert state.maps["same"].done == items


def main() -> None:
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.components.mkdir()
        (project.components / "bench.py").write_text(COMPONENTS, encoding="utf-8")
        for how in ("run", "from the cache"):
            state, took, cost, pauses = asyncio.run(run(project, items))
            check(project, state, items)
            print(
                f"{items:,} items, {how}: {items / took:,.0f}/s, {cost / items * 1e6:,.0f} µs of engine CPU an item,"
                f" longest pause of the loop {pauses.longest * 1e3:.0f} ms"
            )


if __name__ == "__main__":
    main()
