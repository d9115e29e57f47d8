"""Drops: components dragged in from the palette (MIME `application/x-treadle-component`, the `uses` name as UTF-8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from treadle.spec.component import Component
from treadle_gui.canvas.gestures.drop import COMPONENT_MIME, Drop

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas

__all__ = ["Drops"]


class Drops:
    """Follows one drag over the canvas at a time. Anything but a known component is left to others."""

    def __init__(self, canvas: PipelineCanvas) -> None:
        self._canvas = canvas
        self.drop: Drop | None = None

    def _component(self, data: QMimeData) -> Component | None:
        if not data.hasFormat(COMPONENT_MIME):
            return None
        uses = bytes(data.data(COMPONENT_MIME).data()).decode(errors="replace")
        return self._canvas.document.catalog.components.get(uses)

    def enter(self, event: QDragEnterEvent) -> None:
        component = self._component(event.mimeData())
        if component is None:
            event.ignore()
            return
        self.drop = Drop(self._canvas, component)
        self.move(event)

    def move(self, event: QDragMoveEvent) -> None:
        if self.drop is None:
            event.ignore()
            return
        self.drop.move(self._canvas.mapToScene(event.position().toPoint()))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def leave(self) -> None:
        drop, self.drop = self.drop, None
        if drop is not None:
            drop.leave()

    def drop_here(self, event: QDropEvent) -> None:
        drop, self.drop = self.drop, None
        if drop is None:
            event.ignore()
            return
        node = drop.drop(self._canvas.mapToScene(event.position().toPoint()))
        self._canvas.hands.walk_to(node)
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
