"""`$env` is read where a run is started, when it is started, and never again for that run."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from host.sample import collect, request

from treadle.host.api import RunRefused
from treadle.host.facade import LocalEngine
from treadle.host.messages import decode_request, encode
from treadle.host.trust import consented
from treadle.run.state import RunState, RunStatus, fold
from treadle.store.project import Project

COMPONENT = """
from pathlib import Path

from treadle import component


@component()
def say(word: str, size: int = 1) -> str:
    if not Path("ready").exists():
        raise RuntimeError("not yet")
    return word * size
"""
TEXT = """treadle: 1
params:
  size: {type: int, default: $env.SIZE}
nodes:
  say: {uses: late.say, with: {word: $env.WORD, size: $params.size}}
"""


@pytest.fixture
def late(project: Project) -> Project:
    (project.root / "components" / "late.py").write_text(COMPONENT)
    return project


def run(project: Project, resumed: bool = False, **environment: str) -> RunState:
    async def go() -> RunState:
        engine = LocalEngine(project, gate=consented)
        try:
            if resumed:
                started = await engine.resume("last")
            else:
                started = await engine.start(replace(request(TEXT), environment=environment))
            return fold(await collect(engine.subscribe(started)))
        finally:
            await engine.close()

    return asyncio.run(go())


def test_who_starts_the_run_says_what_variables_are(late: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "the engine's")
    (late.root / "ready").touch()
    state = run(late, WORD="ab", SIZE="2")
    assert state.tasks["say"].outputs["value"].meta["value"] == "abab"
    assert state.params == {"size": 2}


def test_a_resumed_run_keeps_the_values_that_it_began_with(late: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(late, WORD="first", SIZE="1").status is RunStatus.FAILED
    (late.root / "ready").touch()
    monkeypatch.setenv("WORD", "second")
    state = run(late, resumed=True)
    assert state.tasks["say"].outputs["value"].meta["value"] == "first"


def test_what_is_not_set_is_refused_before_anything_begins(late: Project) -> None:
    with pytest.raises(RunRefused) as refused:
        run(late, SIZE="x")
    assert [each.message for each in refused.value.problems] == ["params.size wants a whole number, has the text 'x'"]
    with pytest.raises(RunRefused) as refused:
        run(late, SIZE="3")
    told = [(each.message, each.where.node or "", each.hint) for each in refused.value.problems]
    word = "say.word refers to $env.WORD, which nothing defines"
    assert (word, "say", "set WORD where the run is started, or give a value instead") in told
    assert list(late.state.glob("runs/*")) == []


def test_the_variables_cross_to_the_host_and_stand_in_no_message() -> None:
    asked = replace(request(TEXT), environment={"WORD": "quiet"})
    assert decode_request(encode(asked)) == asked
    assert "quiet" not in repr(asked)
    assert decode_request(encode(request(TEXT))).environment is None
