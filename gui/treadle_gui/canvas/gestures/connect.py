"""Connect: an edge drawn from an output or an input, or an existing edge taken off its input and led elsewhere.

Ports that would take it light up, all others step back. The nearest lit one within MAGNET pixels draws the end to
itself; over a port that refuses, the reason stands beside the pointer. Let go on a program's body, it makes an input
there, on a border of the pipeline a port of its own; on nothing, it asks for a component.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from treadle.spec import edits
from treadle.spec.borders import goes_straight_through, is_border
from treadle.spec.connecting import connectable_sources, connectable_targets, refusal
from treadle.spec.pipeline import Edge, Endpoint, Pipeline
from treadle_gui.canvas.edge_item import EdgeItem, Emphasis
from treadle_gui.canvas.geometry import MAGNET, MARGIN, edge_path
from treadle_gui.canvas.gestures.gesture import Board, Gesture, OpenEnd, Pointer
from treadle_gui.canvas.ink import NO_BRUSH
from treadle_gui.canvas.new_port import NewPort, new_border_port, new_input
from treadle_gui.canvas.node_item import NodeItem
from treadle_gui.canvas.node_parts import INPUT, OUTPUT, PortKey

__all__ = ["Connect"]

_PORT_REACH: Final = 10.0
"""Nearer to a port's mark than to its neighbour's."""


class Connect(Gesture):
    """`start` is the end that stays: an output, or an input when `side` says so. `moved` is an edge being re-routed."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, board: Board, start: Endpoint, side: str, moved: EdgeItem | None = None) -> None:
        super().__init__(board)
        self._start = start
        self._side = side
        self._moved = moved
        self._pressed = QPointF()
        self._pull = QPointF()
        self._target: Endpoint | None = None
        self._reason = ""
        self._new: NewPort | None = None
        self._fits: frozenset[Endpoint] = frozenset()
        self._drawn = QRectF()

    @property
    def _other_side(self) -> str:
        return INPUT if self._side == OUTPUT else OUTPUT

    def _pipeline(self) -> Pipeline:
        """The pipeline without the edge that is being moved."""
        pipeline = self.board.document.drawn.pipeline
        return pipeline if self._moved is None else edits.disconnect(pipeline, self._moved.edge)

    def begin(self, at: Pointer) -> None:
        self._pressed = self._pull = at.scene
        components = self.board.document.drawn.components
        seek = connectable_targets if self._side == OUTPUT else connectable_sources
        found = seek(self._pipeline(), components, self._start)
        self._fits = frozenset(end for end in found if not goes_straight_through(*self._directed(end)))
        self._mark()
        if self._moved is not None:
            self._moved.emphasise(Emphasis.QUIET)

    def _mark(self) -> None:
        by_node: dict[str, dict[PortKey, bool]] = {}
        for end in self._fits:
            by_node.setdefault(end.node, {})[self._other_side, end.port] = True
        by_node.setdefault(self._start.node, {})[self._side, self._start.port] = True
        for name, item in self.board.stage.nodes.items():
            item.marks = by_node.get(name, {})
        self.board.repaint_area(QRectF())

    def move(self, at: Pointer) -> None:
        self._seek(at)
        self._pull = self._end_point(self._target) if self._target else at.scene
        self.board.show_note(self._reason or (self._new.words if self._new else ""), at.view)
        drawn = edge_path(*self._ends()).controlPointRect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        self.board.repaint_area(self._drawn.united(drawn))
        self._drawn = drawn

    def _seek(self, at: Pointer) -> None:
        """Finds what the end would connect to, or why it would not. A port right under the pointer is meant."""
        reach = MAGNET / self.board.zoom()
        nodes = [self.board.stage.nodes[name] for name in self.board.stage.mirror.nodes_near(at.scene, reach)]
        refused = self._refused_under(nodes, at.scene)
        target = None if refused else self._nearest(nodes, at.scene, reach)
        self._new = None if refused else self._new_port(nodes, at.scene, target, reach)
        target = None if self._new else target
        self._reason = refused or ("" if target or self._new else self._why_not(nodes, at.scene))
        if target != self._target:
            self._show_target(self._target, lit=False)
            self._show_target(target, lit=True)
            self._target = target

    def _show_target(self, end: Endpoint | None, *, lit: bool) -> None:
        if end is not None:
            item = self.board.stage.nodes[end.node]
            item.target = (self._other_side, end.port) if lit else None
            item.update()

    def _nearest(self, nodes: list[NodeItem], point: QPointF, reach: float) -> Endpoint | None:
        """The lit port nearest to the pointer; on a node's body, any of its lit ports is near enough."""
        best: Endpoint | None = None
        least = float("inf")
        for item in nodes:
            inside = item.box().contains(point)
            for end in self._shown_fits(item):
                distance = _length(self._end_point(end) - point)
                if distance < least and (inside or distance <= reach):
                    best, least = end, distance
        return best

    def _new_port(self, nodes: list[NodeItem], point: QPointF, target: Endpoint | None, reach: float) -> NewPort | None:
        """What would be made on the body under the pointer, a program's or a border's, where no free port of it is
        meant."""
        pipeline = self._pipeline()
        under = next((item.face.id for item in reversed(nodes) if item.box().contains(point)), None)
        if under is None:
            return None
        if target is not None:
            is_near = _length(self._end_point(target) - point) <= reach
            is_free = not is_border(under) and not pipeline.nodes[target.node].inputs.get(target.port)
            if is_near or is_free:
                return None
        components = self.board.document.drawn.components
        if is_border(under):
            return new_border_port(pipeline, self.board.document.pipeline, components, self._start, self._side, under)
        return new_input(pipeline, components, self._start, under) if self._side == OUTPUT else None

    def _shown_fits(self, item: NodeItem) -> list[Endpoint]:
        ports = item.face.inputs if self._other_side == INPUT else item.face.outputs
        ends = [Endpoint(item.face.id, port.name) for port in ports]
        return [end for end in ends if end in self._fits]

    def _refused_under(self, nodes: list[NodeItem], point: QPointF) -> str:
        """Why the port under the pointer does not take it; empty where there is none or it does."""
        for item in reversed(nodes):
            key = item.port_at(point, _PORT_REACH)
            if key is None or (item.face.id, key) == (self._start.node, (self._side, self._start.port)):
                continue
            if key[0] == self._side:
                return "an output feeds an input" if self._side == OUTPUT else "an input is fed by an output"
            return self._refusal(Endpoint(item.face.id, key[1]))
        return ""

    def _why_not(self, nodes: list[NodeItem], point: QPointF) -> str:
        """Why nothing of the node under the pointer takes it."""
        for item in reversed(nodes):
            if item.face.id == self._start.node or not item.box().contains(point):
                continue
            ports = item.face.inputs if self._other_side == INPUT else item.face.outputs
            if not ports:
                return f"{item.face.title} has no {'input' if self._other_side == INPUT else 'output'}"
            return self._refusal(Endpoint(item.face.id, ports[0].name))
        return ""

    def _refusal(self, end: Endpoint) -> str:
        source, target = self._directed(end)
        if goes_straight_through(source, target):
            return "an input can't be an output as it is: put a node between the two"
        return refusal(self._pipeline(), self.board.document.drawn.components, source, target) or ""

    def _directed(self, end: Endpoint) -> tuple[Endpoint, Endpoint]:
        """An edge from the end that stays to `end`, or from it."""
        return (self._start, end) if self._side == OUTPUT else (end, self._start)

    def _end_point(self, end: Endpoint) -> QPointF:
        item = self.board.stage.nodes[end.node]
        return item.input_point(end.port) if self._other_side == INPUT else item.output_point(end.port)

    def _ends(self) -> tuple[QPointF, QPointF]:
        item = self.board.stage.nodes[self._start.node]
        if self._side == OUTPUT:
            return item.output_point(self._start.port), self._pull
        return self._pull, item.input_point(self._start.port)

    def finish(self, at: Pointer) -> None:
        target, reason = self._target, self._reason
        far = (at.scene - self._pressed).manhattanLength() * self.board.zoom() > MAGNET / 4
        self._restore()
        if self._new is not None:
            self._make(self._new)
        elif target is not None:
            self._connect(target)
        elif reason:
            self.board.say(reason)
        elif far and self._moved is not None:
            self._disconnect(self._moved.edge)
        elif far:
            self.board.ask_component(at.view, OpenEnd(self._start, self._side == OUTPUT), at.scene)

    def _connect(self, end: Endpoint) -> None:
        source, target = self._directed(end)
        if self._moved is not None and self._moved.edge == Edge(source, target):
            return
        port = self.board.stage.nodes[target.node].port((INPUT, target.port))
        many = port is not None and port.type.many
        moved = self._moved

        def change(pipeline: Pipeline) -> Pipeline:
            parted = pipeline if moved is None else edits.disconnect(pipeline, moved.edge)
            return edits.connect(parted, source, target, many=many)

        self.board.document.edit_drawn(f"Connect {source} to {target}", change)

    def _make(self, new: NewPort) -> None:
        moved, change = self._moved, new.edit()

        def make(pipeline: Pipeline) -> Pipeline:
            return change(pipeline if moved is None else edits.disconnect(pipeline, moved.edge))

        self.board.document.edit_drawn(f"Connect {new.source} to {new.target}", make)

    def _disconnect(self, edge: Edge) -> None:
        self.board.document.edit_drawn(f"Disconnect {edge.target}", lambda pipeline: edits.disconnect(pipeline, edge))

    def cancel(self) -> None:
        self._restore()

    def _restore(self) -> None:
        for item in self.board.stage.nodes.values():
            item.marks = None
            item.target = None
        if self._moved is not None:
            self.board.stage.relight(self._moved)
        self.board.show_note("", QPoint())
        self._target = None
        self._drawn = QRectF()
        self.board.repaint_area(QRectF())

    def paint(self, painter: QPainter) -> None:
        item = self.board.stage.nodes.get(self._start.node)
        port = item.port((self._side, self._start.port)) if item else None
        if port is None or self._drawn.isNull():
            return
        pen = QPen(self.board.ink.port(port.type.name).edge_lit)
        if self._reason:
            pen = self.board.ink.refused
        painter.setPen(pen)
        painter.setBrush(NO_BRUSH)
        painter.drawPath(edge_path(*self._ends()))


def _length(gap: QPointF) -> float:
    return float((gap.x() ** 2 + gap.y() ** 2) ** 0.5)
