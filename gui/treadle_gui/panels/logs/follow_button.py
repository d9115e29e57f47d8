"""FollowButton: the way back to the end of a log, in the corner of a view that is scrolled elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QPushButton

from treadle_gui.panels.logs.view import LogView
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import METRICS, Theme

__all__ = ["FollowButton"]


class FollowButton(QPushButton):
    """Lies over `view` and stays in its corner."""

    def __init__(self, view: LogView) -> None:
        super().__init__("Follow", view)
        self._view = view
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.hide()
        self.clicked.connect(lambda: view.set_follow(True))
        view.viewport().installEventFilter(self)

    def set_theme(self, theme: Theme) -> None:
        self.setIcon(icon("arrow-collapse-down", theme.text))

    def offer(self, wanted: bool) -> None:
        self.setVisible(wanted)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self.adjustSize()
        area = self._view.viewport().geometry()
        place = area.bottomRight() - self.rect().bottomRight()
        self.move(place.x() - METRICS.gap_large, place.y() - METRICS.gap_large)
