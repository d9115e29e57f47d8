"""NodeItem: one node as one self-painting item. It shows a NodeFace and a RunFace and knows nothing else.

Three levels of detail: everything at and above TEXT_ZOOM (`full.py`), the title and flat shapes below it (`near.py`),
one box below FAR_ZOOM (which the view paints from arrays instead).
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from treadle.run.interventions import When
from treadle_gui.canvas.faces import NO_RUN, NodeFace, PortFace, RunFace
from treadle_gui.canvas.full import paint_full
from treadle_gui.canvas.geometry import (
    FAR_ZOOM,
    MARGIN,
    TEXT_ZOOM,
    node_height,
    port_y,
)
from treadle_gui.canvas.ink import Ink
from treadle_gui.canvas.near import paint_near
from treadle_gui.canvas.near_text import NearText
from treadle_gui.canvas.node_marks import near_look, port_marks
from treadle_gui.canvas.node_parts import INPUT, OUTPUT, PortKey, paint_breakpoints
from treadle_gui.canvas.node_text import NodeText, node_text, node_width

__all__ = ["NodeItem"]

_LEVEL = QStyleOptionGraphicsItem.levelOfDetailFromTransform


class NodeItem(QGraphicsItem):
    """A node on the canvas. Its origin is its top left corner."""

    def __init__(self, face: NodeFace, ink: Ink) -> None:
        super().__init__()
        self.face = face
        self.run: RunFace = NO_RUN
        self.selected = False
        self.hovered = False
        self.current = False
        self.marks: Mapping[PortKey, bool] | None = None
        """While an edge is dragged: True for a port that would take it, False for one that would not."""
        self.target: PortKey | None = None
        """The port that a dragged edge would connect to now."""
        self.breakpoints: frozenset[When] = frozenset()
        self.hinted: When | None = None
        """Where a click would set a breakpoint."""
        self.phase = 0.0
        """Where an indeterminate progress bar stands, 0..1."""
        self._ink = ink
        self._text: NodeText | None = None
        self.near: NearText | None = None
        """Its title as laid out for the zoom it was last seen at from halfway off."""
        self._measure()

    def _measure(self) -> None:
        self.width = node_width(self.face, self._ink)
        self.height = node_height(self.face.rows)
        self.paths = self._ink.paths(self.width, self.height)
        self._bounds = QRectF(0, 0, self.width, self.height).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        self.whole = QRectF(0, 0, self.width, self.height)
        self.port_marks = port_marks(self.face, self.width, self._ink)
        self.near_look = near_look(self.face, self.width)
        self._may_go_either_way = any(port.may_stay_away for port in self.face.outputs)
        self._text = None
        self.near = None

    def show_face(self, face: NodeFace) -> None:
        if face != self.face:
            self.prepareGeometryChange()
            self.face = face
            self._measure()
            self.update()

    def show_run(self, run: RunFace, *, repaint: bool = True) -> None:
        if run != self.run:
            if (run.word, bool(run.state)) != (self.run.word, bool(self.run.state)):
                self._text = None
            self.run = run
            if repaint:
                self.update()

    def show_breakpoints(self, breakpoints: frozenset[When]) -> None:
        if breakpoints != self.breakpoints:
            self.breakpoints = breakpoints
            self.update()

    def hint_breakpoint(self, when: When | None) -> None:
        if when is not self.hinted:
            self.hinted = when
            self.update()

    def set_ink(self, ink: Ink) -> None:
        self.prepareGeometryChange()
        self._ink = ink
        self._measure()
        self.update()

    def box(self) -> QRectF:
        """The node's rectangle in the scene."""
        return self.whole.translated(self.pos())

    def input_point(self, port: str) -> QPointF:
        """The middle of an input's mark in the scene; the node's left side for one it does not have."""
        return self.pos() + QPointF(0, self.input_row_y(port))

    def output_point(self, port: str) -> QPointF:
        return self.pos() + QPointF(self.width, self.output_row_y(port))

    def input_row_y(self, port: str) -> float:
        return port_y(_row(self.face.inputs, port))

    def output_row_y(self, port: str) -> float:
        return port_y(_row(self.face.outputs, port))

    @property
    def may_go_either_way(self) -> bool:
        """Whether what it gave decides which of its edges are taken."""
        return self._may_go_either_way

    @property
    def text(self) -> NodeText:
        """All that is written on it, laid out once."""
        if self._text is None:
            self._text = node_text(self.face, self.run, self.width, self._ink)
        return self._text

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        return self.paths.body

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        level = _LEVEL(painter.worldTransform())
        if level < FAR_ZOOM:
            painter.fillRect(self.whole, self._ink.state(self.run.state).brush)
            return
        if level < TEXT_ZOOM:
            paint_near(painter, self, self._ink, level)
        else:
            paint_full(painter, self, self._ink)
        paint_breakpoints(painter, self, self._ink)

    def port_at(self, point: QPointF, reach: float) -> PortKey | None:
        """The port whose mark is nearest to `point` (in the scene), within `reach`."""
        best: PortKey | None = None
        nearest = reach
        for side, at, ports in (
            (INPUT, self.input_point, self.face.inputs),
            (OUTPUT, self.output_point, self.face.outputs),
        ):
            for port in ports:
                gap = at(port.name) - point
                distance = (gap.x() ** 2 + gap.y() ** 2) ** 0.5
                if distance <= nearest:
                    best, nearest = (side, port.name), distance
        return best

    def port(self, key: PortKey) -> PortFace | None:
        ports = self.face.inputs if key[0] == INPUT else self.face.outputs
        return next((port for port in ports if port.name == key[1]), None)


def _row(ports: tuple[PortFace, ...], name: str) -> int:
    return next((row for row, port in enumerate(ports) if port.name == name), 0)
