"""Drops: components dragged in from the palette (MIME `application/x-treadle-component`, the `uses` name as UTF-8), and
programs dragged in from a file manager, which become nodes that run them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from treadle_gui.canvas.gestures.drop import COMPONENT_MIME, Drop
from treadle_gui.canvas.program_file import ProgramFile, program_kind

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas

__all__ = ["Drops"]


class Drops:
    """Follows one drag over the canvas at a time. Anything but a known component is left to others."""

    def __init__(self, canvas: PipelineCanvas) -> None:
        self._canvas = canvas
        self.drop: Drop | None = None
        self.project: Path | None = None
        """The folder that paths in the pipeline are relative to."""

    def _dragged(self, data: QMimeData) -> Drop | None:
        known = self._canvas.document.catalog.components
        if data.hasFormat(COMPONENT_MIME):
            uses = bytes(data.data(COMPONENT_MIME).data()).decode(errors="replace")
            component = known.get(uses)
            return None if component is None else Drop(self._canvas, component)
        files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        component = known.get(program_kind(files[0])) if len(files) == 1 else None
        if component is None:
            return None
        return Drop(self._canvas, component, ProgramFile(files[0], self.project))

    def enter(self, event: QDragEnterEvent) -> None:
        self.drop = self._dragged(event.mimeData())
        if self.drop is None:
            event.ignore()
            return
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
