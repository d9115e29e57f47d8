"""CanvasScene: the items of a pipeline by id, kept in step with the document by what an identity diff names.

An edit shares every node it did not change, so `apply(old, new)` looks only at nodes that are other objects now.
The scene never edits: gestures ask the document, the document's change comes back here. What a run says is `runs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsScene

from treadle.spec.component import Component
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Edge, Node, Pipeline, Point
from treadle.spec.problems import Problem
from treadle_gui.canvas.edge_item import EdgeItem, Emphasis
from treadle_gui.canvas.faces import node_face
from treadle_gui.canvas.flow_marks import cleaners
from treadle_gui.canvas.ink import Ink
from treadle_gui.canvas.mirror import Mirror
from treadle_gui.canvas.node_item import NodeItem
from treadle_gui.canvas.node_parts import PortKey
from treadle_gui.canvas.orders import Orders
from treadle_gui.canvas.placing import placed
from treadle_gui.canvas.run_looks import RunLooks

__all__ = ["CanvasScene"]

_RAISED = 1.0


class CanvasScene(QGraphicsScene):
    """What is painted. `nodes` and `edges` are the items; `mirror` the same as arrays."""

    def __init__(self, ink: Ink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.nodes: dict[str, NodeItem] = {}
        self.edges: dict[Edge, EdgeItem] = {}
        self.orders = Orders(self, self.nodes)
        self._ink = ink
        self._pipeline = Pipeline()
        self.components: Mapping[str, Component] = {}
        self._problems: dict[str, list[Problem]] = {}
        self._touching: dict[str, dict[Edge, EdgeItem]] = {}
        self.runs = RunLooks(self.nodes, self._touching, self._restate)
        self._used: dict[str, Counter[str]] = {}
        self._dangling: set[Edge] = set()
        self._cleaners: dict[str, tuple[str, ...]] = {}
        self._selection: frozenset[str] = frozenset()
        self._mirror: Mirror | None = None

    @property
    def mirror(self) -> Mirror:
        if self._mirror is None:
            self._mirror = Mirror(self.nodes, self.edges.values())
        return self._mirror

    def _restate(self, node: str, state: str) -> None:
        self.mirror.set_state(node, state)

    @property
    def pipeline(self) -> Pipeline:
        return self._pipeline

    def touching(self, node: str) -> Iterable[EdgeItem]:
        """The edges at a node."""
        return self._touching.get(node, {}).values()

    # The document

    def apply(self, new: Pipeline) -> None:
        """Shows `new`. Only what differs from the pipeline shown is looked at."""
        old, self._pipeline = self._pipeline, new
        if new.nodes is not old.nodes:
            self._apply_nodes(old.nodes, new.nodes)
        if new.view is not old.view or new.nodes.keys() != old.nodes.keys():
            self.place(self._positions())

    def _apply_nodes(self, old: Mapping[str, Node], new: Mapping[str, Node]) -> None:
        gone = [node for node in old if node not in new]
        changed = [name for name, node in new.items() if old.get(name) is not node]
        before = {edge for name in (*gone, *changed) if name in old for edge in old[name].edges()}
        after = {edge for name in changed for edge in new[name].edges()}
        for edge in before - after:
            self._remove_edge(edge)
        for name in gone:
            self._remove_node(name)
        self._count_uses(before - after, after - before)
        for name in changed:
            if name not in self.nodes:
                self._add_node(name)
        sources = {edge.source.node for edge in before ^ after}
        self._refresh({*changed, *sources, *self._differently_cleaned(new)})
        for edge in sorted((after - before) | self._dangling, key=str):
            self._add_edge(edge)
        self.orders.apply(new, self._ink)
        self._mirror = None

    def _differently_cleaned(self, nodes: Mapping[str, Node]) -> set[str]:
        """The nodes that became, or ceased to be, the set-up of another's clean-up."""
        before, self._cleaners = self._cleaners, cleaners(nodes)
        return {name for name in before.keys() | self._cleaners.keys() if before.get(name) != self._cleaners.get(name)}

    def _count_uses(self, lost: Iterable[Edge], won: Iterable[Edge]) -> None:
        for edge in lost:
            self._used[edge.source.node][edge.source.port] -= 1
        for edge in won:
            self._used.setdefault(edge.source.node, Counter())[edge.source.port] += 1

    def _positions(self) -> Mapping[str, Point]:
        pipeline = self._pipeline
        if pipeline.nodes.keys() <= pipeline.view.keys():
            return pipeline.view
        return placed(pipeline, self.sizes())

    def sizes(self) -> dict[str, tuple[float, float]]:
        """Width and height of each node, for arranging them."""
        return {name: (item.width, item.height) for name, item in self.nodes.items()}

    def _face(self, name: str) -> NodeItem:
        node = self._pipeline.nodes[name]
        face = node_face(
            node,
            component_of(node, self.components),
            (port for port, count in self._used.get(name, Counter()).items() if count > 0),
            self._problems.get(name, ()),
            self._cleaners.get(name, ()),
        )
        item = self.nodes.get(name)
        if item is None:
            return NodeItem(face, self._ink)
        item.show_face(face)
        return item

    def _add_node(self, name: str) -> None:
        item = self._face(name)
        self.nodes[name] = item
        self.addItem(item)
        item.show_run(self.runs.face(name))

    def _remove_node(self, name: str) -> None:
        for edge in list(self._touching.get(name, ())):
            self._remove_edge(edge)
            if edge.target.node != name:
                self._dangling.add(edge)
        self.removeItem(self.nodes.pop(name))
        self._touching.pop(name, None)

    def _refresh(self, names: Iterable[str]) -> None:
        """Makes these faces anew; edges follow where rows moved."""
        for name in names:
            if name not in self.nodes:
                continue
            self._face(name)
            for edge in self.touching(name):
                edge.adjust()
                edge.restyle()
            self.orders.follow((name,))
        self._mirror = None

    def _add_edge(self, edge: Edge) -> None:
        source, target = self.nodes.get(edge.source.node), self.nodes.get(edge.target.node)
        if target is None or source is None:
            self._dangling.discard(edge)
            if target is not None:
                self._dangling.add(edge)
            return
        self._dangling.discard(edge)
        if edge in self.edges:
            return
        item = EdgeItem(edge, source, target, self._ink)
        self.edges[edge] = item
        self.addItem(item)
        for end in (edge.source.node, edge.target.node):
            self._touching.setdefault(end, {})[edge] = item
        self.relight(item)
        self.runs.show_siblings(edge)

    def _remove_edge(self, edge: Edge) -> None:
        self._dangling.discard(edge)
        item = self.edges.pop(edge, None)
        if item is None:
            return
        for end in (edge.source.node, edge.target.node):
            self._touching.get(end, {}).pop(edge, None)
        item.leave()
        self.runs.show_siblings(edge)

    def set_components(self, components: Mapping[str, Component]) -> None:
        """The catalog changed: every face is made anew."""
        self.components = components
        self._refresh(list(self.nodes))

    def set_problems(self, problems: Iterable[Problem]) -> None:
        """Marks nodes and edges with what validation found."""
        found: dict[str, list[Problem]] = {}
        for problem in problems:
            if problem.where.node is not None:
                found.setdefault(problem.where.node, []).append(problem)
        differing = {
            name for name in found.keys() | self._problems.keys() if found.get(name) != self._problems.get(name)
        }
        self._problems = found
        self._refresh(differing)
        self.runs.set_problems(found, differing)

    # Places

    def place(self, positions: Mapping[str, Point]) -> None:
        """Puts nodes where `positions` say; edges follow."""
        moved = [name for name, (x, y) in positions.items() if self._put(name, x, y)]
        self._follow(moved)

    def _put(self, name: str, x: float, y: float) -> bool:
        item = self.nodes.get(name)
        if item is None or (item.x() == x and item.y() == y):
            return False
        item.setPos(x, y)
        if self._mirror is not None:
            self._mirror.move(name, x, y)
        return True

    def _follow(self, moved: Iterable[str]) -> None:
        seen: set[Edge] = set()
        for name in moved:
            for edge, item in self._touching.get(name, {}).items():
                if edge not in seen:
                    seen.add(edge)
                    item.adjust()
        self.orders.follow(moved)

    def position(self, name: str) -> QPointF:
        return self.nodes[name].pos()

    def bounds(self, names: Iterable[str] | None = None) -> QRectF:
        """Around these nodes, or all."""
        return self.mirror.bounds(names)

    # Looks

    def set_ink(self, ink: Ink) -> None:
        self._ink = ink
        for node in self.nodes.values():
            node.set_ink(ink)
        for edge in self.edges.values():
            edge.set_ink(ink)
            edge.adjust()
        self.orders.set_ink(ink)
        self._mirror = None

    def select(self, names: frozenset[str]) -> None:
        """Paints these nodes as selected, and their edges as lit."""
        differing = names ^ self._selection
        self._selection = names
        for name in differing:
            if (item := self.nodes.get(name)) is not None:
                item.selected = name in names
                item.setZValue(_RAISED if item.selected else 0.0)
                item.update()
            for edge in self.touching(name):
                self.relight(edge)
        if self._mirror is not None:
            self._mirror.select(names)

    def relight(self, edge: EdgeItem) -> None:
        """Paints an edge as its nodes' selection says."""
        ends = edge.edge.source.node, edge.edge.target.node
        edge.emphasise(Emphasis.NONE if self._selection.isdisjoint(ends) else Emphasis.LIT)

    def node_at(self, point: QPointF) -> NodeItem | None:
        """The topmost node whose box holds `point`."""
        names = self.mirror.nodes_near(point, 0.5)
        chosen = [name for name in names if name in self._selection] or names
        return self.nodes[chosen[-1]] if chosen else None

    def port_at(self, point: QPointF, reach: float) -> tuple[NodeItem, PortKey] | None:
        """The port mark nearest to `point`, within `reach`."""
        for name in reversed(self.mirror.nodes_near(point, reach)):
            item = self.nodes[name]
            key = item.port_at(point, reach)
            if key is not None:
                return item, key
        return None

    def edge_at(self, point: QPointF, reach: float) -> EdgeItem | None:
        """The edge nearest to `point`, within `reach`."""
        around = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        found = [
            item
            for item in self.items(around, Qt.ItemSelectionMode.IntersectsItemBoundingRect)
            if isinstance(item, EdgeItem)
        ]
        near = [(item.distance(point), index, item) for index, item in enumerate(found)]
        distance, _, edge = min(near, default=(reach + 1, 0, None))
        return edge if distance <= reach else None
