"""ErrorBox: an error as it was told, in a box no taller than its text, so that what follows stands close to it."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from treadle_gui.style.apply import mono_font

__all__ = ["ErrorBox"]

_LEAST: Final = 6
"""Lines that are shown, where there are as many, however little room there is."""


class ErrorBox(QPlainTextEdit):
    """Text to be read and copied; what does not fit is scrolled to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(mono_font())
        self.setAccessibleName("Error")

    def show_error(self, text: str, most: int | None) -> None:
        """Shows `text`, or nothing at all for ""; at most `most` lines of it at once, None for as many as it has."""
        self.setVisible(bool(text))
        if text != self.toPlainText():
            self.setPlainText(text)
        lines = self.blockCount()
        self.setMinimumHeight(self._height_of(min(lines, _LEAST)))
        self.setMaximumHeight(self._height_of(lines if most is None else min(lines, most)))

    def _height_of(self, lines: int) -> int:
        """With the bar below them that long lines need."""
        around = 2 * (self.frameWidth() + int(self.document().documentMargin()))
        padding = self.horizontalScrollBar().sizeHint().height()
        return lines * self.fontMetrics().lineSpacing() + around + padding
