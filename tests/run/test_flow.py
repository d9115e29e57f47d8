"""When a task is tried again, what set-ups and teardowns wait for, and what the core says of flow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from run.test_decide import FAILED, MACHINE, commands, ended, missed, state_of, succeeded
from run.test_resolve import FakeCatalog, component
from simulation.world import plan_of, ref, task

from treadle.execute.protocol import Cancelled, Crashed, Failed, Output, Succeeded, TimedOut, Usage
from treadle.run.cleaning import care_of, deadlocks, with_teardowns
from treadle.run.commands import (
    CancelAttempt,
    FinishRun,
    LookUpCache,
    MarkCancelled,
    MarkSkipped,
    MarkUpstreamFailed,
    TimeOutRun,
)
from treadle.run.decide import decide
from treadle.run.events import (
    AttemptEnded,
    AttemptQueued,
    CancelRequested,
    Event,
    Recorded,
    RunInterrupted,
    RunTimedOut,
    TaskCancelled,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.plan import TaskInput
from treadle.run.resolve import Circumstances, Unresolvable, resolve
from treadle.run.retrying import is_retried, pause
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunStatus
from treadle.run.waiting import Waiting
from treadle.spec.flattening import Flat
from treadle.spec.flow import AtEnd, Retry, Trigger
from treadle.spec.pipeline import Endpoint, Node, Pipeline

RESET = Failed("ConnectionResetError", "m", kinds=("ConnectionResetError", "ConnectionError", "OSError", "Exception"))
HTTP = Failed("Timeout", "m", kinds=("requests.exceptions.Timeout", "OSError"))
GONE = Crashed("gone")


@pytest.mark.parametrize(
    ("failures", "outcome", "again"),
    [
        (None, FAILED, True),
        (None, None, True),
        ((), FAILED, False),
        (("failed",), FAILED, True),
        (("failed",), GONE, False),
        (("crashed",), GONE, True),
        (("crashed",), None, True),
        (("timed_out",), TimedOut(1.0), True),
        (("crashed",), TimedOut(1.0), False),
        (("ConnectionError",), RESET, True),
        (("ConnectionError",), FAILED, False),
        (("Timeout",), HTTP, True),
        (("requests.exceptions.Timeout",), HTTP, True),
        (("urllib3.Timeout",), HTTP, False),
        (("E",), FAILED, True),
        (("failed",), Cancelled(), False),
    ],
)
def test_only_failures_that_are_named_are_tried_again(failures, outcome, again) -> None:
    assert is_retried(task("a", retries=1, retry=Retry(failures=failures)), outcome) is again


def pauses(**settings: object) -> list[float]:
    wanted = Retry(**settings)
    return [pause(task("a", retry_delay=10.0, retry=wanted), "run", number) for number in range(1, 6)]


def test_pauses_grow_up_to_their_cap() -> None:
    assert pauses() == [10.0] * 5
    assert pauses(backoff=2.0) == [10.0, 20.0, 40.0, 80.0, 160.0]
    assert pauses(backoff=2.0, maximum=60.0) == [10.0, 20.0, 40.0, 60.0, 60.0]
    assert pause(task("a", retry_delay=10.0, retry=Retry(backoff=10.0)), "run", 10_000) == 365 * 86400.0


def test_jitter_is_within_its_share_spread_and_always_the_same() -> None:
    shaken = [pause(task(f"t{n}", retry_delay=10.0, retry=Retry(jitter=0.2)), "run", 1) for n in range(200)]
    assert all(8.0 <= each <= 12.0 for each in shaken)
    assert min(shaken) < 8.5
    assert max(shaken) > 11.5
    assert pauses(jitter=0.2) == pauses(jitter=0.2)
    assert len(set(pauses(jitter=0.2))) == 5


def test_a_failure_that_is_not_retried_for_ends_the_task() -> None:
    plan = plan_of(task("a", retries=3, retry=Retry(failures=("crashed",))), task("b", ("a",)))
    assert commands(plan, *ended("a", FAILED)) == [MarkUpstreamFailed("b", "a")]


# Skipping


def choosing(name: str, *taken: str) -> tuple[object, list[Event]]:
    """A task with the optional outputs yes and no, and the events of its success with those `taken`."""
    made = task(name, outputs=(Output("yes", "Any", True), Output("no", "Any", True)))
    outputs = {port: ref(port) for port in taken}
    return made, [*missed(name), AttemptQueued(name, 1), AttemptEnded(name, 1, Succeeded(outputs), Usage())]


def reads(name: str, *ports: str, **settings: object):
    return task(name, inputs={"data": tuple(TaskInput("way", port) for port in ports)}, **settings)


def test_what_reads_a_way_that_was_not_taken_is_skipped() -> None:
    way, events = choosing("way", "yes")
    plan = plan_of(
        way, reads("left", "yes"), reads("right", "no"), reads("both", "no", "yes"), task("x", after=("way",))
    )
    assert sorted(commands(plan, *events), key=repr) == [
        LookUpCache("left"),
        LookUpCache("x"),
        MarkSkipped("both", "way gave no no"),
        MarkSkipped("right", "way gave no no"),
    ]


def test_after_one_that_took_no_way_everything_is_skipped_and_it_spreads() -> None:
    way, events = choosing("way")
    plan = plan_of(way, task("x", after=("way",)), task("y", ("x",)))
    assert commands(plan, *events) == [MarkSkipped("x", "way gave nothing")]
    assert commands(plan, *events, TaskSkipped("x", "r")) == [MarkSkipped("y", "x was skipped")]
    assert commands(plan, *events, TaskSkipped("x", "r"), TaskSkipped("y", "r")) == [FinishRun(RunStatus.SUCCEEDED)]


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [
        (Trigger.ALL_FAILED, "not everything before it failed"),
        (Trigger.ALL_SKIPPED, "not everything before it was skipped"),
        (Trigger.ONE_FAILED, "nothing before it failed"),
    ],
)
def test_a_trigger_that_can_not_be_met_skips_with_its_reason(trigger: Trigger, reason: str) -> None:
    plan = plan_of(task("a"), task("b", after=("a",), trigger=trigger))
    assert commands(plan, *succeeded("a")) == [MarkSkipped("b", reason)]


def test_an_input_that_is_needed_is_waited_for_and_missed() -> None:
    both = {"one": (TaskInput("a", "value"),), "two": (TaskInput("b", "value"),)}
    plan = plan_of(task("a"), task("b"), task("c", inputs=both, trigger=Trigger.ONE_SUCCESS))
    assert LookUpCache("c") not in commands(plan, *succeeded("a"))
    assert MarkUpstreamFailed("c", "b") in commands(plan, *succeeded("a"), *ended("b", FAILED))
    easy = plan_of(
        task("a"), task("b"), task("c", inputs=both, trigger=Trigger.ONE_SUCCESS, optional=frozenset({"two"}))
    )
    assert LookUpCache("c") in commands(easy, *succeeded("a"))


# Set-up, teardown, the end


UP, DOWN = task("up"), task("down", after=("fit", "up"), teardown_of=("up",), trigger=Trigger.ALL_DONE_SETUP_SUCCESS)
FIT = task("fit", after=("up",))


def test_a_teardown_runs_whatever_came_of_the_work_but_not_without_its_set_up() -> None:
    plan = plan_of(UP, FIT, DOWN)
    assert commands(plan, *succeeded("up"), *ended("fit", FAILED)) == [LookUpCache("down")]
    nothing = [*ended("up", FAILED), TaskUpstreamFailed("fit", "up")]
    assert commands(plan, *nothing) == [MarkUpstreamFailed("down", "up")]


def test_work_within_a_set_up_waits_for_it_whatever_its_trigger() -> None:
    work = task("work", after=("fit",), trigger=Trigger.ALL_DONE, setups=("up",))
    plan = plan_of(UP, FIT, work)
    assert commands(plan, *succeeded("up"), *ended("fit", FAILED)) == [LookUpCache("work")]
    lost = [*ended("up", FAILED), TaskUpstreamFailed("fit", "up")]
    assert commands(plan, *lost) == [MarkUpstreamFailed("work", "up")]


def test_what_a_teardown_lets_end_is_waited_for() -> None:
    down = task("down", after=("up",), teardown_of=("up",), settled=("fit",), trigger=Trigger.ALL_DONE_SETUP_SUCCESS)
    plan = plan_of(UP, FIT, down)
    assert commands(plan, *succeeded("up")) == [LookUpCache("fit")]
    assert commands(plan, *succeeded("up"), *ended("fit", FAILED)) == [LookUpCache("down")]


def test_a_cancelled_run_still_cleans_up_until_it_is_asked_again() -> None:
    plan = plan_of(UP, FIT, DOWN, task("tidy", at_end=AtEnd.ALWAYS), task("glad", at_end=AtEnd.SUCCESS))
    stopped = [*succeeded("up"), *missed("fit"), AttemptQueued("fit", 1), CancelRequested("user")]
    assert commands(plan, *stopped) == [CancelAttempt("fit", 1)]
    after = [*stopped, AttemptEnded("fit", 1, Cancelled("run"), Usage())]
    assert commands(plan, *after) == [LookUpCache("down")]
    cleaning = [*after, *missed("down"), AttemptQueued("down", 1)]
    assert commands(plan, *cleaning) == []
    assert commands(plan, *cleaning, CancelRequested("user")) == [
        CancelAttempt("down", 1), MarkCancelled("tidy"), MarkCancelled("glad"),
    ]  # fmt: skip
    over = [*cleaning, AttemptEnded("down", 1, Succeeded({}), Usage())]
    assert commands(plan, *over) == [MarkSkipped("glad", "the run was cancelled"), LookUpCache("tidy")]


def test_a_live_schedule_that_is_stopped_twice_drops_what_cleans_up() -> None:
    plan = plan_of(UP, FIT, DOWN)
    state = state_of(plan, [*succeeded("up"), CancelRequested("user")])
    schedule = Schedule(Roster(plan), state)
    schedule.stop()
    assert list(schedule.take_drops()) == ["fit"]
    schedule.stop()
    assert list(schedule.take_drops()) == []
    state.advance(Recorded(99, 0.0, CancelRequested("user")))
    schedule.stop()
    assert list(schedule.take_drops()) == ["down"]


def test_nodes_at_the_end_wait_for_each_other_alone() -> None:
    last = task("last", after=("a", "first"), at_end=AtEnd.ALWAYS)
    plan = plan_of(task("a"), task("first", at_end=AtEnd.FAILURE), last)
    assert commands(plan) == [LookUpCache("a")]
    assert commands(plan, *ended("a", FAILED)) == [LookUpCache("first")]
    assert commands(plan, *succeeded("a")) == [MarkSkipped("first", "the run succeeded")]
    assert commands(plan, *ended("a", FAILED), *ended("first", FAILED)) == [MarkUpstreamFailed("last", "first")]
    over = [*ended("a", FAILED), *succeeded("first"), *succeeded("last")]
    assert commands(plan, *over) == [FinishRun(RunStatus.FAILED)]


def test_what_cleans_up_does_not_change_what_the_run_came_to() -> None:
    plan = plan_of(UP, FIT, DOWN)
    over = [*succeeded("up"), *succeeded("fit"), *ended("down", FAILED)]
    assert commands(plan, *over) == [FinishRun(RunStatus.SUCCEEDED)]


def test_one_cancelled_by_hand_leaves_a_cancelled_run() -> None:
    plan = plan_of(task("a"), task("b", ("a",)))
    assert commands(plan, TaskCancelled("a")) == [MarkUpstreamFailed("b", "a")]
    over = [TaskCancelled("a"), TaskUpstreamFailed("b", "a")]
    assert commands(plan, *over) == [FinishRun(RunStatus.CANCELLED)]


# The limit of a run


def test_a_run_beyond_its_limit_is_ended_once_and_fails() -> None:
    plan = plan_of(task("a"), timeout=60.0)
    working = [*missed("a"), AttemptQueued("a", 1)]
    assert commands(plan, *working, now=59.9) == []
    assert commands(plan, *working, now=60.0) == [TimeOutRun(60.0)]
    assert Schedule(Roster(plan), state_of(plan, working)).next_delay() == 60.0
    timed_out = [*working, RunTimedOut(60.0)]
    assert commands(plan, *timed_out, now=61.0) == [CancelAttempt("a", 1)]
    over = [*timed_out, AttemptEnded("a", 1, Cancelled("run"), Usage())]
    reason = "the run took longer than its limit of 1m"
    assert commands(plan, *over, now=61.0) == [FinishRun(RunStatus.FAILED, reason)]


def test_one_that_ended_well_all_the_same_has_not_failed() -> None:
    plan = plan_of(task("a"), timeout=60.0)
    assert commands(plan, *succeeded("a"), RunTimedOut(60.0)) == [FinishRun(RunStatus.SUCCEEDED)]


def test_an_attempt_lost_with_its_engine_can_be_a_cause() -> None:
    plan = plan_of(task("a"), task("b", ("a",)))
    state = state_of(plan, [*missed("a"), AttemptQueued("a", 1), RunInterrupted("gone")])
    state.status = RunStatus.RUNNING
    assert decide(Roster(plan), state, MACHINE, 0.0) == [MarkUpstreamFailed("b", "a")]


def test_asked_for_a_reason_that_is_none_waiting_says_so() -> None:
    plan = plan_of(task("a"), task("b", after=("a",)))
    schedule = Schedule(Roster(plan), state := state_of(plan, []))
    waiting = Waiting([plan.tasks[name] for name in schedule._order.ids], schedule._order, state)
    with pytest.raises(AssertionError):
        waiting.cause(1)
    with pytest.raises(AssertionError):
        waiting.reason(1)


# What set-up and teardown mean for the nodes around them


def node(name: str, *after: str, **settings: object) -> Node:
    return Node(name, "m.f", after=after, **settings)


def pipeline(*nodes: Node) -> Pipeline:
    return Pipeline(nodes={each.id: each for each in nodes})


def test_a_teardown_lets_end_what_lies_between() -> None:
    p = pipeline(
        node("up"), node("a", "up"), node("b", "a"), node("aside", "a"), node("down", "b", teardown_of=("up",))
    )
    care = care_of(p)
    assert care.settled == {"down": ("a",)}
    assert care.setups == {"b": ("up",)}
    assert care.sets_up == {"up"}


def test_a_teardown_connected_to_nothing_lets_everything_end_that_comes_after() -> None:
    after = node("after", "down"), node("end", at_end=AtEnd.ALWAYS)
    p = pipeline(node("up"), node("a", "up"), node("b", "a"), node("down", teardown_of=("up",)), *after)
    care = care_of(p)
    assert care.settled == {"down": ("a", "b")}
    assert care.setups == {"b": ("up",)}
    assert deadlocks(p, care) == []


def test_dangling_teardowns_are_passed_over_here_and_told_elsewhere() -> None:
    assert care_of(pipeline(node("down", teardown_of=("ghost",)))).settled == {}


def test_part_of_a_pipeline_has_the_teardowns_of_its_set_ups_with_what_they_read() -> None:
    down = node("down", teardown_of=("up",), inputs={"x": (Endpoint("more", "value"),)})
    p = pipeline(node("up"), node("a", "up"), node("root"), node("more", "root"), down, node("b", "a"))
    assert with_teardowns(p, frozenset({"up", "a"})) == {"up", "a", "down", "more", "root"}
    assert with_teardowns(p, frozenset({"root"})) == {"root"}


def test_a_plan_names_a_teardown_of_nothing_and_a_deadlock() -> None:
    class Steps(FakeCatalog):
        def __init__(self) -> None:
            self.components = {"m.f": component("m.f")}

    def told(p: Pipeline) -> list[str]:
        with pytest.raises(Unresolvable) as refusal:
            resolve(Flat(p), Steps(), Circumstances("r", datetime(2026, 1, 1, tzinfo=UTC)))
        return [problem.code for problem in refusal.value.problems]

    assert told(pipeline(node("down", teardown_of=("ghost",)))) == ["dangling-teardown"]
    ends = node("end_a", teardown_of=("a",)), node("end_b", teardown_of=("b",))
    assert told(pipeline(node("a"), node("b"), *ends, node("x", "b", "end_a"), node("y", "a", "end_b"))) == [
        "teardown-deadlock"
    ]
