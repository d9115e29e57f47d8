"""Tallies: how a run stands at one level of pipelines inside pipelines. A node that is a pipeline sums up its own.

    load  prep/clean  prep/split  fit        at the top:        load, prep (2 tasks), fit
                                             inside `prep`:     clean, split

Each changed task is counted once; nothing is gone through again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from treadle.run.state import TaskState, TaskStatus

__all__ = ["Tallies", "Tally"]

_WORST: Final = (
    TaskStatus.FAILED, TaskStatus.CRASHED, TaskStatus.TIMED_OUT, TaskStatus.CANCELLED, TaskStatus.UPSTREAM_FAILED,
)  # fmt: skip
_BUSY: Final = (TaskStatus.RUNNING, TaskStatus.RETRYING, TaskStatus.DEFERRED, TaskStatus.QUEUED)


class Tally:
    """How the tasks inside one node stand."""

    def __init__(self) -> None:
        self._statuses: dict[str, TaskStatus] = {}
        self._counts: Counter[TaskStatus] = Counter()
        self._begun: float | None = None
        self._ended: float | None = None
        self._failures: dict[str, str] = {}

    def count(self, name: str, task: TaskState) -> None:
        """`name` is the task's inside the node."""
        before = self._statuses.get(name)
        if before is not None:
            self._counts[before] -= 1
        self._statuses[name] = task.status
        self._counts[task.status] += 1
        if task.started_at is not None:
            self._begun = task.started_at if self._begun is None else min(self._begun, task.started_at)
        if task.finished_at is not None:
            self._ended = task.finished_at if self._ended is None else max(self._ended, task.finished_at)
        if task.status in _WORST:
            self._failures[name] = task.status.value.replace("_", " ")
        else:
            self._failures.pop(name, None)

    @property
    def state(self) -> TaskStatus:
        """The state of all as one: the worst once they have ended, what goes on before."""
        if self.done < self.total:
            busy = next((status for status in _BUSY if self._counts[status]), None)
            if busy is not None:
                return busy
            return TaskStatus.QUEUED if self.done else TaskStatus.PENDING
        worst = next((status for status in _WORST if self._counts[status]), None)
        if worst is not None:
            return worst
        if self._counts[TaskStatus.SUCCEEDED]:
            return TaskStatus.SUCCEEDED
        cached = self._counts[TaskStatus.CACHED]
        return TaskStatus.CACHED if cached else TaskStatus.SKIPPED

    @property
    def total(self) -> int:
        return len(self._statuses)

    @property
    def done(self) -> int:
        return sum(count for status, count in self._counts.items() if status.is_done)

    @property
    def took(self) -> float | None:
        """Seconds from the first beginning to the last end; None before both."""
        return None if self._begun is None or self._ended is None else max(0.0, self._ended - self._begun)

    @property
    def failures(self) -> Mapping[str, str]:
        """What went wrong inside, by name."""
        return self._failures


class Tallies:
    """`prefix` is the way to the level that is shown: empty for the top, else as `prep/`."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self._tallies: dict[str, Tally] = {}

    def take(self, ids: Iterable[str], tasks: Mapping[str, TaskState]) -> frozenset[str]:
        """Counts these changed tasks; the names at this level that look otherwise now."""
        names: set[str] = set()
        for id_ in ids:
            if not id_.startswith(self.prefix) or (task := tasks.get(id_)) is None:
                continue
            name, slash, inside = id_[len(self.prefix) :].partition("/")
            if "[" in name:  # an item of a mapped node, which stands for all of them
                continue
            names.add(name)
            if slash:
                self._tallies.setdefault(name, Tally()).count(inside, task)
        return frozenset(names)

    def of(self, name: str) -> Tally | None:
        """None for a node that is no pipeline, or of which nothing is known."""
        return self._tallies.get(name)
