"""Minimap: the whole pipeline in a corner, with the part that is seen. Press or drag in it to look elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from treadle_gui.canvas.far import FarRenderer
from treadle_gui.style.tokens import METRICS, Theme

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas

__all__ = ["Minimap"]

_SIZE: Final = QSize(192, 128)
_PADDING: Final = 8.0


class Minimap(QWidget):
    def __init__(self, canvas: PipelineCanvas, theme: Theme) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._theme = theme
        self._far = FarRenderer(theme)
        self.setFixedSize(_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Map of the pipeline")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._far = FarRenderer(theme)
        self.update()

    def _world(self) -> QRectF:
        """What the map shows: the pipeline and the part of the canvas that is seen."""
        return self._canvas.stage.bounds().united(self._canvas.camera.seen())

    def _transform(self) -> QTransform:
        """From the scene to the map."""
        world = self._world()
        room = QRectF(self.rect()).adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        scale = min(room.width() / max(world.width(), 1.0), room.height() / max(world.height(), 1.0))
        middle = world.center()
        made = QTransform.fromTranslate(room.center().x(), room.center().y())
        made.scale(scale, scale)
        return made.translate(-middle.x(), -middle.y())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self._theme.window)
        ground.setAlpha(235)
        painter.setPen(QPen(QColor(self._theme.line_strong), 1))
        painter.setBrush(ground)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, METRICS.radius, METRICS.radius)
        transform = self._transform()
        seen = transform.mapRect(self._canvas.camera.seen()).intersected(box.adjusted(1, 1, -1, -1))
        painter.save()
        painter.setTransform(transform, combine=True)
        self._far.paint(painter, self._canvas.stage.mirror, self._world())
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        window = QColor(self._theme.accent)
        painter.setPen(QPen(window, 1.5))
        window.setAlpha(28)
        painter.setBrush(window)
        painter.drawRoundedRect(seen, 3, 3)

    def _look(self, at: QPointF) -> None:
        inverse, usable = self._transform().inverted()
        if usable:
            self._canvas.centerOn(inverse.map(at))
            self._canvas.overlays.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._look(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look(event.position())
