"""`treadle runs`, `show` and `cancel`: what has run in a project, read from its run folders."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import msgspec
from rich.text import Text

from treadle.cli.failures import told_in_one_line
from treadle.cli.groups import group_json, grouped, with_groups
from treadle.cli.narrators import STYLES, SYMBOLS
from treadle.cli.terminal import Exit, Terminal, ago, seconds
from treadle.host.api import RunSummary
from treadle.host.facade import LocalEngine
from treadle.run.machine import ProcMachine
from treadle.run.map_words import progress_of
from treadle.run.naming import find_task
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.run.waits import find_waits
from treadle.spec.values import Value
from treadle.store.logs import plain
from treadle.store.project import Project

__all__ = ["cancel_node", "cancel_run", "find_values", "list_runs", "show_run", "task_json", "with_engine"]

_T = TypeVar("_T")

_GOING_ON: Final = ("queued", "running")
_STATE_STYLES: Final = {"running": "blue", "succeeded": "green", "failed": "red", "cancelled": "yellow"}
_PATIENCE: Final = 15.0  # seconds: the grace of an attempt, and some
_POLL: Final = 0.1
_WIDEST: Final = 60


def with_engine(project: Project, ask: Callable[[LocalEngine], Awaitable[_T]]) -> _T:
    """What `ask` gets from the project's engine, opened in this process for the one question."""

    async def answer() -> _T:
        engine = LocalEngine(project)
        try:
            return await ask(engine)
        finally:
            await engine.close()

    return asyncio.run(answer())


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
    given = _rendered(project, summary.run)
    # Of a run that has ended nothing waits, and its journal may be long.
    waits = {} if state.status.is_done else find_waits(project, summary.run, ProcMachine())
    shown = state.tasks if items else state.planned()
    groups = grouped(shown)
    if as_json:
        tasks = {
            id_: {
                **task_json(task),
                "waits": waits.get(id_, ""),
                "params": _values(given, id_, task),
                **_items_json(state, id_),
            }
            for id_, task in shown.items()
        }
        breakpoints = [each._asdict() for each in sorted(state.breakpoints)]
        facts = {"params": dict(state.params), "reason": state.reason, "breakpoints": breakpoints, "tasks": tasks}
        facts["groups"] = {name: group_json(tally) for name, tally in groups.items()}
        terminal.json({**dataclasses.asdict(summary), **facts})
        return Exit.OK
    terminal.say(f"{summary.run}  {summary.pipeline}  {_state(summary)}", _STATE_STYLES.get(summary.state, "yellow"))
    terminal.say(f"{summary.file or 'not from a file'}  {ago(summary.started, time.time())}  {summary.folder}", "dim")
    if state.reason:
        terminal.say(plain(state.reason), "yellow")
    if state.breakpoints:
        terminal.say(plain(f"breakpoints: {', '.join(f'{when} {task}' for task, when in sorted(state.breakpoints))}"))
    for name, value in state.params.items():
        terminal.say(f"  {name} = {value}")
    now = time.time()
    rows = {
        id_: (*_task_row(id_, task, waits.get(id_) or _items(state, id_), now), _with(_values(given, id_, task)))
        for id_, task in shown.items()
    }
    terminal.table(("", "task", "state", "took", "why", "with"), with_groups(groups, rows))
    return Exit.OK


def cancel_run(terminal: Terminal, project: Project, run: str, as_json: bool) -> Exit:
    """Asks whichever process holds the run, and waits for its end."""
    before, after = with_engine(project, lambda engine: _cancel(engine, run))
    if as_json:
        terminal.json({"run": after.run, "state": after.state})
    if before.state not in _GOING_ON:
        terminal.warn(f"{before.run} is not running: {before.state}")
        return Exit.FAILED
    if after.state in _GOING_ON:
        terminal.error(f"{after.run} was asked to stop {_PATIENCE:g} s ago and still runs")
        return Exit.FAILED
    if not as_json:
        terminal.say(f"{after.run} {after.state}")
    return Exit.OK


def cancel_node(terminal: Terminal, project: Project, run: str, node: str, as_json: bool) -> Exit:
    """As `cancel_run`, of one node; the rest of the run goes on. Raises UnknownTask."""
    run, before, after = with_engine(project, lambda engine: _cancel_node(engine, run, node))
    if as_json:
        terminal.json({"run": run, "node": node, "state": after.status.value})
    if before.status.is_done:
        terminal.warn(f"{node} has ended already: {before.status.replace('_', ' ')}")
        return Exit.FAILED
    if not after.status.is_done:
        terminal.error(f"{node} was asked to stop {_PATIENCE:g} s ago and is {after.status} still")
        return Exit.FAILED
    if not as_json:
        terminal.say(f"{node} {after.status.replace('_', ' ')}")
    return Exit.OK


async def _cancel_node(engine: LocalEngine, run: str, node: str) -> tuple[str, TaskState, TaskState]:
    run = (await engine.summary(run)).run
    tasks = (await engine.state(run)).tasks
    before = after = tasks[find_task(run, tasks, node)]
    if not before.status.is_done:
        await engine.cancel(run, node)
        deadline = time.monotonic() + _PATIENCE
        while not after.status.is_done and time.monotonic() < deadline:
            await asyncio.sleep(_POLL)
            after = (await engine.state(run)).tasks[node]
    return run, before, after


async def _cancel(engine: LocalEngine, run: str) -> tuple[RunSummary, RunSummary]:
    before = after = await engine.summary(run)
    if before.state in _GOING_ON:
        await engine.cancel(before.run)
        deadline = time.monotonic() + _PATIENCE
        while after.state in _GOING_ON and time.monotonic() < deadline:
            await asyncio.sleep(_POLL)
            after = await engine.summary(before.run)
    return before, after


async def _summary_and_state(engine: LocalEngine, run: str) -> tuple[RunSummary, RunState]:
    summary = await engine.summary(run)
    return summary, await engine.state(summary.run)


def _state(run: RunSummary) -> str:
    return plain(f"{run.state}, {run.paused}" if run.paused else run.state)


def _row(run: RunSummary, now: float) -> tuple[str | Text, ...]:
    took = (run.finished or now) - run.started
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in run.counts.items())
    state = Text(_state(run), _STATE_STYLES.get(run.state, "yellow"))
    return run.run, run.pipeline, state, ago(run.started, now), seconds(took), counts


def _rendered(project: Project, run: str) -> Mapping[str, Mapping[str, Value]]:
    """Each task's parameters as the run was given them, references settled; nothing where the plan is gone."""
    try:
        plan = plan_from_json(project.run(run).plan.read_bytes())
    except (OSError, UnreadablePlan):
        return {}
    return {id_: task.params for id_, task in plan.tasks.items()}


def _values(given: Mapping[str, Mapping[str, Value]], id_: str, task: TaskState) -> dict[str, Value]:
    """Those of the plan, and what was changed for this run."""
    return {**given.get(id_, {}), **task.params}


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
