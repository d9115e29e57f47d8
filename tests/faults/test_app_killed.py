"""kill -9 of the app at random moments: its runs go on in their host, and the next app finds them and unsaved work."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from faults.scene import KILLS, at_once, kill_processes, no_process_left, until
from faults.synthetic import layers, make_project
from host.sample import end_host, host_pid

from treadle.host import transport, unix_socket
from treadle.host.client import RemoteEngine
from treadle.host.trust import trust
from treadle.run.history import read_events
from treadle.run.state import RunStatus, fold
from treadle.store.project import Project

DRIVER = Path(__file__).with_name("app_driver.py")
KILLS_A_PROJECT = 5
START_UP = 1.5  # seconds, about
IDLE = 1.0

WAITING = """treadle: 1
name: waiting
nodes:
  first:
    uses: layers.begin
    with: {name: first}
  gate:
    uses: layers.wait
    in: {upstream: [first.json]}
    with: {gate: open}
  last:
    uses: layers.compute
    in: {upstream: [gate.json]}
    with: {name: last}
"""


class App:
    """The app as a process, and what it has told so far. It is killed on leaving, if not before."""

    def __init__(self, file: Path, *wishes: str) -> None:
        self.told: list[dict[str, Any]] = []
        folders = {name: str(file.parent / "user" / name) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME")}
        self._process = subprocess.Popen(
            [sys.executable, str(DRIVER), str(file), *wishes], cwd=file.parent, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **folders, "QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def last(self, what: str) -> Any:
        return next((line[what] for line in reversed(self.told) if what in line), None)

    @property
    def status(self) -> str:
        """Of the run that it shows; empty before it has told of any."""
        return (self.last("shown") or ["", 0, ""])[2]

    def do(self, command: str) -> None:
        """What a person does (see the driver)."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())
        self._process.stdin.flush()

    def kill(self) -> None:
        self._process.kill()
        self._reader.join(10)
        with self._process:
            assert self._process.stderr is not None
            said = "" if self._process.stderr.closed else self._process.stderr.read().decode()
        assert "Traceback" not in said, said

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):
                self.told.append(json.loads(line))


@contextmanager
def hosted(project: Project) -> Iterator[int]:
    """A host, whose pid it gives, with a client that keeps it from ending between two apps. Left without, it ends, and
    leaves no process."""
    host = subprocess.Popen(
        [sys.executable, "-P", "-m", "treadle.host.server", "--project", str(project.root), "--idle", str(IDLE)]
    )
    client = socket.socket(socket.AF_UNIX)
    try:
        until(lambda: transport.answers(project))
        client.connect(str(unix_socket.where_to_look(project)[0]))
        yield host.pid
        assert host.poll() is None, "the host went with the app"
        client.close()
        assert host.wait(20) == 0
        no_process_left(project)
    finally:
        client.close()
        kill_processes(project)
        host.wait()


async def see_through(project: Project) -> dict[str, RunStatus]:
    """Follows every run of the project to its end, from its beginning, as a client that comes late."""
    engine = RemoteEngine(project, start=False)
    found = {}
    try:
        async with asyncio.timeout(60):
            for summary in await engine.runs():
                events = [recorded async for recorded in engine.subscribe(summary.run)]
                assert tuple(events) == read_events(project.run(summary.run).events)
                found[summary.run] = fold(events).status
                assert (await engine.summary(summary.run)).state == str(found[summary.run])
    finally:
        await engine.close()
    return found


def wait_for_some_moment(app: App, chance: random.Random) -> None:
    """Any time from its start, or some time into the run that it shows."""
    if chance.random() < 0.3:
        time.sleep(chance.uniform(0, START_UP))
        return
    enough = chance.randint(1, 60)
    until(lambda: (app.last("shown") or ["", 0])[1] >= enough, 30)
    time.sleep(chance.uniform(0, 0.03))


@pytest.fixture
def user(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person with a home of their own."""
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.mark.slow
def test_an_app_killed_at_any_moment_takes_no_run_with_it(user: Path) -> None:
    """I1, I4, I6: its runs end as if it had stayed; what it showed is in the journal; no process is left."""

    def scenario(chance: random.Random, name: str) -> None:
        project = make_project(user / name)
        trust(project)
        file = project.root / "layers.treadle.yaml"
        file.write_text(layers(chance).text)
        with hosted(project) as host:
            shown = []
            for _ in range(min(KILLS_A_PROJECT, KILLS)):
                with App(file, "run") as app:
                    wait_for_some_moment(app, chance)
                shown += [line["shown"] for line in app.told if "shown" in line]
            found = asyncio.run(see_through(project))
            assert set(found.values()) == {RunStatus.SUCCEEDED}
            for run, seq, status in shown:
                assert seq <= len(read_events(project.run(run).events)), "it showed what was not written"
                assert status in ("pending", "running", "succeeded")
            no_process_left(project, host)

    at_once(scenario, max(1, KILLS // KILLS_A_PROJECT))


@pytest.mark.slow
def test_the_next_app_finds_the_run_and_the_unsaved_work(user: Path) -> None:
    """I1, I8: the file is as it was saved last; what was not saved is offered."""
    project = make_project(user / "project")
    trust(project)
    file = project.root / "waiting.treadle.yaml"
    file.write_text(WAITING)
    with hosted(project):
        with App(file, "run", "edit") as first:
            until(lambda: first.last("noted") and (project.root / "marks" / "gate.begun").exists(), 30)
        with App(file) as second:
            until(lambda: second.last("found") and second.last("offered"), 30)
            assert second.last("found") == first.last("started")
            assert second.last("offered") == 1
            (project.root / "open").touch()
            until(lambda: second.status == "succeeded", 30)
        assert file.read_text() == WAITING
        assert asyncio.run(see_through(project)) == {first.last("started"): RunStatus.SUCCEEDED}


@pytest.mark.slow
def test_an_app_whose_engine_is_killed_says_that_the_run_was_interrupted_and_runs_on(user: Path) -> None:
    """I1, I4: what it shows is what the journal comes to; the next run has the next engine, which it starts."""
    project = make_project(user / "project")
    trust(project)
    file = project.root / "waiting.treadle.yaml"
    file.write_text(WAITING)
    try:
        with App(file, "run") as app:
            until(lambda: app.last("started") and (project.root / "marks" / "gate.begun").exists(), 30)
            os.kill(host_pid(project), signal.SIGKILL)
            until(lambda: app.last("shown")[2] == "interrupted", 20)
            run, seq, _ = app.last("shown")
            assert run == app.last("started")
            assert len(read_events(project.run(run).events)) >= seq
            (project.root / "open").touch()
            app.do("run")
            until(lambda: app.last("shown")[0] != run and app.last("shown")[2] == "succeeded", 30)
        states = asyncio.run(as_left(project))
        assert states == {run: "interrupted", app.last("started"): "succeeded"}
    finally:
        end_host(project)
        kill_processes(project)


async def as_left(project: Project) -> dict[str, str]:
    engine = RemoteEngine(project)
    try:
        return {summary.run: summary.state for summary in await engine.runs()}
    finally:
        await engine.close()
