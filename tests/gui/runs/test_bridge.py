"""RunBridge: follows runs over lost engines, keeps restricted projects without one, tells people in sentences."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gui.runs.fake_engine import FakeEngine, summary
from gui.runs.flows import begun, ended, finished, launched, record, sampled
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from treadle.host.api import Engine, NotTrusted, RunRequest
from treadle.run.state import RunStatus
from treadle.store.project import Project
from treadle_gui.runs.bridge import RunBridge
from treadle_gui.runs.previews import Previews

WHOLE = record([*begun("a"), *launched("a"), *ended("a"), *finished()])


@pytest.fixture
def run_async(qapp: QApplication) -> Iterator[Callable[[Awaitable[None]], None]]:
    """Runs a coroutine on Qt's loop, as the app does."""
    loop = QEventLoop(qapp, already_running=False)
    asyncio.set_event_loop(loop)
    with loop:
        yield lambda work: loop.run_until_complete(asyncio.wait_for(work, 10))
    asyncio.set_event_loop(None)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project")


def trusted_bridge(engine: FakeEngine, project: Project) -> RunBridge:
    bridge = bridge_to(engine, project)
    bridge.trust()
    return bridge


def bridge_to(engine: FakeEngine, project: Project) -> RunBridge:
    async def connect(_project: Project) -> Engine:
        return engine

    return RunBridge(project, connect)


async def folded(bridge: RunBridge, status: RunStatus = RunStatus.SUCCEEDED) -> None:
    while bridge.session is None or bridge.session.state.status is not status:
        await asyncio.sleep(0.01)


def test_a_started_run_is_followed_to_its_end(run_async, project: Project) -> None:
    async def scenario() -> None:
        engine = FakeEngine(WHOLE)
        bridge = trusted_bridge(engine, project)
        session = await bridge.start(RunRequest("nodes: {}"))
        await folded(bridge)
        assert session.folder == project.run_folder("r1")
        assert not bridge.is_running
        await bridge.close()
        assert engine.is_closed

    run_async(scenario())


def test_a_lost_engine_is_asked_again_from_the_last_event(run_async, project: Project) -> None:
    async def scenario() -> None:
        engine = FakeEngine(WHOLE, [summary("r1", str(project.run_folder("r1")))], lose_after=2)
        bridge = trusted_bridge(engine, project)
        lost: list[bool] = []
        bridge.lost.connect(lost.append)
        await bridge.attach("r1")
        await folded(bridge)
        assert engine.subscriptions == [0, 2]
        assert lost == [True, False]
        await bridge.close()

    run_async(scenario())


def test_a_run_that_still_goes_is_found_on_opening(run_async, project: Project) -> None:
    async def scenario() -> None:
        folder = str(project.run_folder("r2"))
        listed = [summary("r3", folder, "failed"), summary("r2", folder, "running", "/p/churn.treadle.yaml")]
        bridge = trusted_bridge(FakeEngine(WHOLE[:3], listed), project)
        session = await bridge.attach_to_unfinished("/p/churn.treadle.yaml")
        assert session is not None
        assert session.run == "r2"
        assert (
            await trusted_bridge(FakeEngine([], listed), project).attach_to_unfinished("/p/other.treadle.yaml") is None
        )
        await bridge.close()

    run_async(scenario())


def test_cancel_reaches_the_engine_only_while_the_run_goes(run_async, project: Project) -> None:
    async def scenario() -> None:
        engine = FakeEngine(WHOLE[:3], [summary("r1", str(project.run_folder("r1")))])
        bridge = trusted_bridge(engine, project)
        await bridge.attach("r1")
        await folded(bridge, RunStatus.RUNNING)
        await bridge.cancel()
        assert engine.cancelled == [("r1", None)]
        await bridge.close()

    run_async(scenario())


def test_a_restricted_project_gets_no_engine(run_async, project: Project) -> None:
    async def connect(_project: Project) -> Engine:
        raise AssertionError("nobody may look for an engine")

    async def scenario() -> None:
        bridge = RunBridge(project, connect)
        with pytest.raises(NotTrusted):
            await bridge.start(RunRequest(""))
        with pytest.raises(NotTrusted):
            await bridge.preview("d1")
        assert await bridge.runs() == ()
        assert await bridge.attach_to_unfinished() is None

    run_async(scenario())


def test_what_goes_wrong_is_told_in_a_sentence(run_async, project: Project) -> None:
    async def scenario() -> None:
        bridge = bridge_to(FakeEngine([]), project)
        told: list[str] = []
        bridge.failed.connect(told.append)
        bridge.launch(bridge.start(RunRequest("")))
        await asyncio.sleep(0.05)
        bridge.trust()
        bridge.launch(bridge.attach("r9"))
        await asyncio.sleep(0.05)
        assert told[0].startswith("This project is not trusted yet")
        assert told[1].startswith("That run is no longer there")

    run_async(scenario())


def test_a_preview_that_is_gone_is_told(run_async, project: Project) -> None:
    async def scenario() -> None:
        previews = Previews(trusted_bridge(FakeEngine([]), project).preview)
        came: list[str] = []
        failed: list[str] = []
        previews.came.connect(lambda preview, _offset: came.append(preview.value))
        previews.failed.connect(lambda _digest, sentence: failed.append(sentence))
        previews.ask("d1")
        previews.ask("gone")
        await asyncio.sleep(0.05)
        assert came == ["hello"]
        assert len(failed) == 1

    run_async(scenario())


def test_a_replay_of_many_events_leaves_the_loop_to_the_window(run_async, project: Project) -> None:
    many = record([*begun("a"), *launched("a"), *(sampled("a", 1.0) for _ in range(30_000)), *finished()])

    async def scenario() -> None:
        bridge = trusted_bridge(FakeEngine(many, [summary("r1", str(project.run_folder("r1")))]), project)
        gaps: list[float] = []

        async def watch() -> None:
            while True:
                before = time.perf_counter()
                await asyncio.sleep(0.001)
                gaps.append(time.perf_counter() - before)

        watcher = asyncio.create_task(watch())
        await bridge.attach("r1")
        await folded(bridge)
        watcher.cancel()
        assert max(gaps) < 0.05
        await bridge.close()

    run_async(scenario())


def test_moving_to_another_project_keeps_the_shown_run_with_its_own_engine(run_async, project: Project) -> None:
    async def scenario() -> None:
        there = Project(project.root.parent / "elsewhere")
        there.root.mkdir()
        engines = {project.root: FakeEngine(WHOLE), there.root: FakeEngine(WHOLE)}

        async def connect(asked: Project) -> Engine:
            return engines[asked.root]

        bridge = RunBridge(project, connect)
        bridge.trust()
        shown = await bridge.start(RunRequest("nodes: {}"))
        await folded(bridge)
        await bridge.move_to(there)
        assert bridge.session is shown
        assert not bridge.is_trusted
        assert not engines[project.root].is_closed
        bridge.trust()
        session = await bridge.start(RunRequest("nodes: {}"))
        assert session.folder == there.run_folder("r1")
        assert engines[project.root].is_closed
        await folded(bridge)
        await bridge.close()
        assert engines[there.root].is_closed

    run_async(scenario())


class SlowEngine(FakeEngine):
    """Starts runs when `may_start` is set."""

    def __init__(self, *journal: object) -> None:
        super().__init__(*journal)
        self.asked, self.may_start = asyncio.Event(), asyncio.Event()

    async def start(self, request: RunRequest) -> str:
        self.asked.set()
        await self.may_start.wait()
        return await super().start(request)


def test_a_run_that_starts_as_its_pipeline_is_closed_is_left_to_the_engine(run_async, project: Project) -> None:
    async def scenario() -> None:
        engine = SlowEngine(WHOLE)
        bridge = trusted_bridge(engine, project)
        starting = asyncio.get_running_loop().create_task(bridge.start(RunRequest("nodes: {}")))
        await engine.asked.wait()
        await bridge.close()
        engine.may_start.set()
        await asyncio.wait([starting])
        assert starting.cancelled()
        assert bridge.session is None
        assert engine.cancelled == []

    run_async(scenario())


def test_what_holds_a_run_up_is_told_and_so_is_its_going_on(run_async, project: Project, monkeypatch) -> None:
    monkeypatch.setattr("treadle_gui.runs.follower._STILL", 0.02)

    async def scenario() -> None:
        engine = FakeEngine(
            record([*begun("a"), *launched("a")]), [replace(summary("r1", folder="r1"), trouble="the disk is full")]
        )
        engine.holds_up = asyncio.Event()
        bridge = trusted_bridge(engine, project)
        told: list[str] = []
        bridge.failed.connect(told.append)
        await bridge.start(RunRequest("treadle: 1"))
        while not told:
            await asyncio.sleep(0.01)
        engine.summaries = (summary("r1", folder="r1"),)
        while len(told) < 2:
            await asyncio.sleep(0.01)
        assert told == ["the disk is full", "The run can be written down again, and goes on."]
        await bridge.close()

    run_async(scenario())


def test_an_answer_reaches_the_engine_for_the_shown_run(run_async, project: Project) -> None:
    async def scenario() -> None:
        engine = FakeEngine(WHOLE)
        bridge = trusted_bridge(engine, project)
        await bridge.answer("a", True)
        assert engine.answers == [], "no run is shown"
        await bridge.start(RunRequest("treadle: 1"))
        await bridge.answer("a", False, "not yet")
        assert engine.answers == [("r1", "a", False, "not yet")]
        await bridge.close()

    run_async(scenario())
