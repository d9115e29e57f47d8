"""What went wrong in a run, as problems: the failing node, its message, and the line in the author's own file."""

from __future__ import annotations

from treadle.execute.protocol import Crashed, Failed, TimedOut
from treadle.run.state import RunState
from treadle.spec.problems import Problem, Where
from treadle.spec.quantities import format_duration

__all__ = ["run_problems"]


def run_problems(state: RunState) -> tuple[Problem, ...]:
    """One problem for each task that failed, crashed or timed out, in the order of the plan."""
    found: list[Problem] = []
    for task, progress in state.tasks.items():
        match progress.outcome:
            case Failed(error=error, message=message, file=file, line=line):
                words = " ".join(message.split())
                text = f"{error}: {words}" if words else error
                found.append(Problem("node-failed", text, Where(file, line, node=task), "double click to see its log"))
            case Crashed(reason=reason):
                found.append(Problem("node-crashed", f"The process died: {reason}", Where(node=task), "see its log"))
            case TimedOut(limit=limit):
                hint = "give it more time under “How it is run”"
                words = f"It took longer than its timeout of {format_duration(limit)}"
                found.append(Problem("node-timed-out", words, Where(node=task), hint))
            case _:
                continue
    return tuple(found)
