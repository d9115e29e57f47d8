"""Minimap: the whole pipeline in a corner, with the part that is seen. Press or drag in it to look elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
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
        # On the viewport, not over it: what lies over it makes Qt repaint all of it when it is scrolled.
        super().__init__(canvas.viewport())
        self._canvas = canvas
        self._theme = theme
        self._far = FarRenderer(theme)
        self._picture: QPixmap | None = None
        self.setFixedSize(_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Map of the pipeline")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._far = FarRenderer(theme)
        self.content_changed()

    def _transform(self) -> QTransform:
        """From the scene to the map."""
        world = self._canvas.stage.bounds()
        room = QRectF(self.rect()).adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        scale = min(room.width() / max(world.width(), 1.0), room.height() / max(world.height(), 1.0))
        middle = world.center()
        made = QTransform.fromTranslate(room.center().x(), room.center().y())
        made.scale(scale, scale)
        return made.translate(-middle.x(), -middle.y())

    def content_changed(self) -> None:
        """Nodes moved, came, went or changed state: the picture is made anew."""
        self._picture = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            if self._picture is None:
                self._picture = self._painted()
            painter.drawPixmap(0, 0, self._picture)
            self._paint_window(painter)
        finally:
            painter.end()

    def _painted(self) -> QPixmap:
        """The whole pipeline, without what is seen of it."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ground = QColor(self._theme.window)
            ground.setAlpha(235)
            painter.setPen(QPen(QColor(self._theme.line_strong), 1))
            painter.setBrush(ground)
            painter.drawRoundedRect(self._box(), METRICS.radius, METRICS.radius)
            painter.setTransform(self._transform(), combine=True)
            self._far.paint(painter, self._canvas.stage.mirror, self._canvas.stage.bounds())
        finally:
            painter.end()
        return picture

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)

    def _paint_window(self, painter: QPainter) -> None:
        """Where the canvas looks."""
        seen = self._transform().mapRect(self._canvas.camera.seen()).intersected(self._box().adjusted(2, 2, -2, -2))
        if seen.isEmpty():
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        window = QColor(self._theme.accent)
        painter.setPen(QPen(window, 1.5))
        window.setAlpha(28)
        painter.setBrush(window)
        painter.drawRoundedRect(seen, 3, 3)

    def _look(self, at: QPointF) -> None:
        inverse, usable = self._transform().inverted()
        if usable:
            self._canvas.camera.is_fitted = False
            self._canvas.centerOn(inverse.map(at))
            self._canvas.overlays.look_moved()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._look(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
