"""AttemptSpans: when every attempt of a run ran, kept as the run's state moves on from one attempt to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from treadle.run.state import TaskState, TaskStatus

__all__ = ["AttemptSpan", "AttemptSpans"]


@dataclass(frozen=True, slots=True)
class AttemptSpan:
    """An attempt that got a process. Epoch seconds; `finished` is None while it runs."""

    task: str
    number: int
    started: float
    finished: float | None
    status: TaskStatus


class AttemptSpans:
    """Filled by `note` after each change of a task; a task's earlier attempts stay as they ended."""

    def __init__(self) -> None:
        self._spans: dict[tuple[str, int], AttemptSpan] = {}

    @property
    def by_attempt(self) -> Mapping[tuple[str, int], AttemptSpan]:
        return self._spans

    def note(self, task: str, state: TaskState) -> None:
        """Takes the state that `task` is in now."""
        if state.number == 0 or state.started_at is None:
            return
        before = self._spans.get((task, state.number))
        if before is not None and before.finished is not None:
            return
        self._spans[(task, state.number)] = AttemptSpan(
            task, state.number, state.started_at, state.finished_at, state.status
        )

    def note_all(self, tasks: Mapping[str, TaskState]) -> None:
        """Takes the states of a run that started, was interrupted, resumed or finished."""
        for task, state in tasks.items():
            self.note(task, state)
