"""Flow on real processes: ways that are taken, what is retried, what is cleaned up, and what a run's end sets off."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from host.sample import collect, request

from treadle.host.api import RunRefused
from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.run.events import AttemptLaunched, AttemptQueued, Recorded, RetryScheduled
from treadle.run.state import RunState, RunStatus, fold
from treadle.store.project import Project

COMPONENTS = """
import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from treadle import component


class Ways(NamedTuple):
    small: int | None
    large: int | None


@component()
def number(value: int = 1) -> int:
    return value


@component()
def is_large(value: int) -> bool:
    return value > 10


@component()
def choose(value: int) -> Ways:
    return Ways(value, None) if value <= 10 else Ways(None, value)


@component()
def add(value: int = 0, more: int = 1) -> int:
    return value + more


@component()
def note(text: str, value: int = 0) -> None:
    with open("notes.txt", "a") as notes:
        notes.write(f"{text} {value}\\n")


@component()
def shaky(file: str, fails: int = 1, how: str = "ConnectionResetError") -> int:
    with open(file, "a") as tries:
        tries.write("x")
    if len(Path(file).read_text()) <= fails:
        if how == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        raise {"ConnectionResetError": ConnectionResetError, "ValueError": ValueError}[how]("not today")
    return len(Path(file).read_text())


@component()
def sleep(seconds: float) -> None:
    time.sleep(seconds)
"""


@pytest.fixture
def flowing(project: Project) -> Project:
    (project.root / "components" / "steps.py").write_text(COMPONENTS)
    return project


def run(project: Project, text: str, cancel_after: str | None = None) -> tuple[RunState, list[Recorded]]:
    async def go() -> list[Recorded]:
        engine = LocalEngine(project, gate=consented)
        try:
            name = await engine.start(request(f"treadle: 1\n{text}"))
            if cancel_after is not None:
                await _launched(engine, name, cancel_after)
                await engine.cancel(name)
            return await collect(engine.subscribe(name))
        finally:
            await engine.close()

    events = asyncio.run(go())
    return fold(events), events


async def _launched(engine: LocalEngine, name: str, task: str) -> None:
    async with asyncio.timeout(20):
        async for recorded in engine.subscribe(name):
            if isinstance(recorded.event, AttemptLaunched) and recorded.event.task == task:
                return


def statuses(state: RunState) -> dict[str, str]:
    return {name: task.status.value for name, task in state.tasks.items()}


def notes(project: Project) -> list[str]:
    file = project.root / "notes.txt"
    return file.read_text().splitlines() if file.exists() else []


BRANCH = """nodes:
  n: {uses: steps.number, with: {value: VALUE}}
  large: {uses: steps.is_large, in: {value: n.value}}
  way: {uses: flow.branch, in: {data: n.value, condition: large.value}}
  shrink: {uses: steps.add, in: {value: way.then}, with: {more: -10}}
  grow: {uses: steps.add, in: {value: way.otherwise}, with: {more: 100}}
  after_grow: {uses: steps.add, in: {value: grow.value}}
  both: {uses: flow.merge, in: {data: [shrink.value, after_grow.value]}}
  tell: {uses: steps.note, in: {value: both.data}, with: {text: got}}
"""


@pytest.mark.parametrize(("value", "got", "skipped"), [(50, 40, {"grow", "after_grow"}), (5, 106, {"shrink"})])
def test_one_way_is_taken_and_they_meet_again(flowing: Project, value: int, got: int, skipped: set[str]) -> None:
    state, _ = run(flowing, BRANCH.replace("VALUE", str(value)))
    assert state.status is RunStatus.SUCCEEDED
    assert {name for name, status in statuses(state).items() if status == "skipped"} == skipped
    assert notes(flowing) == [f"got {got}"]
    first = state.tasks["shrink" if value == 5 else "grow"]
    assert first.reason == ("way gave no otherwise" if value == 50 else "way gave no then")


def test_a_branch_from_the_cache_takes_the_same_way(flowing: Project) -> None:
    text = BRANCH.replace("VALUE", "50")
    run(flowing, text)
    state, _ = run(flowing, text)
    assert statuses(state)["way"] == "cached"
    assert statuses(state)["grow"] == "skipped"
    assert statuses(state)["both"] == "cached"


def test_a_component_of_ones_own_may_choose(flowing: Project) -> None:
    text = """nodes:
  n: {uses: steps.number, with: {value: 3}}
  way: {uses: steps.choose, in: {value: n.value}}
  small: {uses: steps.note, in: {value: way.small}, with: {text: small}}
  large: {uses: steps.note, in: {value: way.large}, with: {text: large}}
"""
    state, _ = run(flowing, text)
    assert (statuses(state)["small"], statuses(state)["large"]) == ("succeeded", "skipped")
    assert notes(flowing) == ["small 3"]


def test_a_switch_takes_the_way_of_its_value_and_a_gate_lets_nothing_through(flowing: Project) -> None:
    text = """nodes:
  n: {uses: steps.number, with: {value: 3}}
  which: {uses: demo.make, with: {text: blue}}
  way: {uses: flow.switch, in: {data: n.value, value: which.value}, with: {first: red, second: blue}}
  red: {uses: steps.note, in: {value: way.first}, with: {text: red}}
  blue: {uses: steps.note, in: {value: way.second}, with: {text: blue}}
  other: {uses: steps.note, in: {value: way.otherwise}, with: {text: other}}
  gate: {uses: flow.only_if, in: {data: n.value}, with: {condition: false}}
  behind: {uses: steps.note, in: {value: gate.data}, with: {text: behind}}
  later: {uses: steps.note, after: [gate], with: {text: later}}
  anyway: {uses: steps.note, after: [behind], trigger: none_failed, with: {text: anyway}}
"""
    state, _ = run(flowing, text)
    assert sorted(notes(flowing)) == ["anyway 0", "blue 3"]
    assert state.tasks["later"].reason == "gate gave nothing"
    assert state.status is RunStatus.SUCCEEDED


def test_an_input_that_never_came_leaves_the_default(flowing: Project) -> None:
    text = """nodes:
  bad: {uses: steps.shaky, with: {file: a, fails: 9}}
  instead: {uses: steps.note, in: {value: bad.value}, trigger: one_failed, with: {text: instead}}
"""
    state, _ = run(flowing, text)
    assert statuses(state) == {"bad": "failed", "instead": "succeeded"}
    assert notes(flowing) == ["instead 0"]
    assert state.status is RunStatus.SUCCEEDED  # as in Airflow: what came of the last nodes decides


def test_a_failure_that_is_retried_for_is_tried_again_longer_each_time(flowing: Project) -> None:
    text = """defaults: {retries: 3, retry_delay: 100ms, retry: {backoff: 2, jitter: 0.1}}
nodes:
  net: {uses: steps.shaky, with: {file: a, fails: 2}, retry: {for: [crashed, ConnectionError]}}
  died: {uses: steps.shaky, with: {file: b, how: crash}, retry: {for: [crashed]}}
  code: {uses: steps.shaky, with: {file: c, how: ValueError}, retry: {for: [timed_out, ConnectionError]}}
"""
    state, events = run(flowing, text)
    assert statuses(state) == {"net": "succeeded", "died": "succeeded", "code": "failed"}
    assert {name: task.number for name, task in state.tasks.items()} == {"net": 3, "died": 2, "code": 1}
    queued = [each.at for each in events if isinstance(each.event, AttemptQueued) and each.event.task == "net"]
    assert all(later - earlier > least for (earlier, later), least in zip(pairwise(queued), (0.09, 0.18), strict=True))
    again = [each for each in events if isinstance(each.event, RetryScheduled) and each.event.task == "net"]
    waits = [each.event.at - each.at for each in again]
    assert all(wait <= most for wait, most in zip(waits, (0.11, 0.22), strict=True))


CLUSTER = """nodes:
  up: {uses: steps.note, with: {text: up}}
  work: {uses: STEP, after: [up]}
  more: {uses: steps.note, after: [work], with: {text: more}}
  down: {uses: steps.note, teardown_of: [up], with: {text: down}}
  sad: {uses: steps.note, at_end: failure, with: {text: sad}}
  glad: {uses: steps.note, at_end: success, with: {text: glad}}
  last: {uses: steps.note, at_end: always, with: {text: last}}
"""


def test_what_was_set_up_is_torn_down_and_the_end_is_told(flowing: Project) -> None:
    state, _ = run(flowing, CLUSTER.replace("STEP", "steps.note, with: {text: work}"))
    assert state.status is RunStatus.SUCCEEDED
    assert notes(flowing)[:4] == ["up 0", "work 0", "more 0", "down 0"]
    assert sorted(notes(flowing)[4:]) == ["glad 0", "last 0"]
    assert state.tasks["sad"].reason == "the run succeeded"


def test_a_failure_is_cleaned_up_after_and_stays_a_failure(flowing: Project) -> None:
    state, _ = run(flowing, CLUSTER.replace("STEP", "steps.shaky, with: {file: a, fails: 9}"))
    assert state.status is RunStatus.FAILED
    assert statuses(state)["more"] == "upstream_failed"
    assert notes(flowing)[:2] == ["up 0", "down 0"]
    assert sorted(notes(flowing)[2:]) == ["last 0", "sad 0"]


def test_a_run_that_is_stopped_is_cleaned_up_after(flowing: Project) -> None:
    state, _ = run(flowing, CLUSTER.replace("STEP", "steps.sleep, with: {seconds: 60}"), cancel_after="work")
    assert state.status is RunStatus.CANCELLED
    assert statuses(state)["more"] == "cancelled"
    assert notes(flowing) == ["up 0", "down 0", "last 0"]


def test_a_run_is_ended_at_its_limit_and_says_why(flowing: Project) -> None:
    began = time.monotonic()
    state, _ = run(flowing, "timeout: 500ms\n" + CLUSTER.replace("STEP", "steps.sleep, with: {seconds: 60}"))
    assert time.monotonic() - began < 20
    assert state.status is RunStatus.FAILED
    assert state.reason == "the run took longer than its limit of 500ms"
    assert notes(flowing)[:2] == ["up 0", "down 0"]
    assert sorted(notes(flowing)[2:]) == ["last 0", "sad 0"]


def test_teardowns_that_would_wait_for_each_other_are_refused(flowing: Project) -> None:
    text = """nodes:
  a: {uses: steps.note, with: {text: a}}
  b: {uses: steps.note, with: {text: b}}
  end_a: {uses: steps.note, teardown_of: a, with: {text: c}}
  end_b: {uses: steps.note, teardown_of: b, with: {text: d}}
  x: {uses: steps.note, after: [b, end_a], with: {text: x}}
  y: {uses: steps.note, after: [a, end_b], with: {text: y}}
"""
    with pytest.raises(RunRefused, match="would wait for each other"):
        run(flowing, text)


def test_part_of_a_pipeline_cleans_up_after_itself(flowing: Project) -> None:
    async def go() -> RunState:
        engine = LocalEngine(flowing, gate=consented)
        try:
            text = "treadle: 1\n" + CLUSTER.replace("STEP", "steps.note, with: {text: work}")
            name = await engine.start(replace(request(text), to="work"))
            return fold(await collect(engine.subscribe(name)))
        finally:
            await engine.close()

    assert set(statuses(asyncio.run(go()))) == {"up", "work", "down"}
    assert notes(flowing) == ["up 0", "work 0", "down 0"]


def test_a_resumed_run_sets_up_again_what_was_torn_down(flowing: Project) -> None:
    text = "treadle: 1\n" + CLUSTER.replace("STEP", "steps.shaky, with: {file: a, fails: 1}")

    async def go() -> RunState:
        engine = LocalEngine(flowing, gate=consented)
        try:
            name = await engine.start(request(text))
            await collect(engine.subscribe(name))
            Path(flowing.root, "notes.txt").unlink()
            await engine.resume(name)
            return fold(await collect(engine.subscribe(name)))
        finally:
            await engine.close()

    state = asyncio.run(go())
    assert state.status is RunStatus.SUCCEEDED
    assert notes(flowing)[:3] == ["up 0", "more 0", "down 0"]
    assert sorted(notes(flowing)[3:]) == ["glad 0", "last 0"]
