"""The far view: a whole pipeline as flat boxes and hairlines, painted from the mirror in a handful of calls."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from treadle_gui.canvas.ink import NO_PEN, mixed
from treadle_gui.canvas.mirror import Mirror
from treadle_gui.canvas.native import draw_lines, draw_rects
from treadle_gui.style.states import state_colour
from treadle_gui.style.tokens import Theme

__all__ = ["FarRenderer"]


class FarRenderer:
    """Paints a Mirror in a theme's colours. Used below FAR_ZOOM and by the minimap."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._edge = QPen(mixed(theme.edge, theme.canvas, 0.75), 0)
        self._selected = QBrush(QColor(theme.accent))
        self._states: dict[str, QBrush] = {"": QBrush(mixed(theme.muted, theme.canvas, 0.6))}

    def _brush(self, state: str) -> QBrush:
        made = self._states.get(state)
        if made is None:
            made = self._states[state] = QBrush(QColor(state_colour(self._theme, state)))
        return made

    def paint(self, painter: QPainter, mirror: Mirror, exposed: QRectF) -> None:
        """Paints what lies in `exposed`; `painter` is in scene coordinates."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        lines = mirror.lines()
        if len(lines):
            seen = (
                (np.maximum(lines[:, 0], lines[:, 2]) > exposed.left())
                & (np.minimum(lines[:, 0], lines[:, 2]) < exposed.right())
                & (np.maximum(lines[:, 1], lines[:, 3]) > exposed.top())
                & (np.minimum(lines[:, 1], lines[:, 3]) < exposed.bottom())
            )
            painter.setPen(self._edge)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            draw_lines(painter, lines[seen])
        self._paint_boxes(painter, mirror, exposed)

    def _paint_boxes(self, painter: QPainter, mirror: Mirror, exposed: QRectF) -> None:
        rows = mirror.touching(exposed)
        boxes, states, selected = mirror.boxes[rows], mirror.states[rows], mirror.selected[rows]
        painter.setPen(NO_PEN)
        for index, name in enumerate(mirror.state_names):
            painter.setBrush(self._brush(name))
            draw_rects(painter, boxes[(states == index) & ~selected])
        if selected.any():
            chosen = boxes[selected]
            painter.setBrush(self._selected)
            draw_rects(painter, chosen)
            inner = chosen + np.array([14.0, 14.0, -28.0, -28.0])
            for index, name in enumerate(mirror.state_names):
                painter.setBrush(self._brush(name))
                draw_rects(painter, inner[states[selected] == index])
