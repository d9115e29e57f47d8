"""The canvas's ground: a grid of dots every 16, stronger every 80, that thins out as one zooms away."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from treadle_gui.canvas.ink import NO_PEN, mixed
from treadle_gui.canvas.native import draw_rects
from treadle_gui.style.tokens import Theme

__all__ = ["Background"]

_FINE: Final = 16.0
_COARSE: Final = 80.0
_FINE_FROM: Final = 0.6
_COARSE_FROM: Final = 0.3


def _grid(seen: QRectF, to_device: QTransform, step: float, side: float) -> NDArray[np.float64]:
    """A square of `side` at each crossing of the grid in `seen` (scene), in whole device pixels: (n, 4)."""
    xs = np.arange(np.floor(seen.left() / step) * step, seen.right() + step, step)
    ys = np.arange(np.floor(seen.top() / step) * step, seen.bottom() + step, step)
    squares = np.empty((len(ys), len(xs), 4))
    squares[:, :, 0] = np.round(xs * to_device.m11() + to_device.dx())
    squares[:, :, 1] = np.round(ys * to_device.m22() + to_device.dy())[:, None]
    squares[:, :, 2:] = side
    return squares.reshape(-1, 4)


class Background:
    """Paints the ground in a theme's colours."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._ground = QColor(theme.canvas)

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """`rect` is in scene units; the dots sit on whole pixels, so that no zoom makes them swim."""
        painter.fillRect(rect, self._ground)
        if zoom < _COARSE_FROM:
            return
        to_device = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(NO_PEN)
        if zoom >= _FINE_FROM:
            share = min((zoom - _FINE_FROM) / 0.2, 1.0)
            painter.setBrush(mixed(self._theme.canvas_dot, self._theme.canvas, share))
            draw_rects(painter, _grid(rect, to_device, _FINE, 1.0 if zoom < 1.5 else 2.0))
        share = min((zoom - _COARSE_FROM) / 0.2, 1.0)
        painter.setBrush(mixed(self._theme.canvas_dot_strong, self._theme.canvas, share))
        draw_rects(painter, _grid(rect, to_device, _COARSE, 2.0))
        painter.restore()
