"""Random plans with every kind of flow in them, and what they must come to, worked out the plain way.

`expected` walks a plan once in order and asks each task's trigger, which is what Airflow does when nothing is left to
chance. It knows no events, no retries that succeed and no time.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulation.world import SLICE, plan_of

from treadle.execute.protocol import Output
from treadle.run.ending import is_cleaning
from treadle.run.order import needs_of
from treadle.run.plan import Plan, PlanTask, TaskInput
from treadle.run.triggers import Upstream, Verdict, judge
from treadle.spec.flow import AtEnd, Trigger

_COMMON = [Trigger.ALL_SUCCESS] * 8
WAYS = (Output("yes", "Any", True), Output("no", "Any", True))
VALUE = (Output("value", "Any"),)


@dataclass(frozen=True)
class Flow:
    """A plan, and what its code does: tasks that fail, and the outputs that choosing ones take."""

    plan: Plan
    bad: frozenset[str]
    taken: dict[str, frozenset[str]]


def random_flow(chance: random.Random, size: int, ends: int = 0) -> Flow:
    """`ends` tasks more run at the run's end."""
    tasks: list[PlanTask] = []
    taken: dict[str, frozenset[str]] = {}
    for number in range(size):
        task = _random_task(f"t{number}", tasks, chance)
        if len(task.outputs) == 2:
            taken[task.id] = frozenset(chance.choice([("yes",), ("no",), ("yes", "no"), ()]))
        tasks.append(task)
    bad = frozenset(task.id for task in tasks if chance.random() < 0.2)
    for number in range(ends):
        tasks.append(_task(f"end{number}", after=(f"t{chance.randrange(size)}",), at_end=chance.choice(list(AtEnd))))
    return Flow(plan_of(*tasks), bad, taken)


def _random_task(name: str, before: list[PlanTask], chance: random.Random) -> PlanTask:
    needs = chance.sample(before, min(len(before), chance.randrange(4)))
    half = chance.randint(0, len(needs))
    sources = [TaskInput(need.id, chance.choice(need.outputs).name) for need in needs[:half]]
    return _task(
        name,
        outputs=WAYS if chance.random() < 0.3 else VALUE,
        inputs={"data": tuple(sources)} if sources else {},
        after=tuple(need.id for need in needs[half:]),
        trigger=chance.choice([*_COMMON, *Trigger]),
        optional=frozenset({"data"}) if chance.random() < 0.5 else frozenset(),
        retries=chance.randrange(2),
    )


def _task(name: str, **settings: object) -> PlanTask:
    given = {"inputs": {}, "params": {}, "outputs": VALUE, **settings}
    return PlanTask(id=name, node=name, uses="m.f", slice=SLICE.digest, **given)


def with_teardown(flow: Flow, chance: random.Random) -> Flow:
    """With a set-up before some tasks and a teardown after some."""
    ids = list(flow.plan.tasks)
    work = frozenset(chance.sample(ids, max(1, len(ids) // 3)))
    tasks = [replace(task, after=(*task.after, "up")) if task.id in work else task for task in flow.plan.tasks.values()]
    down = _task(
        "down", after=(*sorted(work), "up"), teardown_of=("up",), trigger=Trigger.ALL_DONE_SETUP_SUCCESS,
    )  # fmt: skip
    bad = flow.bad | ({"up"} if chance.random() < 0.3 else frozenset())
    return replace(flow, plan=plan_of(_task("up"), *tasks, down), bad=bad)


def expected(flow: Flow) -> tuple[dict[str, str], str]:
    """What each task and the run come to: `succeeded`, `failed`, `skipped` or `upstream_failed`."""
    status: dict[str, str] = {}
    ordinary = [task for task in flow.plan.tasks.values() if task.at_end is None]
    for task in ordinary:
        status[task.id] = _comes_to(task, flow, status)
    run = _run_comes_to(ordinary, status)
    wanted = {"succeeded": AtEnd.SUCCESS, "failed": AtEnd.FAILURE}[run]
    for task in flow.plan.tasks.values():
        if task.at_end is not None:
            status[task.id] = "succeeded" if task.at_end in (AtEnd.ALWAYS, wanted) else "skipped"
    return status, run


def _run_comes_to(tasks: list[PlanTask], status: Mapping[str, str]) -> str:
    waited_for = {need for task in tasks if not is_cleaning(task) for need in needs_of(task)}
    leaves = [status[task.id] for task in tasks if task.id not in waited_for and not is_cleaning(task)]
    return "failed" if {"failed", "upstream_failed"} & set(leaves) else "succeeded"


def _comes_to(task: PlanTask, flow: Flow, status: Mapping[str, str]) -> str:
    links = {(source.task, source.port) for sources in task.inputs.values() for source in sources}
    links |= {(need, None) for need in task.after if need not in {name for name, _ in links}}
    verdict = judge(task.trigger, _upstream([_seen(flow, status, *link) for link in links], task, status, links))
    if verdict is Verdict.RUN and task.inputs and "data" not in task.optional:
        data = [_seen(flow, status, source.task, source.port) for source in task.inputs["data"]]
        verdict = judge(Trigger.ONE_SUCCESS, Upstream(len(data), *map(data.count, _STATES)))
    if verdict is Verdict.RUN:
        return "failed" if task.id in flow.bad else "succeeded"
    return {Verdict.SKIP: "skipped", Verdict.UPSTREAM_FAILED: "upstream_failed"}[verdict]


_STATES = ("succeeded", "skipped", "failed", "upstream_failed")


def _upstream(
    seen: list[str], task: PlanTask, status: Mapping[str, str], links: set[tuple[str, str | None]]
) -> Upstream:
    setups = [status[name] for name, _ in links if name == "up"]
    counted = (len(setups), setups.count("succeeded"), setups.count("skipped"))
    return Upstream(len(links), *map(seen.count, _STATES), *counted)


def _seen(flow: Flow, status: Mapping[str, str], name: str, port: str | None) -> str:
    """How `name` ended, as a reader of `port` sees it."""
    if status[name] != "succeeded" or name not in flow.taken:
        return status[name]
    taken = flow.taken[name]
    return "succeeded" if (port in taken if port is not None else taken) else "skipped"
