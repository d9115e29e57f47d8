"""Runs of a part of a pipeline, and one node of a finished run tried again: real processes throughout."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from host.sample import collect
from host.test_facade import with_engine

from treadle.host.api import RunRefused, RunRequest, UnknownTask
from treadle.host.client import connect
from treadle.host.facade import LocalEngine
from treadle.run.state import RunState
from treadle.store.project import Project

MARKING = '''
from pathlib import Path

from treadle import component


@component
def mark(name: str, text: str = "") -> str:
    """Leave a mark, and fail where a file says so."""
    print("marking", name)
    with open("marks.txt", "a") as marks:
        marks.write(name + "\\n")
    if Path(name + ".broken").exists():
        raise ValueError("broken")
    return text + name
'''

DIAMOND = """treadle: 1
name: diamond
nodes:
  a:
    uses: steps.mark
    with: {name: a}
  b:
    uses: steps.mark
    in: {text: a.value}
    with: {name: b}
  c:
    uses: steps.mark
    in: {text: a.value}
    with: {name: c}
  d:
    uses: steps.mark
    in: {text: c.value}
    with: {name: d}
    after: [b]
"""


@pytest.fixture
def project(project: Project) -> Project:
    (project.components / "steps.py").write_text(MARKING)
    return project


def marks(project: Project) -> list[str]:
    """What ran since the last call."""
    file = project.root / "marks.txt"
    found = sorted(file.read_text().split()) if file.exists() else []
    file.unlink(missing_ok=True)
    return found


async def outcome(engine: LocalEngine, **part: object) -> RunState:
    run = await engine.start(RunRequest(DIAMOND, **part))  # type: ignore[arg-type]
    await collect(engine.subscribe(run))
    return await engine.state(run)


def statuses(state: RunState) -> dict[str, str]:
    return {id_: task.status.value for id_, task in state.tasks.items()}


def test_from_a_node_on_everything_after_it_runs_anew(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        first = await outcome(engine)
        assert marks(project) == ["a", "b", "c", "d"]

        state = await outcome(engine, start_from="c")

        assert marks(project) == ["c", "d"]
        assert statuses(state) == {"a": "cached", "b": "cached", "c": "succeeded", "d": "succeeded"}
        assert (state.tasks["a"].cached_from, state.tasks["c"].reason) == (first.run, "it was asked to run anew")

    with_engine(project, test)


def test_from_a_node_on_what_was_never_made_is_made(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        state = await outcome(engine, start_from="b")
        assert marks(project) == ["a", "b", "c", "d"]
        assert state.status.value == "succeeded"

    with_engine(project, test)


def test_from_a_node_on_earlier_results_stand_in_though_their_code_changed(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        await outcome(engine)
        marks(project)
        changed = DIAMOND.replace("with: {name: a}", "with: {name: a, text: other}")
        await collect(engine.subscribe(await engine.start(RunRequest(changed, start_from="d"))))
        assert marks(project) == ["d"]

    with_engine(project, test)


def test_only_a_node_runs_on_what_the_last_run_made(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        await outcome(engine)
        marks(project)

        state = await outcome(engine, only="c")

        assert marks(project) == ["c"]
        assert statuses(state) == {"a": "cached", "c": "succeeded"}
        assert (await engine.preview(state.tasks["c"].outputs["value"].digest)).value == "ac"
        await outcome(engine, only="d")  # what it reads is that of the run before the last
        assert marks(project) == ["d"]

    with_engine(project, test)


def test_only_a_node_is_refused_where_nothing_made_its_inputs(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused, match="c reads a, and no earlier run has kept") as refused:
            await outcome(engine, only="c")
        assert (refused.value.problems[0].code, refused.value.problems[0].hint) == (
            "no-earlier-result", "run up to it first: --to a",
        )  # fmt: skip
        assert (await outcome(engine, only="a")).status.value == "succeeded"

    with_engine(project, test)


def test_only_what_failed_and_what_waited_for_it_runs(project: Project) -> None:
    broken = project.root / "c.broken"

    async def test(engine: LocalEngine) -> None:
        broken.touch()
        assert statuses(await outcome(engine))["d"] == "upstream_failed"
        marks(project)
        broken.unlink()

        state = await outcome(engine, failed=True)

        assert marks(project) == ["c", "d"]
        assert statuses(state) == {"a": "cached", "b": "cached", "c": "succeeded", "d": "succeeded"}
        with pytest.raises(RunRefused, match="nothing failed in the last run of diamond"):
            await outcome(engine, failed=True)

    with_engine(project, test)


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"failed": True}, "no-earlier-run"),
        ({"start_from": "z"}, "unknown-node"),
        ({"only": "z"}, "unknown-node"),
        ({"only": "a", "to": "b"}, "many-selections"),
        ({"failed": True, "start_from": "a"}, "many-selections"),
    ],
)
def test_a_part_that_is_none_is_refused(project: Project, part: dict[str, object], code: str) -> None:
    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await outcome(engine, **part)
        assert refused.value.problems[0].code == code

    with_engine(project, test)


def test_a_retry_goes_on_in_the_same_run_with_what_waited_for_the_node(project: Project) -> None:
    broken = project.root / "c.broken"

    async def test(engine: LocalEngine) -> None:
        broken.touch()
        run = (await outcome(engine)).run
        marks(project)
        broken.unlink()

        assert await engine.retry(run, "c") == run
        await collect(engine.subscribe(run))

        state = await engine.state(run)
        assert marks(project) == ["c", "d"]
        assert (state.status.value, state.tasks["c"].number, state.tasks["a"].number) == ("succeeded", 2, 1)
        logs = [project.run(run).log("c", number).exists() for number in (1, 2)]
        assert logs == [True, True]

    with_engine(project, test)


def test_a_retry_runs_a_node_that_had_succeeded_and_leaves_what_comes_out_the_same(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        run = (await outcome(engine)).run
        marks(project)
        await engine.retry(run, "c")
        await collect(engine.subscribe(run))
        assert marks(project) == ["c"]
        assert statuses(await engine.state(run))["d"] == "cached"
        assert (await engine.why(run, "c")).reason == "it was asked to run anew"

    with_engine(project, test)


def test_a_retry_makes_again_what_its_node_reads_and_is_gone(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        state = await outcome(engine)
        marks(project)
        digest = state.tasks["a"].outputs["value"].digest
        (project.artifacts / digest[:2] / digest[2:]).unlink()
        await engine.retry(state.run, "c")
        await collect(engine.subscribe(state.run))
        assert marks(project) == ["a", "c"]

    with_engine(project, test)


def test_a_retry_of_what_waits_for_a_failure_names_the_failure(project: Project) -> None:
    (project.root / "c.broken").touch()

    async def test(engine: LocalEngine) -> None:
        run = (await outcome(engine)).run
        with pytest.raises(RunRefused, match="retry c instead"):
            await engine.retry(run, "d")
        with pytest.raises(UnknownTask):
            await engine.retry(run, "z")

    with_engine(project, test)


def test_parts_and_retries_cross_the_wire(project: Project) -> None:
    async def test() -> None:
        remote = await connect(project)
        await remote.trust()
        run = await remote.start(RunRequest(DIAMOND))
        await collect(remote.subscribe(run))
        marks(project)
        await collect(remote.subscribe(await remote.start(RunRequest(DIAMOND, only="b"))))
        assert marks(project) == ["b"]
        seq = len(await collect(remote.subscribe(run)))
        assert await remote.retry(run, "a") == run
        await collect(remote.subscribe(run, seq))
        assert marks(project) == ["a"]
        await remote.close()

    asyncio.run(test())


def test_a_part_that_was_left_goes_on_as_a_part(project: Project) -> None:
    """Crashed right after it began: what was taken and what runs anew stand in the journal."""

    async def test(engine: LocalEngine) -> None:
        await outcome(engine)
        state = await outcome(engine, start_from="c")
        marks(project)
        events: Path = project.run(state.run).events
        lines = events.read_bytes().splitlines(keepends=True)
        events.write_bytes(b"".join(lines[:3]))  # RunStarted and what was taken
        await engine.resume(state.run)
        await collect(engine.subscribe(state.run))
        assert marks(project) == ["c", "d"]

    with_engine(project, test)


def test_a_node_says_for_which_version_and_how_long_its_result_counts(project: Project) -> None:
    async def test(engine: LocalEngine) -> None:
        for said, ran in (
            ("{version: 1}", True),
            ("{version: 1}", False),
            ("{version: 2}", True),
            ("{expires: 0}", True),
        ):
            text = DIAMOND.replace("with: {name: a}", f"with: {{name: a}}\n    cache: {said}")
            await collect(engine.subscribe(await engine.start(RunRequest(text, to="a"))))
            assert marks(project) == ["a"] * ran

    with_engine(project, test)
