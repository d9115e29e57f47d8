"""Runs of pipelines that have pipelines for nodes: real processes, real folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from host.sample import collect
from host.test_facade import with_engine

from treadle.host.api import RunRefused, RunRequest
from treadle.host.facade import LocalEngine
from treadle.run.state import RunState
from treadle.store.project import Project

STEPS = '''
from treadle import component


@component
def add(a: int, b: int = 1) -> int:
    """Add, and say so."""
    print("adding", a, b)
    if a + b < 0:
        raise ValueError("below zero")
    return a + b
'''

TWICE = """treadle: 1
name: twice
params:
  by: {type: int, default: 1, maximum: 100}
inputs: {x: first.a}
outputs: {y: second.value}
nodes:
  first:
    uses: steps.add
    with: {b: $params.by}
  second:
    uses: steps.add
    in: {a: first.value}
    with: {b: $params.by}
"""

MAIN = """treadle: 1
name: main
params:
  step: {type: int, default: 5}
nodes:
  start:
    uses: steps.add
    with: {a: 1}
  up:
    uses: parts/twice.treadle.yaml
    in: {x: start.value}
    with: {by: $params.step}
  group:
    in: {x: up.y}
    pipeline:
      inputs: {x: inner.x}
      outputs: {y: inner.y}
      nodes:
        inner: {uses: parts/twice.treadle.yaml, with: {by: 2}}
  end:
    uses: steps.add
    in: {a: group.y}
"""

ALL = ["start", "up/first", "up/second", "group/inner/first", "group/inner/second", "end"]


@pytest.fixture
def project(project: Project) -> Project:
    (project.components / "steps.py").write_text(STEPS)
    (project.root / "parts").mkdir()
    (project.root / "parts" / "twice.treadle.yaml").write_text(TWICE)
    return project


async def outcome(engine: LocalEngine, text: str = MAIN, **part: object) -> RunState:
    run = await engine.start(RunRequest(text, **part))  # type: ignore[arg-type]
    await collect(engine.subscribe(run))
    return await engine.state(run)


def statuses(state: RunState) -> dict[str, str]:
    return {id_: task.status.value for id_, task in state.tasks.items()}


def log(project: Project, state: RunState, task: str) -> str:
    return project.run(state.run).log(task, state.tasks[task].number).read_text()


def test_the_nodes_inside_run_each_as_a_task_of_its_own(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        state = await outcome(engine, params={"step": "7"})
        assert statuses(state) == dict.fromkeys(ALL, "succeeded")
        assert log(project, state, "end") == f"adding {2 + 7 + 7 + 2 + 2} 1\n"

    with_engine(project, test)


def test_what_did_not_change_inside_comes_from_the_cache(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        await outcome(engine)
        file = project.root / "parts" / "twice.treadle.yaml"
        file.write_text(
            TWICE.replace("    in: {a: first.value}\n    with: {b: $params.by}", "    in: {a: first.value}")
        )
        state = await outcome(engine)
        assert statuses(state)["up/first"] == "cached"
        assert statuses(state)["up/second"] == "succeeded"
        why = await engine.why(state.run, "up/second")
        assert [(change.name, change.before, change.now) for change in why.parameters] == [("b", 5, 1)]
        (changed,) = why.pipelines
        assert changed.now == "parts/twice.treadle.yaml"
        assert "-    with: {b: $params.by}" in changed.diff
        assert (await engine.why(state.run, "end")).pipelines == ()
        assert len((await engine.why(state.run, "group/inner/second")).pipelines) == 1

    with_engine(project, test)


def test_the_run_folder_keeps_the_files_that_were_used(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        state = await outcome(engine)
        kept = project.run(state.run).pipelines
        assert [file.relative_to(kept) for file in kept.rglob("*.yaml")] == [Path("parts/twice.treadle.yaml")]
        assert (kept / "parts" / "twice.treadle.yaml").read_text() == TWICE

    with_engine(project, test)


@pytest.mark.parametrize(
    ("part", "anew"),
    [
        ({"to": "up"}, []),
        ({"to": "up/first"}, []),
        ({"only": "group"}, ["group/inner/first", "group/inner/second"]),
        ({"only": "group/inner/second"}, ["group/inner/second"]),
        ({"start_from": "group"}, ["group/inner/first", "group/inner/second", "end"]),
        ({"start_from": "up/second"}, ["up/second", "group/inner/first", "group/inner/second", "end"]),
    ],
)
def test_a_part_may_be_a_pipeline_or_a_node_inside(project: Project, part: dict[str, str], anew: list[str]) -> None:
    async def test(engine: LocalEngine) -> None:
        await outcome(engine)
        state = await outcome(engine, **part)
        assert [id_ for id_, status in statuses(state).items() if status == "succeeded"] == anew
        if part == {"to": "up"}:
            assert list(state.tasks) == ["start", "up/first", "up/second"]
        if part == {"to": "up/first"}:
            assert list(state.tasks) == ["start", "up/first"]

    with_engine(project, test)


def test_only_a_pipeline_goes_by_its_own_triggers(project: Project) -> None:
    """A failure inside still holds up what waits for it inside."""

    async def test(engine: LocalEngine) -> None:
        await outcome(engine)
        (project.components / "steps.py").write_text(STEPS.replace("< 0", "== 14"))
        state = await outcome(engine, only="group")
        assert statuses(state)["group/inner/first"] == "failed"
        assert statuses(state)["group/inner/second"] == "upstream_failed"

    with_engine(project, test)


def test_a_failure_inside_holds_up_what_reads_the_pipeline_and_can_be_retried(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        (project.components / "steps.py").write_text(STEPS.replace("< 0", "== 14"))
        state = await outcome(engine)
        assert statuses(state)["group/inner/first"] == "failed"
        assert statuses(state)["end"] == "upstream_failed"
        await engine.retry(state.run, "group/inner/first")
        await collect(engine.subscribe(state.run))
        again = await engine.state(state.run)
        assert again.tasks["group/inner/first"].number == 2

    with_engine(project, test)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda project: (project.root / "parts/twice.treadle.yaml").unlink(), ("missing-pipeline", None, 9, "up")),
        (
            lambda project: (project.root / "parts/twice.treadle.yaml").write_text(TWICE.replace("b:", "c:")),
            ("unknown-parameter", "parts/twice.treadle.yaml", 10, "up/first"),
        ),
        (
            lambda project: (project.root / "parts/twice.treadle.yaml").write_bytes(b"\xff"),
            ("bad-encoding", "parts/twice.treadle.yaml", None, "up"),
        ),
        (
            lambda project: (project.root / "parts/twice.treadle.yaml").write_text(
                TWICE.replace("uses: steps.add", "uses: parts/twice.treadle.yaml", 1)
            ),
            ("pipeline-cycle", "parts/twice.treadle.yaml", 8, "up/first"),
        ),
    ],
)
def test_what_can_not_be_opened_refuses_the_run_by_its_place(project: Project, change, told) -> None:
    change(project)

    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await outcome(engine)
        places = {(each.code, each.where.file, each.where.line, each.where.node) for each in refused.value.problems}
        assert told in places

    with_engine(project, test)


@pytest.mark.parametrize("name", ["../twice.treadle.yaml", "/etc/twice.treadle.yaml", "parts//twice.treadle.yaml"])
def test_no_file_outside_the_project_is_read(project: Project, name: str) -> None:
    (project.root.parent / "twice.treadle.yaml").write_text(TWICE)

    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await outcome(engine, MAIN.replace("parts/twice.treadle.yaml", name))
        assert {each.code for each in refused.value.problems} >= {"outside-project", "broken-pipeline"}

    with_engine(project, test)


def test_a_link_out_of_the_project_is_not_followed(project: Project) -> None:
    outside = project.root.parent / "outside.treadle.yaml"
    outside.write_text(TWICE)
    file = project.root / "parts" / "twice.treadle.yaml"
    file.unlink()
    file.symlink_to(outside)

    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await outcome(engine)
        assert "outside-project" in {each.code for each in refused.value.problems}

    with_engine(project, test)


def test_a_value_that_does_not_fit_the_parameter_of_a_pipeline_is_refused(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await outcome(engine, params={"step": "101"})
        (problem,) = refused.value.problems
        assert (problem.code, problem.where.node, problem.where.parameter) == ("bad-parameter-value", "up", "by")
        assert problem.where.line == 12

    with_engine(project, test)


def test_a_pipeline_that_is_fed_from_outside_says_so_when_run_by_itself(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await outcome(engine, TWICE)
        assert "fed-from-outside" in {each.code for each in refused.value.problems}

    with_engine(project, test)


BARRIER = """treadle: 1
name: barrier
nodes:
  slow: {uses: shell, with: {command: 'sleep 0.6; echo 1 > "$n"'}, outputs: {n: int}}
  group:
    in: {x: slow.n}
    pipeline:
      inputs: {x: reads.a}
      nodes:
        reads: {uses: steps.add}
        alone: {uses: steps.add, with: {a: 3}}
"""


def test_data_into_a_group_holds_back_who_reads_it_and_order_all_of_it(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        tasks = (await outcome(engine, BARRIER)).tasks
        ended = tasks["slow"].finished_at
        assert tasks["group/alone"].finished_at < ended <= tasks["group/reads"].started_at
        in_order = BARRIER.replace("in: {x: slow.n}", "in: {x: slow.n}\n    after: [slow]")
        tasks = (await outcome(engine, in_order, use_cache=False)).tasks
        assert tasks["slow"].finished_at <= min(tasks[f"group/{id_}"].started_at for id_ in ("alone", "reads"))

    with_engine(project, test)
