"""Order: which of two tasks goes first, fixed for a plan.

The longest chain of tasks hanging on one decides, for it bounds how long the run takes; then the file's order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from treadle.run.plan import Plan, PlanTask

__all__ = ["Order", "needs_of"]


@dataclass(frozen=True, slots=True)
class Order:
    """Tasks by rank: `ids[0]` goes first. Neighbours are ranks too."""

    ids: tuple[str, ...]
    rank_of: Mapping[str, int]
    upstream: tuple[tuple[int, ...], ...]
    downstream: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, plan: Plan) -> Order:
        """O(tasks + edges). A plan has no cycles: `resolve` refuses them."""
        needs = {id_: needs_of(task) for id_, task in plan.tasks.items()}
        heights = _heights(needs)
        ids = tuple(sorted(plan.tasks, key=heights.__getitem__, reverse=True))
        rank_of = {id_: rank for rank, id_ in enumerate(ids)}
        upstream = tuple(tuple(rank_of[need] for need in needs[id_]) for id_ in ids)
        downstream: list[list[int]] = [[] for _ in ids]
        for rank, above in enumerate(upstream):
            for need in above:
                downstream[need].append(rank)
        return cls(ids, rank_of, upstream, tuple(map(tuple, downstream)))


def needs_of(task: PlanTask) -> tuple[str, ...]:
    """The tasks that must succeed before `task`, each once."""
    feeding = [source.task for sources in task.inputs.values() for source in sources]
    return tuple(dict.fromkeys((*feeding, *task.after)))


def _heights(needs: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """How many tasks the longest chain from each has, itself included."""
    open_downstream = dict.fromkeys(needs, 0)
    for above in needs.values():
        for need in above:
            open_downstream[need] += 1
    heights = dict.fromkeys(needs, 1)
    leaves = [id_ for id_, count in open_downstream.items() if count == 0]
    while leaves:
        id_ = leaves.pop()
        for need in needs[id_]:
            heights[need] = max(heights[need], heights[id_] + 1)
            open_downstream[need] -= 1
            if open_downstream[need] == 0:
                leaves.append(need)
    return heights
