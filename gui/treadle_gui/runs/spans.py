"""AttemptSpans: when every attempt of a run ran, kept as the run's state moves on from one attempt to the next.

Of a map with many items only the map itself has a span, from its first item to its last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from treadle.run.expansion import item_id, node_of, owner_of
from treadle.run.state import RunState, TaskState, TaskStatus

__all__ = ["AttemptSpan", "AttemptSpans", "charted", "charted_as"]

_MOST_ITEMS: Final = 20


def charted_as(task: str, state: RunState) -> str:
    """By which name `task` stands in charts: its own, or its map's where that has many items."""
    owner, tasks = owner_of(task), 1
    while owner is not None and tasks <= _MOST_ITEMS:
        mapped = state.maps.get(owner)
        tasks *= 0 if mapped is None else mapped.items * len(mapped.body)
        owner = owner_of(owner)
    return task if tasks <= _MOST_ITEMS else node_of(task)


def charted(state: RunState) -> list[str]:
    """Every task that stands in charts under its own name, those of maps behind those of the plan."""
    found = list(state.planned())
    for mapped, items in state.maps.items():
        first = item_id(mapped, 0, items.body[0]) if items.body else mapped
        if charted_as(first, state) == first:
            found += (item_id(mapped, index, within) for index in range(items.items) for within in items.body)
    return found


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

    def note(self, task: str, run: RunState) -> None:
        """Takes the state that `task` is in now."""
        if charted_as(task, run) == task:
            self._note(task, run.tasks[task], is_mapped=task in run.maps)

    def _note(self, task: str, state: TaskState, *, is_mapped: bool) -> None:
        if (state.number == 0 and not is_mapped) or state.started_at is None:
            return
        before = self._spans.get((task, state.number))
        if before is not None and before.finished is not None:
            return
        self._spans[(task, state.number)] = AttemptSpan(
            task, state.number, state.started_at, state.finished_at, state.status
        )

    def note_all(self, tasks: Iterable[str], run: RunState) -> None:
        """Takes the states of what had not ended in a run that started, was interrupted, resumed or finished."""
        for task in tasks:
            self.note(task, run)
