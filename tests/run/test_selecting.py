"""Which tasks a part of a run does, with set-ups, teardowns, ways not taken and ends; on fakes, end to end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from run.fakes import FAILED, Bench, plan_of, task

from treadle.execute.protocol import Output, Succeeded
from treadle.run.plan import Plan
from treadle.run.selecting import EarlierRun, EarlierRuns, NotSelectable, Opening, Selection, open_with
from treadle.run.start import begin
from treadle.run.state import RunState
from treadle.spec.flow import AtEnd, Trigger
from treadle.store.artifacts import ArtifactStore


def go(bench: Bench, opening: Opening) -> tuple[list[str], RunState]:
    """What ran, and what the run has come to."""
    already = len(bench.executor.submitted)
    options = replace(bench.options, anew=opening.anew, opening=opening.events)
    loop = begin(bench.project, opening.plan, "treadle: 1\n", bench.executor, bench.published.append, options)
    asyncio.run(loop.run())
    return sorted(bench.executor.tasks()[already:]), loop.state


def part(bench: Bench, before: Plan, selection: Selection, after: Plan | None = None) -> tuple[list[str], RunState]:
    """A run of all of `before`, then one of a part of it, or of `after`."""
    _, state = go(bench, Opening(before))
    holds = ArtifactStore(bench.project.artifacts).holds
    again = replace(after or before, run="run-2")
    return go(bench, open_with(again, selection, EarlierRuns([EarlierRun(before, state)]), holds))


SCOPE = plan_of(
    task("load"),
    task("start", cache=False),
    task("work", ("load",), after=("start",)),
    task("report", ("work",)),
    task(
        "stop", after=("start",), settled=("work", "report"), teardown_of=("start",), cache=False,
        trigger=Trigger.ALL_DONE_SETUP_SUCCESS,
    ),
)  # fmt: skip


def test_a_set_up_and_its_teardown_run_with_what_they_serve(bench: Bench) -> None:
    ran, state = part(bench, SCOPE, Selection(only="work"))
    assert (ran, state.status) == (["start", "stop", "work"], "succeeded")
    assert (state.tasks["load"].status, state.tasks["report"].status) == ("cached", "cached")


def test_what_was_set_up_for_others_is_left_alone(bench: Bench) -> None:
    ran, state = part(bench, SCOPE, Selection(only="load"))
    assert (ran, state.status) == (["load"], "succeeded")
    assert {state.tasks[name].status for name in ("start", "stop")} == {"skipped"}


def test_a_failure_within_a_scope_is_done_again_with_its_set_up(bench: Bench) -> None:
    bench.executor.work = {"work": lambda request: FAILED if request.attempt.run == "run-1" else Succeeded(
        {"value": bench.executor.artifact("w")})}  # fmt: skip
    ran, state = part(bench, SCOPE, Selection(failed=True))
    assert (ran, state.status) == (["report", "start", "stop", "work"], "succeeded")


def test_what_a_branch_skipped_stays_skipped_when_failures_are_done_again(bench: Bench) -> None:
    def chosen(request: object) -> Succeeded:
        return Succeeded({"left": bench.executor.artifact("l")})

    outputs = (Output("left", "Any", True), Output("right", "Any", True))
    branch = replace(task("branch"), outputs=outputs)
    left, right = task("left", ("branch",)), task("right", ("branch",))
    ways = {name: replace(each, inputs={"data": (replace(each.inputs["data"][0], port=name),)})
            for name, each in (("left", left), ("right", right))}  # fmt: skip
    plan = plan_of(branch, ways["left"], ways["right"], task("last", ("left",)))
    bench.executor.work = {
        "branch": chosen,
        "last": lambda request: FAILED if request.attempt.run == "run-1" else bench.executor.success("x"),
    }
    ran, state = part(bench, plan, Selection(failed=True))
    assert (ran, state.tasks["right"].status, state.status) == (["last"], "skipped", "succeeded")


def test_what_runs_at_the_end_runs_again_after_a_failure(bench: Bench) -> None:
    plan = plan_of(task("a"), task("tell", at_end=AtEnd.ALWAYS, cache=False))
    bench.executor.work = {
        "a": lambda request: FAILED if request.attempt.run == "run-1" else bench.executor.success("a")
    }
    ran, state = part(bench, plan, Selection(failed=True))
    assert (ran, state.status) == (["a", "tell"], "succeeded")


def test_another_component_of_the_same_name_does_not_stand_in(bench: Bench) -> None:
    before = plan_of(task("a"), task("b", ("a",)))
    after = plan_of(replace(task("a"), uses="m.g"), task("b", ("a",)))
    with pytest.raises(NotSelectable, match="b reads a"):
        part(bench, before, Selection(only="b"), after)


def test_a_node_alone_runs_whatever_its_trigger_waits_for(bench: Bench) -> None:
    plan = plan_of(task("a"), task("alarm", after=("a",), trigger=Trigger.ONE_FAILED))
    ran, state = part(bench, plan, Selection(only="alarm"))
    assert (ran, state.status) == (["alarm"], "succeeded")
