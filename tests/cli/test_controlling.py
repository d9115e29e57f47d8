"""`treadle pause`, `continue`, `step`, `break`, `set`: a run in one terminal, steered from another."""

from __future__ import annotations

import json
from collections.abc import Callable

from host.sample import until

from treadle.run.history import read_state
from treadle.run.state import RunState
from treadle.store.project import Project

FILE = """treadle: 1
name: steps
nodes:
  first: {uses: demo.make, with: {text: one}}
  second: {uses: demo.shout, in: {text: first.value}}
  other: {uses: demo.make, with: {text: two}}
"""


def written(project: Project) -> None:
    (project.root / "p.treadle.yaml").write_text(FILE)


def stands(project: Project, holds: Callable[[RunState], bool]) -> bool:
    """Whether `holds` of the newest run, once its first event is written."""
    states = [read_state(project.run(run)) for run in project.run_ids()[-1:]]
    return any(state.tasks and holds(state) for state in states)


def test_a_run_is_stepped_changed_and_continued_from_another_terminal(treadle, begin, project: Project) -> None:
    written(project)
    running = begin("run", "p.treadle.yaml", "--break", "second", "--pause-at-start")
    until(lambda: stands(project, lambda state: state.paused is not None))
    name = project.run_ids()[-1]

    assert "running, paused" in treadle("runs").stdout
    stepped = treadle("step", name[:-2], "other")
    assert (stepped.returncode, stepped.stderr) == (0, "")
    assert stepped.stdout.startswith("other ")
    assert stepped.stdout.endswith(f"{name} is paused\n")
    changed = treadle("set", "last", "first", "text=changed", "seconds=0.01")
    assert (changed.returncode, changed.stdout) == (0, 'first has in this run text="changed", seconds=0.01\n')
    assert treadle("pause", "last").stdout == f"{name} is paused\n"
    assert treadle("continue", "last").returncode == 0
    until(lambda: stands(project, lambda state: state.paused is not None and state.paused.task == "second"))
    shown = treadle("show", "last", "--json")
    assert json.loads(shown.stdout)["paused"] == "paused before second"
    assert json.loads(shown.stdout)["breakpoints"] == [{"task": "second", "when": "before"}]
    assert json.loads(shown.stdout)["tasks"]["first"]["params"] == {"seconds": 0.01, "text": "changed"}
    off = treadle("break", "last", "second", "--off", "--json")
    assert json.loads(off.stdout)["breakpoints"] == []
    assert json.loads(off.stdout)["paused"] == {"by": "breakpoint", "task": "second", "when": "before"}
    assert json.loads(treadle("continue", "last", "--json").stdout)["paused"] is None

    told, _ = running.communicate(timeout=20)
    assert running.returncode == 0
    assert f"paused before second  (treadle continue {name}, treadle step {name})" in told
    assert 'first runs with text="changed", seconds=0.01' in told


def test_a_breakpoint_set_from_another_terminal_is_stopped_at(treadle, begin, project: Project) -> None:
    written(project)
    running = begin("run", "p.treadle.yaml", "--pause-at-start")
    until(lambda: stands(project, lambda state: state.paused is not None))

    set_ = treadle("break", "last", "first", "--after")

    assert (set_.returncode, set_.stdout) == (0, f"{project.run_ids()[-1]} has breakpoints: after first\n")
    treadle("continue", "last")
    until(lambda: stands(project, lambda state: state.paused is not None and state.paused.task == "first"))
    assert treadle("cancel", "last").returncode == 0
    running.communicate(timeout=20)
    assert running.returncode == 130


def test_a_run_that_is_paused_begins_nothing_more_until_it_is_continued(treadle, begin, project: Project) -> None:
    (project.root / "p.treadle.yaml").write_text(FILE.replace("text: one", "text: one, seconds: 3"))
    running = begin("run", "p.treadle.yaml")
    until(lambda: stands(project, lambda state: state.tasks["first"].status == "running"))

    paused = treadle("pause", "last", "--json")

    assert json.loads(paused.stdout)["paused"]["when"] is None
    until(lambda: stands(project, lambda state: state.tasks["first"].status == "succeeded"))
    assert stands(project, lambda state: state.tasks["second"].status == "pending")
    assert "it has not begun, and the run is paused: `treadle continue " in treadle("why", "last", "second").stdout
    assert f"goes on already, in process {running.pid}" in treadle("retry", "last", "first").stderr
    assert treadle("continue", "last").returncode == 0
    running.communicate(timeout=20)
    assert running.returncode == 0


def test_a_step_that_begins_a_map_tells_of_the_map_and_not_of_its_items(treadle, begin, project: Project) -> None:
    text = "treadle: 1\nname: m\nnodes:\n  all: {uses: demo.make, with: {text: [a, b]}, map: {over: text}}\n"
    (project.root / "p.treadle.yaml").write_text(text)
    running = begin("run", "p.treadle.yaml", "--pause-at-start")
    until(lambda: stands(project, lambda state: state.paused is not None))

    stepped = treadle("step", "last")

    assert stepped.stdout.startswith("all ")
    treadle("continue", "last")
    running.communicate(timeout=20)
    assert running.returncode == 0


def test_what_can_not_be_is_told_with_what_to_do(treadle, begin, project: Project) -> None:
    written(project)
    assert treadle("run", "p.treadle.yaml", "--break", "nobody").returncode == 2
    running = begin("run", "p.treadle.yaml", "--break", "second:before")
    until(lambda: stands(project, lambda state: state.tasks["second"].status == "paused"))

    late = treadle("set", "last", "first", "text=x")
    assert late.returncode == 1
    assert "first has begun already: succeeded" in late.stderr
    wrong = treadle("set", "last", "second", "seconds=soon", "--json")
    assert wrong.returncode == 1
    assert json.loads(wrong.stdout)["problems"][0]["where"]["parameter"] == "seconds"
    assert treadle("set", "last", "second", "seconds").returncode == 2
    assert "has no node 'nobody'" in treadle("break", "last", "nobody").stderr
    treadle("continue", "last")
    running.communicate(timeout=20)
    over = treadle("step", "last")
    assert over.returncode == 1
    assert "does not go on: it has" in over.stderr
