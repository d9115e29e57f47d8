"""Sensors and approvals on a real engine: what they wait for comes, or does not, or the engine is killed meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pytest
from host.sample import CHAIN, collect, request, until

from treadle.execute.protocol import Failed
from treadle.host.api import RunRefused
from treadle.host.client import connect
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.run.events import Recorded, SensorPoked, TaskDeferred
from treadle.run.history import read_state
from treadle.run.state import RunState, RunStatus, TaskStatus, fold
from treadle.store.artifacts import ArtifactStore
from treadle.store.project import Project

FILE = """nodes:
  wait: {uses: sensor.file, with: {pattern: "in/*.csv", settle: 0.2, every: 0.05}}
  use: {uses: demo.shout, in: {text: wait.path}}
"""
ASK = """nodes:
  first: {uses: demo.make}
  ask: {uses: flow.approval, in: {data: first.value}, with: {question: "go on?"}}
  use: {uses: demo.shout, in: {text: ask.data}}
"""


def run(
    project: Project, text: str, meanwhile: Callable[[LocalEngine, str], object] | None = None
) -> tuple[RunState, list[Recorded]]:
    """`meanwhile` is called, or awaited, once something is waited for."""

    async def go() -> list[Recorded]:
        engine = LocalEngine(project, gate=consented)
        try:
            name = await engine.start(request(f"treadle: 1\n{text}"))
            if meanwhile is not None:
                await deferred(engine, name)
                asked = meanwhile(engine, name)
                if asyncio.iscoroutine(asked):
                    await asked
            return await collect(engine.subscribe(name))
        finally:
            await engine.close()

    events = asyncio.run(go())
    return fold(events), events


async def deferred(engine: LocalEngine, name: str) -> None:
    async with asyncio.timeout(20):
        async for recorded in engine.subscribe(name):
            if isinstance(recorded.event, TaskDeferred):
                return


def value(project: Project, state: RunState, task: str, port: str = "value") -> str:
    return ArtifactStore(project.artifacts).path(state.tasks[task].outputs[port]).read_text()


def failure(state: RunState, task: str) -> str:
    outcome = state.tasks[task].outcome
    assert isinstance(outcome, Failed)
    return outcome.message


def test_a_file_is_waited_for_until_it_is_there_and_changes_no_more(project: Project) -> None:
    folder = project.root / "in"

    def write() -> None:
        folder.mkdir()
        with (folder / "a.csv").open("w") as file:
            for _ in range(4):
                file.write("x\n")
                file.flush()
                time.sleep(0.1)

    thread = threading.Timer(0.2, write)
    state, events = run(project, FILE, lambda *_: thread.start())
    thread.join()
    assert state.status is RunStatus.SUCCEEDED
    assert value(project, state, "use") == '"IN/A.CSV"'
    written = (folder / "a.csv").stat().st_mtime
    assert state.tasks["wait"].finished_at is not None
    assert state.tasks["wait"].finished_at >= written + 0.15
    assert sum(isinstance(each.event, SensorPoked) for each in events) <= 4  # of some dozen looks


def test_what_does_not_come_times_out_and_what_follows_does_not_run(project: Project) -> None:
    state, _ = run(project, FILE.replace("}}", "}, timeout: 400ms}", 1))
    assert state.tasks["wait"].status is TaskStatus.TIMED_OUT
    assert state.tasks["use"].status is TaskStatus.UPSTREAM_FAILED
    assert state.status is RunStatus.FAILED


def test_a_wait_can_be_cancelled(project: Project) -> None:
    state, _ = run(project, FILE, lambda engine, name: engine.cancel(name))
    assert state.tasks["wait"].status is TaskStatus.CANCELLED
    assert state.status is RunStatus.CANCELLED


def test_time_passes_and_moments_come(project: Project) -> None:
    soon = (datetime.now().astimezone() + timedelta(seconds=1)).isoformat()
    text = f"""nodes:
  a: {{uses: sensor.pause, with: {{seconds: 0.3}}}}
  b: {{uses: sensor.until, with: {{moment: "{soon}"}}}}
  c: {{uses: sensor.until, with: {{moment: "00:00"}}}}
  d: {{uses: sensor.until, with: {{moment: "soon"}}}}
"""
    state, _ = run(project, text)
    assert 0.3 <= (state.tasks["a"].duration(0.0) or 0.0) < 2
    assert state.tasks["b"].finished_at is not None
    assert state.tasks["b"].finished_at >= datetime.fromisoformat(soon).timestamp()
    assert state.tasks["c"].status is TaskStatus.SUCCEEDED
    assert "write 18:30" in failure(state, "d")


@pytest.fixture
def site() -> Iterator[tuple[str, list[int]]]:
    """A page's address, and the statuses that it answers with; the last one for good."""
    statuses = [503, 503, 200]

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ready?x=1", statuses
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_is_asked_until_it_answers_as_wanted(project: Project, site: tuple[str, list[int]]) -> None:
    url, statuses = site
    state, events = run(project, f"nodes:\n  p: {{uses: sensor.http, with: {{url: '{url}', every: 0.05}}}}\n")
    assert state.status is RunStatus.SUCCEEDED
    assert value(project, state, "p") == "200"
    assert statuses == [200]
    assert [each.event.message for each in events if isinstance(each.event, SensorPoked)] == [f"{url} answers 503"]


def test_only_pages_are_asked(project: Project) -> None:
    state, _ = run(project, "nodes:\n  p: {uses: sensor.http, with: {url: 'file:///etc/passwd'}}\n")
    assert "begins with http://" in failure(state, "p")


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_query_is_asked_until_it_is_true(project: Project, kind: str) -> None:
    file = project.root / "facts.db"

    def execute(*statements: str) -> None:
        connection = sqlite3.connect(file, isolation_level=None) if kind == "sqlite" else duckdb.connect(str(file))
        for statement in statements:
            connection.execute(statement)
        connection.close()

    execute("create table t(x integer)")
    text = """nodes:
  q: {uses: sensor.query, with: {database: facts.db, sql: select count(*) from t, every: 0.05}}
"""

    def fill() -> None:
        for _ in range(50):
            with contextlib.suppress(duckdb.Error):  # the sensor has it open just now
                execute("insert into t values (1), (2)")
                break
            time.sleep(0.02)

    thread = threading.Timer(0.2, fill)
    state, _ = run(project, text, lambda *_: thread.start())
    thread.join()
    assert state.status is RunStatus.SUCCEEDED
    assert value(project, state, "q", "json") == "2"


def test_a_query_that_is_none_fails_and_changes_nothing(project: Project) -> None:
    with sqlite3.connect(project.root / "facts.db") as connection:
        connection.execute("create table t(x integer)")
    connection.close()
    text = """nodes:
  wrong: {uses: sensor.query, with: {database: facts.db, sql: selec 1}}
  writing: {uses: sensor.query, with: {database: facts.db, sql: delete from t, every: 0.1}, timeout: 500ms}
"""
    state, _ = run(project, text)
    assert "syntax error" in failure(state, "wrong")
    assert state.tasks["writing"].status is TaskStatus.TIMED_OUT
    assert "readonly" in state.tasks["writing"].message


def test_another_pipelines_run_is_waited_for(project: Project) -> None:
    async def start_the_other(engine: LocalEngine, name: str) -> None:
        await engine.start(request(CHAIN))

    state, _ = run(project, "nodes:\n  r: {uses: sensor.run, with: {pipeline: chain, every: 0.05}}\n", start_the_other)
    assert state.status is RunStatus.SUCCEEDED
    other = value(project, state, "r").strip('"')
    assert read_state(project.run(other)).pipeline == "chain"
    again, _ = run(project, "nodes:\n  r: {uses: sensor.run, with: {pipeline: chain, within: 1}}\n")
    assert value(project, again, "r").strip('"') == other


def test_another_pipeline_may_be_named_by_its_file(project: Project) -> None:
    (project.root / "other.treadle.yaml").write_text(CHAIN)

    async def start_the_other(engine: LocalEngine, name: str) -> None:
        await engine.start(replace(request(CHAIN), file=str(project.root / "other.treadle.yaml")))

    text = "nodes:\n  r: {uses: sensor.run, with: {pipeline: other.treadle.yaml, every: 0.05}, timeout: 20s}\n"
    state, _ = run(project, text, start_the_other)
    assert state.status is RunStatus.SUCCEEDED


def test_a_success_that_was_too_long_ago_is_said_to_be_that(project: Project) -> None:
    run(project, CHAIN.removeprefix("treadle: 1\n"))
    text = "nodes:\n  r: {uses: sensor.run, with: {pipeline: chain, every: 0.05}, timeout: 300ms}\n"
    state, _ = run(project, text)
    assert state.tasks["r"].message == "the last run of chain: succeeded too long ago"


def test_what_was_waited_for_is_never_taken_from_the_cache(project: Project) -> None:
    text = "nodes:\n  a: {uses: sensor.pause, with: {seconds: 0.05}, cache: true}\n"
    run(project, text)
    state, _ = run(project, text)
    assert state.tasks["a"].status is TaskStatus.SUCCEEDED


def test_approved_the_data_goes_on_and_who_said_what_is_kept(project: Project) -> None:
    async def say(engine: LocalEngine, name: str) -> None:
        assert read_state(project.run(name)).tasks["ask"].message == "waiting for approval: go on?"
        await engine.answer(name, "ask", approved=True, note="looks right", by="ann")

    state, _ = run(project, ASK, say)
    assert state.status is RunStatus.SUCCEEDED
    assert value(project, state, "use") == '"HELLO"'
    assert value(project, state, "ask", "note") == '"looks right"'
    assert state.tasks["ask"].message == "approved by ann: looks right"


@pytest.mark.parametrize(
    ("how", "ask", "use"), [("fail", "failed", "upstream_failed"), ("skip", "succeeded", "skipped")]
)
def test_rejected_it_fails_or_what_follows_is_skipped(project: Project, how: str, ask: str, use: str) -> None:
    text = ASK.replace('"go on?"', f'"go on?", on_reject: {how}')
    state, _ = run(project, text, lambda engine, name: engine.answer(name, "ask", approved=False, by="ann"))
    assert (state.tasks["ask"].status.value, state.tasks["use"].status.value) == (ask, use)
    assert state.tasks["ask"].message == "rejected by ann"


def test_nobody_answers_in_time(project: Project) -> None:
    state, _ = run(project, ASK.replace('"go on?"}', '"go on?"}, timeout: 300ms'))
    assert state.tasks["ask"].status is TaskStatus.TIMED_OUT


def test_who_is_not_asked_cannot_be_answered(project: Project) -> None:
    async def say(engine: LocalEngine, name: str) -> None:
        with pytest.raises(RunRefused, match="waits for no approval"):
            await engine.answer(name, "wait", approved=True)
        await engine.cancel(name)

    run(project, FILE, say)


ENGINE = """
import asyncio, sys
from pathlib import Path
from treadle.host.api import RunRequest
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.store.project import Project

async def main():
    engine = LocalEngine(Project(Path(sys.argv[1])), gate=consented)
    print(await engine.start(RunRequest(sys.stdin.read())), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def killed_while_it_waits(project: Project, text: str, task: str) -> str:
    """The run that an engine was killed from while `task` was waited for."""
    process = subprocess.Popen(
        [sys.executable, "-c", ENGINE, str(project.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"treadle: 1\n{text}")
    process.stdin.close()
    name = process.stdout.readline().strip()
    until(lambda: read_state(project.run(name)).tasks[task].status is TaskStatus.DEFERRED)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return name


def resumed(project: Project, name: str, *answer: object) -> RunState:
    async def go() -> RunState:
        engine = LocalEngine(project, gate=consented)
        try:
            await engine.resume(name)
            if answer:
                async with asyncio.timeout(20):
                    while not read_state(project.run(name)).tasks["ask"].is_asked:
                        await asyncio.sleep(0.02)
                await engine.answer(name, "ask", approved=True, by="bob")
            return fold(await collect(engine.subscribe(name)))
        finally:
            await engine.close()

    return asyncio.run(go())


def test_after_a_killed_engine_the_time_counts_from_the_first_wait(project: Project) -> None:
    name = killed_while_it_waits(project, FILE.replace("}}", "}, timeout: 1.5s}", 1), "wait")
    since = read_state(project.run(name)).tasks["wait"].deferred_since
    assert since is not None
    until(lambda: time.time() > since + 1.6)
    began = time.time()
    state = resumed(project, name)
    assert state.tasks["wait"].status is TaskStatus.TIMED_OUT
    assert time.time() - began < 1.4


def test_after_a_killed_engine_the_question_is_asked_again(project: Project) -> None:
    state = resumed(project, killed_while_it_waits(project, ASK, "ask"), "bob")
    assert state.status is RunStatus.SUCCEEDED
    assert state.tasks["ask"].message == "approved by bob"


def test_an_answer_from_another_process_reaches_the_run(project: Project) -> None:
    async def say(_: LocalEngine, name: str) -> None:
        other = LocalEngine(project, gate=consented)
        await other.answer(name, "ask", approved=True, note="from afar", by="cid")
        await other.close()

    state, _ = run(project, ASK, say)
    assert state.tasks["ask"].message == "approved by cid: from afar"


def test_the_host_takes_an_answer_over_its_socket(project: Project) -> None:
    async def go() -> RunState:
        engine = await connect(project)
        try:
            await engine.trust()
            name = await engine.start(request(f"treadle: 1\n{ASK}"))
            until(lambda: read_state(project.run(name)).tasks["ask"].is_asked)
            await engine.answer(name, "ask", approved=False, note="no", by="ann")
            return fold(await collect(engine.subscribe(name)))
        finally:
            await engine.close()

    state = asyncio.run(go())
    assert failure(state, "ask") == "rejected by ann: no"
