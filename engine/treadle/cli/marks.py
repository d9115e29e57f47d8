"""How the state of a task looks in a terminal: its sign and its style, never the one without the other's words."""

from __future__ import annotations

from typing import Final

from treadle.run.state import TaskStatus

__all__ = ["STYLES", "SYMBOLS"]

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
