"""Aligning and distributing nodes: pure functions over positions."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import assert_never

from treadle.spec.edits import move
from treadle.spec.pipeline import Pipeline, Point

__all__ = ["Alignment", "aligned"]


class Alignment(StrEnum):
    """LEFT and TOP go to the outermost node, CENTRE and MIDDLE to the mean, ACROSS and DOWN give equal distances."""

    LEFT = "left"
    TOP = "top"
    CENTRE = "centre"
    MIDDLE = "middle"
    ACROSS = "across"
    DOWN = "down"


def aligned(pipeline: Pipeline, ids: Iterable[str], alignment: Alignment) -> Pipeline:
    """With the positions of `ids` aligned. Nodes without a position stay without."""
    places = {node_id: pipeline.view[node_id] for node_id in sorted(ids) if node_id in pipeline.view}
    if len(places) < 2:
        return pipeline
    return move(pipeline, _moved(places, alignment))


def _moved(places: dict[str, Point], alignment: Alignment) -> dict[str, Point]:
    xs = [x for x, _ in places.values()]
    ys = [y for _, y in places.values()]
    match alignment:
        case Alignment.LEFT:
            return {node: (min(xs), y) for node, (_, y) in places.items()}
        case Alignment.TOP:
            return {node: (x, min(ys)) for node, (x, _) in places.items()}
        case Alignment.CENTRE:
            return {node: (sum(xs) / len(xs), y) for node, (_, y) in places.items()}
        case Alignment.MIDDLE:
            return {node: (x, sum(ys) / len(ys)) for node, (x, _) in places.items()}
        case Alignment.ACROSS:
            order = sorted(places, key=lambda node: places[node])
            return {node: (place, places[node][1]) for node, place in zip(order, _spread(xs), strict=True)}
        case Alignment.DOWN:
            order = sorted(places, key=lambda node: places[node][::-1])
            return {node: (places[node][0], place) for node, place in zip(order, _spread(ys), strict=True)}
        case _:
            assert_never(alignment)


def _spread(values: list[float]) -> list[float]:
    """As many places at equal distances between the least and the greatest."""
    low, high = min(values), max(values)
    return [low + (high - low) * place / (len(values) - 1) for place in range(len(values))]
