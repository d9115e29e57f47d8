"""Parts of a node that are painted alike from near and from halfway off: border, progress, ports, breakpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from treadle.run.interventions import When
from treadle.spec.borders import is_border
from treadle_gui.canvas.faces import NodeFace, PortFace, RunFace
from treadle_gui.canvas.geometry import HEADER, MARGIN, STRIP, port_y
from treadle_gui.canvas.ink import NO_BRUSH, Ink

__all__ = [
    "INPUT",
    "OUTPUT",
    "PaintedNode",
    "PortKey",
    "border_of",
    "paint_breakpoints",
    "paint_ports",
    "paint_progress",
]

PortKey = tuple[str, str]
"""Side and port name."""
INPUT: Final = "in"
OUTPUT: Final = "out"
_DOT: Final = 6.5


class PaintedNode(Protocol):
    """What of a node is painted; `node_item.NodeItem` has it."""

    face: NodeFace
    run: RunFace
    width: float
    height: float
    selected: bool
    hovered: bool
    current: bool
    marks: Mapping[PortKey, bool] | None
    target: PortKey | None
    breakpoints: frozenset[When]
    hinted: When | None
    phase: float


def border_of(item: PaintedNode, ink: Ink) -> QPen:
    if item.selected:
        return ink.selected
    if item.face.missing:
        return ink.border_missing
    if item.hovered:
        return ink.border_hover
    if is_border(item.face.id):
        return ink.border_of_ports
    return ink.state(item.run.state).border


def paint_progress(painter: QPainter, item: PaintedNode, ink: Ink) -> None:
    """A bar along the bottom: as long as the fraction done, or a piece that wanders where none is known."""
    track = QRectF(STRIP, item.height - 4, item.width - STRIP - 2, 3)
    painter.setBrush(ink.track)
    painter.drawRoundedRect(track, 1.5, 1.5)
    if item.run.fraction is None:
        piece = track.width() * 0.3
        start = track.left() + (track.width() - piece) * _there_and_back(item.phase)
        bar = QRectF(start, track.top(), piece, track.height())
    else:
        bar = QRectF(track.left(), track.top(), track.width() * item.run.fraction, track.height())
    painter.setBrush(ink.state("running").brush)
    painter.drawRoundedRect(bar, 1.5, 1.5)


def paint_ports(painter: QPainter, item: PaintedNode, ink: Ink) -> None:
    for side, x, ports in ((INPUT, 0.0, item.face.inputs), (OUTPUT, item.width, item.face.outputs)):
        for row, port in enumerate(ports):
            _paint_port(painter, item, ink, (side, port.name), port, QPointF(x, port_y(row)))


def _paint_port(painter: QPainter, item: PaintedNode, ink: Ink, key: PortKey, port: PortFace, at: QPointF) -> None:
    own = ink.port(port.type.name)
    lit = None if item.marks is None else item.marks.get(key, False)
    painter.translate(at)
    if lit is False:
        painter.setPen(own.dim_outline)
        painter.setBrush(own.dim if port.connected else ink.node)
    else:
        painter.setPen(own.outline)
        hollow = port.hollow and not lit
        painter.setBrush(ink.node if hollow else own.brush)
    painter.drawPath(own.path)
    if lit or (port.type.many and lit is None):
        painter.setBrush(NO_BRUSH)
        painter.setPen(ink.selected if item.target == key else own.outline)
        painter.drawPath(own.ring)
    painter.translate(-at)


def paint_breakpoints(painter: QPainter, item: PaintedNode, ink: Ink) -> None:
    """Dots at the header's ends: before the node, and after it."""
    if not item.breakpoints and item.hinted is None:
        return
    level = painter.worldTransform().m11()
    radius = min(_DOT / min(level, 1.0), MARGIN - 2)  # from afar they stay as large as they are seen
    painter.setPen(ink.breakpoint_edge)
    for when, x in ((When.BEFORE, 0.0), (When.AFTER, item.width)):
        if when in item.breakpoints or when is item.hinted:
            painter.setBrush(ink.breakpoint if when in item.breakpoints else ink.breakpoint_hint)
            painter.drawEllipse(QPointF(x, HEADER / 2), radius, radius)


def _there_and_back(phase: float) -> float:
    return 2 * phase if phase < 0.5 else 2 - 2 * phase
