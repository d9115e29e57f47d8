"""What a person is told of tasks that went wrong: which, what, where, the log's last lines, and how to see more."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.text import Text

from treadle.cli.terminal import Terminal
from treadle.execute.protocol import Cancelled, Crashed, Failed, Succeeded, TimedOut
from treadle.run.state import RunState, TaskState
from treadle.store.logs import LogFile, plain

__all__ = ["explain", "told_in_one_line"]

_LOG_LINES: Final = 8
_FAULT: Final = "Fatal Python error: "  # how faulthandler's report begins, whose first lines are the author's
_LOOK_BACK: Final = 80
_MOST_TASKS: Final = 5


def explain(terminal: Terminal, state: RunState, log: Callable[[str, int], Path], file: str | None) -> None:
    """Tells of each failed task on stderr. `log` gives a log by task and attempt; `file` is the pipeline's."""
    # A map that failed is told by its items.
    failed = [(id_, task) for id_, task in state.tasks.items() if task.status.is_failure and id_ not in state.maps]
    for id_, task in failed[:_MOST_TASKS]:
        _explain_task(terminal, state.run, id_, task, LogFile(log(id_, task.number)))
    if len(failed) > _MOST_TASKS:
        terminal.warn(f"… and {len(failed) - _MOST_TASKS} more: treadle show {state.run}")
    if failed:
        terminal.warn(f"\nagain, without a change: treadle resume {state.run}", "dim")
        if file is not None:  # a run keeps the code that it began with
            terminal.warn(f"after a fix: treadle run {shlex.quote(file)} --failed", "dim")


def told_in_one_line(task: TaskState) -> str:
    """`ValueError: no such column`; empty for a success."""
    match task.outcome:
        case Failed(error=error, message=message):
            return f"{error}: {message}" if message else error
        case Crashed(reason=reason):
            return f"crashed: {reason}"
        case TimedOut(limit=limit):
            return f"timed out after {limit:g} s" + (f" ({task.message})" if task.message else "")
        case Cancelled(by=by):
            return "cancelled with the run" if by == "run" else f"cancelled by {by}"
        case Succeeded() | None:
            return ""


def _explain_task(terminal: Terminal, run: str, id_: str, task: TaskState, log: LogFile) -> None:
    name = plain(id_)
    terminal.err.print()
    first, *rest = told_in_one_line(task).splitlines() or [task.status.value]
    terminal.err.print(Text.assemble(("✗ ", "red"), (name, "bold"), "  ", (plain(first), "red")))
    for line in rest:
        terminal.warn(f"    {line}")
    if isinstance(task.outcome, Failed) and task.outcome.file:
        line_number = f":{task.outcome.line}" if task.outcome.line else ""
        terminal.warn(f"    {task.outcome.file}{line_number}", "bold")
    for text in _telling_lines(log):
        terminal.warn(f"    │ {text}", "dim")
    terminal.warn(f"    whole log: treadle logs {run} {shlex.quote(id_)}", "dim")


def _telling_lines(log: LogFile) -> list[str]:
    """The log's last lines; where native code failed, those that say where."""
    texts = [line.text for line in log.lines(max(0, log.line_count() - _LOOK_BACK), _LOOK_BACK)]
    faults = [number for number, text in enumerate(texts) if text.startswith(_FAULT)]
    return texts[faults[-1] :][:_LOG_LINES] if faults else texts[-_LOG_LINES:]
