"""Pausing, breakpoints, steps and changed values on a real engine: from its own process, another, and over the wire."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest
from host.sample import CHAIN, collect, request, until

from treadle.host.api import Breakpoint, Engine, RunRefused, RunRequest, UnknownTask, When
from treadle.host.client import connect
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented, trust
from treadle.run.events import ParamsChanged, Recorded, RunContinued, RunPaused
from treadle.run.history import read_state
from treadle.run.reproducing import reproduce
from treadle.run.state import RunState, RunStatus, TaskStatus, fold
from treadle.store.project import Project
from treadle.store.secrets import EnvironmentSecrets

STEPS = """treadle: 1
name: steps
nodes:
  first: {uses: demo.make, with: {text: one}}
  second: {uses: demo.shout, in: {text: first.value}}
  other: {uses: demo.make, with: {text: two}}
"""
AT_SECOND = (Breakpoint("second"),)

Work = Callable[[LocalEngine, str], Awaitable[None]]


def asked(text: str = STEPS, *, paused: bool = False, breakpoints: tuple[Breakpoint, ...] = ()) -> RunRequest:
    plain = request(text)
    return RunRequest(plain.text, plain.file, by="ann", paused=paused, breakpoints=breakpoints)


def run(project: Project, wanted: RunRequest, work: Work) -> tuple[RunState, list[Recorded]]:
    async def go() -> list[Recorded]:
        engine = LocalEngine(project, gate=consented)
        try:
            name = await engine.start(wanted)
            await work(engine, name)
            return await asyncio.wait_for(collect(engine.subscribe(name)), 20)
        finally:
            await engine.close()

    events = asyncio.run(go())
    return fold(events), events


async def sees(engine: LocalEngine, name: str, holds: Callable[[RunState], bool]) -> RunState:
    async with asyncio.timeout(15):
        while not holds(state := await engine.state(name)):
            await asyncio.sleep(0.02)
    return state


def statuses(state: RunState) -> dict[str, str]:
    return {name: str(task.status) for name, task in state.tasks.items()}


def test_at_a_breakpoint_the_run_waits_until_somebody_goes_on(project: Project) -> None:
    async def work(engine: LocalEngine, name: str) -> None:
        state = await sees(engine, name, lambda each: each.tasks["second"].status is TaskStatus.PAUSED)
        assert state.status is RunStatus.RUNNING
        summary = await engine.summary(name)
        assert (summary.state, summary.paused) == ("running", "paused before second")
        assert (await engine.why(name, "second")).reason.startswith("the run is paused before it")
        await engine.go_on(name, "bob")

    state, events = run(project, asked(breakpoints=AT_SECOND), work)
    assert state.status is RunStatus.SUCCEEDED
    assert [each.event for each in events if isinstance(each.event, RunContinued)] == [RunContinued("bob")]


def test_a_run_that_begins_paused_goes_step_by_step(project: Project) -> None:
    async def work(engine: LocalEngine, name: str) -> None:
        state = await sees(engine, name, lambda each: each.paused is not None)
        assert statuses(state) == {"first": "pending", "second": "pending", "other": "pending"}
        await engine.step(name, "other")
        state = await sees(engine, name, lambda each: each.tasks["other"].status is TaskStatus.SUCCEEDED)
        assert statuses(state)["first"] == "pending"
        await engine.step(name)
        state = await sees(engine, name, lambda each: each.tasks["first"].status is TaskStatus.SUCCEEDED)
        await asyncio.sleep(0.2)
        assert (await engine.state(name)).tasks["second"].status is TaskStatus.PENDING
        await engine.step(name)

    state, _ = run(project, asked(paused=True), work)
    assert state.status is RunStatus.SUCCEEDED


def test_after_a_node_the_run_pauses_before_what_reads_it(project: Project) -> None:
    async def work(engine: LocalEngine, name: str) -> None:
        state = await sees(engine, name, lambda each: each.paused is not None)
        assert state.paused == RunPaused("breakpoint", "first", When.AFTER)
        assert state.tasks["second"].status is TaskStatus.PENDING
        await engine.set_breakpoint(name, "second", When.BEFORE, True)
        await engine.go_on(name)
        await sees(engine, name, lambda each: each.tasks["second"].status is TaskStatus.PAUSED)
        await engine.set_breakpoint(name, "second", When.BEFORE, False)
        await engine.go_on(name)

    state, _ = run(project, asked(breakpoints=(Breakpoint("first", When.AFTER),)), work)
    assert state.status is RunStatus.SUCCEEDED


def test_values_changed_in_a_pause_are_run_with_kept_and_told(project: Project) -> None:
    async def work(engine: LocalEngine, name: str) -> None:
        await sees(engine, name, lambda each: each.paused is not None)
        await engine.change_params(name, "first", {"text": "changed", "seconds": "0.01"}, "ann")
        await sees(engine, name, lambda each: bool(each.tasks["first"].params))
        await engine.go_on(name)

    state, events = run(project, asked(paused=True), work)
    changes = [each.event for each in events if isinstance(each.event, ParamsChanged)]
    assert changes == [ParamsChanged("first", {"text": "changed", "seconds": 0.01}, "ann")]
    again = reproduce(project, state.run, "first", None, EnvironmentSecrets({}))
    assert again.params["text"] == "changed"

    async def just_run(engine: LocalEngine, name: str) -> None:
        await engine.why(name, "first")

    plain, _ = run(project, asked(), just_run)
    assert plain.tasks["first"].status is TaskStatus.SUCCEEDED
    assert plain.tasks["first"].reason == (
        "parameter seconds changed from 0.01 to 0.0; parameter text changed from changed to one"
    )
    assert plain.tasks["other"].status is TaskStatus.CACHED
    pinned, _ = run(project, asked(paused=True), work)
    assert pinned.tasks["first"].status is TaskStatus.CACHED
    assert pinned.tasks["first"].cached_from == state.run


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"seconds": "soon"}, "bad-parameter-value", "first.seconds wants a number"),
        ({"nothing": 1}, "unknown-parameter", "has no parameter 'nothing'"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    project: Project, values: dict[str, object], code: str, message: str
) -> None:
    async def work(engine: LocalEngine, name: str) -> None:
        await sees(engine, name, lambda each: each.paused is not None)
        with pytest.raises(RunRefused, match=message) as refused:
            await engine.change_params(name, "first", values)  # type: ignore[arg-type]
        assert [problem.code for problem in refused.value.problems] == [code]
        with pytest.raises(RunRefused, match=r"second\.text is fed by a connection"):
            await engine.change_params(name, "second", {"text": "x"})
        with pytest.raises(UnknownTask):
            await engine.change_params(name, "nobody", {})
        await engine.cancel(name)

    assert run(project, asked(paused=True), work)[0].status is RunStatus.CANCELLED


def test_what_a_run_cannot_do_is_refused_with_what_to_do(project: Project) -> None:
    async def work(engine: LocalEngine, name: str) -> None:
        await sees(engine, name, lambda each: each.tasks["second"].status is TaskStatus.PAUSED)
        with pytest.raises(RunRefused, match="first has begun already: succeeded"):
            await engine.change_params(name, "first", {"text": "late"})
        with pytest.raises(RunRefused, match="first is not ready to begin: succeeded"):
            await engine.step(name, "first")
        await engine.go_on(name)

    state, _ = run(project, asked(breakpoints=AT_SECOND), work)

    async def too_late() -> None:
        engine = LocalEngine(project, gate=consented)
        for late in (engine.pause, engine.go_on, engine.step):
            with pytest.raises(RunRefused, match=f"run {state.run} does not go on: it has succeeded"):
                await late(state.run)
        await engine.close()

    asyncio.run(too_late())


def test_another_process_pauses_steps_and_goes_on(project: Project) -> None:
    async def work(_: LocalEngine, name: str) -> None:
        other = LocalEngine(project, gate=consented)
        await sees(other, name, lambda each: each.paused is not None)
        await other.step(name, "other", "bob")
        await sees(other, name, lambda each: each.tasks["other"].status is TaskStatus.SUCCEEDED)
        await other.change_params(name, "first", {"text": "from afar"}, "bob")
        await sees(other, name, lambda each: bool(each.tasks["first"].params))
        await other.go_on(name, "bob")
        await other.close()

    state, _ = run(project, asked(paused=True), work)
    assert state.status is RunStatus.SUCCEEDED
    assert state.tasks["first"].params == {"text": "from afar"}


def test_the_host_takes_all_of_it_over_its_socket(project: Project) -> None:
    trust(project)

    async def go() -> RunState:
        engine: Engine = await connect(project)
        try:
            name = await engine.start(asked(paused=True, breakpoints=AT_SECOND))
            with pytest.raises(RunRefused, match="wants a number"):
                await engine.change_params(name, "first", {"seconds": True})
            await engine.change_params(name, "first", {"text": "wired"})
            await engine.set_breakpoint(name, "other", When.AFTER, True)
            await engine.step(name, "other")
            local = LocalEngine(project)
            await sees(local, name, lambda each: each.tasks["other"].status is TaskStatus.SUCCEEDED)
            await engine.go_on(name)
            await sees(local, name, lambda each: each.tasks["second"].status is TaskStatus.PAUSED)
            assert (await engine.summary(name)).paused == "paused before second"
            await engine.go_on(name)
            await engine.pause(name)
            await local.close()
            with contextlib.suppress(RunRefused):  # it may have ended before the pause came
                await engine.go_on(name)
            return fold(await collect(engine.subscribe(name)))
        finally:
            await engine.close()

    assert asyncio.run(go()).status is RunStatus.SUCCEEDED


def test_a_killed_engine_forgets_the_pause_and_keeps_breakpoints_and_values(project: Project) -> None:
    (project.root / "p.treadle.yaml").write_text(STEPS)
    engine = subprocess.Popen(
        [sys.executable, "-m", "treadle.cli", "run", "p.treadle.yaml", "--break", "second", "--pause-at-start"],
        cwd=project.root, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    until(lambda: bool(project.run_ids()) and read_state(project.run(project.run_ids()[-1])).paused is not None)
    name = project.run_ids()[-1]

    async def change() -> None:
        other = LocalEngine(project, gate=consented)
        await other.change_params(name, "first", {"text": "kept"})
        await sees(other, name, lambda each: bool(each.tasks["first"].params))
        await other.close()

    asyncio.run(change())
    os.killpg(engine.pid, signal.SIGKILL)
    engine.wait()

    async def resume() -> RunState:
        here = LocalEngine(project, gate=consented)
        await here.resume(name)
        await sees(here, name, lambda each: each.tasks["second"].status is TaskStatus.PAUSED)
        await here.go_on(name)
        state = fold(await collect(here.subscribe(name)))
        await here.close()
        return state

    state = asyncio.run(resume())
    assert state.status is RunStatus.SUCCEEDED
    assert state.tasks["first"].params == {"text": "kept"}
    assert reproduce(project, name, "first", None, EnvironmentSecrets({})).params["text"] == "kept"


def test_a_breakpoint_at_no_node_of_the_pipeline_is_refused(project: Project) -> None:
    async def start() -> None:
        engine = LocalEngine(project, gate=consented)
        with pytest.raises(RunRefused, match="no node 'nobody'"):
            await engine.start(asked(CHAIN, breakpoints=(Breakpoint("nobody"),)))
        await engine.close()

    asyncio.run(start())


INNER = """treadle: 1
name: inner
inputs: {text: [one.text]}
outputs: {value: two.value}
nodes:
  one: {uses: demo.shout}
  two: {uses: demo.shout, in: {text: one.value}}
"""
OUTER = """treadle: 1
name: outer
nodes:
  first: {uses: demo.make}
  prep: {uses: inner.treadle.yaml, in: {text: first.value}}
  last: {uses: demo.shout, in: {text: prep.value}}
"""


def test_at_a_node_that_is_a_pipeline_the_run_pauses_before_its_first_node_and_after_its_last(project: Project) -> None:
    (project.root / "inner.treadle.yaml").write_text(INNER)

    async def work(engine: LocalEngine, name: str) -> None:
        state = await sees(engine, name, lambda each: each.paused is not None)
        assert state.paused == RunPaused("breakpoint", "prep/one", When.BEFORE)
        await engine.set_breakpoint(name, "prep", When.AFTER, True)
        await engine.go_on(name)
        state = await sees(engine, name, lambda each: each.paused is not None and each.paused.when is When.AFTER)
        assert state.paused == RunPaused("breakpoint", "prep/two", When.AFTER)
        assert state.tasks["last"].status is TaskStatus.PENDING
        await engine.go_on(name)

    state, _ = run(project, asked(OUTER, breakpoints=(Breakpoint("prep"),)), work)
    assert state.status is RunStatus.SUCCEEDED


MAPPED = """treadle: 1
name: mapped
params: {texts: {type: list, default: [a, b, c]}}
nodes:
  many: {uses: demo.make, map: {over: text}, with: {text: $params.texts}}
  last: {uses: demo.make, after: [many]}
"""


def test_a_map_is_held_before_it_has_items_and_an_item_of_it_can_be_changed(project: Project) -> None:
    async def work(engine: LocalEngine, name: str) -> None:
        state = await sees(engine, name, lambda each: each.tasks["many"].status is TaskStatus.PAUSED)
        assert list(state.tasks) == ["many", "last"]
        await engine.step(name)
        await sees(engine, name, lambda each: "many[2]" in each.tasks)
        await engine.change_params(name, "many[1]", {"text": "B"})
        await sees(engine, name, lambda each: bool(each.tasks["many[1]"].params))
        await engine.step(name, "many[1]")
        state = await sees(engine, name, lambda each: each.tasks["many[1]"].status is TaskStatus.SUCCEEDED)
        assert state.tasks["many[0]"].status is TaskStatus.PENDING
        await engine.go_on(name)

    state, _ = run(project, asked(MAPPED, breakpoints=(Breakpoint("many"),)), work)
    assert state.status is RunStatus.SUCCEEDED
    again = reproduce(project, state.run, "many[1]", None, EnvironmentSecrets({}))
    assert again.params["text"] == "B"
