"""Why a log is empty, in words, and where the log of a failed task tells why it failed."""

from __future__ import annotations

from collections.abc import Mapping

from treadle.execute.protocol import Failed
from treadle.run.state import TaskState, TaskStatus

__all__ = ["failing_line", "why_empty"]


def failing_line(state: TaskState | None) -> int | None:
    """The line, from 1, that the error begins at; None where nothing failed so."""
    if state is not None and isinstance(state.outcome, Failed):
        return state.outcome.log_line
    return None


def why_empty(tasks: Mapping[str, TaskState], task: str | None) -> str:
    state = tasks.get(task) if task is not None else None
    if state is None:
        from_cache = bool(tasks) and all(each.status is TaskStatus.CACHED for each in tasks.values())
        if from_cache:
            return "Nothing had to run: all results of this run came from the cache."
        return "Logs of the nodes appear here when the pipeline runs."
    match state.status:
        case TaskStatus.CACHED:
            return f"{task} did not run: its result was taken from run {state.cached_from}."
        case TaskStatus.SKIPPED:
            return f"{task} was skipped: {state.reason}"
        case TaskStatus.UPSTREAM_FAILED:
            return f"{task} did not run, because {state.cause} did not succeed."
        case _:
            return f"{task} has not started yet."
