"""`treadle approve`: a question that a run asks in one terminal, answered in another."""

from __future__ import annotations

import json

from host.sample import until

from treadle.run.history import read_state
from treadle.store.project import Project

ASK = """treadle: 1
name: ask
nodes:
  first: {uses: demo.make}
  ask: {uses: flow.approval, in: {data: first.value}, with: {question: "go on?"}}
  use: {uses: demo.shout, in: {text: ask.data}}
"""


def asked(project: Project) -> bool:
    runs = project.run_ids()
    return bool(runs) and "ask" in (tasks := read_state(project.run(runs[-1])).tasks) and tasks["ask"].is_asked


def test_approved_in_another_terminal_the_run_goes_on(treadle, begin, project: Project) -> None:
    (project.root / "ask.treadle.yaml").write_text(ASK)
    running = begin("run", "ask.treadle.yaml")
    until(lambda: asked(project))
    assert "waiting for approval: go on?" in treadle("show", "last").stdout

    done = treadle("approve", "last", "ask", "--note", "looks right", "--by", "ann")

    assert (done.returncode, done.stdout) == (0, "ask approved by ann: looks right\n")
    told, _ = running.communicate(timeout=20)
    assert running.returncode == 0
    assert f"(treadle approve {project.run_ids()[-1]} ask)" in told
    assert "ask  approved by ann: looks right" in told
    answer = json.loads(treadle("show", "last", "--json").stdout)["tasks"]["ask"]["answer"]
    assert answer == {"task": "ask", "approved": True, "note": "looks right", "by": "ann"}
    again = treadle("approve", "last", "ask")
    assert again.returncode == 1
    assert "already" in again.stderr


def test_rejected_the_run_fails_and_says_by_whom(treadle, begin, project: Project) -> None:
    (project.root / "ask.treadle.yaml").write_text(ASK)
    running = begin("run", "ask.treadle.yaml")
    until(lambda: asked(project))

    assert treadle("approve", "last", "ask", "--reject", "--by", "bob").returncode == 0

    told, _ = running.communicate(timeout=20)
    assert running.returncode == 1
    assert "rejected by bob" in told
