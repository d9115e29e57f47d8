"""Section: a titled part of the inspector that folds."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import Separator

__all__ = ["Section"]


class Section(QWidget):
    """Rows are added to `body`; the head folds them."""

    def __init__(self, title: str, theme: Theme, *, is_open: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setCheckable(True)
        self.head.setChecked(is_open)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.head.setProperty("role", "section")
        self.head.toggled.connect(self._fold)
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(METRICS.gap_large, 0, METRICS.gap_large, METRICS.gap)
        self.body.setSpacing(METRICS.gap)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap_small)
        column.addWidget(Separator())
        column.addWidget(self.head)
        column.addWidget(self._content)
        self._fold(is_open)

    @property
    def is_open(self) -> bool:
        return self.head.isChecked()

    def set_title(self, title: str) -> None:
        self.head.setText(title)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._fold(self.is_open)

    def _fold(self, is_open: bool) -> None:
        self._content.setVisible(is_open)
        self.head.setIcon(icon("chevron-down" if is_open else "chevron-right", self._theme.muted))
        self.head.setStyleSheet(
            f"QToolButton {{ text-align: left; border: 1px solid transparent; background: transparent; "
            f"padding: 5px 7px; color: {self._theme.muted}; font-weight: 600; font-size: {METRICS.text_small}px; }} "
            f"QToolButton:hover {{ color: {self._theme.text}; }} "
            f"QToolButton:focus {{ color: {self._theme.text}; border-color: {self._theme.accent}; }}"
        )
