"""WhatChanged: how a node differs from when it last succeeded, under its heading; nothing where nothing is known."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from treadle_gui.style.apply import mono_font
from treadle_gui.style.widgets import SectionHeader

__all__ = ["WhatChanged"]


class WhatChanged(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(mono_font())
        self._text.setAccessibleName("What changed")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(SectionHeader("What changed"))
        column.addWidget(self._text, 1)
        self.show_text("")

    @property
    def text(self) -> str:
        return self._text.toPlainText()

    def show_text(self, text: str) -> None:
        self.setVisible(bool(text))
        self._text.setPlainText(text)
