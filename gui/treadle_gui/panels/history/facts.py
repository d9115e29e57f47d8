"""Facts: rows of a heading and what is told under it, in plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout

from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["Facts"]

_TOP_LEFT: Final = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


class Facts(QFormLayout):
    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(METRICS.gap_large)
        self.setLabelAlignment(_TOP_LEFT)
        self._values: dict[str, PlainLabel] = {}

    def show_rows(self, rows: Mapping[str, str]) -> None:
        """Labels are made anew only where the headings are others: it is called while a person reads."""
        if list(rows) != list(self._values):
            while self.rowCount():
                self.removeRow(0)
            self._values = {name: PlainLabel() for name in rows}
            for name, label in self._values.items():
                label.setWordWrap(True)
                heading = PlainLabel(name, "muted")
                heading.setAlignment(_TOP_LEFT)  # beside the first line of several
                self.addRow(heading, label)
        for name, text in rows.items():
            self._values[name].setText(text)
