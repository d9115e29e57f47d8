"""DiskWatch: notices that a document's file was changed, or taken away, by somebody else.

It compares text with what the document was loaded from, so the document's own saves and a mere `touch` say nothing.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from treadle_gui.document.document import Document
from treadle_gui.document.files import text_on_disk

__all__ = ["DiskWatch"]

SETTLE: Final = 250
"""Milliseconds: editors write in several steps."""


class DiskWatch(QObject):
    """Tells `changed(text)` with the file's new text, `removed()`, or `back()` when it is again what it was."""

    changed = Signal(str)
    removed = Signal()
    back = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        self._told: str | None = document.base
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE)
        self._settle.timeout.connect(self.look)
        self._watcher.fileChanged.connect(self._settle.start)
        self._watcher.directoryChanged.connect(self._settle.start)
        document.path_changed.connect(self._follow)
        self._follow()

    def look(self) -> None:
        """Compares now; the watcher calls it, and the window when it comes to the front."""
        path = self._document.path
        if path is None:
            return
        self._follow()  # a rename in place took the watch away
        text = text_on_disk(path)
        if text == self._told:
            return
        self._told = text
        if text is None:
            self.removed.emit()
        elif text == self._document.base:
            self.back.emit()
        else:
            self.changed.emit(text)

    def _follow(self) -> None:
        path = self._document.path
        wanted = {str(place) for place in (path, path.parent) if place.exists()} if path is not None else set[str]()
        watched = set(self._watcher.files()) | set(self._watcher.directories())
        if stale := sorted(watched - wanted):
            self._watcher.removePaths(stale)
        if missing := sorted(wanted - watched):
            self._watcher.addPaths(missing)
