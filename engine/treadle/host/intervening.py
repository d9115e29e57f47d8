"""Intervening: what somebody wants of a run, checked against how it stands, as the event that it is to become.

Each function raises UnknownTask, or RunRefused with what stands in the way. Reads run folders only: call off the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from treadle.catalog.catalog import Catalog, open_catalog
from treadle.host.api import RunRefused
from treadle.run.decide import next_step
from treadle.run.ground import Scopes
from treadle.run.history import read_state
from treadle.run.interventions import (
    ApprovalAnswered,
    Breakpoint,
    BreakpointSet,
    ParamsChanged,
    RunContinued,
    TaskStepped,
    When,
)
from treadle.run.items import ItemStore
from treadle.run.naming import find_task
from treadle.run.order import needs_of
from treadle.run.plan import Plan, PlanTask
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.roster import Roster, roster_of
from treadle.run.schedule import Schedule
from treadle.run.settling import unsettled
from treadle.run.state import RunState
from treadle.spec.parameter_text import typed
from treadle.spec.parameter_values import WrongValue
from treadle.spec.problems import NOWHERE, Problem, Where
from treadle.spec.types import ParameterKind
from treadle.spec.values import UnresolvedReference, Value, render
from treadle.store.artifacts import ArtifactStore
from treadle.store.descriptors import read_plain
from treadle.store.project import Project

__all__ = ["answering", "breaking", "changing", "continuing", "places", "stepping"]


def answering(state: RunState, task: str, approved: bool, note: str, by: str) -> ApprovalAnswered:
    """A decision of a task that waits for one."""
    task = find_task(state.run, state.tasks, task)
    found, here = state.tasks[task], Where(node=task)
    if found.answer is not None:
        raise _refused("answered", f"{task} was {found.message} already", here)
    if not found.is_asked:
        raise _refused("not-asked", f"{task} waits for no approval: {found.status}", here)
    return ApprovalAnswered(task, approved, note, by)


def continuing(state: RunState, by: str) -> RunContinued:
    _require_paused(state)
    return RunContinued(by)


def places(tasks: Mapping[str, PlanTask], here: Breakpoint) -> tuple[Breakpoint, ...]:
    """Where `here` is in a run: of a node that is a pipeline itself, before what begins it, or after what ends it."""
    if here.task in tasks:
        return (here,)
    inside = {id_: needs_of(task) for id_, task in tasks.items() if id_.startswith(f"{here.task}/")}
    if here.when is When.BEFORE:
        return tuple(Breakpoint(id_) for id_, needs in inside.items() if inside.keys().isdisjoint(needs))
    needed = {need for needs in inside.values() for need in needs}
    return tuple(Breakpoint(id_, When.AFTER) for id_ in inside if id_ not in needed)


def breaking(project: Project, run: str, here: Breakpoint, on: bool, by: str) -> tuple[BreakpointSet, ...]:
    """A breakpoint set or taken away, everywhere that it is."""
    roster, _ = _read(project, run)
    found = places(roster.tasks, here) or (Breakpoint(find_task(run, roster.tasks, here.task), here.when),)
    return tuple(BreakpointSet(each.task, each.when, on, by) for each in found)


def stepping(project: Project, run: str, task: str | None, by: str) -> TaskStepped:
    """One step: of `task`, or of what comes first."""
    roster, state = _read(project, run)
    _require_paused(state)
    named = None if task is None else find_task(run, state.tasks, task)
    chosen = next_step(Schedule(roster, state), state, named)
    if chosen is not None:
        return TaskStepped(chosen, by)
    if named is not None:
        message = f"{named} is not ready to begin: {state.tasks[named].status.replace('_', ' ')}"
        raise _refused("not-ready", message, Where(node=named), "step to what it waits for first")
    raise _refused("not-ready", f"nothing of run {run} is ready to begin", hint="wait until what runs has ended")


def changing(project: Project, run: str, task: str, values: Mapping[str, Value], by: str) -> ParamsChanged:
    """Values of a task that has not begun; a text is read as the parameter's type."""
    roster, state = _read(project, run)
    task = find_task(run, state.tasks, task)
    _require_paused(state)
    found = state.tasks[task]
    if not found.status.is_unbegun:
        message = f"{task} has begun already: {found.status.replace('_', ' ')}"
        raise _refused("has-begun", message, Where(node=task), "change it in the pipeline, and run that")
    catalog = open_catalog(project.root, project.cache / "catalog")
    settled: dict[str, Value] = {}
    problems = list(_settle(roster.plan, roster.tasks[task], values, catalog, settled))
    if problems:
        raise RunRefused(tuple(problems))
    return ParamsChanged(task, settled, by)


def _settle(
    plan: Plan, task: PlanTask, values: Mapping[str, Value], catalog: Catalog, settled: dict[str, Value]
) -> Iterator[Problem]:
    component = catalog.get(task.uses)
    if component is None:
        message = f"{task.uses} is no known component any more"
        yield Problem("unknown-component", message, Where(node=task.id), "put it back into components/")
        return
    scopes: Scopes = {"params": plan.params, "run": {"id": plan.run, "pipeline": plan.pipeline}}
    for name, value in values.items():
        where = Where(node=task.id, parameter=name)
        parameter = component.parameter(name)
        if parameter is None:
            known = ", ".join(each.name for each in component.parameters) or "none"
            yield Problem("unknown-parameter", f"{task.uses} has no parameter {name!r}", where, f"it has: {known}")
        elif name in task.inputs:
            yield Problem("fed-parameter", f"{task.id}.{name} is fed by a connection", where, "change what feeds it")
        elif parameter.type.kind is ParameterKind.SECRET:
            yield Problem("secret-parameter", f"{task.id}.{name} is a secret, and stays what it is in a run", where)
        else:
            try:
                settled[name] = typed(render(value, scopes), parameter.type)
            except (WrongValue, UnresolvedReference) as error:
                yield unsettled(f"{task.id}.{name}", error, where)


def _read(project: Project, run: str) -> tuple[Roster, RunState]:
    folder = project.run(run)
    state = read_state(folder)
    try:
        plan = plan_from_json(read_plain(folder.plan))
    except (OSError, UnreadablePlan) as error:
        raise _refused("unreadable-plan", f"the plan of {run} can't be read: {error}") from None
    return roster_of(plan, state, ItemStore(ArtifactStore(project.artifacts), project.root).read), state


def _require_paused(state: RunState) -> None:
    if state.paused is None:
        raise _refused("not-paused", f"run {state.run} is not paused", hint=f"`treadle pause {state.run}` first")


def _refused(code: str, message: str, where: Where = NOWHERE, hint: str = "") -> RunRefused:
    return RunRefused((Problem(code, message, where, hint),))
