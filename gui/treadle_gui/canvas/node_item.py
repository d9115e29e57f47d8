"""NodeItem: one node as one self-painting item. It shows a NodeFace and a RunFace and knows nothing else.

Three levels of detail: everything at and above TEXT_ZOOM, the title and flat shapes below it (`near.py`), one box
below FAR_ZOOM (which the view paints from arrays instead).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from treadle.run.interventions import When
from treadle.spec.borders import is_border
from treadle_gui.canvas.faces import NO_RUN, NodeFace, PortFace, RunFace
from treadle_gui.canvas.geometry import (
    FAR_ZOOM,
    HEADER,
    MARGIN,
    STRIP,
    TEXT_ZOOM,
    node_height,
    port_y,
)
from treadle_gui.canvas.ink import NO_BRUSH, NO_PEN, Ink
from treadle_gui.canvas.near import paint_near
from treadle_gui.canvas.near_text import NearText
from treadle_gui.canvas.node_marks import near_look, port_marks
from treadle_gui.canvas.node_text import NodeText, flow_mark_box, node_text, node_width

__all__ = ["INPUT", "OUTPUT", "NodeItem", "PortKey"]

PortKey = tuple[str, str]
"""Side and port name."""
INPUT: Final = "in"
OUTPUT: Final = "out"

_LEVEL = QStyleOptionGraphicsItem.levelOfDetailFromTransform
_CENTER: Final = Qt.AlignmentFlag.AlignCenter
_BADGE: Final = 9.0
_DOT: Final = 6.5


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
        self._paths = self._ink.paths(self.width, self.height)
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
    def focus_path(self) -> QPainterPath:
        """The ring around a node that has the keyboard."""
        return self._paths.focus

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        return self._paths.body

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        level = _LEVEL(painter.worldTransform())
        if level < FAR_ZOOM:
            painter.fillRect(self.whole, self._ink.state(self.run.state).brush)
            return
        if level < TEXT_ZOOM:
            paint_near(painter, self, self._ink, level)
            self._paint_breakpoints(painter)
            return
        self._paint_body(painter)
        if self.marks is None:
            for mark in self.port_marks:
                painter.setPen(mark.pen)
                painter.setBrush(mark.brush)
                painter.drawPath(mark.path)
        else:
            self.paint_ports(painter)
        self._paint_header(painter)
        self._paint_text(painter)
        self._paint_breakpoints(painter)

    def _paint_breakpoints(self, painter: QPainter) -> None:
        """Dots at the header's ends: before the node, and after it."""
        if not self.breakpoints and self.hinted is None:
            return
        level = painter.worldTransform().m11()
        radius = min(_DOT / min(level, 1.0), MARGIN - 2)  # from afar they stay as large as they are seen
        painter.setPen(self._ink.breakpoint_edge)
        for when, x in ((When.BEFORE, 0.0), (When.AFTER, self.width)):
            if when in self.breakpoints or when is self.hinted:
                ink = self._ink.breakpoint if when in self.breakpoints else self._ink.breakpoint_hint
                painter.setBrush(ink)
                painter.drawEllipse(QPointF(x, HEADER / 2), radius, radius)

    def _paint_body(self, painter: QPainter) -> None:
        ink, paths, state = self._ink, self._paths, self._ink.state(self.run.state)
        painter.setPen(NO_PEN)
        painter.setBrush(ink.node)
        painter.drawPath(paths.body)
        painter.setBrush(ink.header_selected if self.selected else ink.header)
        painter.drawPath(paths.header)
        if self.run.state:
            painter.setBrush(state.brush)
            painter.drawPath(paths.strip)
        if self.run.state == "running":
            self.paint_progress(painter)
        painter.setBrush(NO_BRUSH)
        painter.setPen(self.border())
        painter.drawPath(paths.body)
        if self.current:
            painter.setPen(ink.focus)
            painter.drawPath(paths.focus)

    def border(self) -> QPen:
        if self.selected:
            return self._ink.selected
        if self.face.missing:
            return self._ink.border_missing
        if self.hovered:
            return self._ink.border_hover
        if is_border(self.face.id):
            return self._ink.border_of_ports
        return self._ink.state(self.run.state).border

    def paint_progress(self, painter: QPainter) -> None:
        """A bar along the bottom: as long as the fraction done, or a piece that wanders where none is known."""
        track = QRectF(STRIP, self.height - 4, self.width - STRIP - 2, 3)
        painter.setBrush(self._ink.track)
        painter.drawRoundedRect(track, 1.5, 1.5)
        if self.run.fraction is None:
            piece = track.width() * 0.3
            start = track.left() + (track.width() - piece) * _there_and_back(self.phase)
            bar = QRectF(start, track.top(), piece, track.height())
        else:
            bar = QRectF(track.left(), track.top(), track.width() * self.run.fraction, track.height())
        painter.setBrush(self._ink.state("running").brush)
        painter.drawRoundedRect(bar, 1.5, 1.5)

    def _paint_header(self, painter: QPainter) -> None:
        ink, state = self._ink, self._ink.state(self.run.state)
        painter.setFont(ink.icon_font)
        painter.setPen(ink.warning if self.face.missing else ink.category(self.face.category))
        painter.drawText(QRectF(11, 0, 20, HEADER), _CENTER, ink.glyph(self.face.icon))
        right = self.width - 19.0
        if self.run.state:
            middle = QPointF(right, HEADER / 2)
            painter.setPen(state.outline)
            painter.setBrush(state.brush if state.filled else NO_BRUSH)
            painter.drawEllipse(middle, _BADGE, _BADGE)
            painter.setFont(ink.badge_font)
            painter.setPen(state.glyph_pen)
            painter.drawText(QRectF(right - 10, HEADER / 2 - 10, 20, 20), _CENTER, state.glyph)
            right -= 24
        if self.face.problem is not None:
            error = self.face.problem.value == "error"
            painter.setFont(ink.mark_font)
            painter.setPen(ink.error if error else ink.warning)
            mark = ink.error_glyph if error else ink.warning_glyph
            painter.drawText(QRectF(right - 10, HEADER / 2 - 10, 20, 20), _CENTER, mark)

    def _paint_text(self, painter: QPainter) -> None:
        ink = self._ink
        if self._text is None:
            self._text = node_text(self.face, self.run, self.width, ink)
        text = self._text
        painter.setFont(ink.title_font)
        painter.setPen(ink.title)
        painter.drawStaticText(text.title_at, text.title)
        painter.setFont(ink.small_font)
        painter.setPen(ink.warning if self.face.missing else ink.muted)
        painter.drawStaticText(text.summary_at, text.summary)
        if self.face.flow:
            self._paint_flow(painter)
        if text.word is not None:
            painter.setPen(ink.error if self.run.error and self.run.state == "failed" else ink.muted)
            painter.drawStaticText(text.word_at, text.word)
        painter.setPen(ink.text)
        for at, name in text.ports:
            painter.drawStaticText(at, name)

    def _paint_flow(self, painter: QPainter) -> None:
        """The marks of its place in the flow, at the left of the sub line."""
        painter.setFont(self._ink.flow_font)
        painter.setPen(self._ink.muted)
        for place, mark in enumerate(self.face.flow):
            painter.drawText(flow_mark_box(place), _CENTER, self._ink.glyph(mark.icon))
        painter.setFont(self._ink.small_font)

    def paint_ports(self, painter: QPainter) -> None:
        for side, x, ports in ((INPUT, 0.0, self.face.inputs), (OUTPUT, self.width, self.face.outputs)):
            for row, port in enumerate(ports):
                self._paint_port(painter, (side, port.name), port, x, port_y(row))

    def _paint_port(self, painter: QPainter, key: PortKey, port: PortFace, x: float, y: float) -> None:
        ink = self._ink.port(port.type.name)
        lit = None if self.marks is None else self.marks.get(key, False)
        painter.translate(x, y)
        if lit is False:
            painter.setPen(ink.dim_outline)
            painter.setBrush(ink.dim if port.connected else self._ink.node)
        else:
            painter.setPen(ink.outline)
            hollow = port.hollow and not lit
            painter.setBrush(self._ink.node if hollow else ink.brush)
        painter.drawPath(ink.path)
        if lit or (port.type.many and lit is None):
            painter.setBrush(NO_BRUSH)
            painter.setPen(self._ink.selected if self.target == key else ink.outline)
            painter.drawPath(ink.ring)
        painter.translate(-x, -y)

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


def _there_and_back(phase: float) -> float:
    return 2 * phase if phase < 0.5 else 2 - 2 * phase
