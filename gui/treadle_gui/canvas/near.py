"""A node from halfway off (FAR_ZOOM to TEXT_ZOOM): its title in readable letters, its state, squares for its ports.

Everything is flat and without curves: at these zooms hundreds of nodes are seen at once. What looks alike is painted
once and copied (`near_plates.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from treadle_gui.canvas.geometry import STRIP
from treadle_gui.canvas.ink import NO_BRUSH, NO_PEN, Ink, NodePaths
from treadle_gui.canvas.near_text import NearFonts, NearText, badge_boxes, near_size, near_text
from treadle_gui.canvas.node_marks import NearLook, PortMarks
from treadle_gui.canvas.node_parts import PaintedNode, border_of, paint_ports, paint_progress

__all__ = ["NearNode", "paint_near"]

_CENTER: Final = Qt.AlignmentFlag.AlignCenter
_ICON_ZOOM: Final = 0.42
"""From here on there is room for the component's icon beside the title."""


class NearNode(PaintedNode, Protocol):
    paths: NodePaths
    port_marks: tuple[PortMarks, ...]
    near_look: NearLook
    near: NearText | None
    whole: QRectF

    def boundingRect(self) -> QRectF: ...


def paint_near(painter: QPainter, item: NearNode, ink: Ink, level: float) -> None:
    """Paints `item`, whose own coordinates the painter is in, at `level` screen pixels per unit."""
    size = near_size(level)
    marks = bool(item.run.state) + (item.face.problem is not None)
    text = _laid_out(item, size, size * 1.7 if level >= _ICON_ZOOM else 0.0, marks, ink)
    beside = bool(text.beside)

    def plate(to: QPainter) -> None:
        _paint_plate(to, item, ink, size, beside)

    if item.marks is None:
        look = (item.near_look, item.run.state, item.selected, item.hovered, beside)
        ink.plates.paint(painter, look, item.boundingRect(), plate)
    else:
        plate(painter)
        paint_ports(painter, item, ink)
    if item.run.state == "running":
        painter.setPen(NO_PEN)
        paint_progress(painter, item, ink)
    painter.setFont(ink.near(size).title)
    painter.setPen(ink.title)
    painter.drawStaticText(text.at, text.words)
    if item.current:
        painter.setBrush(NO_BRUSH)
        painter.setPen(ink.focus)
        painter.drawPath(item.paths.focus)


def _paint_plate(painter: QPainter, item: NearNode, ink: Ink, size: int, beside: bool) -> None:
    """All but its title and how far it has come; its ports only where no edge is dragged."""
    painter.setPen(border_of(item, ink))
    painter.setBrush(ink.plate_selected if item.selected else ink.plate)
    painter.drawRect(item.whole)
    painter.setPen(NO_PEN)
    if item.run.state:
        painter.fillRect(QRectF(0, 0, 2 * STRIP, item.height), ink.state(item.run.state).brush)
    if item.marks is None:
        for mark in item.port_marks:
            painter.setBrush(mark.solid)
            painter.drawRects(mark.squares)
    fonts = ink.near(size)
    if beside:
        painter.setFont(fonts.icon)
        painter.setPen(ink.warning if item.face.missing else ink.category(item.face.category))
        place = QRectF(2 * STRIP + size * 0.3, 0, size * 1.6, item.height)
        painter.drawText(place, _CENTER, ink.glyph(item.face.icon))
    marks = bool(item.run.state) + (item.face.problem is not None)
    if marks:
        painter.setFont(fonts.badge)
        _paint_marks(painter, item, ink, fonts, badge_boxes(size, item.width, marks))


def _laid_out(item: NearNode, size: int, beside: float, marks: int, ink: Ink) -> NearText:
    """The words matter more than the icon: where it would cost some of them, it is left out."""
    known, key = item.near, (size, beside, marks)
    if known is None or known.key != key:
        title, box, fonts = item.face.title, (item.width, item.height), ink.near(size)
        known = near_text(title, box, beside, marks, fonts, size)
        if beside and known.elided:
            known = replace(near_text(title, box, 0.0, marks, fonts, size), key=key)
        item.near = known
    return known


def _paint_marks(painter: QPainter, item: NearNode, ink: Ink, fonts: NearFonts, boxes: Sequence[QRectF]) -> None:
    """The state's badge outermost, then the mark of a problem."""
    if item.run.state:
        state, box = ink.state(item.run.state), boxes[0]
        painter.setPen(state.outline)
        painter.setBrush(state.brush if state.filled else ink.node)
        painter.drawEllipse(box)
        painter.setPen(state.glyph_pen)
        fonts.draw(painter, box, state.glyph)
    if item.face.problem is not None:
        error = item.face.problem.value == "error"
        painter.setPen(ink.error if error else ink.warning)
        fonts.draw(painter, boxes[-1], ink.error_glyph if error else ink.warning_glyph)
