"""NearPlates: nodes from halfway off as pictures without their words, one for all that look alike at a zoom.

A plate is painted at the first node that needs it, and copied for the others: hundreds are seen at once and a few
dozen looks occur. It has no words, or there would be one for each node.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

__all__ = ["NearPlates"]

_MOST: Final = 512
"""Plates kept at once. Beyond it all go; those in use come back in a frame."""


class NearPlates:
    """The plates of one zoom on one kind of screen."""

    def __init__(self) -> None:
        self._at = (0.0, 0.0)
        self._plates: dict[Hashable, QPixmap] = {}

    def paint(self, painter: QPainter, look: Hashable, area: QRectF, paint: Callable[[QPainter], None]) -> None:
        """Paints the plate of `look` where the painter's origin is, to the nearest pixel of the screen.

        `area` is what it covers in the painter's coordinates, `paint` paints it: called where no plate is there yet.
        """
        place, ratio = painter.worldTransform(), painter.device().devicePixelRatioF()
        level = place.m11()
        if (level, ratio) != self._at or len(self._plates) >= _MOST:
            self._at = (level, ratio)
            self._plates.clear()
        left, top = math.floor(area.left() * level), math.floor(area.top() * level)
        plate = self._plates.get(look)
        if plate is None:
            plate = self._plates[look] = _painted(area, (left, top), level, ratio, paint)
        painter.setWorldMatrixEnabled(False)
        painter.drawPixmap(QPointF(_whole(place.dx(), ratio) + left, _whole(place.dy(), ratio) + top), plate)
        painter.setWorldMatrixEnabled(True)


def _whole(place: float, ratio: float) -> float:
    """`place` on a pixel of the screen."""
    return math.floor(place * ratio + 0.5) / ratio


def _painted(
    area: QRectF, corner: tuple[int, int], level: float, ratio: float, paint: Callable[[QPainter], None]
) -> QPixmap:
    width = math.ceil(area.right() * level) - corner[0]
    height = math.ceil(area.bottom() * level) - corner[1]
    made = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setWorldTransform(QTransform(level, 0, 0, level, -corner[0], -corner[1]))
        paint(painter)
    finally:
        painter.end()
    return made
