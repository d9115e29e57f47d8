"""Environments through the whole engine: what the pipeline's file says is where its nodes run."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from host.sample import collect, request

from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.run.state import RunState, RunStatus, fold
from treadle.store.project import Project

COMPONENT = '''
import os
import sys

from treadle import Json, component


@component()
def where(name: str) -> Json:
    """Where it runs."""
    return [sys.prefix, os.getcwd(), os.environ.get("COLOUR"), os.environ.get("NAME")]
'''
TEXT = """treadle: 1
name: places
params:
  colour: {type: str, default: blue}
defaults:
  environment: {variables: {COLOUR: $params.colour}}
nodes:
  usual:
    uses: places.where
    with: {name: usual}
  own:
    uses: places.where
    with: {name: own}
    environment: {python: own venv, folder: data, variables: {NAME: 1.10}}
"""


def run(project: Project, text: str) -> RunState:
    async def go() -> RunState:
        engine = LocalEngine(project, gate=consented)
        try:
            started = await engine.start(request(text))
            return fold(await collect(engine.subscribe(started)))
        finally:
            await engine.close()

    return asyncio.run(go())


def given(project: Project, state: RunState, task: str) -> object:
    digest = state.tasks[task].outputs["json"].digest
    return json.loads(Path(project.artifacts, digest[:2], digest[2:]).read_bytes())


def test_nodes_run_where_the_file_says(project: Project) -> None:
    root = project.root
    (root / "components" / "places.py").write_text(COMPONENT)
    (root / "data").mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / "own venv"], check=True)
    state = run(project, TEXT)
    assert state.status is RunStatus.SUCCEEDED, state.tasks
    assert given(project, state, "usual") == [sys.prefix, str(root), "blue", None]
    assert given(project, state, "own") == [str(root / "own venv"), str(root / "data"), "blue", "1.10"]
    again = run(project, TEXT.replace("1.10", "1.11"))
    assert again.tasks["usual"].cached_from == state.run
    assert again.tasks["own"].reason == "$NAME changed from 1.10 to 1.11"


def test_the_pipelines_interpreter_is_every_nodes_but_of_one_that_names_its_own(project: Project) -> None:
    root = project.root
    (root / "components" / "places.py").write_text(COMPONENT)
    for name in ("shared", "own venv"):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / name], check=True)
    (root / "data").mkdir()
    before = sorted((root / "shared").rglob("*.py*"))
    state = run(project, TEXT.replace("variables: {COLOUR", "python: shared, folder: data, variables: {COLOUR"))
    assert state.status is RunStatus.SUCCEEDED, state.tasks
    assert given(project, state, "usual") == [str(root / "shared"), str(root / "data"), "blue", None]
    assert given(project, state, "own") == [str(root / "own venv"), str(root / "data"), "blue", "1.10"]
    assert sorted((root / "shared").rglob("*.py*")) == before


def test_a_result_is_there_for_every_pipeline_of_the_project(project: Project) -> None:
    (project.root / "components" / "places.py").write_text(COMPONENT)
    first = run(project, "treadle: 1\nname: one\nnodes:\n  a: {uses: places.where, with: {name: x}}\n")
    other = run(project, "treadle: 1\nname: two\nnodes:\n  other_name: {uses: places.where, with: {name: x}}\n")
    assert other.tasks["other_name"].cached_from == first.run
    never = "treadle: 1\nname: three\nnodes:\n  c: {uses: places.where, with: {name: x}, cache: false}\n"
    assert run(project, never).tasks["c"].cached_from is None
