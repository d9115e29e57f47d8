"""Orders: edges that end at no port, thin dashes from header to header: `after:`, `teardown_of:`, rows mapped over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsScene

from treadle.spec.pipeline import Node
from treadle_gui.canvas.geometry import HEADER, distance_to_edge, edge_path
from treadle_gui.canvas.ink import NO_BRUSH, Ink
from treadle_gui.canvas.node_item import NodeItem

__all__ = ["OrderItem", "Orders"]

_BELOW_EDGES: Final = -3.0
_TIP: Final = 7.0


class OrderItem(QGraphicsPathItem):
    """`target` waits until `source` has ended."""

    def __init__(self, source: NodeItem, target: NodeItem, ink: Ink) -> None:
        super().__init__()
        self.source = source
        self.target = target
        self.setZValue(_BELOW_EDGES)
        self.setBrush(NO_BRUSH)
        self.setPen(ink.order)
        self.adjust()

    def ends(self) -> tuple[QPointF, QPointF]:
        middle = HEADER / 2
        return self.source.pos() + QPointF(self.source.width, middle), self.target.pos() + QPointF(0, middle)

    def adjust(self) -> None:
        """Follows its nodes."""
        source, target = self.ends()
        path = QPainterPath(edge_path(source, target))
        path.moveTo(target + QPointF(-_TIP, -_TIP * 0.6))
        path.lineTo(target)
        path.lineTo(target + QPointF(-_TIP, _TIP * 0.6))
        self.setPath(path)

    def distance(self, point: QPointF) -> float:
        return distance_to_edge(*self.ends(), point)


class Orders:
    """The items by (first, second) node id, kept in step by the scene."""

    def __init__(self, scene: QGraphicsScene, nodes: Mapping[str, NodeItem]) -> None:
        self._scene = scene
        self._nodes = nodes
        self.items: dict[tuple[str, str], OrderItem] = {}
        self._at: dict[str, set[tuple[str, str]]] = {}

    def apply(self, nodes: Mapping[str, Node], ink: Ink) -> None:
        """Shows what `nodes` say; their items stand in the scene already, those of others have left it."""
        wanted = {(first, node.id) for node in nodes.values() for first in _before(node) if first in nodes}
        for pair in self.items.keys() - wanted:
            self._remove(pair)
        for pair in wanted:
            first, second = (self._nodes[name] for name in pair)
            known = self.items.get(pair)
            if known is not None and (known.source, known.target) == (first, second):
                continue
            if known is not None:
                self._remove(pair)
            self._add(pair, OrderItem(first, second, ink))

    def _add(self, pair: tuple[str, str], item: OrderItem) -> None:
        self.items[pair] = item
        for name in pair:
            self._at.setdefault(name, set()).add(pair)
        self._scene.addItem(item)

    def _remove(self, pair: tuple[str, str]) -> None:
        self._scene.removeItem(self.items.pop(pair))
        for name in pair:
            self._at[name].discard(pair)

    def follow(self, moved: Iterable[str]) -> None:
        """These nodes stand elsewhere, or are of another size."""
        for pair in {pair for name in moved for pair in self._at.get(name, ())}:
            self.items[pair].adjust()

    def set_ink(self, ink: Ink) -> None:
        for item in self.items.values():
            item.setPen(ink.order)
            item.adjust()

    def at(self, point: QPointF, reach: float) -> tuple[str, str] | None:
        """The order edge nearest to `point`, within `reach`."""
        near = [(item.distance(point), pair) for pair, item in self.items.items()]
        distance, pair = min(near, default=(reach + 1, None))
        return pair if distance <= reach else None


def _before(node: Node) -> Iterator[str]:
    yield from (*node.after, *node.teardown_of)
    if node.map is not None and node.map.rows is not None:
        yield node.map.rows.node
