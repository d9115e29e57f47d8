"""Breadcrumb: the way from the pipeline to what is shown of it, above the canvas. Each part of it is a way back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["Breadcrumb"]


class Breadcrumb(QWidget):
    """`chosen(int)`: so many of the way's names a person wants to go back to; 0 is the pipeline itself.
    `file_requested`: the file that what is shown stands in."""

    chosen = Signal(int)
    file_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Way into the pipeline")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(METRICS.gap_large, METRICS.gap, METRICS.gap_large, METRICS.gap)
        self._row.setSpacing(METRICS.gap)
        self._parts: list[QPushButton | QLabel] = []
        self._beside: list[QWidget] = []
        self.open_file: QPushButton | None = None
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """What it says."""
        return tuple(part.text().replace("&&", "&") for part in self._parts[::2])

    def show_way(self, title: str, way: tuple[str, ...], file: str | None = None) -> None:
        """From the pipeline `title` to the node last in `way`; nothing is shown where that is empty. What stands in a
        `file` can be looked at only, and that be opened."""
        for part in (*self._parts, *self._beside):
            part.hide()
            part.deleteLater()
        self._parts, self._beside = [], []
        while self._row.count():
            self._row.takeAt(0)
        for depth, name in enumerate((title, *way)):
            if depth:
                self._add(PlainLabel("›", "muted"))
            self._add(self._button(name, depth) if depth < len(way) else PlainLabel(name))
        self._row.addStretch(1)
        self.open_file = None if file is None else self._file_button(file)
        self.setVisible(bool(way))

    def _file_button(self, file: str) -> QPushButton:
        note = PlainLabel(f"Read only: {file}", "muted")
        button = QPushButton("Open file")
        button.clicked.connect(partial(self.file_requested.emit, file))
        for part in (note, button):
            self._row.addWidget(part)
            self._beside.append(part)
        return button

    def _add(self, part: QPushButton | QLabel) -> None:
        self._row.addWidget(part)
        self._parts.append(part)

    def _button(self, name: str, depth: int) -> QPushButton:
        button = QPushButton(name.replace("&", "&&"))
        button.setProperty("role", "link")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setToolTip(f"Back to {name}")
        button.clicked.connect(partial(self.chosen.emit, depth))
        return button
