"""How Qt's view has to be set for the canvas to be fast and still: each line was measured or seen to matter."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QGraphicsView

__all__ = ["set_up"]

_WORLD: Final = QRectF(-200_000, -200_000, 400_000, 400_000)
"""How far one can scroll. The scene's own rectangle stays as small as its items, or its index would be of no use."""


def set_up(view: QGraphicsView) -> None:
    view.setSceneRect(_WORLD)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setRenderHint(QPainter.RenderHint.Antialiasing)
    view.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
    view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.BoundingRectViewportUpdate)
    view.setOptimizationFlags(
        QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing | QGraphicsView.OptimizationFlag.DontSavePainterState
    )
    view.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
    view.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    view.setAcceptDrops(True)
    view.viewport().setMouseTracking(True)
    # Else a style sheet makes it translucent to Qt, and scrolling repaints everything.
    view.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    view.setAccessibleName("Pipeline canvas")
    view.centerOn(0, 0)
