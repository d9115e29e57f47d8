"""ApprovalRow: the question that a node asks a person, and the two answers."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["ApprovalRow"]


class ApprovalRow(QWidget):
    """`answered(approved, note)`. The note stays with the run, as does who answered and when."""

    answered = Signal(bool, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = PlainLabel()
        self.question.setWordWrap(True)
        self.note = QLineEdit()
        self.note.setPlaceholderText("A note, if you like")
        self.note.setAccessibleName("Note to the answer")
        self.approve = QPushButton("Approve")
        self.approve.setProperty("role", "primary")
        self.reject = QPushButton("Reject")
        self.approve.clicked.connect(lambda: self._answer(True))
        self.reject.clicked.connect(lambda: self._answer(False))
        row = QHBoxLayout()
        row.setSpacing(METRICS.gap)
        for widget in (self.note, self.approve, self.reject):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, METRICS.gap, 0, METRICS.gap)
        column.addWidget(self.question)
        column.addLayout(row)

    def ask(self, question: str) -> None:
        """Shows the question; the answer goes on once, and both buttons rest until another is asked."""
        if question != self.question.text():
            self.question.setText(question)
            self.note.clear()
        self.setEnabled(True)

    def _answer(self, approved: bool) -> None:
        self.setEnabled(False)
        self.answered.emit(approved, self.note.text().strip())
