"""Small widgets that every panel shares. Any text given to them is plain text, never HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from treadle_gui.style.icons import pixmap
from treadle_gui.style.states import state_colour, state_look
from treadle_gui.style.tokens import METRICS, Theme

__all__ = [
    "ElidedLabel", "EmptyState", "PlainLabel", "SectionHeader", "Separator", "StatePill",
    "plain_tooltip", "set_role",
]  # fmt: skip


def set_role(widget: QWidget, role: str) -> None:
    """Gives `widget` a look of the style sheet's.

    Buttons: `primary`, `danger`, `flat`. Labels: `muted`, `title`, `heading`, `section`, `mono`, `error`, `warning`.
    """
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class PlainLabel(QLabel):
    """A label that never reads its text as HTML, so a node may be called `<b>`."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        if role:
            self.setProperty("role", role)


class ElidedLabel(PlainLabel):
    """One line that ends in `…` where it does not fit; the whole text is its tooltip then."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", role, parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_whole_text(text)

    @property
    def whole_text(self) -> str:
        return self._whole

    def set_whole_text(self, text: str) -> None:
        self._whole = " ".join(text.split())
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(self.width() - 2, 0))
        self.setText(shown)
        self.setToolTip(plain_tooltip(self._whole) if shown != self._whole else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 4, super().sizeHint().height())


def plain_tooltip(text: str) -> str:
    """`text` as a tooltip that shows it letter for letter, wrapped. Qt guesses that a tooltip with a tag is HTML."""
    return f'<p style="white-space: pre-wrap; margin: 0">{html.escape(text)}</p>' if text else ""


class Separator(QFrame):
    """A hairline."""

    def __init__(self, parent: QWidget | None = None, vertical: bool = False) -> None:
        super().__init__(parent)
        self.setProperty("role", "separator")
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)


class SectionHeader(QWidget):
    """A heading above a group of rows: small capitals' weight, a hairline to the right."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = PlainLabel(text, "section")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, METRICS.gap, 0, METRICS.gap_small)
        row.setSpacing(METRICS.gap)
        row.addWidget(self.label)
        row.addWidget(Separator(), 1)


class StatePill(QWidget):
    """A task's or a run's state: icon and word in the state's colour, filled where the state is."""

    def __init__(self, theme: Theme, state: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        font = self.font()
        font.setPixelSize(METRICS.text_small)
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_state(state)

    @property
    def state(self) -> str:
        return self._state

    def set_state(self, state: str) -> None:
        """`state` is a TaskStatus or RunStatus by name."""
        self._state = state
        self.setAccessibleName(state_look(state).word)
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        word = QFontMetrics(self.font()).horizontalAdvance(state_look(self._state).word)
        return QSize(word + 34, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = state_look(self._state)
        colour = state_colour(self._theme, self._state)
        ink = self._theme.on_state if look.filled else self._theme.text
        mark = self._theme.on_state if look.filled else colour
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(colour))
            painter.setBrush(QColor(colour) if look.filled else Qt.BrushStyle.NoBrush)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            painter.drawPixmap(8, 4, pixmap(look.icon, mark, 12, self.devicePixelRatioF()))
            painter.setPen(QColor(ink))
            words = box.adjusted(24, 0, -4, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, look.word)
        finally:
            painter.end()


class EmptyState(QWidget):
    """What an empty pane says: an icon, one sentence and what to do about it.

    `chosen` carries the index of the button that was pressed; the first one is the primary one.
    """

    chosen = Signal(int)

    def __init__(
        self, theme: Theme, icon: str, sentence: str, buttons: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._mark = QLabel()
        self._mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = PlainLabel(sentence, "muted")
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(self._mark)
        column.addWidget(self.sentence)
        self.buttons = [QPushButton(text) for text in buttons]
        row = QHBoxLayout()
        row.setSpacing(METRICS.gap)
        row.addStretch()
        for index, button in enumerate(self.buttons):
            button.setProperty("role", "primary" if index == 0 else "")
            button.setProperty("choice", index)
            button.clicked.connect(self._choose)
            row.addWidget(button)
        row.addStretch()
        column.addLayout(row)
        column.addStretch(3)
        self.set_theme(theme)

    def _choose(self) -> None:
        self.chosen.emit(int(self.sender().property("choice")))

    def set_theme(self, theme: Theme) -> None:
        drawn: QPixmap = pixmap(self._icon, theme.faint, 40, self.devicePixelRatioF())
        self._mark.setPixmap(drawn)
