"""Figures: the numbers that nodes of a run came to, a row a node and a column a metric.

They come from two places that a person need not tell apart: `Metrics` outputs, whose values stand in their references,
and metrics that code reports while it runs, of which the newest counts. A look at what changed is enough to keep them;
items of maps have none of their own, a thousand rows tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from treadle.run.expansion import owner_of
from treadle.run.state import RunState, TaskState
from treadle.spec.values import Value
from treadle_gui.runs.series import Series

__all__ = ["Figures", "figure_text"]

_MOST_NODES: Final = 500
_MOST_METRICS: Final = 60


class Figures:
    """`rows` are by task, in the order of the run; `metrics` are the columns in the order of their first use."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Value]] = {}
        self.metrics: list[str] = []
        self._given: set[tuple[str, str]] = set()
        """What came as an output: it is what the node came to, whatever it reported on the way."""

    def look_at(self, state: RunState, tasks: Iterable[str]) -> bool:
        """Takes up the `Metrics` outputs of `tasks`; True where a figure is new or another."""
        changed = False
        for task in tasks:
            found = state.tasks.get(task)
            if found is not None and owner_of(task) is None:
                for name, value in _values(found):
                    self._given.add((task, name))
                    changed |= self._put(task, name, value)
        return changed

    def arrange(self, tasks: Iterable[str]) -> None:
        """Puts the rows in the order of `tasks`, so that two runs read alike whichever node was quicker."""
        known = [task for task in tasks if task in self.rows]
        if known != list(self.rows)[: len(known)]:
            self.rows = {task: self.rows[task] for task in dict.fromkeys((*known, *self.rows))}

    def take_newest(self, reported: Mapping[tuple[str, str], Series]) -> bool:
        """Takes up the newest value of what was reported; True where a figure is new or another."""
        changed = False
        for (task, name), series in reported.items():
            if (task, name) not in self._given:
                changed |= self._put(task, name, series.last("value"))
        return changed

    def _put(self, task: str, name: str, value: Value) -> bool:
        if self.rows.get(task, {}).get(name) == value:
            return False
        if task not in self.rows and len(self.rows) >= _MOST_NODES:
            return False
        if name not in self.metrics:
            if len(self.metrics) >= _MOST_METRICS:
                return False
            self.metrics.append(name)
        self.rows.setdefault(task, {})[name] = value
        return True


def figure_text(value: Value) -> str:
    """Four digits are what two models are compared by; counts stay whole."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if 0.001 <= abs(value) < 10 and value != round(value):
            return f"{value:.4f}"
        case float():
            return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)


def _values(task: TaskState) -> Iterable[tuple[str, Value]]:
    """What stands in the references of a task's `Metrics` outputs, plain values alone."""
    for reference in task.outputs.values():
        values = reference.meta.get("values") if reference.type == "Metrics" else None
        if isinstance(values, dict):
            for name, value in values.items():
                if isinstance(value, bool | int | float | str):
                    yield name, value
