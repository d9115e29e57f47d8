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
LATE = """treadle: 1
name: late
nodes:
  come: {uses: sensor.file, with: {pattern: in/*.csv, every: 0.05}, timeout: 300ms}
"""
FAILS = """treadle: 1
name: fails
nodes:
  first: {uses: demo.make}
  second: {uses: demo.fail, in: {text: first.value}}
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


def test_a_wrong_value_of_a_parameter_is_told_once_and_not_of_those_that_use_it(treadle, project: Project) -> None:
    text = GATE.replace("default: hello", "default: hello, maxLength: 5")
    (project.root / "gate.treadle.yaml").write_text(text)

    done = treadle("run", "gate.treadle.yaml", "-p", "say=much too long")

    assert done.returncode == 2
    assert "params.say" in done.stderr
    assert "which nothing defines" not in done.stderr


def test_a_wait_that_took_too_long_says_what_it_saw_last(treadle, project: Project) -> None:
    (project.root / "late.treadle.yaml").write_text(LATE)

    done = treadle("run", "late.treadle.yaml")

    assert "timed out after 0.3 s (in/*.csv is not there)" in done.stderr
    assert "timed out after 0.3 s (in/*.csv is not there)" in treadle("show", "last").stdout


def test_after_a_failure_it_says_what_goes_on_with_the_code_of_then_and_what_with_that_of_now(
    treadle, project: Project
) -> None:
    (project.root / "fails.treadle.yaml").write_text(FAILS)
    done = treadle("run", "fails.treadle.yaml")
    run = done.stdout.split()[1]

    assert f"again, without a change: treadle resume {run}" in done.stderr
    [advice] = [line for line in done.stderr.splitlines() if line.startswith("after a fix: treadle ")]
    (project.root / "fails.treadle.yaml").write_text(FAILS.replace("demo.fail", "demo.shout"))
    assert treadle(*advice.removeprefix("after a fix: treadle ").split()).returncode == 0


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
