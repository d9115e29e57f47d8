"""A run as it is told on a terminal: progress bars, plain lines, or its events as NDJSON.

A narrator is given every event once, with the state that it made; it decides nothing.
"""

from __future__ import annotations

import json
import sys
from types import TracebackType
from typing import Final, Protocol, Self, TypeAlias

from treadle.cli.terminal import Terminal, seconds
from treadle.run.event_codec import encode
from treadle.run.events import (
    ApprovalAnswered,
    AttemptEnded,
    AttemptLaunched,
    CancelRequested,
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

__all__ = ["STYLES", "SYMBOLS", "Lines", "Narrator", "Ndjson", "Quiet", "Said", "line_of", "narrator_for"]

SYMBOLS: Final = {
    TaskStatus.PENDING: "·", TaskStatus.QUEUED: "·", TaskStatus.RUNNING: "▸", TaskStatus.RETRYING: "↻",
    TaskStatus.DEFERRED: "⏸", TaskStatus.PAUSED: "⏸", TaskStatus.SUCCEEDED: "✓", TaskStatus.CACHED: "⟳",
    TaskStatus.FAILED: "✗", TaskStatus.CRASHED: "✗", TaskStatus.TIMED_OUT: "✗", TaskStatus.CANCELLED: "■",
    TaskStatus.SKIPPED: "–", TaskStatus.UPSTREAM_FAILED: "–",
}  # fmt: skip
STYLES: Final = {
    TaskStatus.RUNNING: "blue", TaskStatus.RETRYING: "yellow", TaskStatus.SUCCEEDED: "green",
    TaskStatus.CACHED: "green", TaskStatus.FAILED: "red", TaskStatus.CRASHED: "red", TaskStatus.TIMED_OUT: "red",
    TaskStatus.CANCELLED: "yellow", TaskStatus.SKIPPED: "dim", TaskStatus.UPSTREAM_FAILED: "dim",
}  # fmt: skip


_FAILED_ITEMS: Final = 5
_one_line: Final = json.JSONEncoder(separators=(", ", ": ")).encode


class Narrator(Protocol):
    """Entered before the first event, left after the last."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def tell(self, recorded: Recorded, state: RunState) -> None: ...

    def pause(self) -> None:
        """Nothing more is to be told at once: what was told is to be seen."""


Said: TypeAlias = tuple[tuple[str, str], ...]
"""A line: texts, each in its style."""


def narrator_for(terminal: Terminal, as_json: bool) -> Narrator:
    """NDJSON where asked for, bars where a person looks, else lines."""
    if as_json:
        return Ndjson(terminal)
    if not terminal.out.is_terminal:
        return Lines(terminal)
    from treadle.cli.bars import Bars  # not before: what draws them takes a while to import

    return Bars(terminal)


class Quiet:
    """Nothing to begin or to end."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def pause(self) -> None:
        sys.stdout.flush()


class Ndjson(Quiet):
    """An event a line, as it stands in the journal."""

    def tell(self, recorded: Recorded, state: RunState) -> None:
        sys.stdout.write(_one_line(encode(recorded)) + "\n")


class Lines(Quiet):
    """A line for each task that begins or ends: for logs of CI and schedulers, which take no colours."""

    def tell(self, recorded: Recorded, state: RunState) -> None:
        line = line_of(recorded, state)
        if line is not None:
            sys.stdout.write("".join(text for text, _ in line) + "\n")


def line_of(recorded: Recorded, state: RunState) -> Said | None:
    """What an event says to a person, if anything."""
    match recorded.event:
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
        case ParamsChanged(task=task, params=params, by=by):
            values = ", ".join(f"{name}={json.dumps(value)}" for name, value in params.items())
            return ((f"{plain(task)} runs with {plain(values)} ({plain(by)})", "dim"),)
        case TaskExpanded(task=task) if task in state.maps and owner_of(task) is None:
            return (("▸ ", "blue"), (plain(task), ""), (f"  {items_of(state.maps[task])}", "dim"))
        case AttemptEnded(task=task) | TaskCancelled(task=task) if owner_of(task) is not None:
            return _item(task, state)
        case AttemptLaunched(task=task) | RetryScheduled(task=task) | TaskCached(task=task) if owner_of(task):
            return None
        case TaskSkipped(task=task) | TaskUpstreamFailed(task=task) | MapEnded(task=task) if owner_of(task):
            return None
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
