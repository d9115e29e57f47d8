"""Pipelines that are nodes, run once for each item: real processes."""

from __future__ import annotations

import json

import pytest
from host.sample import collect
from host.test_facade import with_engine
from host.test_subpipelines import outcome, statuses

from treadle.host.api import RunRefused
from treadle.host.facade import LocalEngine
from treadle.run.state import RunState
from treadle.store.project import Project

STEPS = '''
from pathlib import Path

import pyarrow as pa

from treadle import component


@component
def numbers(count: int = 3) -> list[int]:
    """0, 1, 2."""
    return list(range(count))


@component
def tables(count: int = 2) -> list[pa.Table]:
    """Tables of one row, two rows."""
    return [pa.table({"a": list(range(number + 1))}) for number in range(count)]


@component
def grid() -> pa.Table:
    """What to add to what."""
    return pa.table({"x": [10, 20], "other": ["a", "b"]})


@component
def add(a: int, b: int = 1) -> int:
    """Add; fail where a file says so."""
    if Path(f"{a}.broken").exists():
        raise ValueError("broken")
    return a + b


@component
def rows(data: pa.Table, times: int = 1) -> int:
    """Rows of a table."""
    return data.num_rows * times


@component
def told(values: list[int]) -> str:
    """All of them."""
    print("told", values)
    return str(values)
'''

TWICE = """treadle: 1
params:
  by: {type: int, default: 1}
  x: {type: int, required: true}
outputs: {y: second.value}
nodes:
  first: {uses: m.add, with: {a: $params.x, b: $params.by}}
  second: {uses: m.add, in: {a: first.value}, with: {b: $params.by}}
"""


@pytest.fixture
def project(project: Project) -> Project:
    (project.components / "m.py").write_text(STEPS)
    (project.root / "twice.treadle.yaml").write_text(TWICE)
    return project


def run(project: Project, nodes: str) -> tuple[RunState, str]:
    """What the run came to, and what `told` printed."""
    found: list[RunState] = []

    async def test(engine: LocalEngine) -> None:
        found.append(await outcome(engine, f"treadle: 1\nname: p\nnodes:\n{nodes}"))

    with_engine(project, test)
    (state,) = found
    log = project.run(state.run).log("told", 1)
    return state, log.read_text() if log.exists() else ""


TOLD = "  told: {uses: m.told, in: {values: each.y}}\n"


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ("  each: {uses: twice.treadle.yaml, map: {over: x}, with: {x: [1, 2], by: 10}}\n", [21, 22]),
        ("  each: {uses: twice.treadle.yaml, map: {over: by}, with: {x: 1, by: [10, 20]}}\n", [21, 41]),
        (
            "  n: {uses: m.numbers}\n  each: {uses: twice.treadle.yaml, map: {over: x}, in: {x: n.json}}\n",
            [2, 3, 4],
        ),
        (
            "  g: {uses: m.grid}\n  each: {uses: twice.treadle.yaml, map: {rows: g.table}, with: {by: 3}}\n",
            [16, 26],
        ),
    ],
)
def test_a_pipeline_runs_for_each_item_and_its_outputs_are_lists(project: Project, nodes: str, told: list[int]) -> None:
    state, said = run(project, nodes + TOLD)
    assert (
        statuses(state)["each"] == statuses(state)["each[0]/first"] == statuses(state)["each[1]/second"] == "succeeded"
    )
    assert said == f"told {told}\n"


def test_an_item_that_is_a_table_feeds_every_node_that_the_input_does(project: Project) -> None:
    state, said = run(
        project,
        """
  t: {uses: m.tables}
  each:
    map: {over: data}
    in: {data: t.table}
    pipeline:
      inputs: {data: [one.data, two.data]}
      outputs: {y: sum.value}
      nodes:
        one: {uses: m.rows}
        two: {uses: m.rows, with: {times: 10}}
        sum: {uses: m.add, in: {a: one.value, b: two.value}}
"""
        + TOLD,
    )
    assert said == "told [11, 22]\n"
    assert statuses(state)["each[1]/sum"] == "succeeded"


def test_maps_nest_and_what_the_outer_item_gives_reaches_the_inner_ones(project: Project) -> None:
    state, _ = run(
        project,
        """
  each:
    map: {over: base}
    with: {base: [100, 200]}
    pipeline:
      params: {base: {type: int, required: true}}
      outputs: {ys: inner.y}
      nodes:
        n: {uses: m.numbers, with: {count: 2}}
        inner: {uses: twice.treadle.yaml, map: {over: x}, in: {x: n.json}, with: {by: $params.base}}
        plain: {uses: m.add, map: {over: a}, in: {a: n.json}, with: {b: $params.base}}
""",
    )
    assert statuses(state)["each[1]/inner[1]/second"] == "succeeded"
    assert statuses(state)["each[0]/plain[1]"] == "succeeded"

    def value(task: str) -> object:
        return state.tasks[task].outputs["value"].meta["value"]

    assert [value(f"each[{n}]/inner[1]/second") for n in range(2)] == [201, 401]
    assert [value(f"each[{n}]/plain[1]") for n in range(2)] == [101, 201]


def test_an_item_that_fails_is_tried_again_by_itself(project: Project) -> None:
    (project.root / "2.broken").touch()
    nodes = "  each: {uses: twice.treadle.yaml, map: {over: x}, with: {x: [1, 2, 3], by: 10}}\n" + TOLD

    async def test(engine: LocalEngine) -> None:
        state = await outcome(engine, f"treadle: 1\nname: p\nnodes:\n{nodes}")
        found = statuses(state)
        assert (found["each[1]/first"], found["each[1]/second"], found["each[2]/second"]) == (
            "failed", "upstream_failed", "succeeded",
        )  # fmt: skip
        assert (found["each"], found["told"]) == ("failed", "upstream_failed")
        (project.root / "2.broken").unlink()
        await engine.retry(state.run, "each[1]/first")
        await collect(engine.subscribe(state.run))
        again = await engine.state(state.run)
        assert statuses(again)["told"] == "succeeded"
        assert again.tasks["each[0]/first"].number == 1

    with_engine(project, test)


def test_a_plan_of_a_mapped_pipeline_is_json_and_a_missing_value_is_told(project: Project) -> None:
    state, _ = run(project, "  each: {uses: twice.treadle.yaml, map: {over: x}, with: {x: [1]}}\n" + TOLD)
    plan = json.loads(project.run(state.run).plan.read_bytes())
    assert [task["id"] for task in plan["tasks"]["each"]["map"]["body"]] == ["each/first", "each/second"]

    async def test(engine: LocalEngine) -> None:
        with pytest.raises(RunRefused) as refused:
            await outcome(
                engine, "treadle: 1\nnodes: {each: {uses: twice.treadle.yaml, map: {over: by}, with: {by: [1]}}}"
            )
        assert "missing-parameter" in {each.code for each in refused.value.problems}

    with_engine(project, test)
