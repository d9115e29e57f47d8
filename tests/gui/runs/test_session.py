"""RunSession: however events come, each tick folds a slice and tells of it once."""

from pathlib import Path

import pytest
from gui.runs.flows import begun, ended, finished, launched, machine, metric, record, sampled
from pytestqt.qtbot import QtBot

from treadle.execute.protocol import Failed
from treadle.run.events import RetryScheduled, RunTimedOut
from treadle.run.state import RunStatus, TaskStatus
from treadle_gui.runs.session import RunSession

pytestmark = pytest.mark.usefixtures("qapp")


def test_a_burst_is_told_once_a_tick(qtbot: QtBot) -> None:
    session = RunSession("r1", Path())
    told: list[frozenset[str]] = []
    session.tasks_changed.connect(told.append)
    session.feed(record([*begun("a", "b"), *launched("a"), *launched("b"), *ended("a")]))
    qtbot.waitUntil(lambda: session.waiting == 0, timeout=2_000)
    assert told == [frozenset({"a", "b"})]
    assert session.state.tasks["a"].status is TaskStatus.SUCCEEDED


def test_what_a_tick_has_no_time_for_waits_in_order() -> None:
    now = [0.0]

    def slow_clock() -> float:
        now[0] += 0.003
        return now[0]

    session = RunSession("r1", Path(), clock=slow_clock)
    session.feed(record([*begun("a"), *launched("a"), *ended("a"), *finished()]))
    session.tick()
    assert 0 < session.waiting < 5
    while session.waiting:
        session.tick()
    assert session.state.status is RunStatus.SUCCEEDED


def test_an_event_delivered_twice_is_folded_once() -> None:
    session = RunSession("r1", Path())
    events = record([*begun("a"), *launched("a"), sampled("a", 50.0)])
    session.feed(events)
    session.feed(events)
    session.tick()
    assert len(session.samples["a"]) == 1
    assert session.last_seq == 4


def test_samples_and_metrics_are_kept_by_task() -> None:
    session = RunSession("r1", Path())
    session.feed(record([*begun("a"), sampled("a", 50.0), sampled("a", 70.0), machine(12.0), metric("a", 0.5)]))
    session.tick()
    assert session.samples["a"].column("cpu").tolist() == [50.0, 70.0]
    assert session.machine.last("cpu") == 12.0
    assert session.metrics[("a", "loss")].last("value") == 0.5


def test_a_metric_without_a_step_counts_its_reports() -> None:
    session = RunSession("r1", Path())
    session.feed(record([*begun("a"), metric("a", 3.0), metric("a", 2.0), metric("a", 1.0)]))
    session.tick()
    assert session.metrics[("a", "loss")].column("step").tolist() == [0.0, 1.0, 2.0]


def test_every_attempt_keeps_its_span() -> None:
    failure = Failed("ValueError", "no")
    session = RunSession("r1", Path())
    retry = [*ended("a", failure), RetryScheduled("a", 2, 1_001.0), *launched("a", 2)]
    session.feed(record([*begun("a"), *launched("a"), *retry]))
    session.tick()
    assert [(span.number, span.status) for span in session.spans.values()] == [
        (1, TaskStatus.FAILED),
        (2, TaskStatus.RUNNING),
    ]
    assert session.spans[("a", 1)].finished is not None
    assert session.spans[("a", 2)].finished is None


def test_a_run_that_ends_says_so_once() -> None:
    session = RunSession("r1", Path())
    told: list[RunStatus] = []
    session.run_changed.connect(lambda state: told.append(state.status))
    session.feed(record([*begun("a"), *finished("failed")]))
    session.tick()
    assert told == [RunStatus.FAILED]


def test_an_idle_session_has_no_timer_running(qtbot: QtBot) -> None:
    session = RunSession("r1", Path())
    session.feed(record(begun("a")))
    assert session.is_ticking
    qtbot.waitUntil(lambda: not session.is_ticking, timeout=2_000)


def test_how_many_attempts_a_task_has_is_read_from_the_plan(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"tasks": {"a": {"retries": 3}, "b": {"retries": "x"}}}')
    session = RunSession("r1", tmp_path)
    assert [session.attempts_allowed(task) for task in ("a", "b", "c")] == [4, None, None]


def test_a_run_without_a_readable_plan_says_nothing_of_its_attempts(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("[]")
    assert RunSession("r1", tmp_path).attempts_allowed("a") is None
    assert RunSession("r1", tmp_path / "gone").attempts_allowed("a") is None


def test_a_run_that_meets_its_limit_is_told_at_once() -> None:
    session = RunSession("r1", Path())
    told: list[object] = []
    session.feed(record(begun("a")))
    session.tick()
    session.run_changed.connect(told.append)
    session.feed(record([RunTimedOut(60.0)], first=2))
    session.tick()
    assert told == [session.state]
