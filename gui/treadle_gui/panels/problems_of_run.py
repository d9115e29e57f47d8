"""What went wrong in a run, as problems: the failing node, its message, and the line in the author's own file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from treadle.execute.protocol import Crashed, Failed, Outcome, TimedOut
from treadle.run.expansion import owner_of
from treadle.run.state import RunState, TaskState
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.quantities import format_duration

__all__ = ["run_problems"]


_MOST_ITEMS: Final = 5


def run_problems(state: RunState) -> tuple[Problem, ...]:
    """One problem for each task that failed, crashed or timed out, in the order of the plan; a warning for one that is
    tried again. Of the items of a map the first few stand for all: the map says how many they are."""
    found: list[Problem] = []
    for task, progress in _told(state):
        problem = _problem(task, progress.outcome)
        if problem is not None:
            again = replace(problem, hint="it is tried again", severity=Severity.WARNING)
            found.append(problem if progress.status.is_failure else again)
    return tuple(found)


def _problem(task: str, outcome: Outcome | None) -> Problem | None:
    match outcome:
        case Failed(error=error, message=message, file=file, line=line):
            words = " ".join(message.split())
            text = f"{error}: {words}" if words else error
            return Problem("node-failed", text, Where(file, line, node=task), "double click the node to see its log")
        case Crashed(reason=reason):
            return Problem("node-crashed", f"The process died: {reason}", Where(node=task), "see its log")
        case TimedOut(limit=limit):
            hint = "give it more time under “How it is run”"
            words = f"It took longer than its timeout of {format_duration(limit)}"
            return Problem("node-timed-out", words, Where(node=task), hint)
        case _:
            return None


def _told(state: RunState) -> Iterator[tuple[str, TaskState]]:
    of_map: Counter[str] = Counter()
    for id_, task in state.tasks.items():
        owner = owner_of(id_)
        if owner is None:
            yield id_, task
        elif task.status.is_failure and of_map[owner] < _MOST_ITEMS:
            of_map[owner] += 1
            yield id_, task
