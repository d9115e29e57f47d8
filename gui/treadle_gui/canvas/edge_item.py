"""EdgeItem: an edge as a path that Qt itself paints, and the pill that tells how many rows passed.

The curve, its pen and its place are all that an edge has; a pen is changed, never painted with Python.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QStyleOptionGraphicsItem, QWidget

from treadle.spec.pipeline import Edge
from treadle_gui.canvas.faces import rounded_text, rows_text
from treadle_gui.canvas.geometry import TEXT_ZOOM, distance_to_edge, edge_path, point_on_edge
from treadle_gui.canvas.ink import NO_BRUSH, Ink
from treadle_gui.canvas.node_item import NodeItem

__all__ = ["EdgeItem", "EdgeLabel", "Emphasis"]

_BELOW_NODES: Final = -2.0
_LABELS: Final = -1.0
_DASH_CYCLE: Final = 7.0
_NUMBER_ZOOM: Final = 0.4
"""Below it there is no room for numbers between the nodes."""
_NUMBER_SCALE: Final = 0.9
"""From halfway off a number is as large as at this zoom."""
_LONG: Final = 240.0
_BESIDE: Final = 40.0
_LEVEL = QStyleOptionGraphicsItem.levelOfDetailFromTransform


class Emphasis(Enum):
    """`LIT`: hovered, or at a selected node. `QUIET`: drawn back because something else matters now."""

    NONE = auto()
    LIT = auto()
    QUIET = auto()


class EdgeItem(QGraphicsPathItem):
    """From an output of `source` to an input of `target`."""

    def __init__(self, edge: Edge, source: NodeItem, target: NodeItem, ink: Ink) -> None:
        super().__init__()
        self.edge = edge
        self.source = source
        self.target = target
        self.emphasis = Emphasis.NONE
        self.invalid = False
        self.running = False
        self.not_taken = False
        """The run went another way."""
        self.shares_output = False
        """Other edges start at the same output; the first of them tells the rows."""
        self.label: EdgeLabel | None = None
        self._ink = ink
        self.setZValue(_BELOW_NODES)
        self.setBrush(NO_BRUSH)
        self.restyle()
        self.adjust()

    @property
    def type_name(self) -> str:
        name = self.edge.source.port
        for port in self.source.face.outputs:
            if port.name == name:
                return port.type.name
        return "Any"

    def ends(self) -> tuple[QPointF, QPointF]:
        """Where it starts and ends in the scene."""
        return self.source.output_point(self.edge.source.port), self.target.input_point(self.edge.target.port)

    def adjust(self) -> None:
        """Follows its nodes."""
        source, target = self.ends()
        self.setPath(edge_path(source, target))
        if self.label is not None:
            self.label.setPos(self._label_point())

    def _label_point(self) -> QPointF:
        """The middle; on a long edge, or one of several from a port, beside the output, where nothing covers it."""
        source, target = self.ends()
        if self.shares_output or (target - source).manhattanLength() > _LONG:
            return QPointF(source.x() + _BESIDE, source.y())
        return point_on_edge(source, target, 0.5)

    def distance(self, point: QPointF) -> float:
        source, target = self.ends()
        return distance_to_edge(source, target, point)

    def set_ink(self, ink: Ink) -> None:
        self._ink = ink
        self.restyle()
        if self.label is not None:
            self.label.set_ink(ink)

    @property
    def lit(self) -> bool:
        return self.emphasis is Emphasis.LIT

    def emphasise(self, emphasis: Emphasis) -> None:
        if emphasis is not self.emphasis:
            self.emphasis = emphasis
            self.restyle()

    def set_flow(self, *, running: bool, invalid: bool, not_taken: bool = False) -> None:
        """Dashed while data is worked on behind it, red where the types do not fit, faint dots where none came."""
        running = running and not not_taken
        if (running, invalid, not_taken) != (self.running, self.invalid, self.not_taken):
            self.running, self.invalid, self.not_taken = running, invalid, not_taken
            self.restyle()

    def set_running(self, running: bool) -> None:
        """As `set_flow`, where only the node that is fed has begun or ended."""
        running = running and not self.not_taken
        if running is not self.running:
            self.running = running
            self.restyle()

    def restyle(self) -> None:
        port = self._ink.port(self.type_name)
        match self.emphasis:
            case Emphasis.LIT:
                pen = port.edge_lit
            case Emphasis.QUIET:
                pen = port.edge_quiet
            case Emphasis.NONE:
                pen = port.edge
        if self.invalid:
            pen = self._ink.refused
        elif self.not_taken:
            pen = port.edge_unused_lit if self.lit else port.edge_unused
        elif self.running:
            pen = port.edge_running
        self.setPen(pen)

    def flow(self, phase: float) -> None:
        """Moves the dashes of a running edge; `phase` in 0..1."""
        pen = self.pen()
        pen.setDashOffset(-phase * _DASH_CYCLE)
        self.setPen(pen)

    def show_rows(self, rows: int | None) -> None:
        """Writes how many rows passed, or takes that away."""
        if rows is None:
            self._drop_label()
            return
        if self.label is None:
            self.label = EdgeLabel(self._ink)
            scene = self.scene()
            if scene is not None:
                scene.addItem(self.label)
        self.label.setPos(self._label_point())
        self.label.set_rows(rows)

    def _drop_label(self) -> None:
        if self.label is not None and (scene := self.label.scene()) is not None:
            scene.removeItem(self.label)
        self.label = None

    def leave(self) -> None:
        """Out of its scene, label and all."""
        self._drop_label()
        if (scene := self.scene()) is not None:
            scene.removeItem(self)


class EdgeLabel(QGraphicsItem):
    """A number in a pill, centred on its position: exact where one reads, rounded and larger from halfway off."""

    def __init__(self, ink: Ink) -> None:
        super().__init__()
        self.rows = -1
        self.text = ""
        self._rounded = ""
        self._ink = ink
        self._box = QRectF()
        self._small_box = QRectF()
        self.setZValue(_LABELS)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_ink(self, ink: Ink) -> None:
        self._ink = ink
        self.update()

    def set_rows(self, rows: int) -> None:
        if rows != self.rows:
            self.prepareGeometryChange()
            self.rows, self.text, self._rounded = rows, rows_text(rows), rounded_text(rows)
            self._box, self._small_box = self._pill(self.text, 14.0, 18.0), self._pill(self._rounded, 6.0, 12.0)
            self.update()

    def _pill(self, text: str, around: float, height: float) -> QRectF:
        width = self._ink.number_metrics.horizontalAdvance(text) + around
        return QRectF(-width / 2, -height / 2, width, height)

    def boundingRect(self) -> QRectF:
        most = _NUMBER_SCALE / _NUMBER_ZOOM
        small = QRectF(self._small_box.topLeft() * most, self._small_box.size() * most)
        return self._box.united(small).adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        level = _LEVEL(painter.worldTransform())
        if level < _NUMBER_ZOOM:
            return
        text, box = self.text, self._box
        if level < TEXT_ZOOM:
            text, box = self._rounded, self._small_box
            painter.scale(_NUMBER_SCALE / level, _NUMBER_SCALE / level)
        painter.setPen(self._ink.label_pen)
        painter.setBrush(self._ink.label_fill)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(self._ink.muted)
        painter.setFont(self._ink.number_font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
