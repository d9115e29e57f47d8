"""A question with a few named answers, in plain text. The default answer is never the one that loses something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from treadle_gui.dialogs.asking import ask
from treadle_gui.style.icons import pixmap
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["Answer", "Asked", "Question", "put"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A button. `role` is its look: `primary`, `danger` or "". The `primary` one is what Enter means."""

    key: str
    words: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, in plain text; `icon` stands beside it."""

    title: str
    words: str
    answers: Sequence[Answer]
    detail: str = ""
    icon: str = "help-circle-outline"


class Question(QDialog):
    """`answer` is the key of the button pressed; "" where the question was closed."""

    def __init__(self, theme: Theme, asked: Asked, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(asked.title)
        self.answer = ""
        mark = QLabel()
        mark.setPixmap(pixmap(asked.icon, theme.accent, 28, self.devicePixelRatioF()))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        body = QHBoxLayout()
        body.setSpacing(METRICS.gap_large)
        body.addWidget(mark)
        body.addLayout(_text_of(asked), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(24)
        column.addLayout(body)
        column.addLayout(self._make_buttons(asked.answers))
        self.setMinimumWidth(460)
        # Else the first button has it, which may be the one that loses something.
        for button in self.buttons.values():
            if button.isDefault():
                button.setFocus()

    def _make_buttons(self, answers: Sequence[Answer]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(METRICS.gap)
        row.addStretch()
        self.buttons: dict[str, QPushButton] = {}
        for answer in answers:
            button = QPushButton(answer.words)
            button.setAutoDefault(False)
            if answer.role == "primary":
                button.setDefault(True)
            elif answer.role:
                button.setProperty("role", answer.role)
            button.clicked.connect(partial(self._give, answer.key))
            row.addWidget(button)
            self.buttons[answer.key] = button
        return row

    def _give(self, key: str) -> None:
        self.answer = key
        self.accept()


def _text_of(asked: Asked) -> QVBoxLayout:
    text = QVBoxLayout()
    text.setSpacing(METRICS.gap)
    heading = PlainLabel(asked.words, "title")
    heading.setWordWrap(True)
    text.addWidget(heading)
    if asked.detail:
        more = PlainLabel(asked.detail, "muted")
        more.setWordWrap(True)
        more.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.addWidget(more)
    text.addStretch()
    return text


async def put(question: Question) -> str:
    """Asks; the key of the answer, or "" where the question was closed."""
    await ask(question)
    return question.answer
