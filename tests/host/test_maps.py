"""Maps on real processes: over lists, values, rows and files; each item with its own state, tries, cache and log."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from host.sample import collect, request

from treadle.host.facade import LocalEngine
from treadle.host.trust import consented
from treadle.run.events import Recorded
from treadle.run.state import RunState, RunStatus, TaskStatus, fold
from treadle.store.artifacts import ArtifactStore, from_fields
from treadle.store.project import Project

COMPONENTS = """
import os
import time
from pathlib import Path

import pyarrow as pa

from treadle import component


@component()
def tables(count: int = 3) -> list[pa.Table]:
    return [pa.table({"a": [number, number + 1]}) for number in range(count)]


@component()
def numbers(count: int = 3) -> list[int]:
    return list(range(count))


@component()
def grid(count: int = 3) -> pa.Table:
    return pa.table({"x": list(range(count)), "extra": ["no"] * count})


@component()
def total(data: pa.Table, more: int = 0) -> int:
    print("total of", data.num_rows, "rows")
    return sum(data["a"].to_pylist()) + more


@component()
def square(x: int, bad: int = -1, seconds: float = 0.0) -> int:
    with open("began.txt", "a") as began:
        began.write(f"{x}\\n")
    time.sleep(seconds)
    if x == bad and not Path("mended").exists():
        raise ValueError(f"no {x}")
    return x * x


@component()
def once(x: int) -> int:
    mark = Path(f"tried-{x}")
    if not mark.exists():
        mark.touch()
        os._exit(3)
    return x


@component()
def count(path: str) -> int:
    return len(Path(path).read_text())


@component()
def maybe(x: int) -> int | None:
    return x if x % 2 else None


@component()
def add(values: list[int]) -> int:
    return sum(values)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "m.py").write_text(COMPONENTS)
    return Project(tmp_path)


@contextlib.asynccontextmanager
async def engine_of(project: Project) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(project, gate=consented)
    try:
        yield engine
    finally:
        await engine.close()


def text(nodes: str) -> str:
    return f"treadle: 1\nname: p\nnodes:\n{nodes}"


async def run(project: Project, nodes: str) -> tuple[str, list[Recorded]]:
    async with engine_of(project) as engine:
        started = await engine.start(request(text(nodes)))
        return started, await collect(engine.subscribe(started), 60)


async def resume(project: Project, run: str) -> RunState:
    async with engine_of(project) as engine:
        return fold(await collect(engine.subscribe(await engine.resume(run)), 60))


def end(project: Project, nodes: str) -> RunState:
    return fold(asyncio.run(run(project, nodes))[1])


def value_of(project: Project, state: RunState, task: str, port: str = "value") -> object:
    """What a task gave: a list's items in their order."""
    store = ArtifactStore(project.artifacts)
    given = state.tasks[task].outputs[port]
    if given.codec != "list":
        return json.loads(store.path(given).read_bytes())
    return [json.loads(store.path(item).read_bytes()) for item in map(from_fields, store.members(given))]


def test_a_list_that_feeds_an_input_is_mapped_over_and_what_comes_is_a_list_in_order(project: Project) -> None:
    state = end(
        project,
        "  tables: {uses: m.tables, with: {count: 12}}\n"
        "  totals: {uses: m.total, in: {data: tables.table}, with: {more: 1}, map: {over: data}}\n"
        "  sum: {uses: m.add, in: {values: totals.value}}\n",
    )
    assert state.status is RunStatus.SUCCEEDED
    assert value_of(project, state, "totals") == [2 * number + 2 for number in range(12)]
    assert value_of(project, state, "sum") == sum(2 * number + 2 for number in range(12))
    assert state.tasks["totals[11]"].status is TaskStatus.SUCCEEDED


def test_a_parameter_is_mapped_over_its_values_rows_over_their_columns_and_files_over_their_paths(
    project: Project,
) -> None:
    (project.root / "data").mkdir()
    for name, text in (("b.txt", "bb"), ("a.txt", "a"), (".hidden.txt", "no")):
        (project.root / "data" / name).write_text(text)
    state = end(
        project,
        "  literal: {uses: m.square, with: {x: [3, 1, 2]}, map: {over: x}}\n"
        "  numbers: {uses: m.numbers, with: {count: 4}}\n"
        "  fed: {uses: m.square, in: {x: numbers.json}, map: {over: x}}\n"
        "  then: {uses: m.square, in: {x: fed.value}, map: {over: x}}\n"
        "  grid: {uses: m.grid}\n"
        "  rows: {uses: m.square, map: {rows: grid.table}}\n"
        '  files: {uses: m.count, map: {files: "data/*.txt", over: path}}\n'
        '  none: {uses: m.count, map: {files: "data/*.csv", over: path}}\n'
        "  sum: {uses: m.add, in: {values: none.value}}\n",
    )
    assert state.status is RunStatus.SUCCEEDED
    assert value_of(project, state, "literal") == [9, 1, 4]
    assert value_of(project, state, "fed") == [0, 1, 4, 9]
    assert value_of(project, state, "then") == [0, 1, 16, 81]
    assert value_of(project, state, "rows") == [0, 1, 4]
    assert value_of(project, state, "files") == [1, 2]
    assert value_of(project, state, "none") == []
    assert value_of(project, state, "sum") == 0


def test_failed_items_are_named_and_a_fix_does_only_those_again(project: Project) -> None:
    nodes = (
        "  squares: {uses: m.square, with: {x: [0, 1, 2, 3], bad: 2}, map: {over: x}}\n"
        "  sum: {uses: m.add, in: {values: squares.value}}\n"
    )

    async def story() -> None:
        started, events = await run(project, nodes)
        state = fold(events)
        failed = state.tasks["squares"].outcome
        assert failed is not None
        assert failed.message == "1 of 4 items failed: squares[2] (ValueError: no 2)"  # type: ignore[union-attr]
        assert state.tasks["sum"].status is TaskStatus.UPSTREAM_FAILED
        (project.root / "mended").touch()
        state = await resume(project, started)
        assert state.status is RunStatus.SUCCEEDED
        assert [state.tasks[f"squares[{number}]"].number for number in range(4)] == [1, 1, 2, 1]
        assert value_of(project, state, "sum") == 14

    asyncio.run(story())


def test_items_are_tried_again_by_policy_and_have_logs_of_their_own(project: Project) -> None:
    state = end(project, "  once: {uses: m.once, with: {x: [5, 6]}, retries: 1, map: {over: x}}\n")
    assert state.status is RunStatus.SUCCEEDED
    assert [state.tasks[f"once[{number}]"].number for number in range(2)] == [2, 2]
    state = end(project, "  t: {uses: m.tables}\n  s: {uses: m.total, in: {data: t.table}, map: {over: data}}\n")
    folder = project.run(state.run)
    log = Path(str(folder.attempt("s[1]", 1))) / "output.log"
    assert log.read_text() == "total of 2 rows\n"


def test_each_item_is_looked_up_in_the_cache_alone(project: Project) -> None:
    def squares(values: list[int]) -> RunState:
        return end(project, f"  squares: {{uses: m.square, with: {{x: {values}}}, map: {{over: x}}}}\n")

    assert {task.status for task in squares([1, 2, 3]).tasks.values()} == {TaskStatus.SUCCEEDED}
    state = squares([1, 9, 3])
    assert [state.tasks[f"squares[{number}]"].status.value for number in range(3)] == ["cached", "succeeded", "cached"]
    assert sorted((project.root / "began.txt").read_text().split()) == ["1", "2", "3", "9"]


def test_no_more_run_at_once_than_parallel_says(project: Project) -> None:
    many = "  many: {uses: m.square, with: {x: [1, 2, 3, 4, 5], seconds: 0.05}, map: {over: x, parallel: 2}"
    _, events = asyncio.run(run(project, f"{many}, resources: {{cpu: 0.01}}}}\n"))
    state, most = RunState(), 0
    for recorded in events:
        state.advance(recorded)
        most = max(most, sum(task.status.is_open for name, task in state.tasks.items() if "[" in name))
    assert most == 2


def test_an_output_that_no_item_gives_is_an_empty_list_and_one_that_some_do_has_those(project: Project) -> None:
    state = end(project, "  some: {uses: m.maybe, with: {x: [1, 2, 3]}, map: {over: x}}\n")
    assert value_of(project, state, "some") == [1, 3]


def test_what_can_not_be_mapped_over_is_a_failure_with_a_sentence(project: Project) -> None:
    (project.root / "components" / "wrong.py").write_text(
        "import pyarrow as pa\nfrom treadle import component\n"
        "@component()\ndef mapping() -> dict[str, int]:\n    return {'a': 1}\n"
        "@component()\ndef other() -> pa.Table:\n    return pa.table({'z': [1]})\n"
    )
    state = end(
        project,
        "  other: {uses: wrong.other}\n  rows: {uses: m.square, map: {rows: other.table}}\n",
    )
    failed = state.tasks["rows"].outcome
    assert failed is not None
    assert "the table has no column x, which rows needs; it has z" in failed.message  # type: ignore[union-attr]


def test_one_item_is_cancelled_alone_and_a_cancelled_map_ends_with_its_items(project: Project) -> None:
    slow = "  slow: {uses: m.square, with: {x: [1, 2, 3], seconds: 60}, map: {over: x}, resources: {cpu: 0.01}}\n"

    async def story() -> RunState:
        state, asked = RunState(), 0
        async with engine_of(project) as engine, asyncio.timeout(60):
            started = await engine.start(request(text(slow)))
            async for recorded in engine.subscribe(started):
                state.advance(recorded)
                running = [name for name, task in state.tasks.items() if task.status is TaskStatus.RUNNING]
                if asked == 0 and len(running) == 4:
                    asked += 1
                    await engine.cancel(started, "slow[1]")
                elif asked == 1 and state.tasks["slow[1]"].status.is_done:
                    asked += 1
                    assert running == ["slow", "slow[0]", "slow[2]"]
                    await engine.cancel(started, "slow")
        return state

    state = asyncio.run(story())
    assert {task.status for task in state.tasks.values()} == {TaskStatus.CANCELLED}
    assert state.status is RunStatus.CANCELLED


def test_a_run_whose_engine_is_killed_in_the_middle_of_a_map_goes_on_with_what_is_left(project: Project) -> None:
    nodes = (
        "  slow: {uses: m.square, with: {x: [0, 1, 2, 3, 4, 5], seconds: 0.3}, map: {over: x, parallel: 2},"
        " resources: {cpu: 0.01}}\n"
    )
    script = (
        "import asyncio, os, signal, sys\nfrom pathlib import Path\n"
        "from treadle.host.api import RunRequest\nfrom treadle.host.facade import LocalEngine\n"
        "from treadle.host.trust import consented\nfrom treadle.store.project import Project\n"
        "async def begin():\n"
        "    engine = LocalEngine(Project(Path(sys.argv[1])), gate=consented)\n"
        "    ended = 0\n"
        "    async for each in engine.subscribe(await engine.start(RunRequest(sys.argv[2], None, {}))):\n"
        "        ended += type(each.event).__name__ == 'AttemptEnded'\n"
        "        if ended == 3:\n            os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(begin())\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(project.root), text(nodes)], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    state = asyncio.run(resume(project, project.run_ids()[-1]))
    assert state.status is RunStatus.SUCCEEDED
    assert value_of(project, state, "slow") == [0, 1, 4, 9, 16, 25]
    tries = [state.tasks[f"slow[{number}]"].number for number in range(6)]
    assert tries.count(1) >= 3, "what had succeeded stands"


GROUP = """treadle: 1
name: p
nodes:
  tables: {uses: m.tables, with: {count: 3}}
  more: {uses: m.numbers, with: {count: 1}}
  group:
    in: {data: tables.table}
    with: {plus: 10}
    map: {over: data, parallel: 2}
    pipeline:
      inputs: {data: [first.data, second.data]}
      outputs: {sum: add.value, first: first.value}
      params: {plus: {type: int, default: 0}}
      nodes:
        first: {uses: m.total, with: {more: $params.plus}}
        second: {uses: m.total}
        both: {uses: m.pair, in: {a: first.value, b: second.value}}
        squares: {uses: m.square, in: {x: both.json}, map: {over: x}}
        add: {uses: m.add, in: {values: squares.value}}
  last: {uses: m.add, in: {values: group.sum}}
"""
PAIR = """

@component()
def pair(a: int, b: int) -> list[int]:
    return [a, b]
"""


def test_a_pipeline_is_mapped_and_a_map_inside_of_it_is_one_for_each_item(project: Project) -> None:
    (project.root / "components" / "m.py").write_text(COMPONENTS + PAIR)

    async def story() -> tuple[str, RunState]:
        async with engine_of(project) as engine:
            started = await engine.start(request(GROUP))
            return started, fold(await collect(engine.subscribe(started), 60))

    _, state = asyncio.run(story())
    assert state.status is RunStatus.SUCCEEDED, [task.outcome for task in state.tasks.values()]
    totals = [2 * number + 1 for number in range(3)]
    sums = [(total + 10) ** 2 + total**2 for total in totals]
    assert value_of(project, state, "group", "first") == [total + 10 for total in totals]
    assert value_of(project, state, "group", "sum") == sums
    assert value_of(project, state, "last") == sum(sums)
    assert state.tasks["group[2]/squares[1]"].status is TaskStatus.SUCCEEDED
    assert (state.maps["group"].items, state.maps["group"].done) == (3, 3)
    assert list(state.planned()) == ["tables", "more", "group", "last"]


ROWS = """treadle: 1
name: p
nodes:
  grid: {uses: m.grid, with: {count: 3}}
  rows:
    map: {rows: grid.table}
    pipeline:
      outputs: {value: twice.value}
      params: {x: {type: int, required: true}, more: {type: int, default: 5}}
      nodes:
        once: {uses: m.square, with: {x: $params.x}}
        twice: {uses: m.plus, in: {value: once.value}, with: {more: $params.more}}
  values:
    map: {over: x}
    with: {x: [4, 5]}
    pipeline:
      outputs: {value: once.value}
      params: {x: {type: int, required: true}}
      nodes:
        once: {uses: m.square, with: {x: $params.x}}
  fed:
    in: {x: rows.value}
    map: {over: x}
    pipeline:
      outputs: {value: once.value}
      params: {x: {type: int, required: true}}
      nodes:
        once: {uses: m.plus, with: {value: $params.x, more: 1}}
"""
PLUS = """

@component()
def plus(value: int, more: int) -> int:
    return value + more
"""


def test_a_pipeline_is_mapped_over_rows_values_and_a_list_that_feeds_its_parameter(project: Project) -> None:
    (project.root / "components" / "m.py").write_text(COMPONENTS + PLUS)

    async def story() -> RunState:
        async with engine_of(project) as engine:
            return fold(await collect(engine.subscribe(await engine.start(request(ROWS))), 60))

    state = asyncio.run(story())
    assert state.status is RunStatus.SUCCEEDED, [task.outcome for task in state.tasks.values()]
    assert value_of(project, state, "rows") == [5, 6, 9]
    assert value_of(project, state, "values") == [16, 25]
    assert value_of(project, state, "fed") == [6, 7, 10]


def test_an_item_of_a_mapped_pipeline_has_failed_where_one_of_its_last_nodes_has(project: Project) -> None:
    (project.root / "components" / "m.py").write_text(COMPONENTS + PLUS)
    failing = ROWS.replace("with: {x: $params.x}}\n        twice", "with: {x: $params.x, bad: 1}}\n        twice")

    async def story() -> RunState:
        async with engine_of(project) as engine:
            started = await engine.start(request(failing))
            before = fold(await collect(engine.subscribe(started), 60))
            told = before.tasks["rows"].outcome
            assert told is not None
            assert told.message == "1 of 3 items failed: rows[1]/once (ValueError: no 1)"  # type: ignore[union-attr]
            assert before.tasks["rows[1]/twice"].status is TaskStatus.UPSTREAM_FAILED
            (project.root / "mended").touch()
            return fold(await collect(engine.subscribe(await engine.retry(started, "rows[1]/once")), 60))

    state = asyncio.run(story())
    assert state.status is RunStatus.SUCCEEDED
    assert [state.tasks[f"rows[{number}]/once"].number for number in range(3)] == [1, 2, 1]


def test_parts_of_a_pipeline_with_a_map_are_run_as_parts_of_any(project: Project) -> None:
    nodes = (
        "  numbers: {uses: m.numbers, with: {count: 3}}\n"
        "  squares: {uses: m.square, in: {x: numbers.json}, with: {bad: 1}, map: {over: x}}\n"
        "  sum: {uses: m.add, in: {values: squares.value}}\n"
    )

    async def part(**wanted: object) -> dict[str, str]:
        async with engine_of(project) as engine:
            asked = replace(request(text(nodes)), **wanted)  # type: ignore[arg-type]
            state = fold(await collect(engine.subscribe(await engine.start(asked)), 60))
        return {name: task.status.value for name, task in state.tasks.items()}

    async def story() -> None:
        assert (await part())["squares"] == "failed"
        (project.root / "mended").touch()
        again = await part(failed=True)
        assert again["numbers"] == "cached"
        assert [again[f"squares[{number}]"] for number in range(3)] == ["cached", "succeeded", "cached"]
        assert again["sum"] == "succeeded"
        only = await part(only="squares")
        assert (only["numbers"], only["squares"]) == ("cached", "succeeded")
        assert {only[f"squares[{number}]"] for number in range(3)} == {"succeeded"}, "anew, whatever the cache has"
        upto = await part(to="squares")
        assert "sum" not in upto
        assert {upto[f"squares[{number}]"] for number in range(3)} == {"cached"}

    asyncio.run(story())
