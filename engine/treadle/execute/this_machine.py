"""The executor of this machine, where Treadle has one."""

from __future__ import annotations

import sys
from pathlib import Path

from treadle.execute.protocol import AttemptId, AttemptRequest, Executor, ExecutorUnavailable, OnMessage

__all__ = ["NoExecutor", "this_machine", "why_none"]


def why_none(system: str = sys.platform) -> str:
    """Why no attempt can run on `system`, for a person; empty where it can."""
    if system == "linux":
        return ""
    return f"pipelines run on Linux only so far, and this is {system}: look, edit and export work here"


def this_machine(artifacts: Path, state: Path, system: str = sys.platform) -> Executor:
    """The executor whose attempts run here; one that refuses where `why_none` says so."""
    words = why_none(system)
    if words:
        return NoExecutor(words)
    from treadle.execute.local import LocalExecutor  # its modules can't even be loaded elsewhere

    return LocalExecutor(artifacts, state)


class NoExecutor:
    """Runs nothing, and says why."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def start(self, on_message: OnMessage) -> None:
        raise ExecutorUnavailable(self._why)

    def submit(self, request: AttemptRequest) -> None:
        raise ExecutorUnavailable(self._why)

    def cancel(self, attempt: AttemptId, by: str = "user") -> None:
        """There is none to cancel."""

    def warm(self, imports: frozenset[str]) -> None:
        """There is nothing to warm."""

    async def close(self) -> None:
        """There is nothing to close."""
