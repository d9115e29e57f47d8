"""Which logs a panel shows: those of every attempt of a run, or of one attempt of one task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from treadle.run.expansion import node_of
from treadle.run.state import TaskState
from treadle_gui.panels.logs.document import LogSource
from treadle_gui.runs.session import RunSession

__all__ = ["LogChoice", "LogPath", "attempts_begun", "log_source", "shown_tasks"]

LogPath = Callable[[Path, str, int], Path]
"""Run folder, task, attempt number → its output.log."""


@dataclass(frozen=True, slots=True)
class LogChoice:
    """What a person asked to see: everything where `task` is None; the newest attempt where `number` is."""

    task: str | None = None
    number: int | None = None


def attempts_begun(tasks: Mapping[str, TaskState], choice: LogChoice) -> list[tuple[str, int]]:
    """The attempts whose logs `choice` means, earliest start first: (task, number)."""
    if choice.task is not None:
        newest = tasks[choice.task].number if choice.task in tasks else 0
        number = choice.number or newest
        return [(choice.task, number)] if number else []
    begun = [(state.started_at or state.queued_at or 0.0, task) for task, state in tasks.items() if state.number]
    return [(task, number) for _, task in sorted(begun) for number in range(1, tasks[task].number + 1)]


def log_source(folder: Path, task: str, number: int, log_path: LogPath) -> LogSource:
    """The log of an attempt, named as a merged view shows it: `fit`, and `fit #2` for a second try."""
    return LogSource(task if number == 1 else f"{task} #{number}", log_path(folder, task, number))


def shown_tasks(session: RunSession, choice: LogChoice) -> Mapping[str, TaskState]:
    """The tasks whose logs may be meant. Of the items of maps, unless one is asked for, only those that began last
    stand in a merged view: nobody reads ten thousand logs at once."""
    state = session.state
    if choice.task is not None and choice.task not in state.maps:
        return state.tasks
    recent = {id_: state.tasks[id_] for id_ in session.recent_items if choice.task in (None, node_of(id_))}
    return recent if choice.task is not None else {**state.planned(), **recent}
