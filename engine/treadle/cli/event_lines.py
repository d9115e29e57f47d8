"""What an event of a run says to a person: a line, or nothing."""

from __future__ import annotations

import json
from typing import Final, TypeAlias

from treadle.cli.marks import STYLES, SYMBOLS
from treadle.cli.terminal import seconds
from treadle.run.events import (
    ApprovalAnswered,
    AttemptEnded,
    AttemptLaunched,
    CancelRequested,
    Event,
    MapEnded,
    ParamsChanged,
    Recorded,
    RetryScheduled,
    RunAdmitted,
    RunContinued,
    RunInterrupted,
    RunPaused,
    RunQueued,
    RunResumed,
    RunStarted,
    RunTimedOut,
    TaskCached,
    TaskCancelled,
    TaskDeferred,
    TaskExpanded,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.expansion import owner_of
from treadle.run.map_words import items_of, progress_of
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.spec.quantities import format_duration
from treadle.store.logs import plain

__all__ = ["Said", "line_of"]

_FAILED_ITEMS: Final = 5

Said: TypeAlias = tuple[tuple[str, str], ...]
"""A line: texts, each in its style."""


def line_of(recorded: Recorded, state: RunState) -> Said | None:
    """What an event says to a person, if anything. `state` is what it made."""
    match recorded.event:
        case AttemptEnded(task=task) | TaskCancelled(task=task) if owner_of(task) is not None:
            return _item(task, state)
        case AttemptLaunched(task=task) | RetryScheduled(task=task) | TaskCached(task=task) if owner_of(task):
            return None
        case TaskSkipped(task=task) | TaskUpstreamFailed(task=task) | MapEnded(task=task) if owner_of(task):
            return None
        case event:
            return _of_run(event, state) or _of_task(event, state)


def _of_run(event: Event, state: RunState) -> Said | None:
    match event:
        case RunStarted(run=run, pipeline=pipeline, tasks=tasks):
            return ((f"run {plain(run)} of {plain(pipeline)}: {_counted(tasks)}", "dim"),)
        case RunResumed(tasks=tasks):
            return ((f"run {plain(state.run)} goes on: {_counted(tasks)} to do", "dim"),)
        case RunQueued(reason=reason):
            return (("⏸ ", "yellow"), ("queued: ", ""), (plain(reason), "dim"))
        case RunAdmitted() if not state.cancel_requested:
            return (("⏵ ", "blue"), ("its turn has come", ""))
        case RunInterrupted(reason=reason):
            return ((f"interrupted: {plain(reason)}", "yellow"),)
        case RunTimedOut(limit=limit):
            return ((f"ending: the run took longer than its limit of {format_duration(limit)}", "yellow"),)
        case CancelRequested(task=None, by=by):
            return ((f"cancelling ({plain(by)})", "yellow"),)
        case RunPaused() as pause:
            how = f"treadle continue {plain(state.run)}, treadle step {plain(state.run)}"
            return (("⏸ ", "yellow"), (plain(pause.words), ""), (f"  ({how})", "dim"))
        case RunContinued(by=by):
            return (("⏵ ", "blue"), ("goes on", ""), (f"  ({plain(by)})", "dim"))
        case _:
            return None


def _of_task(event: Event, state: RunState) -> Said | None:
    match event:
        case ParamsChanged(task=task, params=params, by=by):
            values = ", ".join(f"{name}={json.dumps(value)}" for name, value in params.items())
            return ((f"{plain(task)} runs with {plain(values)} ({plain(by)})", "dim"),)
        case TaskExpanded(task=task) if task in state.maps and owner_of(task) is None:
            return (("▸ ", "blue"), (plain(task), ""), (f"  {items_of(state.maps[task])}", "dim"))
        case AttemptLaunched(task=task, number=number):
            again = f" (attempt {number})" if number > 1 else ""
            return (("▸ ", "blue"), (plain(task), ""), (again, "dim"))
        case TaskDeferred(task=task, message=message, asks=asks):
            how = f" (treadle approve {plain(state.run)} {plain(task)})" if asks else ""
            return (("⏸ ", "yellow"), (plain(task), ""), (f"  {plain(message)}{how}", "dim"))
        case ApprovalAnswered(task=task) if task in state.tasks:
            return (("⏵ ", "blue"), (plain(task), ""), (f"  {plain(state.tasks[task].message)}", "dim"))
        case RetryScheduled(task=task):
            return (("↻ ", "yellow"), (plain(task), ""), (" will be tried again", "dim"))
        case MapEnded(task=task) if task in state.maps:
            return (*_ending(task, state.tasks[task]), (f", {progress_of(state.maps[task])}", "dim"))
        case (
            AttemptEnded() | MapEnded() | TaskCached() | TaskCancelled() | TaskSkipped() | TaskUpstreamFailed()
        ) as event:
            return _ending(event.task, state.tasks[event.task]) if event.task in state.tasks else None
        case _:
            return None


def _item(task: str, state: RunState) -> Said | None:
    """Of items only those that failed are told, and of each map the first few: there may be thousands."""
    owner = owner_of(task)
    if owner is None or task not in state.tasks or owner not in state.maps:
        return None
    told = state.tasks[task].status.is_failure and state.maps[owner].failed <= _FAILED_ITEMS
    return _ending(task, state.tasks[task]) if told else None


def _ending(task: str, state: TaskState) -> Said:
    status = state.status
    took = seconds(state.duration(state.finished_at or 0.0)) if state.started_at else ""
    word = "" if status is TaskStatus.SUCCEEDED else status.replace("_", " ")
    why = plain(state.reason) if status is TaskStatus.SKIPPED else ""
    details = ", ".join(part for part in (word, took, _rows(state), why) if part)
    return ((SYMBOLS[status] + " ", STYLES.get(status, "")), (plain(task), ""), (f"  {details}", "dim"))


def _rows(state: TaskState) -> str:
    counted = [ref.meta.get("rows") for ref in state.outputs.values()]
    rows = [count for count in counted if isinstance(count, int)]
    return " + ".join(f"{count:,}" for count in rows) + " rows" if rows else ""


def _counted(tasks: tuple[str, ...]) -> str:
    return f"{len(tasks)} task{'s' * (len(tasks) != 1)}"
