"""RecentFiles: what was open lately, in the File menu and on the welcome page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from treadle_gui.settings import Settings
from treadle_gui.window.menus import Menus
from treadle_gui.window.welcome import Welcome

__all__ = ["RecentFiles"]


class RecentFiles(QObject):
    """`chosen(Path)`: a person wants one of them open."""

    chosen = Signal(object)

    def __init__(self, settings: Settings, menus: Menus, welcome: Welcome, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._menus = menus
        self._welcome = welcome
        menus.recent.triggered.connect(lambda action: self._take(str(action.data())))

    def show(self) -> None:
        paths = self._settings.recent
        self._menus.show_recent(paths)
        self._welcome.show_recent(paths)

    def _take(self, path: str) -> None:
        """ "" is the entry that forgets them all."""
        if path:
            self.chosen.emit(Path(path))
        else:
            self._settings.clear_recent()
            self.show()
