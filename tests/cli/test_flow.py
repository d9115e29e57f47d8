"""Flow as the command line tells it: what was skipped and why, a run beyond its limit, settings as they were given."""

from __future__ import annotations

import json

from treadle.store.project import Project

GATE = """treadle: 1
name: gate
params:
  say: {type: str, default: hello}
nodes:
  first: {uses: demo.make, with: {text: $params.say}}
  gate: {uses: flow.only_if, in: {data: first.value}, with: {condition: false}}
  second: {uses: demo.shout, in: {text: gate.data}}
"""
ENDLESS = """treadle: 1
name: endless
timeout: 1s
nodes:
  first: {uses: demo.make, with: {seconds: 60}}
"""


def test_what_is_skipped_is_told_with_its_reason(treadle, project: Project) -> None:
    (project.root / "gate.treadle.yaml").write_text(GATE)

    done = treadle("run", "gate.treadle.yaml", "-p", "say=good day")

    assert done.returncode == 0
    assert "– second  skipped, gate gave no data" in done.stdout
    shown = treadle("show", "last").stdout
    assert "gate gave no data" in shown
    assert 'text="good day"' in shown
    tasks = json.loads(treadle("show", "last", "--json").stdout)["tasks"]
    assert tasks["first"]["params"]["text"] == "good day"


def test_a_run_beyond_its_limit_fails_and_says_so(treadle, project: Project) -> None:
    (project.root / "endless.treadle.yaml").write_text(ENDLESS)

    done = treadle("run", "endless.treadle.yaml")

    assert done.returncode == 1
    assert "the run took longer than its limit of 1s" in done.stdout
    assert "the run took longer than its limit of 1s" in treadle("show", "last").stdout


def test_a_mistake_in_flow_is_refused_at_its_line(treadle, project: Project) -> None:
    text = GATE.replace("in: {text: gate.data}", "in: {text: gate.data}, trigger: one_sucess")
    (project.root / "gate.treadle.yaml").write_text(text)

    done = treadle("validate", "gate.treadle.yaml")

    assert done.returncode == 2
    assert "gate.treadle.yaml:8:" in done.stderr
    assert "did you mean one_success?" in done.stderr
