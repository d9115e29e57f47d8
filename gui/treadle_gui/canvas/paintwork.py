"""Paintwork: what the canvas paints itself: its ground, the far view instead of items, what a hand has begun on top."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsView

from treadle_gui.canvas.background import Background
from treadle_gui.canvas.far import FarRenderer
from treadle_gui.canvas.mirror import Mirror
from treadle_gui.style.tokens import Theme

__all__ = ["Paintwork"]


class _Shown(Protocol):
    def paint(self, painter: QPainter) -> None:
        """In scene coordinates."""


class Paintwork:
    """Paints on the viewport of `view`. An open painter is always ended: Qt ends the app where one is left open."""

    def __init__(self, view: QGraphicsView, theme: Theme) -> None:
        self._view = view
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._far = FarRenderer(theme)
        self._background = Background(theme)
        self._ground = QColor(theme.canvas)

    def paint_ground(self, painter: QPainter, area: QRectF, zoom: float) -> None:
        self._background.paint(painter, area, zoom)

    def paint_far(self, mirror: Mirror, area: QRect) -> None:
        """The whole pipeline as flat boxes, where they lie in `area` of the viewport."""
        painter = QPainter(self._view.viewport())
        try:
            painter.fillRect(area, self._ground)
            painter.setClipRect(area)
            painter.setTransform(self._view.viewportTransform())
            exposed = self._view.mapToScene(area.adjusted(-1, -1, 1, 1)).boundingRect()
            self._far.paint(painter, mirror, exposed)
        finally:
            painter.end()

    def paint_over(self, gestures: Iterable[_Shown]) -> None:
        """What these gestures show while they go on."""
        painter = QPainter(self._view.viewport())
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setTransform(self._view.viewportTransform())
            for gesture in gestures:
                gesture.paint(painter)
        finally:
            painter.end()
