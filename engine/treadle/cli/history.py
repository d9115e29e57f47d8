"""`treadle runs` and `show`: what has run in a project, read from its run folders."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping
from typing import Final

import msgspec
from rich.text import Text

from treadle.cli.asking import with_engine
from treadle.cli.failures import told_in_one_line
from treadle.cli.groups import group_json, grouped, with_groups
from treadle.cli.marks import STYLES, SYMBOLS
from treadle.cli.terminal import Exit, Terminal, ago, seconds
from treadle.host.api import RunSummary
from treadle.host.facade import LocalEngine
from treadle.run.expansion import node_of
from treadle.run.machine import ProcMachine
from treadle.run.map_words import progress_of
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.run.waits import find_waits
from treadle.spec.values import Value
from treadle.store.descriptors import read_plain
from treadle.store.logs import plain
from treadle.store.project import Project

__all__ = ["as_written", "find_values", "list_runs", "show_run", "task_json"]

_STATE_STYLES: Final = {"running": "blue", "succeeded": "green", "failed": "red", "cancelled": "yellow"}
_WIDEST: Final = 60


def list_runs(terminal: Terminal, project: Project, limit: int, as_json: bool) -> Exit:
    runs = with_engine(project, lambda engine: engine.runs(limit))
    if as_json:
        terminal.json([dataclasses.asdict(run) for run in runs])
        return Exit.OK
    if not runs:
        terminal.warn(f"no runs yet in {project.root}; `treadle run FILE` makes one")
        return Exit.OK
    now = time.time()
    terminal.table(("run", "pipeline", "state", "started", "took", "tasks"), [_row(run, now) for run in runs])
    return Exit.OK


def show_run(terminal: Terminal, project: Project, run: str, as_json: bool, items: bool = False) -> Exit:
    """With `items` each item of a map stands by itself, else the map says how far they are."""
    summary, state = with_engine(project, lambda engine: _summary_and_state(engine, run))
    # Of a run that has ended nothing waits, and its journal may be long.
    waits = {} if state.status.is_done else find_waits(project, summary.run, ProcMachine())
    tasks = _in_order(state) if items else state.planned()
    shown = _Shown(summary, state, tasks, _rendered(project, summary.run), waits)
    if as_json:
        terminal.json(_run_json(shown))
    else:
        _tell(terminal, shown)
    return Exit.OK


@dataclasses.dataclass(frozen=True, slots=True)
class _Shown:
    """A run as it is shown: `tasks` are those that stand by themselves, `given` what the plan gives each, `waits` what
    each waits for."""

    summary: RunSummary
    state: RunState
    tasks: Mapping[str, TaskState]
    given: Mapping[str, Mapping[str, Value]]
    waits: Mapping[str, str]


def _run_json(shown: _Shown) -> dict[str, object]:
    state = shown.state
    tasks = {
        id_: {
            **task_json(task),
            "waits": shown.waits.get(id_, ""),
            "params": _values(shown.given, id_, task),
            **_items_json(state, id_),
        }
        for id_, task in shown.tasks.items()
    }
    return {
        **dataclasses.asdict(shown.summary),
        "params": dict(state.params),
        "reason": state.reason,
        "breakpoints": [each._asdict() for each in sorted(state.breakpoints)],
        "tasks": tasks,
        "groups": {name: group_json(tally) for name, tally in grouped(shown.tasks).items()},
    }


def _tell(terminal: Terminal, shown: _Shown) -> None:
    summary, state, now = shown.summary, shown.state, time.time()
    terminal.say(f"{summary.run}  {summary.pipeline}  {_state(summary)}", _STATE_STYLES.get(summary.state, "yellow"))
    terminal.say(f"{summary.file or 'not from a file'}  {ago(summary.started, now)}  {summary.folder}", "dim")
    if state.reason:
        terminal.say(plain(state.reason), "yellow")
    if state.breakpoints:
        terminal.say(plain(f"breakpoints: {', '.join(f'{when} {task}' for task, when in sorted(state.breakpoints))}"))
    for name, value in state.params.items():
        terminal.say(f"  {name} = {value}")
    rows = {
        id_: (
            *_task_row(id_, task, shown.waits.get(id_) or _items(state, id_), now),
            _with(_values(shown.given, id_, task)),
        )
        for id_, task in shown.tasks.items()
    }
    terminal.table(("", "task", "state", "took", "why", "with"), with_groups(grouped(shown.tasks), rows))


def _in_order(state: RunState) -> Mapping[str, TaskState]:
    """All tasks: below each map its items by number, in whichever order they began."""
    places = {task: place for place, task in enumerate(state.planned())}

    def key(task: str) -> tuple[int, int]:
        item = task.partition("[")[2].partition("]")[0]
        return places[node_of(task)], int(item) if item else -1

    return {task: state.tasks[task] for task in sorted(state.tasks, key=key)}


async def _summary_and_state(engine: LocalEngine, run: str) -> tuple[RunSummary, RunState]:
    summary = await engine.summary(run)
    return summary, await engine.state(summary.run)


def _state(run: RunSummary) -> str:
    return plain(f"{run.state}, {run.paused}" if run.paused else run.state)


def _row(run: RunSummary, now: float) -> tuple[str | Text, ...]:
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in run.counts.items())
    state = Text(_state(run), _STATE_STYLES.get(run.state, "yellow"))
    return run.run, run.pipeline, state, ago(run.started, now), seconds(run.duration(now)), counts


def _rendered(project: Project, run: str) -> Mapping[str, Mapping[str, Value]]:
    """Each task's parameters as the run was given them, references settled; nothing where the plan is gone."""
    try:
        plan = plan_from_json(read_plain(project.run(run).plan))
    except (OSError, UnreadablePlan):
        return {}
    return {id_: task.params for id_, task in plan.tasks.items()}


def _values(given: Mapping[str, Mapping[str, Value]], id_: str, task: TaskState) -> dict[str, Value]:
    """Those of the plan, and what was changed for this run; a port's path as it is written, `$out.table`."""
    return {name: as_written(value) for name, value in {**given.get(id_, {}), **task.params}.items()}


def as_written(value: Value) -> Value:
    """`value` with a port's path as it stands in a pipeline file."""
    match value:
        case {"$port": str(port), **more} if not more:
            return f"${port}"
        case dict():
            return {name: as_written(item) for name, item in value.items()}
        case list():
            return [as_written(item) for item in value]
        case _:
            return value


def find_values(project: Project, run: str, id_: str, task: TaskState) -> dict[str, Value]:
    """What a task of `run` was given."""
    return _values(_rendered(project, run), id_, task)


def _with(params: Mapping[str, Value]) -> str:
    text = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in params.items())
    return plain(text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…")


def _items_json(state: RunState, id_: str) -> dict[str, object]:
    if (items := state.maps.get(id_)) is None:
        return {}
    counts = {status.value: count for status, count in items.counts.items() if count}
    return {"items": {"count": items.items, "done": items.done, "counts": counts}}


def _items(state: RunState, id_: str) -> str:
    is_told = id_ in state.maps and not state.tasks[id_].status.is_failure
    return progress_of(state.maps[id_]) if is_told else ""


def _task_row(id_: str, task: TaskState, waits: str, now: float) -> tuple[str | Text, ...]:
    style = STYLES.get(task.status, "")
    cached = f"from run {task.cached_from}" if task.cached_from else ""
    cause = f"{task.cause} did not succeed" if task.cause else ""
    waited = task.message if task.status is TaskStatus.DEFERRED or task.answer else ""
    why = waits or told_in_one_line(task) or waited or cached or cause or task.reason
    state = Text(task.status.replace("_", " "), style)
    return Text(SYMBOLS[task.status], style), id_, state, seconds(task.duration(now)), plain(why.split("\n")[0])


def task_json(task: TaskState) -> dict[str, object]:
    return {
        "status": task.status.value,
        "attempt": task.number,
        "started": task.started_at,
        "finished": task.finished_at,
        "reason": task.reason,
        "cause": task.cause,
        "cached_from": task.cached_from,
        "error": told_in_one_line(task),
        "message": task.message,
        "answer": msgspec.structs.asdict(task.answer) if task.answer else None,
        "usage": msgspec.structs.asdict(task.usage) if task.usage else None,
        "outputs": {port: dataclasses.asdict(ref) for port, ref in task.outputs.items()},
        "kept": {name: dataclasses.asdict(ref) for name, ref in task.kept.items()},
        "checkpoint": dataclasses.asdict(task.checkpoint) if task.checkpoint else None,
    }
