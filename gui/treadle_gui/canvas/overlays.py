"""What floats above the canvas: the note beside the pointer, the minimap, and what an empty canvas says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QWidget

from treadle_gui.canvas.empty import EmptyCanvas
from treadle_gui.canvas.minimap import Minimap
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import PlainLabel

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas

__all__ = ["Note", "Overlays"]

_EDGE: Final = 16
_REFRESH_MS: Final = 60


class Note(PlainLabel):
    """A sentence beside the pointer: why a connection is refused."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "note", parent)
        self._room = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, text: str, at: QPoint) -> None:
        """An empty text hides it."""
        if not text:
            self.hide()
            return
        if text != self.text():
            self.setText(text)
            self.adjustSize()
        room = self._room.rect()
        x = min(at.x() + 18, room.right() - self.width() - 4)
        y = min(at.y() + 20, room.bottom() - self.height() - 4)
        self.move(max(x, 4), max(y, 4))
        self.show()
        self.raise_()


class Overlays:
    """Keeps them in place and up to date. Nothing here is repainted more often than every 60 ms."""

    def __init__(self, canvas: PipelineCanvas, theme: Theme) -> None:
        self._canvas = canvas
        self.note = Note(canvas)
        self.empty = EmptyCanvas(theme, canvas)
        self.minimap = Minimap(canvas, theme)
        self.minimap_wanted = True
        self._stale = True
        self.empty.add_requested.connect(canvas.add_component_here)
        self.empty.open_requested.connect(canvas.open_requested)
        self.empty.example_requested.connect(canvas.example_requested)
        self._rest = QTimer(canvas, singleShot=True, interval=_REFRESH_MS)
        self._rest.timeout.connect(self._refresh_now)
        self.minimap.hide()
        self.empty.setVisible(not canvas.document.pipeline.nodes)

    def set_theme(self, theme: Theme) -> None:
        self.empty.set_theme(theme)
        self.minimap.set_theme(theme)

    def place(self) -> None:
        """After the canvas has another size."""
        area = self._canvas.rect()
        self.empty.setGeometry(area)
        self.hold()
        self.refresh()

    def hold(self) -> None:
        """Scrolling takes what is on the viewport along: back into its corner."""
        area, map_ = self._canvas.viewport().rect(), self.minimap
        map_.move(area.width() - map_.width() - _EDGE, area.height() - map_.height() - _EDGE)

    def want_minimap(self, wanted: bool) -> None:
        """Shows a map where not all of the pipeline is seen, or never."""
        self.minimap_wanted = wanted
        self.refresh()

    def refresh(self) -> None:
        """Something on the canvas changed: shown soon."""
        self._stale = True
        self.look_moved()

    def look_moved(self) -> None:
        """Another part of the canvas is seen."""
        if not self._rest.isActive():
            self._rest.start()

    def _refresh_now(self) -> None:
        stage = self._canvas.stage
        self.empty.setVisible(not stage.nodes)
        whole = bool(stage.nodes) and self._canvas.camera.seen().contains(stage.bounds())
        self.minimap.setVisible(self.minimap_wanted and bool(stage.nodes) and not whole)
        if self._stale:
            self._stale = False
            self.minimap.content_changed()
        elif self.minimap.isVisible():
            self.minimap.update()
