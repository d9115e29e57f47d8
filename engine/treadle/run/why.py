"""Why: which of code, parameters, inputs, files and environment made a task run, with what each was and is.

It compares the recipe that the task was looked up by with the recipe of its last success before, and says where the
values came from. Reads run folders only: nothing of the project is imported or run.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from treadle.run.history import read_state
from treadle.run.machine import ProcMachine
from treadle.run.map_words import items_of
from treadle.run.naming import find_task
from treadle.run.pipeline_changes import CodeChange, pipeline_changes
from treadle.run.plan import Plan
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.recipe import Recipe
from treadle.run.recipe_log import Comparison, read_comparison
from treadle.run.state import RunState, RunStatus, TaskStatus
from treadle.run.waits import find_waits
from treadle.spec.values import Value
from treadle.store.descriptors import read_plain
from treadle.store.project import Project, RunFolder

__all__ = ["Change", "CodeChange", "InputChange", "Origin", "Why", "explain"]

_MAY_WAIT: Final = (TaskStatus.PENDING, TaskStatus.RETRYING)


@dataclass(frozen=True, slots=True)
class Change:
    """One named value that changed. None where it was not there, which `was_there` and `is_there` tell from null."""

    name: str
    before: Value
    now: Value
    was_there: bool = True
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class Origin:
    """An artifact that a port was fed: from `task`, which made it in `run`, where that is known."""

    task: str
    digest: str
    run: str | None = None


@dataclass(frozen=True, slots=True)
class InputChange:
    """What fed a port before and now; `changed` where the values differ."""

    port: str
    before: tuple[Origin, ...]
    now: tuple[Origin, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Why:
    """Why a task ran, or did not. `reason` is one sentence. `compared` is whether there was anything to compare with.

    `before` is the run of its last success before this one, None where there was none or it isn't known.
    """

    run: str
    task: str
    status: str
    reason: str
    compared: bool = False
    before: str | None = None
    code: CodeChange | None = None
    parameters: tuple[Change, ...] = ()
    inputs: tuple[InputChange, ...] = ()
    files: tuple[Change, ...] = ()
    environment: tuple[Change, ...] = ()
    pipelines: tuple[CodeChange, ...] = ()
    """The files of the pipelines that it stands in, where those changed."""


def explain(project: Project, run: str, task: str) -> Why:
    """Raises UnknownTask where the run has no such task."""
    folder = project.run(run)
    state = read_state(folder)
    task = find_task(run, state.tasks, task)
    reason = find_waits(project, run, ProcMachine()).get(task) if state.tasks[task].status in _MAY_WAIT else None
    plain = Why(run, task, state.tasks[task].status.value, reason or _sentence(state, task))
    comparison = read_comparison(folder.recipes, task)
    if comparison is None or comparison.before is None:
        return plain
    return _compared(plain, comparison, comparison.before, project, state)


def _sentence(state: RunState, task: str) -> str:
    found = state.tasks[task]
    if task in state.maps and (found.status.is_success or found.status.is_failure):
        return f"it ran once for each of {items_of(state.maps[task])}: ask of one, as {task}[0]"
    match found.status:
        case TaskStatus.CACHED:
            return f"nothing changed: its result is that of run {found.cached_from}"
        case TaskStatus.UPSTREAM_FAILED:
            return f"it did not run: {found.cause} did not succeed"
        case TaskStatus.PENDING if state.status is RunStatus.QUEUED:
            return f"the run is queued: {state.reason}"
        case TaskStatus.PENDING if state.paused is not None:
            return f"it has not begun, and the run is {state.paused.words}: `treadle continue {state.run}`"
        case TaskStatus.PENDING:
            return "it has not come up yet"
        case TaskStatus.PAUSED:
            return f"the run is paused before it: `treadle continue {state.run}`, or `treadle step {state.run}`"
        case TaskStatus.DEFERRED if found.message:
            return found.message
        case TaskStatus.CANCELLED if found.number == 0:
            return "it did not run: it was cancelled before"
        case TaskStatus.SKIPPED:
            return f"it did not run: {found.reason}"
        case _:
            return found.reason or "it was to run"


def _compared(plain: Why, comparison: Comparison, before: Recipe, project: Project, state: RunState) -> Why:
    now, earlier = comparison.now, comparison.run
    folder = project.run(earlier) if earlier is not None else None
    there = None if folder is None or earlier == plain.run else read_state(folder)
    return Why(
        plain.run,
        plain.task,
        plain.status,
        plain.reason,
        compared=True,
        before=earlier,
        code=_code(before, now, folder, project.run(plain.run)),
        parameters=tuple(_changes(before.params, now.params)),
        inputs=tuple(_inputs(before, now, there, state)),
        files=tuple(_changes(before.files, now.files)),
        environment=tuple(_changes(_surroundings(before), _surroundings(now))),
        pipelines=tuple(pipeline_changes(folder, project.run(plain.run), plain.task)),
    )


def _surroundings(recipe: Recipe) -> Mapping[str, str]:
    return {**recipe.environment, **({"cache version": recipe.version} if recipe.version else {})}


def _code(before: Recipe, now: Recipe, then: RunFolder | None, here: RunFolder) -> CodeChange | None:
    if (before.code, before.outputs) == (now.code, now.outputs):
        return None
    was = _text(then, before.code)
    is_ = _text(here, now.code)
    lines = [] if was is None or is_ is None else difflib.unified_diff(
        was.splitlines(), is_.splitlines(), f"{before.uses} before", f"{now.uses} now", lineterm=""
    )  # fmt: skip
    return CodeChange(before.uses, now.uses, "".join(f"{line}\n" for line in lines))


def _text(folder: RunFolder | None, digest: str) -> str | None:
    plan = None if folder is None else _plan(folder)
    found = None if plan is None else next((each for each in plan.slices.values() if each.digest == digest), None)
    return None if found is None else found.text


def _plan(folder: RunFolder) -> Plan | None:
    try:
        return plan_from_json(read_plain(folder.plan))
    except (OSError, UnreadablePlan):
        return None


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for name in (*now, *(name for name in before if name not in now)):
        was, is_ = before.get(name), now.get(name)
        if was != is_ or type(was) is not type(is_) or (name in before) is not (name in now):
            yield Change(name, was, is_, name in before, name in now)


def _inputs(before: Recipe, now: Recipe, then: RunState | None, here: RunState) -> Iterator[InputChange]:
    for port in (*now.inputs, *(port for port in before.inputs if port not in now.inputs)):
        changed = before.inputs.get(port) != now.inputs.get(port)
        yield InputChange(port, _origins(before, port, then), _origins(now, port, here), changed)


def _origins(recipe: Recipe, port: str, state: RunState | None) -> tuple[Origin, ...]:
    digests = [fed.rpartition(":")[2] for fed in recipe.inputs.get(port, ())]
    names = recipe.sources.get(port, ())
    if len(names) != len(digests):  # some of what could feed the port gave nothing
        names = ("",) * len(digests)
    return tuple(Origin(name, digest, _made_in(state, name)) for name, digest in zip(names, digests, strict=True))


def _made_in(state: RunState | None, task: str) -> str | None:
    found = None if state is None else state.tasks.get(task)
    return None if state is None or found is None else found.cached_from or state.run
