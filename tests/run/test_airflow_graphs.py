"""Random graphs of triggers, set-ups and teardowns come to the same here and in a real Airflow."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from convert.airflow_home import PYTHON, AirflowHome
from run.test_resolve import FakeCatalog, component
from simulation.world import World

from treadle.run.order import needs_of
from treadle.run.plan import Plan
from treadle.run.resolve import Circumstances, resolve
from treadle.run.state import TaskStatus
from treadle.spec.component import OutputPort
from treadle.spec.flattening import Flat
from treadle.spec.flow import Trigger
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.types import PortType

Graph = dict[str, dict[str, object]]

GRAPHS = 40
CODE = {"succeed": "m.value", "fail": "m.value", "skip": "m.none"}


class Steps(FakeCatalog):
    def __init__(self) -> None:
        self.components = {
            "m.value": component("m.value", outputs=(OutputPort("value", PortType("Any")),)),
            "m.none": component("m.none", outputs=(OutputPort("value", PortType("Any"), optional=True),)),
        }


def random_graph(chance: random.Random, size: int) -> Graph:
    graph: Graph = {}
    for number in range(size):
        before = chance.sample(sorted(graph), min(len(graph), chance.randrange(4)))
        does = chance.choice(["succeed"] * 4 + ["fail"] * 2 + ["skip"] * 2)
        trigger = chance.choice(list(Trigger))
        graph[f"t{number}"] = {"after": before, "trigger": trigger.value, "teardown_of": [], "does": does}
    return with_teardown(graph, chance) if chance.random() < 0.5 else graph


def with_teardown(graph: Graph, chance: random.Random) -> Graph:
    """A set-up before one or two tasks, and a teardown behind some that come of it."""
    work = chance.sample(sorted(graph), min(2, len(graph)))
    for name in work:
        graph[name] = {**graph[name], "after": [*graph[name]["after"], "up"], "trigger": "all_success"}
    last = chance.choice(sorted(graph))
    ways = ["succeed", "succeed", "fail", "skip"]
    up = {"after": [], "trigger": "all_success", "teardown_of": [], "does": chance.choice(ways)}
    down = {
        "after": sorted({work[0], last}), "trigger": "all_done_setup_success", "teardown_of": ["up"],
        "does": chance.choice(["succeed", "fail"]),
    }  # fmt: skip
    return {"up": up, **graph, "down": down}


def plan_of(graph: Graph) -> Plan:
    nodes = {
        name: Node(
            name,
            CODE[str(told["does"])],
            after=tuple(told["after"]),
            trigger=None if told["teardown_of"] else Trigger(str(told["trigger"])),
            teardown_of=tuple(told["teardown_of"]),
        )
        for name, told in graph.items()
    }
    return resolve(Flat(Pipeline(nodes=nodes)), Steps(), Circumstances("run", datetime(2026, 1, 1, tzinfo=UTC)))


def ours(graph: Graph, seed: int) -> dict[str, object]:
    """The run's state and its tasks', in Airflow's words."""
    bad = frozenset(name for name, told in graph.items() if told["does"] == "fail")
    skipping = {name: frozenset[str]() for name, told in graph.items() if told["does"] == "skip"}
    run = World(plan_of(graph), random.Random(seed), bad, taken=skipping)
    status = run.run()
    tasks = {name: in_airflow(name, task.status, skipping) for name, task in run.state.tasks.items()}
    return {"run": {"succeeded": "success"}.get(status.value, status.value), "tasks": tasks}


def in_airflow(name: str, status: TaskStatus, skipping: dict[str, frozenset[str]]) -> str:
    if status.is_success:
        return "skipped" if name in skipping else "success"
    return "failed" if status.is_failure else status.value


def is_left_to_chance(graph: Graph, tasks: dict[str, str]) -> bool:
    """Whether it depends in Airflow on what ends first: skipping or failing."""
    for name, task in plan_of(graph).tasks.items():
        seen = {tasks[need] for need in needs_of(task)}
        strict = task.trigger is Trigger.ALL_SUCCESS or task.setups
        if strict and "skipped" in seen and seen & {"failed", "upstream_failed"}:
            return bool(graph[name])
    return False


def graphs() -> list[Graph]:
    chance = random.Random(7)
    found: list[Graph] = []
    while len(found) < GRAPHS:
        graph = random_graph(chance, chance.randint(3, 8))
        if not is_left_to_chance(graph, ours(graph, 0)["tasks"]):
            found.append(graph)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[AirflowHome]:
    prepared = AirflowHome(tmp_path / "airflow")
    prepared.prepare()
    yield prepared
    shutil.rmtree(prepared.folder, ignore_errors=True)


@pytest.mark.airflow
@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.exists(), reason="no Airflow here: make airflow-env")
def test_random_graphs_come_to_what_they_come_to_in_airflow(home: AirflowHome) -> None:
    wanted = graphs()
    script = home.dags / "airflow_graphs.py"
    shutil.copy(Path(__file__).with_name("airflow_graphs.py"), script)
    script.with_suffix(".json").write_text(json.dumps(wanted))
    settings = {
        "AIRFLOW_HOME": str(home.folder), "HOME": str(home.folder), "AIRFLOW__CORE__DAGS_FOLDER": str(home.dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(
        [str(PYTHON), str(script), str(home.folder / "out.json")],
        env=settings, cwd=home.folder, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads((home.folder / "out.json").read_text())
    different = [(graph, theirs, ours(graph, 1)) for graph, theirs in zip(wanted, said, strict=True)]
    assert [case for case in different if case[1] != case[2]] == []
