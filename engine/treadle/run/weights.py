"""Weights: how urgent each task of a run is, worked out once from the last to the first.

The higher priority goes first, where a task is as urgent as the most urgent of what waits for it. Among equals the
longest chain of tasks hanging on one decides, for it bounds how long the run takes: in seconds, where earlier runs say
how long a task took, and the mean of those where they don't; by the number of tasks where nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from treadle.run.plan import PlanTask

__all__ = ["Weight", "weights_of"]


class Weight(NamedTuple):
    """A greater one goes first. `length` is of the longest chain that begins with the task, in any unit of time."""

    priority: int
    length: float


def weights_of(tasks: Mapping[str, PlanTask], needs: Mapping[str, tuple[str, ...]]) -> dict[str, Weight]:
    """The weight of each task; `needs` are those that it waits for. They have no cycles."""
    known = [task.expected for task in tasks.values() if task.expected is not None]
    usual = sum(known) / len(known) if known else 1.0
    open_downstream = dict.fromkeys(needs, 0)
    for above in needs.values():
        for need in above:
            open_downstream[need] += 1
    own = {id_: usual if task.expected is None else task.expected for id_, task in tasks.items()}
    priority, length = {id_: task.priority for id_, task in tasks.items()}, dict(own)
    leaves = [id_ for id_, count in open_downstream.items() if count == 0]
    while leaves:
        id_ = leaves.pop()
        urgent, far = priority[id_], length[id_]
        for need in needs[id_]:
            if priority[need] < urgent:
                priority[need] = urgent
            if length[need] < own[need] + far:
                length[need] = own[need] + far
            open_downstream[need] -= 1
            if open_downstream[need] == 0:
                leaves.append(need)
    return {id_: Weight(priority[id_], length[id_]) for id_ in tasks}
