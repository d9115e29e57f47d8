"""`treadle approve`: a question that a run asks in one terminal, answered in another."""

from __future__ import annotations

import json

from host.sample import until

from treadle.run.history import read_state
from treadle.run.state import RunState
from treadle.store.project import Project

ASK = """treadle: 1
name: ask
nodes:
  first: {uses: demo.make}
  ask: {uses: flow.approval, in: {data: first.value}, with: {question: "go on?"}}
  use: {uses: demo.shout, in: {text: ask.data}}
"""


def last_state(project: Project) -> RunState:
    return read_state(project.run(project.run_ids()[-1]))


def asked(project: Project) -> bool:
    runs = project.run_ids()
    return bool(runs) and "ask" in (tasks := read_state(project.run(runs[-1])).tasks) and tasks["ask"].is_asked


def test_approved_in_another_terminal_the_run_goes_on(treadle, begin, project: Project) -> None:
    (project.root / "ask.treadle.yaml").write_text(ASK)
    running = begin("run", "ask.treadle.yaml")
    until(lambda: asked(project))
    assert "waiting for approval: go on?" in treadle("show", "last").stdout
    assert treadle("why", "last", "ask").stdout == "ask  deferred\nwaiting for approval: go on?\n"

    done = treadle("approve", "last", "ask", "--note", "looks right", "--by", "ann")

    assert (done.returncode, done.stdout) == (0, "ask approved by ann: looks right\n")
    told, _ = running.communicate(timeout=20)
    assert running.returncode == 0
    assert f"(treadle approve {project.run_ids()[-1]} ask)" in told
    assert "ask  approved by ann: looks right" in told
    assert "approved by ann: looks right" in treadle("show", "last", "ask").stdout
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


HELD = """treadle: 1
name: held
nodes:
  ask: {uses: flow.approval, with: {question: "go on?"}}
  use: {uses: demo.make, after: [ask]}
  load: {uses: demo.make, with: {seconds: 0.5}}
  other: {uses: demo.make, after: [load]}
"""


def test_a_paused_run_whose_engine_was_killed_asks_again_at_once(treadle, begin, project: Project) -> None:
    """I4: what is resumed at a breakpoint stands there with its question, which was asked before the kill."""
    (project.root / "held.treadle.yaml").write_text(HELD)
    first = begin("run", "held.treadle.yaml", "--break", "other")
    until(lambda: asked(project) and last_state(project).paused)
    first.kill()
    first.communicate()
    assert json.loads(treadle("runs", "--json").stdout)[0]["state"] == "interrupted"

    second = begin("resume", "last")
    until(lambda: (state := last_state(project)).paused and state.tasks["ask"].number == 2)

    assert last_state(project).tasks["ask"].is_asked
    assert treadle("approve", "last", "ask", "--by", "ann").returncode == 0
    until(lambda: str(last_state(project).tasks["ask"].status) == "succeeded")
    assert str(last_state(project).tasks["use"].status) == "pending"
    assert treadle("continue", "last").returncode == 0
    second.communicate(timeout=20)
    assert second.returncode == 0
