"""FindBar: looks for text in a log, as one types, and goes from match to match.

What can be done with matches stands there while something is looked for: a narrow window has no room for more.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from treadle_gui.panels.logs.text import LogQuery
from treadle_gui.panels.tool_button import tool_button
from treadle_gui.style.icons import icon, themed_icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["FindBar"]

_REST_MS = 120
_NARROWEST = 110
_WIDEST = 240
_FIRST = 100
"""The field takes what room there is before any is left empty."""


class FindBar(QWidget):
    """`query_changed(LogQuery)` a moment after the last key; `stepped(bool forward)` for the next or previous match."""

    query_changed = Signal(object)
    stepped = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find in log")
        self._field.setClearButtonEnabled(True)
        self._field.setAccessibleName("Find in log")
        self._field.setMinimumWidth(_NARROWEST)
        self._field.setMaximumWidth(_WIDEST)
        self._glass = QAction(self._field)
        self._field.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._case = tool_button("Match case", checkable=True)
        self._previous = tool_button("Previous match (Shift+F3)")
        self._next = tool_button("Next match (F3)")
        self._count = PlainLabel("", "muted")
        self._count.setMinimumWidth(self._count.fontMetrics().horizontalAdvance("000,000 of 000,000"))
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(METRICS.gap_small)
        row.addWidget(self._field, _FIRST)
        for widget in (self._case, self._previous, self._next, self._count):
            row.addWidget(widget)
        row.addStretch(1)
        self._rest.timeout.connect(self._tell)
        self._field.textChanged.connect(self._typed)
        self._case.toggled.connect(self._tell)
        self._next.clicked.connect(self._step_forward)
        self._previous.clicked.connect(self._step_back)
        self.set_theme(theme)
        self._offer_matches()

    def set_theme(self, theme: Theme) -> None:
        self._glass.setIcon(icon("magnify", theme.muted))
        self._case.setIcon(themed_icon("format-letter-case", theme))
        self._previous.setIcon(themed_icon("chevron-up", theme))
        self._next.setIcon(themed_icon("chevron-down", theme))

    @property
    def query(self) -> LogQuery:
        return LogQuery(self._field.text(), match_case=self._case.isChecked())

    def look_for(self, text: str) -> None:
        self._field.setText(text)

    def begin(self) -> None:
        """The person wants to type what to look for."""
        self._field.setFocus()
        self._field.selectAll()

    def set_count(self, index: int | None, total: int, *, searching: bool) -> None:
        """Tells how many matches there are, and at which one (from 0) the view stands."""
        if not self._field.text():
            self._count.setText("")
            return
        more = "…" if searching else ""
        place = f"{index + 1:,} of " if index is not None else ""
        word = "" if index is not None else (" match" if total == 1 else " matches")
        self._count.setText(f"{place}{total:,}{word}{more}" if total or searching else "No match")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._rest.stop()
            self.stepped.emit(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        elif event.key() == Qt.Key.Key_Escape:
            self._field.clear()
        else:
            super().keyPressEvent(event)

    def _typed(self) -> None:
        self._offer_matches()
        self._rest.start()

    def _offer_matches(self) -> None:
        for widget in (self._case, self._previous, self._next, self._count):
            widget.setVisible(bool(self._field.text()))

    def _tell(self) -> None:
        self.query_changed.emit(self.query)

    def _step_forward(self) -> None:
        self.stepped.emit(True)

    def _step_back(self) -> None:
        self.stepped.emit(False)
