"""Placing: where the window and its panes stand, from one start of the app to the next."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QObject, QSize, QTimer
from PySide6.QtWidgets import QMainWindow

from treadle_gui.settings import Settings
from treadle_gui.window.panes import Panes

__all__ = ["Placing", "first_size"]

_VERSION: Final = 1
_WISHED: Final = QSize(1440, 900)
_FRAME: Final = QSize(16, 48)
"""What a window manager may put around a window."""


def first_size(screen: QSize) -> QSize:
    """What a window has before a person gives it another: on a small screen all of it is to be seen."""
    return _WISHED.boundedTo(screen - _FRAME)


class Placing(QObject):
    """Made when every pane has its first place, which is what `reset` goes back to."""

    def __init__(self, window: QMainWindow, panes: Panes, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._panes = panes
        self._settings = settings
        self._first = window.saveState(_VERSION)

    def restore(self) -> None:
        """What the last window left."""
        geometry, layout = self._settings.geometry, self._settings.layout
        if geometry is not None:
            self._window.restoreGeometry(geometry)
        if layout is not None:
            self._window.restoreState(layout, _VERSION)

    def remember(self) -> None:
        self._settings.geometry = self._window.saveGeometry()
        self._settings.layout = self._window.saveState(_VERSION)

    def reset(self) -> None:
        self._window.restoreState(QByteArray(self._first), _VERSION)
        self._panes.share_out()

    def settle_first(self) -> None:
        """Where no window was before this one, panes get their part when it has its size: after it is shown."""
        QTimer.singleShot(0, self, self._panes.watch_tabs)
        if self._settings.layout is None:
            QTimer.singleShot(0, self, self._panes.share_out)
