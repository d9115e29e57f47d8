"""Roster: the tasks of a run as they stand now, which is what everything that carries a run out goes by.

At first they are the plan's own; a map adds those of its items when it expands, and somebody may give one other values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Final

from treadle.run.expansion import Item, expand
from treadle.run.plan import Plan, PlanTask
from treadle.run.state import RunState
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["ReadItems", "Roster", "roster_of"]

_ID: Final = attrgetter("id")

ReadItems = Callable[[ArtifactRef], Sequence[Item] | None]
"""The items that a map wrote down when it expanded; None where they are no longer kept."""


class Roster:
    """The tasks of one run of `plan`, by id; of each map that expanded the tasks of its items, in order."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._tasks = dict(plan.tasks)
        self._bodies: dict[str, tuple[PlanTask, ...]] = {}

    @property
    def tasks(self) -> Mapping[str, PlanTask]:
        return self._tasks

    @property
    def bodies(self) -> Mapping[str, tuple[PlanTask, ...]]:
        """What the mapped tasks became."""
        return self._bodies

    def admit(self, mapped: str, body: Iterable[PlanTask]) -> None:
        """Takes in what the task `mapped` expands to."""
        tasks = self._bodies[mapped] = tuple(body)
        self._tasks.update(zip(map(_ID, tasks), tasks, strict=True))

    def change(self, task: str, params: Mapping[str, Value]) -> None:
        """Gives a task other values than the plan's."""
        planned = self._tasks[task]
        self._tasks[task] = replace(planned, params={**planned.params, **params})


def roster_of(plan: Plan, state: RunState, read: ReadItems) -> Roster:
    """The roster of a run that has come to `state`, without the tasks of maps whose items are no longer kept."""
    roster = Roster(plan)
    changed = {id_: task.params for id_, task in state.tasks.items() if task.params}
    _change(roster, changed)
    for mapped, found in state.maps.items():
        task = roster.tasks.get(mapped)
        items = None if task is None or task.map is None else read(found.source)
        if task is not None and items is not None:
            roster.admit(mapped, expand(task, items))
            _change(roster, {item.id: changed[item.id] for item in roster.bodies[mapped] if item.id in changed})
    return roster


def _change(roster: Roster, changed: Mapping[str, Mapping[str, Value]]) -> None:
    for task in changed.keys() & roster.tasks.keys():
        roster.change(task, changed[task])
