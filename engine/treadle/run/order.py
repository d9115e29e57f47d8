"""Order: which of two tasks goes first, and who waits for whom.

The weightier goes first (see `weights`), and of two alike the one that comes first in the file. It is fixed for the
plan's tasks; what a map adds goes where the map stands, item by item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from treadle.run.plan import PlanTask
from treadle.run.weights import weights_of

__all__ = ["Link", "Order", "needs_of"]

Link: TypeAlias = tuple[int, str | None]
"""A task by rank, and the output of it that is read; None for order alone."""


@dataclass(frozen=True, slots=True)
class Order:
    """Tasks by rank: `ids[0]` goes first. Neighbours are ranks too.

    `links` are what a task's trigger looks at, `readers` the same from the other end. `upstream` and `downstream` are
    all that wait for each other for whatever reason: set-ups that a task works within and the work that a teardown
    lets end are no links.
    """

    ids: list[str]
    rank_of: dict[str, int]
    links: list[tuple[Link, ...]]
    readers: list[list[Link]]
    upstream: list[tuple[int, ...]]
    downstream: list[list[int]]
    turns: list[float]
    """Who goes first among all that are ready: a rank's own number, and for what a map added one between its map's and
    the next, so that items go where their node stands."""
    _gaps: dict[int, float] = field(default_factory=dict)
    """From a mapped task that a map added to the next of those."""

    @classmethod
    def of(cls, tasks: Mapping[str, PlanTask]) -> Order:
        """O(tasks + edges). They have no cycles: `resolve` refuses them."""
        needs = {id_: needs_of(task) for id_, task in tasks.items()}
        weights = weights_of(tasks, needs)
        ids = sorted(tasks, key=weights.__getitem__, reverse=True)
        rank_of = {id_: rank for rank, id_ in enumerate(ids)}
        upstream = [tuple([rank_of[need] for need in needs[id_]]) for id_ in ids]
        links = [tuple([(rank_of[task], port) for task, port in _links(tasks[id_])]) for id_ in ids]
        downstream: list[list[int]] = [[] for _ in ids]
        readers: list[list[Link]] = [[] for _ in ids]
        for rank, above in enumerate(upstream):
            for need in above:
                downstream[need].append(rank)
            for need, port in links[rank]:
                readers[need].append((rank, port))
        return cls(ids, rank_of, links, readers, upstream, downstream, list(range(len(ids))))

    def grow(self, mapped: int, body: Sequence[PlanTask], before: int, size: int) -> range:
        """The ranks of tasks that the map added, whole items of it: `before` came before them, of `size` altogether.

        What they wait for outside of them has ended, and is no link.
        """
        first = len(self.ids)
        ranks = range(first, first + len(body))
        step = self._gaps.get(mapped, 1.0) / (size + 1)
        turn = self.turns[mapped] + before * step
        for rank, task in zip(ranks, body, strict=True):
            self.ids.append(task.id)
            self.rank_of[task.id] = rank
            self.readers.append([])
            self.downstream.append([])
            turn += step
            self.turns.append(turn)
            if task.map is not None:
                self._gaps[rank] = step
        for rank, task in zip(ranks, body, strict=True):
            self.upstream.append(tuple(need for name in needs_of(task) if (need := self.rank_of[name]) >= first))
            self.links.append(
                tuple((need, port) for name, port in _links(task) if (need := self.rank_of[name]) >= first)
            )
            for need in self.upstream[rank]:
                self.downstream[need].append(rank)
            for need, port in self.links[rank]:
                self.readers[need].append((rank, port))
        return ranks


def needs_of(task: PlanTask) -> tuple[str, ...]:
    """The tasks that must have ended before `task`, or one of which must, each once."""
    feeding = [source.task for sources in task.inputs.values() for source in sources]
    return tuple(dict.fromkeys((*feeding, *task.after, *task.setups, *task.settled)))


def _links(task: PlanTask) -> list[tuple[str, str | None]]:
    """Each output that is read, and each task that only goes before, once."""
    read = dict.fromkeys([(source.task, source.port) for sources in task.inputs.values() for source in sources])
    links: list[tuple[str, str | None]] = list(read)
    if task.after:
        feeding = {name for name, _ in read}
        links += [(name, None) for name in dict.fromkeys(task.after) if name not in feeding]
    return links
