"""FormDialog: a titled form with OK and Cancel, of which the dialogs that ask for several things are made."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["FormDialog"]


class FormDialog(QDialog):
    """Rows go into `body`, what stays in sight into `body_foot`; `buttons` has Cancel, and OK as `accept_words`."""

    def __init__(self, title: str, words: str, accept_words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(METRICS.gap)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        for part in (content, area.viewport()):
            part.setAutoFillBackground(False)  # the dialog's own ground shows through
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setText(accept_words)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(METRICS.gap_large)
        column.addWidget(PlainLabel(title, "heading"))
        if words:
            explanation = PlainLabel(words, "muted")
            explanation.setWordWrap(True)
            column.addWidget(explanation)
        column.addWidget(area, 1)
        self.body_foot = QVBoxLayout()
        column.addLayout(self.body_foot)
        column.addWidget(self.buttons)
        self.resize(480, 420)
        self._content = content

    def showEvent(self, event: QShowEvent) -> None:
        """The first that can be typed into has the focus, unless another was given it; Return means OK and nothing
        else, also while that is shut."""
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self.ok.setDefault(True)
        super().showEvent(event)
        now = self.focusWidget()
        if now is None or not self._content.isAncestorOf(now):
            first = next((each for each in self._content.findChildren(QWidget) if _is_typed_into(each)), None)
            if first is not None:
                first.setFocus()


def _is_typed_into(widget: QWidget) -> bool:
    by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    is_field = isinstance(widget, QLineEdit | QAbstractSpinBox | QComboBox | QPlainTextEdit)
    return by_tab and is_field and widget.isEnabled() and widget.isVisible()
