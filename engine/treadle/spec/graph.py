"""Questions about order: who runs before whom, and where a cycle closes. Edges, `after:`, `teardown_of:` count alike.

Everything is linear in nodes plus edges. Ids that no node bears (a dangling edge) are passed over, since validation
names them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from treadle.spec.pipeline import Pipeline

__all__ = [
    "CycleError", "ancestors", "cycles", "descendants", "find_cycle", "predecessors", "successors",
    "topological_order", "would_cycle",
]  # fmt: skip


class CycleError(ValueError):
    """Nodes that wait for each other; `nodes` is one way round, each feeding the next and the last the first."""

    def __init__(self, nodes: tuple[str, ...]) -> None:
        super().__init__(f"these nodes wait for each other: {' → '.join([*nodes, nodes[0]])}")
        self.nodes = nodes


def predecessors(pipeline: Pipeline) -> dict[str, list[str]]:
    """Whom each node waits for directly, without repeats, in the order written."""
    nodes = pipeline.nodes
    return {
        name: [other for other in dict.fromkeys(node.waits_for()) if other in nodes] for name, node in nodes.items()
    }


def successors(pipeline: Pipeline) -> dict[str, list[str]]:
    """Who waits for each node directly, in file order."""
    waiting: dict[str, list[str]] = {name: [] for name in pipeline.nodes}
    for name, before in predecessors(pipeline).items():
        for other in before:
            waiting[other].append(name)
    return waiting


def topological_order(pipeline: Pipeline) -> tuple[str, ...]:
    """Every node after all it waits for; ties in file order. Raises CycleError."""
    order, left = _peel(pipeline)
    if left:
        raise CycleError(_walk_round(left))
    return tuple(order)


def find_cycle(pipeline: Pipeline) -> tuple[str, ...] | None:
    """One cycle as `CycleError.nodes` has it, or None."""
    _, left = _peel(pipeline)
    return _walk_round(left) if left else None


def cycles(pipeline: Pipeline) -> list[tuple[str, ...]]:
    """One cycle for each group of nodes that all wait for each other. Groups are in file order."""
    _, left = _peel(pipeline)
    if not left:
        return []
    import networkx as nx

    graph = nx.DiGraph([(other, name) for name, before in left.items() for other in before])
    groups = [
        group for group in nx.strongly_connected_components(graph) if len(group) > 1 or _waits_for_itself(group, left)
    ]
    position = {name: index for index, name in enumerate(pipeline.nodes)}
    groups.sort(key=lambda group: min(position[name] for name in group))
    return [
        _walk_round({n: [o for o in left[n] if o in group] for n in sorted(group, key=position.__getitem__)})
        for group in groups
    ]


def ancestors(pipeline: Pipeline, *nodes: str) -> frozenset[str]:
    """All that one of `nodes` waits for, directly or not; one itself only if another waits for it, or it does."""
    return _reachable(predecessors(pipeline), nodes)


def descendants(pipeline: Pipeline, *nodes: str) -> frozenset[str]:
    """All that wait for one of `nodes`, directly or not; one itself only if it waits for another, or itself."""
    return _reachable(successors(pipeline), nodes)


def would_cycle(pipeline: Pipeline, source: str, target: str) -> bool:
    """Whether an edge from node `source` to node `target` would close a cycle."""
    return source == target or target in ancestors(pipeline, source)


def _peel(pipeline: Pipeline) -> tuple[list[str], dict[str, list[str]]]:
    """Kahn's algorithm: the nodes in order, and those left over with whom of each other they still wait for.

    A. B. Kahn, Topological sorting of large networks, CACM 5 (1962).
    """
    before = predecessors(pipeline)
    waiting = successors(pipeline)
    missing = {name: len(others) for name, others in before.items()}
    ready = deque(name for name, count in missing.items() if not count)
    order: list[str] = []
    while ready:
        name = ready.popleft()
        order.append(name)
        for other in waiting[name]:
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    left = {name for name, count in missing.items() if count}
    return order, {name: [other for other in before[name] if other in left] for name in before if name in left}


def _walk_round(left: Mapping[str, list[str]]) -> tuple[str, ...]:
    """A cycle in a graph where every node has a predecessor: walk back until a node comes again.

    It begins with the member that comes first in `left`.
    """
    at = next(iter(left))
    seen: dict[str, int] = {}
    path: list[str] = []
    while at not in seen:
        seen[at] = len(path)
        path.append(at)
        at = left[at][0]
    cycle = tuple(reversed(path[seen[at] :]))
    members = set(cycle)
    first = cycle.index(next(name for name in left if name in members))
    return cycle[first:] + cycle[:first]


def _waits_for_itself(group: Iterable[str], left: Mapping[str, list[str]]) -> bool:
    return any(name in left[name] for name in group)


def _reachable(neighbours: Mapping[str, list[str]], starts: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    ahead = [each for start in starts for each in neighbours[start]]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(neighbours[name])
    return frozenset(found)
