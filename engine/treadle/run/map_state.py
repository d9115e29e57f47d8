"""MapState: how far the items of a mapped task are, counted as they change.

Reading it costs nothing, however many items there are: it is asked several times a second.
"""

from __future__ import annotations

from collections.abc import Mapping

from treadle.run.expansion import index_of, owner_of
from treadle.run.status import TaskStatus
from treadle.run.task_state import TaskState
from treadle.store.references import ArtifactRef

__all__ = ["MapState", "recount"]


class MapState:
    """What a map became: `items` times the tasks of its `body`. Only `RunState` changes it.

    `counts` says how many of all those tasks stand where; an item is `done` when all its tasks have ended.
    """

    __slots__ = ("_left", "body", "counts", "done", "items", "source")

    def __init__(self, items: int, source: ArtifactRef, body: tuple[str, ...]) -> None:
        self.items = items
        self.source = source
        self.body = body
        self.reset()

    @property
    def fraction(self) -> float:
        """The share of the items that are done, in 0..1."""
        return self.done / self.items if self.items else 1.0

    @property
    def failed(self) -> int:
        """Tasks whose own attempt went wrong."""
        return sum(count for status, count in self.counts.items() if status.is_failure)

    def reset(self) -> None:
        """As just after it expanded."""
        self.counts: dict[TaskStatus, int] = {TaskStatus.PENDING: self.items * len(self.body)}
        self.done = 0
        self._left = [len(self.body)] * self.items

    def count(self, task: str, before: TaskStatus, after: TaskStatus) -> None:
        """Takes note that a task of the body is another now."""
        self.counts[before] -= 1
        self.counts[after] = self.counts.get(after, 0) + 1
        if before.is_done is after.is_done:
            return
        index = index_of(task)
        self.done -= self._left[index] == 0
        self._left[index] += before.is_done - after.is_done
        self.done += self._left[index] == 0


def recount(maps: Mapping[str, MapState], tasks: Mapping[str, TaskState]) -> None:
    """Counts all anew; O(tasks)."""
    for state in maps.values():
        state.reset()
    for id_, task in tasks.items() if maps else ():
        if task.status is not TaskStatus.PENDING and (owner := owner_of(id_)) is not None:
            maps[owner].count(id_, TaskStatus.PENDING, task.status)
