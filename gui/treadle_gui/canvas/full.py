"""A node as it is from TEXT_ZOOM on: body, header, ports, everything that is written on it."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from treadle_gui.canvas.geometry import HEADER
from treadle_gui.canvas.ink import NO_BRUSH, NO_PEN, Ink, NodePaths
from treadle_gui.canvas.node_marks import PortMarks
from treadle_gui.canvas.node_parts import PaintedNode, border_of, paint_ports, paint_progress
from treadle_gui.canvas.node_text import NodeText, flow_mark_box

__all__ = ["FullNode", "paint_full"]

_CENTER: Final = Qt.AlignmentFlag.AlignCenter
_BADGE: Final = 9.0


class FullNode(PaintedNode, Protocol):
    paths: NodePaths
    port_marks: tuple[PortMarks, ...]

    @property
    def text(self) -> NodeText: ...


def paint_full(painter: QPainter, item: FullNode, ink: Ink) -> None:
    """Paints `item`, whose own coordinates the painter is in."""
    _paint_body(painter, item, ink)
    if item.marks is None:
        for mark in item.port_marks:
            painter.setPen(mark.pen)
            painter.setBrush(mark.brush)
            painter.drawPath(mark.path)
    else:
        paint_ports(painter, item, ink)
    _paint_header(painter, item, ink)
    _paint_text(painter, item, ink)


def _paint_body(painter: QPainter, item: FullNode, ink: Ink) -> None:
    paths, state = item.paths, ink.state(item.run.state)
    painter.setPen(NO_PEN)
    painter.setBrush(ink.node)
    painter.drawPath(paths.body)
    painter.setBrush(ink.header_selected if item.selected else ink.header)
    painter.drawPath(paths.header)
    if item.run.state:
        painter.setBrush(state.brush)
        painter.drawPath(paths.strip)
    if item.run.state == "running":
        paint_progress(painter, item, ink)
    painter.setBrush(NO_BRUSH)
    painter.setPen(border_of(item, ink))
    painter.drawPath(paths.body)
    if item.current:
        painter.setPen(ink.focus)
        painter.drawPath(paths.focus)


def _paint_header(painter: QPainter, item: PaintedNode, ink: Ink) -> None:
    state = ink.state(item.run.state)
    painter.setFont(ink.icon_font)
    painter.setPen(ink.warning if item.face.missing else ink.category(item.face.category))
    painter.drawText(QRectF(11, 0, 20, HEADER), _CENTER, ink.glyph(item.face.icon))
    right = item.width - 19.0
    if item.run.state:
        middle = QPointF(right, HEADER / 2)
        painter.setPen(state.outline)
        painter.setBrush(state.brush if state.filled else NO_BRUSH)
        painter.drawEllipse(middle, _BADGE, _BADGE)
        painter.setFont(ink.badge_font)
        painter.setPen(state.glyph_pen)
        painter.drawText(QRectF(right - 10, HEADER / 2 - 10, 20, 20), _CENTER, state.glyph)
        right -= 24
    if item.face.problem is not None:
        error = item.face.problem.value == "error"
        painter.setFont(ink.mark_font)
        painter.setPen(ink.error if error else ink.warning)
        mark = ink.error_glyph if error else ink.warning_glyph
        painter.drawText(QRectF(right - 10, HEADER / 2 - 10, 20, 20), _CENTER, mark)


def _paint_text(painter: QPainter, item: FullNode, ink: Ink) -> None:
    text = item.text
    painter.setFont(ink.title_font)
    painter.setPen(ink.title)
    painter.drawStaticText(text.title_at, text.title)
    painter.setFont(ink.small_font)
    painter.setPen(ink.warning if item.face.missing else ink.muted)
    painter.drawStaticText(text.summary_at, text.summary)
    if item.face.flow:
        _paint_flow(painter, item, ink)
    if text.word is not None:
        painter.setPen(ink.error if item.run.error and item.run.state == "failed" else ink.muted)
        painter.drawStaticText(text.word_at, text.word)
    painter.setPen(ink.text)
    for at, name in text.ports:
        painter.drawStaticText(at, name)


def _paint_flow(painter: QPainter, item: PaintedNode, ink: Ink) -> None:
    """The marks of its place in the flow, at the left of the sub line."""
    painter.setFont(ink.flow_font)
    painter.setPen(ink.muted)
    for place, mark in enumerate(item.face.flow):
        painter.drawText(flow_mark_box(place), _CENTER, ink.glyph(mark.icon))
    painter.setFont(ink.small_font)
