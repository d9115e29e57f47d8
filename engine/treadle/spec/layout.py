"""Where nodes go when a person asks for order: left to right in layers, edges short and rarely crossing.

The classical steps (Sugiyama, Tagawa, Toda 1981): break cycles, layer by longest path, put a point wherever a long
edge passes a layer, order each layer by the medians of its neighbours, then place with as little bending as the
order allows. Nodes without any edge go in rows below. Nothing is random: the same pipeline gives the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from treadle.spec import graph
from treadle.spec.pipeline import Pipeline, Point

__all__ = ["arrange"]

_DEFAULT_SIZE: Final = (208.0, 84.0)
_GAP_X: Final = 72.0
_GAP_Y: Final = 32.0
_PASSING: Final = 24.0
"""The room that an edge passing through a layer takes."""
_ORDER_SWEEPS: Final = 8
_PLACE_SWEEPS: Final = 10
_GRID: Final = 8.0

_Floats = Any  # numpy.typing without numpy's stubs says no more


@dataclass(frozen=True, slots=True)
class _Layers:
    """Nodes and passing points by number (points behind the nodes), in layers from left to right."""

    layers: list[list[int]]
    before: list[list[int]]
    behind: list[list[int]]
    heights: _Floats


def arrange(p: Pipeline, sizes: Mapping[str, tuple[float, float]]) -> dict[str, Point]:
    """The top left corner of every node, on the grid; `sizes` are widths and heights in the same units.

    The picture begins at (0, 0). Nodes in a cycle are placed as if one of its edges were not there.
    """
    before = graph.predecessors(p)
    feeding = {other for others in before.values() for other in others}
    linked = [name for name in p.nodes if before[name] or name in feeding]
    alone = [name for name in p.nodes if not before[name] and name not in feeding]
    placed = _arrange_linked(linked, _acyclic(linked, before), sizes)
    bottom = max((y + _size(sizes, name)[1] for name, (_, y) in placed.items()), default=-_GAP_Y)
    return placed | _rows(alone, sizes, bottom + 2 * _GAP_Y if placed else 0.0)


def _size(sizes: Mapping[str, tuple[float, float]], name: str) -> tuple[float, float]:
    return sizes.get(name, _DEFAULT_SIZE)


def _snap(value: float) -> float:
    return round(value / _GRID) * _GRID


def _acyclic(names: list[str], before: Mapping[str, list[str]]) -> list[tuple[int, int]]:
    """Edges by number, without those that lead back to a node still being walked through."""
    number = {name: index for index, name in enumerate(names)}
    inward = [[number[other] for other in before[name]] for name in names]
    state = bytearray(len(names))  # 0 not seen, 1 being walked, 2 done
    edges: list[tuple[int, int]] = []
    for start in range(len(names)):
        stack = [(start, iter(inward[start]))] if not state[start] else []
        state[start] = state[start] or 1
        while stack:
            at, rest = stack[-1]
            other = next(rest, None)
            if other is None:
                state[at] = 2
                stack.pop()
            elif state[other] != 1:
                edges.append((other, at))
                if not state[other]:
                    state[other] = 1
                    stack.append((other, iter(inward[other])))
    return edges


def _arrange_linked(
    names: list[str], edges: list[tuple[int, int]], sizes: Mapping[str, tuple[float, float]]
) -> dict[str, Point]:
    if not names:
        return {}
    ranks = _ranks(len(names), edges)
    heights = [_size(sizes, name)[1] for name in names]
    layered = _ordered(_with_passing_points(ranks, edges, heights))
    middles = _middles(layered)
    lefts = _lefts(layered, [_size(sizes, name)[0] for name in names])
    tops = middles[: len(names)] - np.asarray(heights) / 2
    tops -= tops.min()
    return {name: (_snap(lefts[ranks[i]]), _snap(float(tops[i]))) for i, name in enumerate(names)}


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Layers by longest path from the left; a node that nothing feeds moves right, next to what it feeds first."""
    behind: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for source, target in edges:
        behind[source].append(target)
        waiting[target] += 1
    sources = [node for node in range(count) if not waiting[node]]
    ranks, ready = [0] * count, list(sources)
    for node in ready:
        for other in behind[node]:
            ranks[other] = max(ranks[other], ranks[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    for node in sources:
        ranks[node] = min((ranks[other] for other in behind[node]), default=1) - 1
    return ranks


def _with_passing_points(ranks: list[int], edges: Sequence[tuple[int, int]], heights: list[float]) -> _Layers:
    layer_of = list(ranks)
    segments: list[tuple[int, int]] = []
    for source, target in edges:
        chain = list(range(len(layer_of), len(layer_of) + ranks[target] - ranks[source] - 1))
        layer_of.extend(range(ranks[source] + 1, ranks[target]))
        segments.extend(pairwise([source, *chain, target]))
    before: list[list[int]] = [[] for _ in layer_of]
    behind: list[list[int]] = [[] for _ in layer_of]
    for source, target in segments:
        behind[source].append(target)
        before[target].append(source)
    layers: list[list[int]] = [[] for _ in range(max(layer_of) + 1)]
    for item in _walk(before, behind, layer_of):
        layers[layer_of[item]].append(item)
    room = [height + _GAP_Y for height in heights] + [_PASSING] * (len(layer_of) - len(heights))
    return _Layers(layers, before, behind, np.asarray(room))


def _walk(before: list[list[int]], behind: list[list[int]], layer_of: list[int]) -> list[int]:
    """All items depth first, so that each branch and each separate part begins together."""
    seen = bytearray(len(layer_of))
    found: list[int] = []
    for start in sorted(range(len(layer_of)), key=layer_of.__getitem__):
        ahead = [start]
        while ahead:
            item = ahead.pop()
            if seen[item]:
                continue
            seen[item] = 1
            found.append(item)
            ahead.extend(reversed(behind[item]))
            ahead.extend(before[item])
    return found


def _ordered(layered: _Layers) -> _Layers:
    """The order with the fewest crossings that sweeps to and fro come upon."""
    layers = [list(layer) for layer in layered.layers]
    position = [0] * len(layered.before)
    for layer in layers:
        _number(layer, position)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, layered.behind, position)
    for sweep in range(_ORDER_SWEEPS):
        if not fewest:
            break
        rightward = sweep % 2 == 0
        neighbours = layered.before if rightward else layered.behind
        for layer in layers[1:] if rightward else layers[-2::-1]:
            medians = {item: _median(item, neighbours[item], position) for item in layer}
            layer.sort(key=medians.__getitem__)
            _number(layer, position)
        crossings = _crossings(layers, layered.behind, position)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return _Layers(best, layered.before, layered.behind, layered.heights)


def _number(layer: list[int], position: list[int]) -> None:
    for index, item in enumerate(layer):
        position[item] = index


def _median(item: int, neighbours: list[int], position: list[int]) -> float:
    if not neighbours:
        return position[item]
    places = sorted(position[other] for other in neighbours)
    half = len(places) // 2
    return places[half] if len(places) % 2 else (places[half - 1] + places[half]) / 2


def _crossings(layers: list[list[int]], behind: list[list[int]], position: list[int]) -> int:
    """Inversions between neighbouring layers, by a binary indexed tree: O(edges · log of the layer)."""
    total = 0
    for layer, after in pairwise(layers):
        tree, count = [0] * (len(after) + 1), 0
        for item in layer:
            ends = sorted(position[other] + 1 for other in behind[item])
            total += sum(count - _sum(tree, end) for end in ends)
            count += len(ends)
            for end in ends:
                _add(tree, end)
    return total


def _sum(tree: list[int], index: int) -> int:
    total = 0
    while index:
        total += tree[index]
        index &= index - 1
    return total


def _add(tree: list[int], index: int) -> None:
    while index < len(tree):
        tree[index] += 1
        index += index & -index


def _middles(layered: _Layers) -> _Floats:
    """Each item's middle: as near to its neighbours' mean as order and room in its layer allow."""
    middles = np.zeros(len(layered.before))
    offsets = []
    for layer in layered.layers:
        room = layered.heights[layer]
        offset = np.concatenate([[0.0], np.cumsum((room[1:] + room[:-1]) / 2)])
        middles[layer] = offset - (offset[-1]) / 2
        offsets.append(offset)
    for sweep in range(_PLACE_SWEEPS):
        rightward = sweep % 2 == 0
        neighbours = layered.before if rightward else layered.behind
        count = len(layered.layers)
        for index in range(1, count) if rightward else range(count - 2, -1, -1):
            layer = layered.layers[index]
            wanted = [_mean(item, neighbours[item], middles) for item in layer]
            middles[layer] = _monotone(np.asarray(wanted) - offsets[index]) + offsets[index]
    return middles


def _mean(item: int, neighbours: list[int], middles: _Floats) -> float:
    if not neighbours:
        return float(middles[item])
    return float(sum(middles[other] for other in neighbours) / len(neighbours))


def _monotone(values: _Floats) -> _Floats:
    """The nearest non-decreasing sequence in least squares, by pooling adjacent violators (Ayer et al. 1955)."""
    pools: list[tuple[float, int]] = []
    for value in values.tolist():
        mean, weight = value, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean = (mean * weight + other * count) / (weight + count)
            weight += count
        pools.append((mean, weight))
    return np.repeat([mean for mean, _ in pools], [weight for _, weight in pools])


def _lefts(layered: _Layers, widths: list[float]) -> list[float]:
    """The left of each layer: behind the widest node of the one before."""
    lefts, at = [], 0.0
    for layer in layered.layers:
        lefts.append(at)
        at += max((widths[item] for item in layer if item < len(widths)), default=0.0) + _GAP_X
    return lefts


def _rows(names: list[str], sizes: Mapping[str, tuple[float, float]], top: float) -> dict[str, Point]:
    """Rows of nodes, about twice as wide as high in all."""
    across = max(4, round((2 * len(names)) ** 0.5))
    placed: dict[str, Point] = {}
    for start in range(0, len(names), across):
        row, left = names[start : start + across], 0.0
        for name in row:
            placed[name] = (_snap(left), _snap(top))
            left += _size(sizes, name)[0] + _GAP_X
        top += max(_size(sizes, name)[1] for name in row) + _GAP_Y
    return placed
