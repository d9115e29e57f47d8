"""Checkpoints and kept artifacts through the whole engine: what a retry and a resume go on from."""

from __future__ import annotations

import asyncio
from pathlib import Path

from host.sample import collect, request

from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.run.events import ArtifactReported, CheckpointSaved
from treadle.run.state import RunState, RunStatus, TaskStatus, fold
from treadle.store.project import Project

COMPONENT = '''
from pathlib import Path

from treadle import component
from treadle.report import artifact, checkpoint, last_checkpoint


@component()
def climb(steps: int = 6, fails: int = 1) -> int:
    """Fails half-way the first times; each try goes on where the last one got to."""
    begin = last_checkpoint() or 0
    for step in range(begin, steps):
        if step == steps // 2 and len(Path("tries").read_text() if Path("tries").exists() else "") < fails:
            with open("tries", "a") as file:
                file.write("x")
            raise RuntimeError("slipped")
        checkpoint(step + 1)
    artifact("began", begin)
    return steps
'''
TEXT = """treadle: 1
name: climb
nodes:
  climb:
    uses: mountain.climb
    retries: 1
    with: {fails: FAILS}
"""


def climb(project: Project, fails: int, resume: bool = False, again: bool = False) -> tuple[RunState, list[object]]:
    (project.root / "components" / "mountain.py").write_text(COMPONENT)

    async def go() -> tuple[RunState, list[object]]:
        engine = LocalEngine(project, gate=consented)
        try:
            run = await engine.start(request(TEXT.replace("FAILS", str(fails))))
            recorded = await collect(engine.subscribe(run))
            if resume:
                await engine.resume(run)
                recorded = await collect(engine.subscribe(run))
            if again:
                recorded = await collect(
                    engine.subscribe(await engine.start(request(TEXT.replace("FAILS", str(fails)))))
                )
            return fold(recorded), [each.event for each in recorded]
        finally:
            await engine.close()

    return asyncio.run(go())


def began(project: Project, state: RunState) -> str:
    ref = state.tasks["climb"].kept["began"]
    return Path(project.artifacts, ref.digest[:2], ref.digest[2:]).read_text()


def test_a_retry_goes_on_from_the_last_checkpoint(project: Project) -> None:
    state, events = climb(project, fails=1)
    assert state.status is RunStatus.SUCCEEDED
    assert sum(isinstance(event, CheckpointSaved) for event in events) == 6
    assert [event.name for event in events if isinstance(event, ArtifactReported)] == ["began"]
    assert began(project, state) == "3"


def test_a_resumed_run_goes_on_from_the_last_checkpoint(project: Project) -> None:
    state, _ = climb(project, fails=2, resume=True)
    assert (state.status, state.tasks["climb"].number) == (RunStatus.SUCCEEDED, 3)
    assert began(project, state) == "3"


def test_what_was_kept_stands_with_a_result_from_the_cache(project: Project) -> None:
    state, _ = climb(project, fails=0, again=True)
    assert state.tasks["climb"].status is TaskStatus.CACHED
    assert began(project, state) == "0"
