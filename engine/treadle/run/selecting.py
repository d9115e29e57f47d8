"""Selecting: which part of a pipeline a run does, and what stands in for the rest.

    to NODE       NODE and all it needs
    start_from    NODE and everything after it run anew; what they need is taken from earlier runs, or else run
    only NODE     NODE alone runs; what it reads is taken from earlier runs
    failed        what failed in the last run, and what waited for it; the rest is taken from that run

NODE may be a sub-pipeline, which means all its nodes. What is taken begins as cached, what isn't needed as skipped: a
run of a part is folded, resumed and shown as any other.
A set-up is never taken, for what it set up is gone: it runs with what it serves, and so does its teardown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from treadle.run.cleaning import with_teardowns
from treadle.run.events import Event, TaskCached, TaskSkipped
from treadle.run.order import needs_of
from treadle.run.plan import Plan, PlanTask
from treadle.run.resuming import Holds, after, set_up_anew
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.spec.flattening import members
from treadle.spec.flow import Trigger
from treadle.spec.graph import ancestors, descendants
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, Where

__all__ = ["EarlierRun", "EarlierRuns", "NotSelectable", "Opening", "Selection", "open_with", "wanted_nodes"]

_NOT_NEEDED: Final = "it is no part of this run"


class NotSelectable(Exception):
    """The part can't be run by itself; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Selection:
    """At most one is set; with none the whole pipeline runs."""

    to: str | None = None
    start_from: str | None = None
    only: str | None = None
    failed: bool = False

    @property
    def node(self) -> str | None:
        return self.to or self.start_from or self.only

    @property
    def is_single(self) -> bool:
        return sum((self.to is not None, self.start_from is not None, self.only is not None, self.failed)) <= 1


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run of the same pipeline, as far as it got."""

    plan: Plan
    state: RunState


class EarlierRuns:
    """Runs, newest first, each taken from `runs` when it is first asked for."""

    def __init__(self, runs: Iterable[EarlierRun]) -> None:
        self._left = iter(runs)
        self._seen: list[EarlierRun] = []

    @property
    def last(self) -> EarlierRun | None:
        """The newest."""
        return next(iter(self), None)

    def __iter__(self) -> Iterator[EarlierRun]:
        yield from self._seen
        for run in self._left:
            self._seen.append(run)
            yield run


@dataclass(frozen=True, slots=True)
class Opening:
    """How a run of `plan` begins: `anew` are tasks that run whatever the cache has, `events` tell of the others."""

    plan: Plan
    anew: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    pipelines: Mapping[str, str] = field(default_factory=dict)
    """The texts of the sub-pipelines' files that went into the plan, by their paths in the project."""


def wanted_nodes(pipeline: Pipeline, selection: Selection, earlier: EarlierRuns) -> frozenset[str]:
    """The nodes that the plan has to know. Raises NotSelectable."""
    node = selection.node
    chosen = frozenset(members(pipeline, node)) if node is not None else frozenset[str]()
    if node is not None and not chosen:
        raise NotSelectable(_unknown(pipeline, node))
    if selection.failed:
        if (last := earlier.last) is None:
            raise NotSelectable(_no_run(pipeline))
        within = frozenset(task.node for task in last.plan.tasks.values()) & pipeline.nodes.keys()
    elif selection.start_from is not None:
        within = chosen | descendants(pipeline, *chosen)
    elif node is not None:
        within = chosen
    else:
        return frozenset(pipeline.nodes)
    return with_teardowns(pipeline, within | ancestors(pipeline, *within))


def open_with(plan: Plan, selection: Selection, earlier: EarlierRuns, holds: Holds) -> Opening:
    """How a run of `plan`, made of the wanted nodes, begins. `earlier` are the pipeline's runs, newest first, of
    which as many are looked at as are needed. Raises NotSelectable."""
    if selection.failed and earlier.last is not None:
        return _failed(plan, earlier.last, holds)
    if selection.start_from is not None:
        anew = _tasks_of(plan, selection.start_from)
        return _part(plan, after(plan.tasks, anew), earlier, holds)
    if selection.only is not None:
        return _only(plan, _tasks_of(plan, selection.only), earlier, holds)
    return Opening(plan)


def _tasks_of(plan: Plan, node: str) -> frozenset[str]:
    return frozenset(id_ for id_, task in plan.tasks.items() if task.node == node or task.node.startswith(f"{node}/"))


def _only(plan: Plan, chosen: frozenset[str], earlier: EarlierRuns, holds: Holds) -> Opening:
    patient = {id_: _patient(plan.tasks[id_], chosen) for id_ in chosen}
    opening = _part(replace(plan, tasks={**plan.tasks, **patient}), chosen, earlier, holds, takes_all=True)
    there = chosen | _set_ups(plan) | {event.task for event in opening.events if isinstance(event, TaskCached)}
    for task in map(plan.tasks.__getitem__, sorted(chosen)):
        for port, sources in task.inputs.items():
            missing = (source.task for source in sources if source.task not in there)
            for source in missing:
                if port not in task.optional or not _was_skipped(source, earlier):
                    raise NotSelectable(_no_result(task.id, port, source))
    return opening


def _patient(task: PlanTask, chosen: AbstractSet[str]) -> PlanTask:
    """What it waits for outside `chosen` is over, however that ended: the task was asked for by name."""
    if chosen.isdisjoint(needs_of(task)):
        return replace(task, trigger=Trigger.ALL_DONE)
    return replace(task, after=tuple(other for other in task.after if other in chosen or other in task.teardown_of))


def _was_skipped(task: str, earlier: EarlierRuns) -> bool:
    """In the last run: then a reader that can do without it did."""
    last = earlier.last
    return last is not None and _status(last.state.tasks, task) is TaskStatus.SKIPPED


def _part(
    plan: Plan, chosen: AbstractSet[str], earlier: EarlierRuns, holds: Holds, *, takes_all: bool = False
) -> Opening:
    """`chosen` run anew. With `takes_all` nothing else does, but for set-ups and teardowns."""
    served = _set_ups(plan)
    cleaning = served | {task.id for task in plan.tasks.values() if task.teardown_of}
    outside = [task for id_, task in plan.tasks.items() if id_ not in chosen and id_ not in cleaning]
    taken = _taken(outside, earlier, holds)
    needed: set[str] = set(chosen)
    ahead = list(chosen)
    while ahead:
        for id_ in needs_of(plan.tasks[ahead.pop()]):
            if id_ not in needed and id_ not in taken and (not takes_all or id_ in served):
                needed.add(id_)
                ahead.append(id_)
    teardowns = (task for task in plan.tasks.values() if not needed.isdisjoint(task.teardown_of))
    needed.update(task.id for task in teardowns)
    skipped = [TaskSkipped(id_, _NOT_NEEDED) for id_ in plan.tasks if id_ not in needed and id_ not in taken]
    return Opening(plan, tuple(id_ for id_ in plan.tasks if id_ in chosen), (*taken.values(), *skipped))


def _taken(tasks: Iterable[PlanTask], earlier: EarlierRuns, holds: Holds) -> dict[str, TaskCached]:
    """What stands in for `tasks`, each from the newest run in which it succeeded."""
    missing = {task.id: task for task in tasks}
    taken: dict[str, TaskCached] = {}
    runs = iter(earlier)
    while missing and (run := next(runs, None)) is not None:
        found = {id_: event for id_, task in missing.items() if (event := _result(task, run, holds)) is not None}
        taken |= found
        missing = {id_: task for id_, task in missing.items() if id_ not in found}
    return taken


def _result(task: PlanTask, run: EarlierRun, holds: Holds) -> TaskCached | None:
    """The success of `task` in `run`, where it was the same component and all that it gave is still there."""
    state, before = run.state.tasks.get(task.id), run.plan.tasks.get(task.id)
    if state is None or before is None or not state.status.is_success:
        return None
    if (before.uses, before.outputs) != (task.uses, task.outputs) or not all(map(holds, state.outputs.values())):
        return None
    return TaskCached(task.id, state.cache_key or "", state.outputs, state.cached_from or run.plan.run, state.kept)


def _failed(plan: Plan, last: EarlierRun, holds: Holds) -> Opening:
    results = {id_: event for id_, task in plan.tasks.items() if (event := _result(task, last, holds)) is not None}
    states = last.state.tasks
    lost = [id_ for id_ in plan.tasks if id_ not in results and _status(states, id_) is not TaskStatus.SKIPPED]
    if not lost:
        message = f"nothing failed in the last run of {plan.pipeline}, {last.plan.run}"
        raise NotSelectable(Problem("nothing-failed", message, hint="leave out --failed to run all of it"))
    at_end = [id_ for id_, task in plan.tasks.items() if task.at_end is not None]
    again = after(plan.tasks, [*lost, *at_end])
    again |= set_up_anew(plan.tasks, lambda id_: id_ in states and states[id_].number > 0, again)
    standing = (id_ for id_ in plan.tasks if id_ not in again)
    return Opening(plan, (), tuple(results.get(id_) or TaskSkipped(id_, states[id_].reason) for id_ in standing))


def _status(states: Mapping[str, TaskState], id_: str) -> TaskStatus | None:
    return states[id_].status if id_ in states else None


def _set_ups(plan: Plan) -> frozenset[str]:
    return frozenset(id_ for task in plan.tasks.values() for id_ in task.teardown_of)


def _unknown(pipeline: Pipeline, node: str) -> Problem:
    known = ", ".join(pipeline.nodes) or "none"
    return Problem("unknown-node", f"the pipeline has no node {node!r}", Where(node=node), f"it has: {known}")


def _no_run(pipeline: Pipeline) -> Problem:
    return Problem("no-earlier-run", f"{pipeline.name} has not run before", hint="leave out --failed to run all of it")


def _no_result(task: str, port: str, source: str) -> Problem:
    message = f"{task} reads {source}, and no earlier run has kept what that gave"
    return Problem("no-earlier-result", message, Where(node=task, port=port), f"run up to it first: --to {source}")
