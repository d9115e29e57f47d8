"""What is told of one task of a run, as plain words: facts by heading, what it was given, what went wrong."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final, assert_never

from treadle.execute.protocol import Cancelled, Crashed, Failed, Outcome, Succeeded, TimedOut
from treadle.run.state import TaskState, TaskStatus
from treadle.spec.values import Value
from treadle_gui.panels.charts.units import bytes_text, clock_text, percent_text
from treadle_gui.panels.fields.scalars import text_of

__all__ = ["error_text", "given_rows", "rows"]

_LONGEST: Final = 200


def rows(state: TaskState, now: float, cpu: float, memory: float, allowed: int | None = None) -> dict[str, str]:
    """What is told of a task, by heading; headings without anything to tell are left out.

    `cpu`, `memory` are live; `allowed` is how many attempts it has, None where unknown.
    """
    duration = state.duration(now)
    usage = state.usage
    used = usage.cpu_user + usage.cpu_system if usage is not None else None
    told = {
        "Attempt": _attempt(state, allowed),
        "Next attempt": _next_attempt(state, now),
        "Duration": clock_text(duration) if duration is not None else "",
        "Progress": f"{state.fraction:.0%} {state.message}".strip() if state.fraction is not None else state.message,
        "CPU": f"{clock_text(used)} of CPU time" if used is not None else percent_text(cpu),
        "Memory": f"{bytes_text(usage.peak_memory)} at most" if usage is not None else bytes_text(memory),
        "Read": bytes_text(usage.read_bytes) if usage is not None else "",
        "Written": bytes_text(usage.write_bytes) if usage is not None else "",
        "Process": str(state.pid) if state.pid is not None else "",
        "Why": _reason(state),
    }
    return {heading: text for heading, text in told.items() if text not in ("", "—")}


def given_rows(params: Mapping[str, Value]) -> dict[str, str]:
    """What the node was given, references settled; a secret is its name and never its text."""
    texts = {name: text_of(value) for name, value in params.items() if value is not None}
    words = "\n".join(
        f"{name} = {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}" for name, text in texts.items()
    )
    return {"Given": words} if words else {}


def _attempt(state: TaskState, allowed: int | None) -> str:
    """Counted since the last resume, as the number of attempts allowed is; the log's number where that differs."""
    if not state.number:
        return ""
    of = f" of {allowed}" if allowed is not None and allowed > 1 else ""
    whole = f" (number {state.number})" if state.spent else ""
    return f"{state.number - state.spent}{of}{whole}"


def _next_attempt(state: TaskState, now: float) -> str:
    if state.status is not TaskStatus.RETRYING or state.retry_at is None:
        return ""
    begins = time.strftime("%H:%M:%S", time.localtime(state.retry_at))
    return f"in {max(0.0, state.retry_at - now):.0f} s, at {begins}"


def _reason(state: TaskState) -> str:
    if state.cached_from is not None:
        return f"Taken from run {state.cached_from}: code, parameters and inputs are the same."
    if state.cause is not None:
        return f"It did not run, because {state.cause} did not succeed."
    return state.reason


def error_text(outcome: Outcome | None) -> str:
    """What went wrong, whole; empty where nothing did."""
    match outcome:
        case None | Succeeded():
            return ""
        case Failed(error=error, message=message, traceback=traceback):
            return traceback or f"{error}: {message}"
        case Crashed(reason=reason):
            return reason
        case TimedOut(limit=limit):
            return f"It ran longer than {clock_text(limit)} and was ended."
        case Cancelled(by=by):
            return f"Cancelled by {by}."
        case _:
            assert_never(outcome)
