"""`gc` in real projects: nothing that a kept run refers to goes, beside a run, and through kill -9 anywhere."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from host.sample import CHAIN, SLOW, collect, request
from host.test_facade import launched, run_to_the_end, with_engine

from treadle.host.api import Rules, RunBusy
from treadle.host.client import connect
from treadle.host.collecting import collect as collect_garbage
from treadle.host.facade import LocalEngine
from treadle.host.holding import clear_store
from treadle.run.cache_index import CacheIndex
from treadle.run.history import read_state
from treadle.store.artifacts import ArtifactStore
from treadle.store.inventory import blobs, closure
from treadle.store.project import Project

FOLDERS = '''

from treadle import File

@component
def fill(text: str) -> list[File]:
    """A list of files."""
    for name in ("one", "two"):
        Path(name).write_text(text + name)
    return [Path("one"), Path("two")]
'''


def texts(*words: str) -> list[str]:
    """Pipelines that give something else each."""
    return [
        CHAIN.replace("params:\n  wait: {type: float, default: 0, minimum: 0}\n", "").replace(
            "seconds: $params.wait", f"text: {word}"
        )
        for word in words
    ]


def whole(project: Project) -> bool:
    """Whether every run has all that it refers to."""
    store = ArtifactStore(project.artifacts)
    states = [read_state(project.run(run)) for run in project.run_ids()]
    return all(store.holds(ref) for state in states for task in state.tasks.values() for ref in task.outputs.values())


def test_what_a_kept_run_refers_to_stays_and_the_rest_goes(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        runs = [await run_to_the_end(engine, text) for text in texts("red", "green", "blue")]
        before = dict(blobs(project.artifacts))

        dry = await engine.collect(Rules(older_than=0.0, keep_runs=1), dry_run=True)
        assert (dict(blobs(project.artifacts)), project.run_ids()) == (before, runs)
        done = await engine.collect(Rules(older_than=0.0, keep_runs=1))

        assert (done.runs, done.artifacts, done.freed) == (dry.runs, dry.artifacts, dry.freed) == (
            (runs[1], runs[0]), 4, done.freed,
        )  # fmt: skip
        assert (project.run_ids(), whole(project)) == (runs[2:], True)
        assert len(dict(blobs(project.artifacts))) == 2
        assert [summary.run for summary in await engine.runs()] == runs[2:]
        assert (await engine.collect(Rules())).freed == 0

    with_engine(project, test)


def test_where_nothing_ever_ran_nothing_is_made(tmp_path: Path) -> None:
    assert collect_garbage(Project(tmp_path), Rules()).freed == 0
    assert not list(tmp_path.iterdir())


def test_collected_results_are_made_again_when_they_are_wanted(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        await run_to_the_end(engine)
        await engine.collect(Rules(older_than=0.0))
        assert (project.run_ids(), dict(blobs(project.artifacts))) == ([], {})
        state = await engine.state(await run_to_the_end(engine))
        assert {task.status.value for task in state.tasks.values()} == {"succeeded"}

    with_engine(project, test)


def test_lists_and_folders_keep_what_they_hold(project: Project) -> None:
    file = project.components / "demo.py"
    file.write_text(file.read_text() + FOLDERS)
    text = CHAIN.replace("demo.shout", "demo.fill")

    async def test(engine: LocalEngine) -> None:
        state = await engine.state(await run_to_the_end(engine, text))
        before = dict(blobs(project.artifacts))
        assert (await engine.collect(Rules(keep_runs=1))).artifacts == 0
        assert dict(blobs(project.artifacts)) == before
        digests = [ref.digest for ref in state.tasks["second"].outputs.values()]
        assert len(closure(project.artifacts, digests)) == 3

    with_engine(project, test)


def test_nothing_is_collected_beside_a_run_and_none_begins_meanwhile(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = await engine.start(request(SLOW))
        await launched(engine, run, "second")
        with pytest.raises(RunBusy, match="a run is going on"):
            await engine.collect(Rules(keep_runs=0))
        assert (await engine.collect(Rules(keep_runs=0), dry_run=True)).runs == ()
        await engine.cancel(run)
        await collect(engine.subscribe(run))
        held = clear_store(project.state)
        begun = asyncio.ensure_future(engine.start(request()))
        await asyncio.sleep(0.3)
        assert not begun.done()
        held.release()
        await collect(engine.subscribe(await begun))
        await engine.collect(Rules(keep_runs=0))
        assert project.run_ids() == []

    with_engine(project, test)


def test_a_damaged_journal_still_keeps_what_it_names(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        events = project.run(await run_to_the_end(engine)).events
        before = dict(blobs(project.artifacts))
        events.write_bytes(b"torn" + events.read_bytes())
        index = CacheIndex(project.cache)
        index.remove([entry.key for entry in index.entries()])
        index.close()
        await engine.collect(Rules())
        assert dict(blobs(project.artifacts)) == before

    with_engine(project, test)


def _killed_at(step: int, action: Callable[[], object]) -> bool:
    """Whether `action`, in a process of its own, was killed before removal number `step`."""
    pid = os.fork()
    if pid == 0:
        left = step
        for name in ("unlink", "rename"):
            original = getattr(Path, name)

            def counting(self: Path, *given: object, original=original, **named: object) -> object:
                nonlocal left
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1
                return original(self, *given, **named)

            setattr(Path, name, counting)
        action()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def test_killed_anywhere_it_leaves_no_run_without_its_artifacts_and_ends_the_next_time(project: Project) -> None:
    async def prepare(engine: LocalEngine) -> None:
        for text in texts("red", "green", "blue"):
            await run_to_the_end(engine, text)

    rules = Rules(older_than=0.0, keep_runs=1)
    step = 0
    with_engine(project, prepare)
    while _killed_at(step, lambda: collect_garbage(project, rules)):
        assert whole(project)
        with_engine(project, prepare)
        time.sleep(0.01)
        step += 1
    assert step > 5
    assert (len(project.run_ids()), whole(project)) == (1, True)
    assert not (project.state / "trash").exists()


def test_it_is_asked_over_the_wire_too(project: Project) -> None:
    async def test() -> None:
        remote = await connect(project)
        await remote.trust()
        await collect(remote.subscribe(await remote.start(request())))
        dry = await remote.collect(Rules(keep_runs=0), dry_run=True)
        assert (len(dry.runs), dry.dry_run) == (1, True)
        assert (await remote.collect(Rules(keep_runs=0, older_than=1e9, max_size=1 << 40))).runs == ()
        await remote.close()

    asyncio.run(test())
