"""What a run has come to: each event moves one task, and what is late or strange moves nothing."""

from __future__ import annotations

from typing import get_args

import pytest
from run.test_event_codec import EVENTS

from treadle.execute.protocol import Cancelled, Crashed, Failed, Outcome, Succeeded, TimedOut, Usage
from treadle.run.events import (
    ArtifactReported,
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    CacheMissed,
    CancelRequested,
    CheckpointSaved,
    Event,
    ProgressReported,
    Recorded,
    RetryScheduled,
    RunFinished,
    RunInterrupted,
    RunResumed,
    RunStarted,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.state import RunState, RunStatus, TaskState, TaskStatus, fold
from treadle.run.task_state import MOVES, TaskEvent
from treadle.store.references import ArtifactRef

REF = ArtifactRef("a" * 64, "Table", "arrow", 10)
LATE = ArtifactRef("b" * 64, "Table", "arrow", 11)
STARTED = RunStarted("r", "p", ("a", "b"), {"x": 1})


def after(*events: Event) -> RunState:
    return fold(Recorded(seq, float(seq), event) for seq, event in enumerate((STARTED, *events), 1))


def test_every_event_about_a_task_has_its_move_and_every_one_names_its_task() -> None:
    assert set(get_args(TaskEvent)) == set(MOVES)
    assert all("task" in event.__struct_fields__ for event in MOVES)


def ended(outcome: Outcome) -> tuple[Event, ...]:
    return AttemptQueued("a", 1), AttemptLaunched("a", 1, 4711), AttemptEnded("a", 1, outcome, Usage(wall=2.0))


def test_a_run_begins_with_every_task_pending() -> None:
    state = after()
    assert (state.run, state.pipeline, state.params, state.status) == ("r", "p", {"x": 1}, RunStatus.RUNNING)
    assert state.tasks == {"a": TaskState(), "b": TaskState()}
    assert state.counts() == {TaskStatus.PENDING: 2}


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Succeeded({"table": REF}), TaskStatus.SUCCEEDED),
        (Failed("E", "m"), TaskStatus.FAILED),
        (Crashed("died"), TaskStatus.CRASHED),
        (TimedOut(1.0), TaskStatus.TIMED_OUT),
        (Cancelled(), TaskStatus.CANCELLED),
    ],
)
def test_an_attempt_ends_as_its_outcome_says(outcome: Outcome, status: TaskStatus) -> None:
    task = after(*ended(outcome)).tasks["a"]
    assert (task.status, task.outcome, task.usage, task.pid) == (status, outcome, Usage(wall=2.0), None)
    assert task.outputs == ({"table": REF} if status is TaskStatus.SUCCEEDED else {})
    assert (task.queued_at, task.started_at, task.finished_at, task.duration(99.0)) == (2.0, 3.0, 4.0, 1.0)


def test_an_event_taken_twice_counts_once() -> None:
    state = after(*ended(Succeeded({})))
    before = dict(state.tasks)
    assert state.advance(Recorded(2, 9.0, AttemptQueued("a", 2))) is None
    assert state.tasks == before


@pytest.mark.parametrize(
    "event",
    [
        AttemptLaunched("a", 2, 5),
        AttemptLaunched("b", 1, 5),
        ProgressReported("a", 2, 0.5),
        ProgressReported("b", 0, 0.5),
        AttemptEnded("a", 2, TimedOut(1.0), Usage()),
        AttemptEnded("b", 0, TimedOut(1.0), Usage()),
        AttemptQueued("stranger", 1),
        CancelRequested("user", "stranger"),
    ],
)
def test_what_is_not_about_the_current_attempt_changes_nothing(event: Event) -> None:
    state = after(AttemptQueued("a", 1), AttemptLaunched("a", 1, 4711))
    before = dict(state.tasks)
    assert state.advance(Recorded(9, 9.0, event)) is None
    assert state.tasks == before


def test_an_unchanged_task_is_the_same_object() -> None:
    state = after()
    other = state.tasks["b"]
    assert state.advance(Recorded(2, 2.0, AttemptQueued("a", 1))) == "a"
    assert state.tasks["b"] is other


def test_progress_is_of_the_attempt_and_gone_with_the_next() -> None:
    state = after(AttemptQueued("a", 1), ProgressReported("a", 1, 0.5, "epoch 1"))
    assert (state.tasks["a"].fraction, state.tasks["a"].message) == (0.5, "epoch 1")
    again = after(*ended(TimedOut(1.0)), RetryScheduled("a", 2, 50.0), AttemptQueued("a", 2)).tasks["a"]
    assert (again.number, again.fraction, again.outcome, again.started_at) == (2, None, None, None)


def test_the_reason_why_a_task_ran_stays_through_its_tries() -> None:
    state = after(CacheMissed("a", "k", "never ran before"), *ended(TimedOut(1.0)), AttemptQueued("a", 2))
    assert (state.tasks["a"].reason, state.tasks["a"].cache_key) == ("never ran before", "k")


def test_an_interruption_loses_what_was_open_and_nothing_says_running() -> None:
    state = after(AttemptQueued("a", 1), AttemptLaunched("a", 1, 4711), RunInterrupted("gone"))
    assert (state.status, state.interrupted_because, state.finished_at) == (RunStatus.INTERRUPTED, "gone", 4.0)
    assert (state.tasks["a"].status, state.tasks["a"].outcome) == (TaskStatus.CRASHED, Crashed("gone"))
    assert state.tasks["b"].status is TaskStatus.PENDING


@pytest.mark.parametrize(("outcome", "status"), [(TimedOut(1.0), "timed_out"), (Failed("E", "m"), "failed")])
def test_a_task_that_waited_for_its_retry_is_left_as_it_failed(outcome: Outcome, status: str) -> None:
    state = after(*ended(outcome), RetryScheduled("a", 2, 50.0), RunInterrupted("gone"))
    assert state.tasks["a"].status == status
    assert after(RetryScheduled("a", 1, 1.0), RunInterrupted("gone")).tasks["a"].status is TaskStatus.CRASHED


def test_a_resumed_run_begins_its_tasks_anew_and_counts_attempts_on() -> None:
    state = after(*ended(TimedOut(1.0)), CancelRequested("user"), RunFinished("cancelled"), RunResumed(("a", "no")))
    assert (state.status, state.finished_at, state.cancel_requested) == (RunStatus.RUNNING, None, False)
    assert state.tasks["a"] == TaskState(number=1, spent=1)


def test_a_finished_run_has_a_duration() -> None:
    assert RunState().duration(5.0) is None
    assert after().duration(5.0) == 4.0
    state = after(RunFinished("failed"))
    assert (state.status, state.duration(50.0), state.status.is_done) == (RunStatus.FAILED, 1.0, True)


def test_the_time_before_a_run_is_resumed_is_not_of_its_duration() -> None:
    """It went on from 10 to 12; from 100 to 103, then its engine was killed; from 1000 to 1004."""
    told: tuple[tuple[float, Event], ...] = (
        (10.0, STARTED), (12.0, RunFinished("failed")), (100.0, RunResumed(("a",))), (103.0, AttemptQueued("a", 1)),
        (900.0, RunInterrupted("gone")), (1000.0, RunResumed(("a",))), (1004.0, RunFinished("succeeded")),
    )  # fmt: skip
    journal = [Recorded(seq, at, event) for seq, (at, event) in enumerate(told, 1)]
    ended = [fold(journal[:length]).duration(5000.0) for length in (2, 5, 7)]
    assert ended == [2.0, 5.0, 9.0]
    assert fold(journal[:6]).duration(1003.0) == 8.0


def test_a_clock_set_back_between_an_end_and_a_resume_makes_no_time() -> None:
    journal = [Recorded(1, 10.0, STARTED), Recorded(2, 12.0, RunFinished("failed")), Recorded(3, 11.0, RunResumed(()))]
    assert (fold(journal).idle, fold(journal).duration(15.0)) == (0.0, 5.0)


def test_a_task_that_never_ran_has_no_duration_and_a_clock_set_back_none_below_zero() -> None:
    assert TaskState().duration(5.0) is None
    assert TaskState(started_at=9.0).duration(5.0) == 0.0


def test_tasks_that_cannot_run_say_why() -> None:
    state = after(TaskSkipped("a", "branch"), TaskUpstreamFailed("b", "a"))
    assert (state.tasks["a"].reason, state.tasks["b"].cause) == ("branch", "a")
    assert not state.tasks["a"].status.is_success


def test_every_event_can_come_at_any_time() -> None:
    for first in EVENTS:
        for second in EVENTS:
            fold(Recorded(seq, 0.0, event) for seq, event in enumerate((first, second), 1))


def test_a_checkpoint_outlives_its_attempt_and_goes_with_success() -> None:
    saved = CheckpointSaved("a", 1, REF)
    failed = (AttemptQueued("a", 1), AttemptLaunched("a", 1, 7), saved, AttemptEnded("a", 1, Failed("E", "m"), Usage()))
    again = (RetryScheduled("a", 2, 9.0), AttemptQueued("a", 2), AttemptLaunched("a", 2, 8))
    assert after(*failed).tasks["a"].checkpoint == REF
    assert after(*failed, *again).tasks["a"].checkpoint == REF
    assert after(*failed, *again, RunInterrupted("gone"), RunResumed(("a",))).tasks["a"].checkpoint == REF
    assert after(*failed, *again, AttemptEnded("a", 2, Succeeded({}), Usage())).tasks["a"].checkpoint is None
    assert after(*failed, CheckpointSaved("a", 1, LATE)).tasks["a"].checkpoint == REF


def test_what_the_code_kept_is_the_last_attempts() -> None:
    one, two = ArtifactReported("a", 1, "sample", REF), ArtifactReported("a", 1, "sample", LATE)
    running = (AttemptQueued("a", 1), AttemptLaunched("a", 1, 7), one, two)
    assert after(*running).tasks["a"].kept == {"sample": LATE}
    ended = AttemptEnded("a", 1, Failed("E", "m"), Usage())
    assert after(*running, ended, one).tasks["a"].kept == {"sample": LATE}
    assert after(*running, ended, RetryScheduled("a", 2, 9.0), AttemptQueued("a", 2)).tasks["a"].kept == {}
