"""Camera: what part of the canvas is seen. Zooms about a point, fits, reveals, glides where motion is allowed.

Wheels follow Figma: the wheel and two fingers scroll, Shift+wheel scrolls sideways, Ctrl+wheel and pinching zoom about
the pointer.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEasingCurve, QPoint, QPointF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QTransform, QWheelEvent
from PySide6.QtWidgets import QGraphicsView

from treadle_gui.canvas.geometry import MAX_ZOOM, MIN_ZOOM
from treadle_gui.style.tokens import METRICS

__all__ = ["Camera"]

_STEP: Final = 1.0015
"""Zoom for each unit of a wheel's angle: a notch (120) is about a fifth."""
_PADDING: Final = 48
_MARGIN: Final = 0.04
"""Of the width, where that is less than the padding: names are read in a narrow window too."""
_FIT_MAX: Final = 1.0
"""Fitting a small pipeline does not blow it up."""


class Camera:
    """The transform and scroll position of `view`."""

    def __init__(self, view: QGraphicsView) -> None:
        self._view = view
        self.is_fitted = False
        """All was shown, and nobody has looked elsewhere since: another size of the window shows all again."""
        self.moves = METRICS.motion > 0
        """False where motion is reduced."""
        self._glide = QVariantAnimation(view)
        self._glide.setDuration(METRICS.motion)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._glide.setStartValue(0.0)
        self._glide.setEndValue(1.0)
        self._glide.valueChanged.connect(self._glide_to)
        self._from = (QPointF(), 1.0)
        self._to = (QPointF(), 1.0)

    @property
    def zoom(self) -> float:
        return float(self._view.transform().m11())

    def centre(self) -> QPointF:
        """The scene point in the middle of the viewport."""
        area = self._view.viewport().rect()
        return self._view.mapToScene(area).boundingRect().center()

    def seen(self) -> QRectF:
        """The part of the scene that is seen."""
        return self._view.mapToScene(self._view.viewport().rect()).boundingRect()

    def zoom_to(self, zoom: float, about: QPoint | None = None) -> None:
        """`about` (viewport pixels, else the middle) stays where it is."""
        self._glide.stop()
        self._zoom(zoom, about)
        self.is_fitted = False

    def _zoom(self, zoom: float, about: QPoint | None) -> None:
        pivot = about if about is not None else self._view.viewport().rect().center()
        held = self._view.mapToScene(pivot)
        wanted = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
        self._view.setTransform(QTransform.fromScale(wanted, wanted))
        off = self._view.mapFromScene(held) - pivot
        self.scroll_by(off.x(), off.y())

    def scroll_by(self, dx: int, dy: int) -> None:
        self.is_fitted = False
        for bar, step in ((self._view.horizontalScrollBar(), dx), (self._view.verticalScrollBar(), dy)):
            if step:
                bar.setValue(bar.value() + step)

    def look_at(self, centre: QPointF, zoom: float) -> None:
        """Glides there."""
        self._glide.stop()
        self.is_fitted = False
        wanted = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
        if not self.moves or not self._view.isVisible():
            self._set(centre, wanted)
            return
        self._from, self._to = (self.centre(), self.zoom), (centre, wanted)
        self._glide.start()

    def _glide_to(self, t: float) -> None:
        (start, before), (end, after) = self._from, self._to
        self._set(start + (end - start) * t, before * (after / before) ** t)

    def _set(self, centre: QPointF, zoom: float) -> None:
        self._view.setTransform(QTransform.fromScale(zoom, zoom))
        self._view.centerOn(centre)

    def fit(self, area: QRectF) -> None:
        """Shows all of `area`, at 100 % at most."""
        self.look_at(*self._around(area))
        self.is_fitted = True

    def fit_again(self, area: QRectF) -> None:
        """Shows all of `area` at once, where it was shown before the window changed its size."""
        if self.is_fitted:
            self._glide.stop()
            self._set(*self._around(area))

    def _around(self, area: QRectF) -> tuple[QPointF, float]:
        """Where to look, and how near, to see all of `area`."""
        if area.isEmpty():
            return QPointF(), 1.0
        view = self._view.viewport().rect()
        padding = 2 * min(_PADDING, round(_MARGIN * view.width()))
        room_x, room_y = max(view.width() - padding, 64), max(view.height() - padding, 64)
        return area.center(), min(room_x / area.width(), room_y / area.height(), _FIT_MAX)

    def reveal(self, area: QRectF, least: float) -> None:
        """Scrolls so that `area` is seen, zooming in to `least` where it would be too small to read."""
        if self.zoom < least or not self.seen().contains(area):
            self.look_at(area.center(), max(self.zoom, least))

    def wheel(self, event: QWheelEvent) -> None:
        turned = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self.zoom * _STEP ** event.angleDelta().y(), event.position().toPoint())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not turned.x():
            self.scroll_by(-turned.y(), 0)
        else:
            self.scroll_by(-turned.x(), -turned.y())
        event.accept()
